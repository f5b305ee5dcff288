"""The date in a line that introduces a quote: day, month and hour in many languages."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone

_MONTHS = {
    1: "january januar januari janvier enero janeiro gennaio januari jänner tammikuuta tammi stycznia ledna"
    " januára január ocak"
    " ianuarie siječnja jan janv ene gen sty led январь января янв січня ιαν ιανουαρίου",
    2: "february februar februari février febrero fevereiro febbraio helmikuuta helmi lutego února februára"
    " február şubat feb fév"
    " févr fev lut úno sub февраль февраля фев лютого φεβ φεβρουαρίου",
    3: "march märz mars marzo março maart marts maaliskuuta maalis marca března március mart martie mar mär mrz"
    " mrt bře мар марта март"
    " березня μαρ μαρτίου",
    4: "april avril abril aprile huhtikuuta huhti kwietnia dubna apríla április nisan aprilie travnja apr avr abr"
    " kwi dub апреля"
    " апрель апр квітня απρ απριλίου",
    5: "may mai maj mayo maio maggio mei toukokuuta touko maja května mája május mayıs svibnja mag kvě мая май"
    " травня μαΐ μαΐου",
    6: "june juni juin junio junho giugno kesäkuuta kesä czerwca června júna június haziran iunie lipnja jun giu"
    " cze čvn июня июнь"
    " июн червня ιουν ιουνίου",
    7: "july juli juillet julio julho luglio heinäkuuta heinä lipca července júla július temmuz iulie srpnja jul"
    " juil lug lip čvc"
    " июля июль июл липня ιουλ ιουλίου",
    8: "august août aout agosto augustus augusti elokuuta elo sierpnia srpna augusta augusztus ağustos aug ago sie"
    " srp августа"
    " август авг серпня αυγ αυγούστου",
    9: "september septembre septiembre setembro settembre syyskuuta syys września září septembra szeptember eylül"
    " septembrie rujna"
    " sep sept set wrz zář сентября сентябрь сен вересня σεπ σεπτεμβρίου",
    10: "october oktober octobre octubre outubro ottobre lokakuuta loka października října októbra október ekim"
    " octombrie listopada"
    " oct okt out ott paź říj октября октябрь окт жовтня οκτ οκτωβρίου",
    11: "november novembre noviembre novembro marraskuuta marras listopad listopadu novembra kasım noiembrie"
    " studenoga nov lis"
    " ноября ноябрь ноя листопада νοε νοεμβρίου",
    12: "december dezember décembre diciembre dezembro dicembre joulukuuta joulu grudnia prosince decembra aralık"
    " decembrie"
    " prosinca dec dez déc dic gru pro декабря декабрь дек грудня δεκ δεκεμβρίου",
}
_MONTH_OF = {name: number for number, names in _MONTHS.items() for name in names.split()}

_TIME = re.compile(
    r"(?<![\d.:])(\d{1,2})(?:[:.h])(\d{2})(?:[:.](\d{2}))?(?!\d|\.\d|:\d)\s*([ap]\.?\s?m\b\.?)?"
    r"|\b(\d{1,2})\s*([ap]\.?m\b\.?)",
    re.IGNORECASE,
)
_ZONE = re.compile(r"(?:GMT|UTC)?\s?([+-])(\d{2}):?(\d{2})\b|\b(GMT|UTC|Z)\b(?!\s?[+-]\d)")
_ISO = re.compile(r"\b((?:19|20)\d\d)[-/.年]\s?(\d{1,2})[-/.月]\s?(\d{1,2})(?!\d)")
_NUMERIC = re.compile(r"(?<![\d.:])(\d{1,2})([./-])\s?(\d{1,2})\2\s?(\d{4}|\d{2})(?!\d|[:.]\d)")
_WORDED = re.compile(
    r"(?<!\d)(\d{1,2})(?:st|nd|rd|th|er|º|\.)?\s*(?:de |of |, )?[\s-]?([^\W\d_]{3,14})\.?,?(?:[\s-]+(?:de "
    r"|of )?(\d{4}|\d{2}(?![:\d.])))?"
)
_MONTH_FIRST = re.compile(
    r"(?<!\w)([^\W\d_]{3,14})\.?[\s-]+(\d{1,2})(?:st|nd|rd|th)?,?(?:[\s-]+(\d{4}|\d{2}(?![:\d.])))?(?![:.]\d\d|\d)"
)


def read_date(text: str) -> datetime | None:
    """The moment that `text` names, or None without a full date (day, month and year).

    Aware where the line names an offset; else naive: the wall clock of the program that wrote the line, at midnight
    where no hour is told.
    12/11/2026 is the 12th of November except beside an English am or pm, as the United States write it.
    """
    text = re.sub("[\u200e\u200f\u202a-\u202e]", "", text[:400]).replace("\u202f", " ").replace("\xa0", " ")
    day = _day(text)
    if day is None:
        return None
    hour, minute, second = _time(text[: day[1][0]] + " " * (day[1][1] - day[1][0]) + text[day[1][1] :])
    try:
        return datetime(*day[0], hour, minute, second, tzinfo=_zone(text))
    except ValueError:
        return None


def _day(text: str) -> tuple[tuple[int, int, int], tuple[int, int]] | None:
    if match := _ISO.search(text):
        return (int(match[1]), int(match[2]), int(match[3])), match.span()
    for pattern, day_group, month_group in ((_WORDED, 1, 2), (_MONTH_FIRST, 2, 1)):
        for match in pattern.finditer(text):
            month = _MONTH_OF.get(match[month_group].lower())
            if month and match[3]:
                return (_year(match[3]), month, int(match[day_group])), match.span()
    if match := _NUMERIC.search(text):
        first, second = int(match[1]), int(match[3])
        american = match[2] == "/" and re.search(r"\d\s?[ap]\.?m\b", text, re.IGNORECASE) is not None
        month, day = (first, second) if (american and first <= 12) or second > 12 else (second, first)
        return (_year(match[4]), month, day), match.span()
    return None


def _year(digits: str) -> int:
    return int(digits) if len(digits) == 4 else 2000 + int(digits)


def _time(text: str) -> tuple[int, int, int]:
    text = re.sub(r"[+-]\d{2}:?\d{2}\b", lambda match: " " * len(match[0]), text)
    match = _TIME.search(text)
    if match is None:
        return 0, 0, 0
    hour = int(match[1] or match[5])
    minute, second = int(match[2] or 0), int(match[3] or 0)
    half = (match[4] or match[6] or "").lower()
    if half.startswith("p") and hour < 12:
        hour += 12
    elif half.startswith("a") and hour == 12:
        hour = 0
    return hour, minute, second


def _zone(text: str) -> timezone | None:
    match = _ZONE.search(text)
    if match is None:
        return None
    if match[4]:
        return UTC
    minutes = int(match[2]) * 60 + int(match[3])
    if minutes > 14 * 60:
        return None
    return timezone(timedelta(minutes=minutes if match[1] == "+" else -minutes))
