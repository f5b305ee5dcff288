"""HTML of mails: as text with its blocks and quotes, without what is hidden; and made safe to show."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from html import unescape

import nh3

MAX_INPUT = 2_000_000

_BLOCKS = frozenset(
    "address article aside blockquote body caption center dd details dialog dir div dl dt fieldset figcaption"
    " figure footer"
    " form frameset h1 h2 h3 h4 h5 h6 header hgroup hr html legend li main menu nav ol optgroup option p pre"
    " section select"
    " summary table tbody tfoot thead tr ul".split()
)
_SPACED = frozenset("p h1 h2 h3 h4 h5 h6 blockquote ul ol dl".split())
_UNSEEN = frozenset(
    "head title script style template noscript noframes object applet iframe svg math s del strike".split()
)
_RAW = frozenset("script style title textarea xmp noscript noembed noframes".split())
_RAW_END = {tag: re.compile(f"</{tag}(?=[\\s/>])", re.IGNORECASE) for tag in _RAW}
_VOID = frozenset("area base br col embed hr img input link meta param source track wbr".split())

_NAME = re.compile(r"[a-zA-Z][^\s/>]{0,60}")
_STOP = re.compile(r"[>\"']")
_ATTRIBUTE = re.compile(r"([a-zA-Z][\w:-]{0,40})(?:\s{0,20}=\s{0,20}(?:\"([^\"]*)\"|'([^']*)'|([^\s\"'>]+)))?")
_SPACE = re.compile(r"[ \t\r\n\f]+")
_CHARSET = re.compile(rb"<meta[^>]{0,200}charset\s*=\s*[\"']?\s*([\w:.+-]{2,40})", re.IGNORECASE)


def declared_charset(data: bytes) -> str:
    """The charset that a document names in its first kilobytes, or an empty string."""
    match = _CHARSET.search(data[:4096])
    return match[1].decode("ascii") if match else ""


def to_text(html: str) -> str:
    """The visible words of `html`, a line for each block, quotes marked with “> ”, in linear time.

    Left out: what a reader does not see (display:none, hidden, 1 px letters, white on white), struck text, scripts.
    A link's address follows its words in angle brackets only where the words do not say it.
    """
    writer = _Writer()
    for kind, name, value in _tokens(html[:MAX_INPUT]):
        if kind == "text":
            writer.text(value)
        elif kind == "open":
            writer.open(name, value)
        else:
            writer.close(name)
    return writer.result()


def _tokens(html: str) -> Iterator[tuple[str, str, str]]:
    """(“text”, "", words), (“open”, tag, attributes) and (“close”, tag, ""), in linear time."""
    at, size = 0, len(html)
    quotes = True  # off after a quote that never ends, so that no later tag searches to the end again
    while at < size:
        start = html.find("<", at)
        if start < 0:
            yield "text", "", html[at:]
            return
        if start > at:
            yield "text", "", html[at:start]
        sign = html[start + 1 : start + 2]
        if sign in ("!", "?"):
            comment = html.startswith("<!--", start)
            end = html.find("-->" if comment else ">", start + 2)
            at = size if end < 0 else end + (3 if comment else 1)
            continue
        closing = sign == "/"
        name = _NAME.match(html, start + 1 + closing)
        if name is None:
            yield "text", "", "<"
            at = start + 1
            continue
        end = _tag_end(html, name.end()) if quotes else html.find(">", name.end())
        if end < 0 and quotes:
            quotes = False
            end = html.find(">", name.end())
        if end < 0:
            yield "text", "", html[start:]
            return
        tag = name[0].lower()
        at = end + 1
        if closing:
            yield "close", tag, ""
            continue
        attributes = html[name.end() : end]
        yield "open", tag, attributes
        if tag in _RAW:
            stop = _RAW_END[tag].search(html, at)
            if stop is None:
                return  # it swallows the rest, as it does in a browser
            yield "text", "", html[at : stop.start()]
            at = stop.start()


def _tag_end(html: str, at: int) -> int:
    while match := _STOP.search(html, at):
        if match[0] == ">":
            return match.start()
        before = html[max(0, match.start() - 20) : match.start()].rstrip()
        if not before.endswith("="):  # a stray quote between attributes means nothing
            at = match.end()
            continue
        end = html.find(match[0], match.end())
        if end < 0:
            return -1
        at = end + 1
    return -1


class _Writer:
    def __init__(self) -> None:
        self.lines: list[tuple[int, str]] = []
        self.words: list[str] = []
        self.gap = False  # white space seen since the last word
        self.stack: list[tuple[str, bool, bool]] = []  # tag, hidden, pre
        self.open_tags: dict[str, int] = {}
        self.hidden = 0
        self.pre = 0
        self.depth = 0
        self.links: list[tuple[str, int]] = []
        self.colours = [("#000000", "#ffffff")]  # letters and ground in force, as readers show a mail without styles

    def text(self, value: str) -> None:
        if self.hidden:
            return
        value = unescape(value) if "&" in value else value
        if self.pre:
            first, *rest = value.replace("\r\n", "\n").split("\n")
            self._word(first)
            for line in rest:
                self.newline()
                self._word(line)
            return
        value = value.replace("\xa0", " ") if "\xa0" in value else value
        words = _SPACE.sub(" ", value)
        if not words or words == " ":
            self.gap = self.gap or bool(words)
            return
        if words[0] == " ":
            self.gap = True
            words = words[1:]
        trailing = words[-1] == " "
        self._word(words.rstrip(" "))
        self.gap = trailing

    def _word(self, word: str) -> None:
        if self.gap and self.words:
            self.words.append(" ")
        self.gap = False
        if word:
            self.words.append(word)

    def newline(self) -> None:
        self.lines.append((self.depth, "".join(self.words)))
        self.words = []
        self.gap = False

    def block(self, blank: bool = False) -> None:
        if self.words:
            self.newline()
        if blank and self.lines:
            depth, last = self.lines[-1]
            if last:
                self.lines.append((min(self.depth, depth), ""))
            else:
                self.lines[-1] = (min(self.depth, depth), "")

    def open(self, tag: str, attributes: str) -> None:
        if tag == "br":
            if not self.hidden:
                self.newline()
            return
        if tag in _BLOCKS and not self.hidden:
            self.block(blank=tag in _SPACED)
        if tag == "hr" and not self.hidden:
            self.lines.append((self.depth, "_" * 32))
        if tag == "img" and not self.hidden and attributes:
            alternative = _attributes(attributes).get("alt", "")
            if 1 < len(alternative) <= 100 and not alternative.lower().endswith((".png", ".jpg", ".gif")):
                self.text(alternative)
        if tag in _VOID or (attributes.endswith("/") and tag not in _BLOCKS and tag != "a"):
            return
        if tag in ("td", "th") and not self.hidden:
            self.gap = True
        known = _attributes(attributes) if attributes else {}
        unseen, front, back = _appearance(known) if known else _NOTHING
        front, back = front or self.colours[-1][0], back or self.colours[-1][1]
        hidden = tag in _UNSEEN or unseen or (front == back and front != "?")
        if tag == "li" and not (self.hidden or hidden):
            self._word("- ")
        if tag == "blockquote" and not (self.hidden or hidden):
            self.depth += 1
        if tag == "a" and not self.hidden:
            self.links.append((known.get("href", ""), len(self.words)))
        pre = tag == "pre" or "white-space:pre" in known.get("style", "").replace(" ", "").lower()
        self.stack.append((tag, hidden, pre))
        self.colours.append((front, back))
        self.open_tags[tag] = self.open_tags.get(tag, 0) + 1
        self.hidden += hidden
        self.pre += pre

    def close(self, tag: str) -> None:
        if not self.open_tags.get(tag):
            if tag == "p" and not self.hidden:
                self.block(blank=True)
            return
        if (
            tag not in _BLOCKS
            and self.stack[-1][0] != tag
            and any(entry[0] in ("td", "th", "table") for entry in self.stack[-1:-6:-1])
        ):
            return  # a stray </font> does not close the table around it
        while self.stack:
            last, hidden, pre = self.stack.pop()
            self.colours.pop()
            self.open_tags[last] -= 1
            self.hidden -= hidden
            self.pre -= pre
            if last == "a" and not self.hidden and self.links:
                self._link(*self.links.pop())
            if last == "blockquote" and not self.hidden and not hidden:
                self.block()
                self.depth = max(0, self.depth - 1)
            if last == tag:
                break
        if tag in _BLOCKS and not self.hidden:
            self.block(blank=tag in _SPACED)

    def _link(self, address: str, since: int) -> None:
        address = unescape(address).strip()
        said = "".join(self.words[since:]).strip()
        if not said or len(address) > 500 or not address.lower().startswith(("http://", "https://", "mailto:", "tel:")):
            return
        bare = (
            re.sub(r"^(mailto:|tel:|https?://(www\.)?)", "", address, flags=re.IGNORECASE).partition("?")[0].rstrip("/")
        )
        if address.lower().startswith("http"):
            host = bare.partition("/")[0]
            adds = bare.lower() not in said.lower() and host.lower() not in said.lower()
        else:
            adds = bare.lower() not in said.lower() and re.sub(r"\D", "", bare) != re.sub(r"\D", "", said)
        if adds and bare:
            self.words.append(f" <{_SPACE.sub('', bare if not address.lower().startswith('http') else address)}>")

    def result(self) -> str:
        if self.words:
            self.newline()
        out: list[str] = []
        for depth, line in self.lines:
            line = line.rstrip()
            quoted = ("> " * min(depth, 20) + line).rstrip() if depth else line
            if line or not out or out[-1].strip("> "):
                out.append(quoted)
        return "\n".join(out).strip("\n")


def _attributes(text: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for match in _ATTRIBUTE.finditer(text[:20_000]):
        found.setdefault(match[1].lower(), match[2] or match[3] or match[4] or "")
    return found


_HIDDEN_STYLE = re.compile(
    r"display:none|visibility:(hidden|collapse)|mso-hide:all|font-size:(0*(\.\d+)?|1)(px|pt|em|rem|%|;|$)"
    r"|opacity:0*(\.0+)?(;|$)|(max-height|max-width|line-height|height):0(px|pt|;|$).*overflow:hidden"
    r"|overflow:hidden.*(max-height|max-width|height):0(px|pt|;|$)|text-indent:-\d{3,}"
    r"|text-decoration(-line)?:[^;]*line-through"
    r"|(left|top):-\d{4,}"
)
_COLOURS = {"white": "#ffffff", "black": "#000000", "#fffffe": "#ffffff", "#fefefe": "#ffffff"}


_NOTHING = (False, "", "")


@lru_cache(maxsize=2048)
def _look(style: str, colour: str, background: str) -> tuple[bool, str, str]:
    """Whether a style hides by itself, and the colours that it sets (“?” for one that cannot be told)."""
    style = re.sub(r"\s+|!important", "", style.lower())[:2000]
    front, back = _colour(colour) if colour else "", _colour(background) if background else ""
    for rule in style.split(";"):
        name, _, value = rule.partition(":")
        if name == "color":
            front = _colour(value)
        elif name in ("background-color", "background", "background-image") and value not in ("none", "inherit"):
            back = _colour(value)
    return _HIDDEN_STYLE.search(style) is not None, front, back


def _appearance(attributes: dict[str, str]) -> tuple[bool, str, str]:
    hidden, front, back = _look(
        attributes.get("style", "")[:2000], attributes.get("color", "")[:40], attributes.get("bgcolor", "")[:40]
    )
    if "background" in attributes:
        back = "?"
    return hidden or "hidden" in attributes, front, back


def _colour(value: str) -> str:
    """#rrggbb; “” for none; “?” for what is not known here (names, gradients, pictures)."""
    value = value.strip().lower()
    if value in ("", "transparent", "inherit", "initial", "none", "unset", "auto"):
        return ""
    value = _COLOURS.get(value, value)
    if match := re.fullmatch(r"rgba?\((\d{1,3}),(\d{1,3}),(\d{1,3})(,[\d.]{1,6}%?)?\)", value):
        if match[4] and not match[4].strip(",0.%"):
            return ""
        return "#" + "".join(f"{min(255, int(number)):02x}" for number in match.groups()[:3])
    if re.fullmatch(r"#[0-9a-f]{3}", value):
        return "#" + "".join(sign * 2 for sign in value[1:])
    return value if re.fullmatch(r"#[0-9a-f]{6}", value) else "?"


_TAGS = set(
    "a abbr b big blockquote br caption center cite code col colgroup dd del div dl dt em font h1 h2 h3 h4 h5 h6"
    " hr i ins li"
    " ol p pre q s small span strike strong sub sup table tbody td tfoot th thead tr tt u ul".split()
)


def sanitise(html: str) -> str:
    """`html` fit to be shown: structure and links only. No scripts, forms, styles, images or anything fetched."""
    return nh3.clean(
        html[:MAX_INPUT],
        tags=_TAGS,
        clean_content_tags={
            "script",
            "style",
            "title",
            "head",
            "template",
            "noscript",
            "iframe",
            "object",
            "svg",
            "math",
        },
        attributes={"a": {"href"}, "td": {"colspan", "rowspan"}, "th": {"colspan", "rowspan"}, "ol": {"start"}},
        url_schemes={"http", "https", "mailto", "tel"},
        link_rel="noopener noreferrer nofollow",
        strip_comments=True,
        set_tag_attribute_values={"a": {"target": "_blank"}},
    )
