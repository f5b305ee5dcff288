"""Where a writer's own words end: signature, and what machines put below them."""

from __future__ import annotations

import re
import unicodedata

MAX_LINES = 14  # of a signature; longer ones exist, but a wrong cut costs more than a missed one

_DELIMITER = re.compile(r"^(--[ \t]?|—|__+)[ \t]*$")
_RULE = re.compile(r"^\s*[-_=*~]{3,}\s*$")
_FOOTER = re.compile(
    r"^[\s*_>-]*("
    r"sent (from|via|with|using) (my |the )?[\w .+()'/-]{2,60}|get outlook for|envoyé (de|depuis) mon"
    r"|von meinem .{2,40} gesendet"
    r"|gesendet (von|mit)|skickat från min|sendt fra min|verstuurd vanaf mijn|verzonden (vanaf|met)"
    r"|inviato da(l mio)?|enviado desde mi"
    r"|enviado do meu|lähetetty .{0,30}(iphone|puhelimesta)|wysłane z|отправлено с|diese (e-?)?(mail"
    r"|nachricht) (enthält|ist|und|kann)"
    r"|der inhalt dieser (e-?)?(mail|nachricht)|th(is|e information( contained)? in this) (e-?mail|message"
    r"|communication|transmission)"
    r".{0,80}(confidential|intended|privileged|may contain|attachment|sent|is for)|the contents of this (e-?mail"
    r"|message)"
    r"|confidential(ity)?( notice)?\s*[:!-]|disclaimer\s*:|ce (message|courriel)( et| est|,).{0,80}confidentiel"
    r"|este (mensaje|correo|mensagem|e-?mail)"
    r".{0,80}confiden|dit (bericht|e-?mail)|detta (mejl|meddelande|e-postmeddelande)|denne (e-posten|e-mail"
    r"|meldingen)"
    r"|please (consider|think).{0,40}(environment|before print)|bitte (denken|prüfen) sie.{0,60}(umwelt|druck)"
    r"|avast\b.{0,60}virus"
    r"|virus-?free\.|virenfrei|this (e-?mail|message) (has been|was) (scanned|checked|sent (to|by))|you('re"
    r"| are)? (received|receiv(e|ing)) this"
    r"|(to )?unsubscribe\b|click here to unsubscribe|manage (your )?(email )?(preferences|subscription)"
    r"|view (this )?(e-?mail )?in (your )?browser"
    r"|registered (office|in england)|amtsgericht |geschäftsführer(in)?\s*:|handelsregister|© ?\d{4}|copyright ©"
    r"|do not reply to this"
    r"|this is an automat(ed|ic)|dies ist eine automatisch"
    r")",
    re.IGNORECASE,
)
_CLOSING = re.compile(
    r"^[\s*_]*((many |kind|best|warm(est)?|kindest|with (kind|best|warm|love|many|thanks)|yours|sincerely"
    r"|all the best|cheers|thanks|thank you"
    r"|thx|ta|love|lots of love|regards|rgds|br|kr|xo+|x+(?=[ ,!]*$)|cordially|respectfully|take care|see you"
    r"|until then|speak soon|talk soon|namaste"
    r"|(mit )?(freundlich|lieb|viel|best|herzlich|sonnig|schön)\w*( \w+)? ?(gr(ü|ue)(ß|ss)\w*|dank)|gr(ü|ue)(ß"
    r"|ss)e?|lg|mfg|vg|bis (dann|bald)|danke"
    r"|vielen dank|cordialement|bien (à|a) (toi|vous)|amicalement|bises|merci|salutations|meilleures|saludos"
    r"|un (saludo|abrazo)|atentamente|gracias"
    r"|cordiali|saluti|grazie|un abbraccio|met vriendelijke|vriendelijke groet\w*|groet\w*|groetjes|mvg|bedankt"
    r"|med venlig|venlig hilsen|mvh|hilsen"
    r"|vennlig hilsen|med vänlig\w*|vänliga|hälsning\w*|vänligen|tack|kram|tervetervisin|terveisin|ystävällisin"
    r"|kiitos|pozdrawiam|pozdrowienia"
    r"|dziękuję|s pozdravem|üdvözlettel|saygılarımla|с уважением|atenciosamente|obrigad[oa]|abraços"
    r"|cumprimentos)\b[^\n]{0,40})$",
    re.IGNORECASE,
)
_PHONE = re.compile(r"(?<![\w/])(\+|\(?0|\b\d{3}[ .-])[\d(][\d ()./-]{5,18}\d")
_SITE = re.compile(
    r"(?i)(\bhttps?://|\bwww\.|\b[\w-]+\.(com|org|net|de|fr|se|no|nl|es|it|co\.uk|ie|example)\b|[\w.+-]+@[\w-]+\.\w+)"
)
_BARS = re.compile(r"\S\s+[|·•]\s+\S|\S\s*\|\s*\S")
_LABEL = re.compile(
    r"^\s*(t|tel|phone|mob(ile)?|m|cell|fax|f|e|email|mail|web|w|office|direct|handy|mobil|telefon|tfn|tlf"
    r"|puh)\s*[.:]",
    re.IGNORECASE,
)
_SENTENCE_END = re.compile(r"[.!?…]['\")\]]?\s*$")
_GREETING = re.compile(
    r"^\s*(hi|hello|hey|dear|hallo|liebe|lieber|hej|bonjour|hola|ciao|good (morning|evening|afternoon)|guten)\b",
    re.IGNORECASE,
)


