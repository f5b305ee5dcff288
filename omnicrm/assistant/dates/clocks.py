"""Hours in a text: points, ranges, parts of the day, "same time" and shifts."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from omnicrm.assistant.dates.words import HOUR_WORD, NUMBER, NUMBERS, number


@dataclass(frozen=True, slots=True)
class Clock:
    """One mention of an hour, `text[start:end]`.

    `kind`: point (with `minute_of_day`, and `other` where morning and evening are both possible), range (its first
    and last minute), after, before, part (of a day), same (as before), shift (`minutes` later, negative: earlier).
    `certain`: the half of the day is stated or follows from 24-hour writing.
    """

    start: int
    end: int
    kind: str
    minute_of_day: int = 0
    other: int | None = None
    last: int | None = None
    minutes: int = 0
    certain: bool = False
    part: str = ""
    bare: bool = False  # a lone number: an hour only by its surroundings


_AMPM = r"(?:\s*(?P<{0}>a\.?m\b\.?|p\.?m\b\.?|(?<=\d)[ap](?=[\s,.;?!)-]|$)))"
_DIGITAL = r"(?P<{0}h>[01]?\d|2[0-4])(?:[:.h](?P<{0}m>[0-5]\d))?"
_OCLOCK = r"(?:\s*(?:o\s?['’`]?\s?clock|oclock|uhr\b|hrs\b|hours\b|h\b|ish\b|-ish\b))"
_PART = r"(?:\s*,?\s*(?:in the|on|at)?\s*(?P<{0}>morning|mornings|afternoon|arvo|evening|eve|night|tonight|a\.?m\b))"
_UNIT_AFTER = (
    r"(?!\s*(?:x\b|×|%|percent|sessions?\b|weeks?\b|days?\b|months?\b|years?\b|yrs?\b|minutes?\b|mins?\b|hours?\b|hrs\b"
    r"|people\b|persons?\b|of\b|kg|km|miles?\b|euros?\b|pounds?\b|dollars?\b|bucks|quid|times\b|kids?\b|children|more\b"
    r"|other\b|others\b|appointments?\b|classes\b|lessons?\b|visits?\b|things?\b|questions?\b|st\b|nd\b|rd\b|th\b|"
    r"sets?\b|reps?\b|pm\w|am\w|stars?\b|different|friends|to\s+go|in\s+a\b|pages?\b|bags?\b|colleagues|"
    r"bedroom|stone\b|foot\b|feet\b|lbs?\b|cm\b|degrees|[a-z]{0,3}[$€£]|[/$€£\d]|[.,:]\d|-\d|(?:-|\s)?(?:hour|minute|year|week|day)))"
)
_BEFORE_BARE = (
    r"(?:\bat|@|\baround|\babout|\bfor|\bby|\buntil|\btill?|\bbefore|\bafter|\bsay|\bapprox\.?|\bcirca|\bca\.?|~|\bto|"
    r"\binstead of|\brather than|\bnot|\bmake it|\bdo|\bbe|\bbecome|\bthen,?|\bfrom|\bpast|\bmaybe|\bkl\.?|\bum|\bà|\bthe|\bor|\band|"
    r"\bsince|\b(?:mon|tues?|wed(?:nes)?|thu(?:rs?)?|fri|sat(?:ur)?|sun)(?:day)?,?|\x01,?)"
)
_PATTERNS: tuple[tuple[str, str], ...] = (
    (
        "shift",
        rf"(?:\bby\s+|\bback\s+|\bforward\s+)?(?P<sh_half>\bhalf\s+an?\s+hour|\bhalf\s?hour|\ban?\s+hour\s+and\s+a\s+(?:half|quarter)|"
        rf"\b(?:a\s+)?quarter\s+of\s+an\s+hour|\b(?<!\d[:.])(?P<sh_n>{NUMBER}|\d+[.,]5|\d+\s?½)[\s-]*(?P<sh_u>minutes?\b|mins?\b|(?<=\d)\s?m\b|hours?\b|hrs?\b|(?<=\d)\s?h\b))"
        rf"(?:\s+(?P<sh_d>later|earlier|sooner|after|before|back|forward|behind|on))?",
    ),
    (
        "between",
        rf"\b(?:(?P<bt_w>between|from|btw|betw|any\s?time between|sometime between)\s+)?{_DIGITAL.format('bt_a')}{_AMPM.format('bt_p')}?{_OCLOCK}?\s*"
        rf"(?P<bt_c>-|–|—|to|till?|until|and|&|through)\s*{_DIGITAL.format('bt_b')}(?:{_OCLOCK})?{_AMPM.format('bt_q')}?" + _UNIT_AFTER,
    ),
    (
        "betweenw",
        rf"\b(?:between|from)\s+(?P<bw_a>{HOUR_WORD}|noon|midday)\s+(?:and|to|till|until)\s+(?P<bw_b>{HOUR_WORD}|noon|midday|\d{{1,2}})\b",
    ),
    ("same", r"\btim(?:e|ing)s?\s+(?:remains?\s+|is\s+|stays?\s+|being\s+)?(?:the\s+)?(?:same|unchanged)\b|\b(?:the\s+|at\s+the\s+|at\s+)?(?:same|usual|regular|normal)\s+(?:timings?|time|hour|slot|place and time|time and place|times)\b|\bas\s+(?:usual|always)\b(?=\s*[,.!?)]|\s*$)"),
    ("half", rf"\bhalf[\s-]*(?P<half_past>past\s+|after\s+)?(?P<half_h>{HOUR_WORD}|1[0-2]|[1-9])\b(?!\s*(?:an?\b|hour|price|of|day|term|way|left|dozen|months|years|weeks|days|hours|,\d|\.\d|%))"),
    ("quarter", rf"\b(?:a\s+)?quarter\s+(?P<qu_d>to|past|before|after|of|til|till)\s+(?P<qu_h>{HOUR_WORD}|1[0-2]|[1-9])\b"),
    ("minpast", rf"\b(?P<mp_n>five|ten|twenty[\s-]five|twenty|25|20|10|5)\s*(?:minutes?|mins?)?\s+(?P<mp_d>to|past|before|after)\s+(?P<mp_h>{HOUR_WORD}|1[0-2]|[1-9])\b(?!\s*(?:\d|sessions?|minutes?|mins?|people|hours?|weeks?|days?))"),
    ("noon", r"\b(?:(?:12\s+)?noon|midday|mid-day|12\s?midday)(?:[\s-]?ish)?\b"),
    ("midnight", r"\bmidnight\b"),
    ("ampm", rf"(?<![\d.:,/$€£-]){_DIGITAL.format('ap')}(?:[:.]\d\d)?\s*(?P<ap_p>a\.?\s?m\b\.?|p\.?\s?m\b\.?|(?<=\d)[ap](?=[\s,.;?!)-]|$))"),
    ("ampmw", rf"\b(?P<apw_h>{HOUR_WORD})(?:[\s-](?P<apw_m>thirty|fifteen|forty[\s-]five|ten|twenty))?\s*(?P<apw_p>a\.?m\b|p\.?m\b)"),
    ("colon", r"(?<![\d.:,/$€£+-])(?P<co_h>[01]?\d|2[0-4])(?P<co_s>[:h]|(?<=\d)\.)(?P<co_m>[0-5]\d)(?:\s*(?:h|hrs|hours|uhr|o['’`]?clock)\b)?(?![\d:%/]|\.\d|,\d|\s*(?:€|%|eur\b|kg|km|usd\b|gbp\b|euros?\b|pounds?\b|h\s|hours|per))"),
    ("military", r"(?<![\d.:,/$€£+-])(?P<mi_h>[01]\d|2[0-3])(?P<mi_m>[0-5]\d)\s*(?:h\b|hrs?\b|hours\b)"),
    ("hour24", r"(?<![\d.:,/$€£+-])(?P<hu_h>[01]?\d|2[0-4])\s*(?:h\b(?!\d)|uhr\b|hrs\b|o\s?['’`]?\s?clock\b|oclock\b)"),
    ("oclockw", rf"\b(?P<ow_h>{HOUR_WORD})\s*(?:o\s?['’`]?\s?clock|oclock)\b"),
    ("wordtime", rf"\b(?P<wt_h>{HOUR_WORD})[\s-](?P<wt_m>thirty|fifteen|forty[\s-]?five|fifty|twenty|ten)\b(?!\s*(?:minutes?|mins?|euros?|pounds?|dollars?|people|sessions?))"),
    ("kl", r"\bkl\.?\s?(?P<kl_h>[01]?\d|2[0-3])(?:[.:](?P<kl_m>[0-5]\d))?\b"),
    ("four", r"(?:\bat\s+|@\s*)(?P<fo_h>0\d|1\d|2[0-3])(?P<fo_m>[0-5]\d)\b(?!\s*(?:\d|[a-z]+\s+(?:street|st|road|rd|ave)))"),
    ("compact", r"(?<=\x01)\s*,?\s*(?P<cm_h>1[0-2]|[1-9])(?P<cm_m>00|15|30|45)\b(?!\s*(?:€|£|\$|eur|gbp|kr|people|pounds|euros|dollars|quid|[.,]\d))"),
    ("bareish", rf"\b(?P<bi_h>1[0-2]|[1-9]|{HOUR_WORD})[\s-]?ish\b"),
    ("bare", rf"(?P<ba_l>{_BEFORE_BARE})\s*(?P<ba_h>2[0-3]|1\d|0?[1-9]|{HOUR_WORD})\b" + _UNIT_AFTER),
    ("baretail", r"(?<![\d.:,/$€£+#-])\b(?P<bl_h>1[0-2]|[1-9])(?=\s*(?:,?\s*as\s+(?:usual|always|normal)|\s+on\s+(?:the\b|\x01)|\s*\x01|\s+(?:this|tomorrow)\b|\s+in\s+the\s+(?:morning|afternoon|evening)|\s+sharp\b|\s+instead\b))"),
    ("first", r"\bfirst\s+thing\b"),
    ("part", r"\b(?:(?:in|on|during)\s+the\s+|early\s+|late\s+|mid[\s-]?|this\s+)?(?P<pa>mornings?|afternoons?|arvos?|evenings?|eves?|nights?|lunch\s?times?|lunch\s+hour|after\s+work|daytime|end\s+of\s+(?:the\s+)?day)\b"),
)  # fmt: skip
_EACH = [(name, re.compile(pattern, re.IGNORECASE)) for name, pattern in _PATTERNS]
_LATER = re.compile(r"\b(?:later|back|behind|late|delay|push|after)\b", re.IGNORECASE)
_EARLIER = re.compile(r"\b(?:earlier|sooner|forward|before|up)\b", re.IGNORECASE)
_AFTER = re.compile(
    r"(?:\b(?:any\s*time\s+)?(?:after|from|past|later than|not before|since)|>)\s*(?:about\s+|around\s+)?$",
    re.IGNORECASE,
)
_BEFORE = re.compile(
    r"\b(?:before|by|until|till?|no later than|latest|up to)\s*(?:about\s+|around\s+)?$", re.IGNORECASE
)
_ONWARDS = re.compile(r"^\s*(?:onwards?|or later|or after|and later|or thereafter|plus\b|\+)", re.IGNORECASE)
_OR_BEFORE = re.compile(r"^\s*(?:or (?:earlier|before)|at the latest|latest)", re.IGNORECASE)
_MOVE_FROM = re.compile(
    r"\b(?:mov\w+|chang\w+|switch\w*|push\w*|shift\w*|bring\w*|swap\w*|reschedul\w+|postpon\w+)\b[^.?!\n]{0,60}$",
    re.IGNORECASE,
)


def find(text: str) -> list[Clock]:
    """All mentions of hours in `text`, in order. Days, amounts and numbers of other kinds are to be masked by \\x01."""
    found: list[Clock] = []
    taken = bytearray(len(text))
    for name, pattern in _EACH:
        for match in pattern.finditer(text):
            for clock in _READERS[name](match, text):
                if not any(taken[clock.start : clock.end]):
                    taken[clock.start : clock.end] = b"\1" * (clock.end - clock.start)
                    found.append(clock)
    return sorted(found, key=lambda clock: clock.start)


def half(hour: int, minute: int, marker: str | None) -> tuple[int, int | None, bool]:
    """Minute of the day, the other reading if there is one, and whether the half of the day is certain."""
    if marker:
        hour = hour % 12 + (12 if marker.strip().lower().startswith("p") else 0)
        return hour * 60 + minute, None, True
    if hour == 0 or hour >= 13:
        return hour % 24 * 60 + minute, None, True
    if hour == 12:
        return 12 * 60 + minute, None, False
    likely, other = (hour, hour + 12) if hour >= 7 else (hour + 12, hour)
    return likely * 60 + minute, other * 60 + minute, False


def _point(
    match: re.Match[str],
    text: str,
    hour: int,
    minute: int,
    marker: str | None,
    *,
    start: int | None = None,
    bare: bool = False,
    zero: bool = False,
) -> Iterator[Clock]:
    if not (0 <= hour <= 24 and 0 <= minute < 60) or (marker and not 1 <= hour <= 12):
        return
    start = match.start() if start is None else start
    end = match.end()
    end -= len(text[start:end]) - len(text[start:end].rstrip(" ,"))
    value, other, certain = half(hour, minute, marker)
    if zero and other is not None:
        value, other, certain = hour * 60 + minute, None, True
    kind, part = "point", ""
    tail = text[end : end + 40]
    if (
        said := re.match(
            r"\s*,?\s*(?:in\s+the\s+|at\s+|on\s+)?(morning|afternoon|arvo|evening|eve\b|night)", tail, re.IGNORECASE
        )
    ) and other is not None:
        part = said[1].lower()
        late = part in ("afternoon", "arvo", "evening", "eve", "night")
        value, other = (max(value, other), None) if late else (min(value, other), None)
        certain = True
    head = text[max(0, start - 30) : start]
    if _AFTER.search(head) and not (re.search(r"\bfrom\s*$", head, re.IGNORECASE) and _MOVE_FROM.search(head)):
        kind = "after"
        if re.search(r"\bfrom\s*$", head, re.IGNORECASE) and not _ONWARDS.match(tail):
            kind = "from"
    elif _BEFORE.search(head):
        kind = "before"
    if _ONWARDS.match(tail):
        kind = "after"
    elif _OR_BEFORE.match(tail):
        kind = "before"
    yield Clock(start, end, kind, value, other, certain=certain, part=part, bare=bare)


def _shift(m: re.Match[str], text: str) -> Iterator[Clock]:
    words = m["sh_half"].lower()
    if m["sh_n"]:
        many = m["sh_n"].lower().replace(",", ".")
        value = float(re.sub(r"\s?½", ".5", many)) if re.match(r"\d+[.]5|\d+\s?½", many) else number(many)
        minutes = round(value * (60 if m["sh_u"].lower().strip().startswith("h") else 1))
    elif "and a half" in words:
        minutes = 90
    elif "and a quarter" in words:
        minutes = 75
    elif "quarter" in words:
        minutes = 15
    else:
        minutes = 30
    direction = (m["sh_d"] or "").lower()
    lead = m.group().lower().split()[0]
    near = text[max(0, m.start() - 60) : m.start()].rsplit(".", 1)[-1] + " " + lead
    shifting = bool(direction and direction != "on") or lead in ("by", "back", "forward")
    letter = m["sh_n"] and m["sh_u"].strip().lower() in ("h", "hrs", "hr")
    if not shifting and (minutes > 480 or (letter and minutes > 240)):
        return  # 14h and 1730 hrs are hours of the day
    if not shifting or minutes > 600:
        yield Clock(m.start("sh_half"), m.end(), "length", minutes=minutes)
        return
    earlier = direction in ("earlier", "sooner", "before", "forward") or (
        (not direction or direction in ("back", "on"))
        and bool(re.search(r"\b(?:forward|earlier|ahead|up)\b", near, re.IGNORECASE))
    )
    if direction in ("later", "after", "behind"):
        earlier = False
    yield Clock(m.start(), m.end(), "shift", minutes=-minutes if earlier else minutes)


def _between(m: re.Match[str], text: str) -> Iterator[Clock]:
    word, a_m, b_m = m["bt_w"], m["bt_am"], m["bt_bm"]
    if m["bt_c"] in ("-", "–", "—") and m.end() < len(text) and text[m.end() : m.end() + 1] in "-/":
        return
    if not (word or m["bt_p"] or m["bt_q"] or a_m or b_m):
        before = text[max(0, m.start() - 14) : m.start()]
        if m["bt_c"] == "and" or not re.search(r"(?:\bat|\x01,?|@|:)\s*$", before):
            return
    if m["bt_c"] in ("and", "&") and not (word and word.lower() != "from"):
        return
    first, last = int(m["bt_ah"]), int(m["bt_bh"])
    if first > 24 or last > 24:
        return
    late = m["bt_q"] or m["bt_p"]
    b, _other, certain = half(last, int(b_m or 0), m["bt_q"])
    a, _other, certain_a = half(first, int(a_m or 0), m["bt_p"] or None)
    if m["bt_q"] and not m["bt_p"]:
        same_half, _o, _c = half(first, int(a_m or 0), m["bt_q"]) if first <= 12 else (a, None, True)
        a = same_half if same_half <= b else a
    elif a > b and b + 720 > a and not certain:
        b = b + 720 if b + 720 < 1440 else b
    moving = (not word or word.lower() == "from") and m["bt_c"].lower() == "to"
    moving = moving and bool(_MOVE_FROM.search(text[max(0, m.start() - 70) : m.start()]))
    if a >= b and not moving:
        return
    if moving:
        old = m.end("bt_am") if a_m else m.end("bt_ah")
        yield Clock(m.start("bt_ah"), max(old, m.end("bt_p")), "old", a, None, certain=certain_a)
        value, other, certain = half(last, int(b_m or 0), m["bt_q"])
        yield Clock(m.start("bt_bh"), m.end(), "point", value, other, certain=certain)
        return
    yield Clock(
        m.start(),
        m.end(),
        "range",
        a,
        None,
        last=b,
        certain=bool(late) or certain,
        part="to" if m["bt_c"] not in ("and", "&") else "and",
    )


def _hour_word(word: str) -> int:
    word = word.lower()
    return 12 if word in ("noon", "midday") else int(word) if word.isdigit() else NUMBERS[word]


def _betweenw(m: re.Match[str], text: str) -> Iterator[Clock]:
    a, _o, _c = half(_hour_word(m["bw_a"]), 0, None)
    b, other, _c = half(_hour_word(m["bw_b"]), 0, None)
    if b <= a and other is not None and other > a:
        b = other
    yield Clock(m.start(), m.end(), "range", a, None, last=b, part="and")


def _same(m: re.Match[str], text: str) -> Iterator[Clock]:
    yield Clock(m.start(), m.end(), "same")


def _half(m: re.Match[str], text: str) -> Iterator[Clock]:
    yield from _point(m, text, _hour_word(m["half_h"]), 30, None)


def _quarter(m: re.Match[str], text: str) -> Iterator[Clock]:
    hour = _hour_word(m["qu_h"])
    before = m["qu_d"].lower() in ("to", "before", "of", "til", "till")
    yield from _point(m, text, (hour - 2) % 12 + 1 if before else hour, 45 if before else 15, None)


def _minpast(m: re.Match[str], text: str) -> Iterator[Clock]:
    hour, minutes = _hour_word(m["mp_h"]), number(m["mp_n"].lower().replace(" ", "-"))
    before = m["mp_d"].lower() in ("to", "before")
    yield from _point(m, text, (hour - 2) % 12 + 1 if before else hour, 60 - minutes if before else minutes, None)


def _noon(m: re.Match[str], text: str) -> Iterator[Clock]:
    for clock in _point(m, text, 12, 0, None):
        yield Clock(clock.start, clock.end, clock.kind, 720, None, certain=True)


def _midnight(m: re.Match[str], text: str) -> Iterator[Clock]:
    yield Clock(m.start(), m.end(), "part", part="night")


def _ampm(m: re.Match[str], text: str) -> Iterator[Clock]:
    yield from _point(m, text, int(m["aph"]), int(m["apm"] or 0), m["ap_p"])


def _minute_word(word: str | None) -> int:
    return number(word.lower().replace(" ", "-")) if word else 0


def _ampmw(m: re.Match[str], text: str) -> Iterator[Clock]:
    yield from _point(m, text, NUMBERS[m["apw_h"].lower()], _minute_word(m["apw_m"]), m["apw_p"])


def _colon(m: re.Match[str], text: str) -> Iterator[Clock]:
    yield from _point(m, text, int(m["co_h"]), int(m["co_m"]), None, zero=m["co_h"].startswith("0"))


def _military(m: re.Match[str], text: str) -> Iterator[Clock]:
    yield from _point(m, text, int(m["mi_h"]), int(m["mi_m"]), None, zero=True)


def _hour24(m: re.Match[str], text: str) -> Iterator[Clock]:
    clock = "clock" in m.group().lower()
    yield from _point(m, text, int(m["hu_h"]), 0, None, zero=not clock and int(m["hu_h"]) >= 7)


def _oclockw(m: re.Match[str], text: str) -> Iterator[Clock]:
    yield from _point(m, text, NUMBERS[m["ow_h"].lower()], 0, None)


def _wordtime(m: re.Match[str], text: str) -> Iterator[Clock]:
    yield from _point(m, text, NUMBERS[m["wt_h"].lower()], _minute_word(m["wt_m"]), None)


def _kl(m: re.Match[str], text: str) -> Iterator[Clock]:
    yield from _point(m, text, int(m["kl_h"]), int(m["kl_m"] or 0), None, zero=True)


def _four(m: re.Match[str], text: str) -> Iterator[Clock]:
    yield from _point(m, text, int(m["fo_h"]), int(m["fo_m"]), None, start=m.start("fo_h"), zero=True)


def _compact(m: re.Match[str], text: str) -> Iterator[Clock]:
    yield from _point(m, text, int(m["cm_h"]), int(m["cm_m"]), None, start=m.start("cm_h"))


def _bareish(m: re.Match[str], text: str) -> Iterator[Clock]:
    yield from _point(m, text, _hour_word(m["bi_h"]), 0, None)


def _bare(m: re.Match[str], text: str) -> Iterator[Clock]:
    lead = m["ba_l"].lower()
    word = not m["ba_h"].isdigit()
    weak = ("the", "or", "and", "do", "not", "to", "for", "by", "then", "since", "maybe", "past")
    if word and lead.rstrip(",") in (*weak, "about", "from", "around", "say", "make it"):
        if (
            m["ba_h"].lower() not in ("one", "two")
            and lead in ("for", "to", "at", "make it", "be")
            and re.match(
                r"\s*(?:on\b|\x01|[?.!,]|$|please|instead|tomorrow|in the (?:morning|afternoon|evening)|rather)",
                text[m.end() :],
            )
        ):
            pass
        else:
            return
    if lead == "the" and not re.match(
        r"\s*(?:works|suits|is (?:fine|good|perfect|great)|slot|one\b|o|on\b|\x01|would)",
        text[m.end() :],
        re.IGNORECASE,
    ):
        return
    if word and m["ba_h"].lower() == "one" and lead != "at":
        return
    if lead in ("or", "and", "since", "past", "by", "for", "to", "be", "become") and not re.match(
        r"\s*(?:[,.;?!)\n]|$|on\b|\x01|at\b|works|would|if\b|please|or\b|pm|instead|\bin the\b|is\b|would|because|as\b|so\b|but\b|rather|instead|sharp)",
        text[m.end() :],
        re.IGNORECASE,
    ):
        return
    yield from _point(
        m, text, _hour_word(m["ba_h"]), 0, None, start=m.start("ba_h"), bare=True, zero=m["ba_h"].startswith("0")
    )


def _baretail(m: re.Match[str], text: str) -> Iterator[Clock]:
    yield from _point(m, text, int(m["bl_h"]), 0, None, bare=True)


def _first(m: re.Match[str], text: str) -> Iterator[Clock]:
    yield Clock(m.start(), m.end(), "part", part="morning")


def _part(m: re.Match[str], text: str) -> Iterator[Clock]:
    word = m["pa"].lower()
    yield Clock(m.start(), m.end(), "part", part="evening" if "work" in word else re.sub(r"s$", "", word))


_READERS = {
    "shift": _shift, "between": _between, "betweenw": _betweenw, "same": _same, "half": _half, "quarter": _quarter,
    "minpast": _minpast, "noon": _noon, "midnight": _midnight, "ampm": _ampm, "ampmw": _ampmw, "colon": _colon,
    "military": _military, "hour24": _hour24, "oclockw": _oclockw, "wordtime": _wordtime, "kl": _kl, "four": _four,
    "compact": _compact,    "bareish": _bareish, "bare": _bare, "baretail": _baretail, "first": _first, "part": _part,
}  # fmt: skip
