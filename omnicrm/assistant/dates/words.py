"""The words of days and hours, as people spell and misspell them."""

from __future__ import annotations

WEEKDAYS = {
    0: ("monday", "mondays", "mon", "monay", "munday", "moday", "monady"),
    1: ("tuesday", "tuesdays", "tues", "tue", "tuseday", "teusday", "tusday", "tuesdy", "tuesady"),
    2: ("wednesday", "wednesdays", "weds", "wed", "wensday", "wednsday", "wendesday", "wednessday", "wenesday"),
    3: ("thursday", "thursdays", "thurs", "thur", "thu", "thrusday", "thursady", "thersday", "thurday"),
    4: ("friday", "fridays", "fri", "firday", "fryday"),
    5: ("saturday", "saturdays", "sat", "saterday", "satuday", "saturdy", "satarday"),
    6: ("sunday", "sundays", "sun", "sundy"),
}
WEEKDAY_OF = {word: number for number, words in WEEKDAYS.items() for word in words}

MONTHS = {
    1: ("january", "jan"),
    2: ("february", "feb", "febuary"),
    3: ("march", "mar", "mrch"),
    4: ("april", "apr"),
    5: ("may",),
    6: ("june", "jun"),
    7: ("july", "jul"),
    8: ("august", "aug"),
    9: ("september", "sept", "sep"),
    10: ("october", "oct"),
    11: ("november", "nov"),
    12: ("december", "dec"),
}
MONTH_OF = {word: number for number, words in MONTHS.items() for word in words}

NUMBERS = {
    "a": 1, "an": 1, "one": 1, "two": 2, "couple": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7,
    "eight": 8, "nine": 9, "ten": 10, "eleven": 11, "twelve": 12, "fifteen": 15, "twenty": 20, "twenty-five": 25,
    "twenty five": 25, "thirty": 30, "forty": 40, "forty-five": 45, "forty five": 45, "fifty": 50, "sixty": 60,
    "ninety": 90,
}  # fmt: skip
ORDINALS = {
    "first": 1, "second": 2, "third": 3, "fourth": 4, "fifth": 5, "sixth": 6, "seventh": 7, "eighth": 8, "ninth": 9,
    "tenth": 10, "eleventh": 11, "twelfth": 12, "thirteenth": 13, "fourteenth": 14, "fifteenth": 15,
    "sixteenth": 16, "seventeenth": 17, "eighteenth": 18, "nineteenth": 19, "twentieth": 20, "twenty-first": 21,
    "twenty-second": 22, "twenty-third": 23, "twenty-fourth": 24, "twenty-fifth": 25, "twenty-sixth": 26,
    "twenty-seventh": 27, "twenty-eighth": 28, "twenty-ninth": 29, "thirtieth": 30, "thirty-first": 31,
}  # fmt: skip


def _any(words: list[str]) -> str:
    return "(?:" + "|".join(sorted(words, key=len, reverse=True)) + ")"


WEEKDAY = _any(list(WEEKDAY_OF)) + r"\b(?:['’]s)?"
MONTH = _any(list(MONTH_OF))
HOUR_WORD = r"(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve)"
NUMBER = r"(?:\d+|" + _any([word for word in NUMBERS if word != "couple"]) + r"|a couple(?: of)?)"
ORDINAL = _any(list(ORDINALS))
TODAY = r"(?:today|2day|tonight|tonite|this (?:morning|afternoon|arvo|evening|lunchtime)|later today|later on today)"
TOMORROW = r"(?:tomorrow|tomorow|tommorow|tommorrow|tomorrrow|tomoro|tomoz|tmrw|tmrow|tmw|tmr|2morrow|2moro|tomorro)"


def number(word: str) -> int:
    """The value of a number in digits or words; raises ValueError for another word."""
    word = word.lower().strip()
    if word.isdigit():
        return int(word)
    if word.startswith("a couple"):
        return 2
    if word in NUMBERS:
        return NUMBERS[word]
    raise ValueError(word)