def split(text: str, *, sender: str = "", last: bool = True) -> list[tuple[str, int, int]]:
    """(kind, start, end) covering `text`: new words, then signature, then footer, each only where it is found.

    `last`: nothing new follows, so that a signature may stand at its end without a mark.
    """
    lines = text.split("\n")
    offsets = [0]
    for line in lines:
        offsets.append(offsets[-1] + len(line) + 1)
    offsets[-1] = len(text)
    end = len(lines)
    footer = _footer(lines)
    sign = _marked(lines, footer)
    if sign is None:
        sign = _unmarked(lines, footer, sender) if last else footer
    cuts = [("new", 0, sign), ("signature", sign, footer), ("footer", footer, end)]
    out = [(kind, offsets[first], offsets[after]) for kind, first, after in cuts if offsets[first] < offsets[after]]
    return out or [("new", 0, len(text))]


def _footer(lines: list[str]) -> int:
    """The line where machines take over; the number of lines when they do not."""
    for index in range(max(0, len(lines) - 60), len(lines)):
        if _FOOTER.match(lines[index][:300]) and _blank_or_short_before(lines, index):
            rest = [line for line in lines[index:] if line.strip()]
            if index > 0 and rest and not any(_GREETING.match(line) for line in rest):
                return index
    return len(lines)


def _blank_or_short_before(lines: list[str], index: int) -> bool:
    """A footer begins a paragraph or stands below a signature line, never in the middle of a sentence."""
    before = lines[index - 1].strip() if index else ""
    return not before or len(before) < 80


def _marked(lines: list[str], footer: int) -> int | None:
    for index in range(max(0, footer - 30), footer):
        if _DELIMITER.match(lines[index]) and any(line.strip() for line in lines[index + 1 : footer]):
            if index == 0 and not any(line.strip() for line in lines[:index]):
                continue
            return index
    for index in range(max(1, footer - MAX_LINES * 2), footer):
        below = [line for line in lines[index + 1 : footer] if line.strip()]
        if _RULE.match(lines[index]) and 0 < len(below) <= MAX_LINES and any(_contact(line) for line in below):
            return index
    return None


def _unmarked(lines: list[str], footer: int, sender: str) -> int:
    """The last block that looks like a signature: closing words, the sender's name, a phone, a site, bars."""
    words = [index for index in range(footer) if lines[index].strip()]
    if not words:
        return footer
    tail = words[-MAX_LINES:]
    names = {word for word in re.split(r"[^\w]+", _plain(sender)) if len(word) > 1}
    closing = next((index for index in reversed(tail) if _closes(lines, index, tail)), None)
    if closing is not None:
        return closing
    block: list[int] = []
    for index in reversed(tail):
        line = lines[index].strip()
        prose = _SENTENCE_END.search(line) and (len(line.split()) > 6 or not (_contact(line) or _capitalised(line)))
        prose = prose and not _BARS.search(line)
        if len(line) > 100 or prose or _GREETING.match(line):
            break
        block.append(index)
    block.reverse()
    # A paragraph of its own, or the last lines from a name on.
    for position, index in enumerate(block):
        above_blank = index == 0 or not lines[index - 1].strip()
        rest = block[position:]
        named = _is_name(lines[index], names)
        proof = sum(_contact(lines[other]) for other in rest)
        if index == words[0]:
            continue  # all of the words: a short message, not a signature
        if (named and (above_blank or proof)) or (above_blank and proof and proof * 2 >= len(rest)):
            return index
        if proof and _BARS.search(lines[index]) and _contact(lines[index]):
            return index
    if (
        block
        and _is_name(lines[block[-1]], names)
        and block[-1] != words[0]
        and (names or _lone_name(lines, block[-1]))
    ):
        return block[-1]
    return footer


def _closes(lines: list[str], index: int, tail: list[int]) -> bool:
    line = lines[index].strip()
    if len(line) > 60 or not _CLOSING.match(line) or len(tail) == 1:
        return False
    below = [other for other in tail if other > index]
    if not below:
        return False
    short = all(len(lines[other].strip()) <= 100 for other in below)
    prose = sum(1 for other in below if _SENTENCE_END.search(lines[other].strip()) and len(lines[other].split()) > 4)
    return short and prose == 0 and not _SENTENCE_END.search(line.rstrip("!").rstrip("."))


def _contact(line: str) -> bool:
    return bool(
        _PHONE.search(line)
        or _BARS.search(line)
        or _LABEL.match(line)
        or (_SITE.search(line) and len(line.split()) <= 6)
    )


def _is_name(line: str, names: set[str]) -> bool:
    words = [word for word in re.split(r"[^\w]+", _plain(line)) if word]
    if not words or len(words) > 5:
        return False
    if names:
        return bool(names & set(words)) or (
            len(words) == 1 and any(name[0] == words[0][0] for name in names) and len(words[0]) <= 2
        )
    return _capitalised(line)


def _lone_name(lines: list[str], index: int) -> bool:
    line = lines[index].strip()
    return index > 0 and not lines[index - 1].strip() and len(line.split()) <= 3 and not _SENTENCE_END.search(line)


def _capitalised(line: str) -> bool:
    words = line.strip().strip("-–—~*,. x").split()
    return (
        0 < len(words) <= 4
        and all(word[0].isupper() or word in ("von", "van", "de", "der", "and", "&", "x") for word in words)
        and words[0].isalpha()
    )


def _plain(text: str) -> str:
    return "".join(char for char in unicodedata.normalize("NFKD", text.lower()) if not unicodedata.combining(char))
