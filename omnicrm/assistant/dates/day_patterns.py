"""The patterns of days. Order counts: the first that can be read wins."""

from __future__ import annotations

import re

from omnicrm.assistant.dates.words import MONTH, NUMBER, ORDINAL, TODAY, TOMORROW, WEEKDAY

_SUFFIX = r"(?:st|nd|rd|th)"
_YEAR = r"(?:,?\s*(?P<{0}>20\d\d|['’]\d\d))?"
_WD = rf"(?:(?P<{{0}}>{WEEKDAY})\.?,?\s+(?:the\s+|den\s+)?)?"
_NOT_HOUR = r"(?!\s*(?:[:h]\s*\d|\.\d\d(?!\d)|am\b|pm\b|a\.m|p\.m|o['’]?\s?clock|hrs?\b|uhr\b|min|%|x\b|times\b|/))"
_NOT_NOUN = (
    r"(?!\s+(?:floor|time|session|sessions|appointment|birthday|anniversary|week|month|trimester|set|grade|class|lesson|"
    r"visit|year|place|try|attempt|one\b|baby|child|edition|party|street|st\b|ave|avenue|kid|round|step|treatment|"
    r"half|quarter|person|option|question|thing|reminder|notice|cup|degree|party))"
)

PATTERNS: tuple[tuple[str, str], ...] = (
    ("iso", r"\b(?P<iso_y>20\d\d)-(?P<iso_m>\d\d)-(?P<iso_d>\d\d)(?=\b|T)"),
    (
        "dmy",
        rf"\b{_WD.format('dmy_w')}(?P<dmy_d>\d{{1,2}})(?:{_SUFFIX})?\.?(?:\s+of|\s+de)?[\s-]*(?P<dmy_m>{MONTH})\b\.?"
        + _YEAR.format("dmy_y"),
    ),
    (
        "mdy",
        rf"\b{_WD.format('mdy_w')}(?P<mdy_m>{MONTH})\b\.?\s+(?:the\s+)?(?P<mdy_d>\d{{1,2}})(?:{_SUFFIX})?\b"
        rf"(?!\s*(?:[:h]\s*\d|am\b|pm\b|\.\d\d\b|%|/))" + _YEAR.format("mdy_y"),
    ),
    (
        "wordy",
        rf"\b{_WD.format('wordy_w')}(?:the\s+)?(?P<wordy_o>{ORDINAL})\s+of\s+(?P<wordy_m>{MONTH}|this month|the month|next month)\b",
    ),
    (
        "num",
        rf"\b{_WD.format('num_w')}(?P<num_a>\d{{1,2}})(?P<num_s>[/.-])(?P<num_b>\d{{1,2}})(?:(?P=num_s)(?P<num_y>20\d\d|\d\d))?"
        r"(?P<num_t>\.(?!\d))?(?![\d/])",
    ),
    ("weekof", rf"\b(?:the\s+)?week\s+(?:of|commencing|beginning|starting|from)\s+(?:the\s+|monday\s+)?(?P<weekof_d>\d{{1,2}}){_SUFFIX}?\b"),
    ("wdord", rf"\b(?P<wdord_w>{WEEKDAY})\.?,?\s+(?:the\s+)?(?P<wdord_d>\d{{1,2}})(?P<wdord_s>{_SUFFIX}\b)?{_NOT_HOUR}(?![\d])"),
    ("dayafter", rf"\b(?:the\s+)?day\s+after\s+(?P<dayafter_t>{TOMORROW})\b"),
    ("wdweek", rf"\b(?P<wdweek_w>{WEEKDAY})\s+(?P<wdweek_k>week|fortnight)\b(?!\s*(?:end|day|ly|of\b))"),
    ("weekwd", rf"\b(?P<weekwd_n>{NUMBER}|next|the following)?\s*(?P<weekwd_k>weeks?|fortnight)\s+(?:on|from|this|come)?\s*(?:this\s+|next\s+|the\s+)?(?P<weekwd_w>{WEEKDAY})\b"),
    ("weektod", rf"\b(?P<weektod_n>{NUMBER})\s+(?P<weektod_k>days?|weeks?|fortnight)\s+(?:from\s+)?(?P<weektod_t>today|tomorrow|now)\b"),
    ("todweek", rf"\b(?P<todweek_t>today|{TOMORROW})\s+(?P<todweek_k>week|fortnight)\b"),
    ("wdafter", rf"\b(?P<wdafter_w>{WEEKDAY})\s+after\s+next\b"),
    ("wdnext", rf"\b(?P<wdnext_w>{WEEKDAY})\s+(?:of\s+)?(?:(?P<wdnext_k>next|the following|the week after(?: next)?|this|the other)\s+week|the week after(?: next)?)\b"),
    ("samewd", r"\b(?:the\s+)?same\s+day\s+(?:the\s+)?(?P<samewd_k>next|following)\s+week\b|\bthis time next week\b|\bsame time next week\b"),
    ("qwd", rf"\b(?P<qwd_q>this coming|this|next|coming|following|last|past|previous)\s+(?P<qwd_w>{WEEKDAY})\b(?!\s+(?:is|was)\s+the\b)"),
    ("wdq", rf"\b(?P<wdq_w>{WEEKDAY})\s+(?P<wdq_q>next|last|coming|gone|past|just gone)\b(?!\s+week)"),
    ("wd", rf"\b(?P<wd_w>{WEEKDAY})\b"),
    ("inn", rf"\bin\s+(?:about\s+)?(?P<inn_n>{NUMBER})\s+(?P<inn_k>days?|weeks?|fortnights?|months?)(?:['’]?\s+time)?\b"),
    ("ago", rf"\b(?P<ago_n>{NUMBER})\s+(?P<ago_k>days?|weeks?|months?|years?)\s+(?:ago|back)\b"),
    ("tod", rf"\b(?P<tod_t>{TODAY})\b"),
    ("tom", rf"\b(?P<tom_t>{TOMORROW})\b"),
    ("yes", r"\b(?P<yes_t>yesterday|last night|the other day|last week|last month|last time)\b"),
    ("ord", rf"\b(?:(?P<ord_p>on|for|to|of|from|till|until|by|and|or|is|is on|before|after|around|both|either)\s+)?(?P<ord_the>the\s+)?(?P<ord_d>\d{{1,2}}){_SUFFIX}\b(?!\s+(?:of\s+)?{MONTH}\b){_NOT_NOUN}"),
    ("weekend", r"\b(?P<weekend_q>this|next|the|at the|over the)?\s*week-?ends?\b"),
    ("span", r"\b(?P<span_q>next|this|the following|the coming|the next|coming|following|any time|anytime|the other|one|the same)\s+(?:couple of\s+|few\s+)?(?P<span_k>weeks?|fortnight|months?|days?)\b"),
    ("eom", rf"\b(?:(?:the\s+)?end\s+of\s+(?:the\s+|this\s+)?(?P<eom_k>month|week|{MONTH}|the year|year|day|business|play)|(?P<eom_k2>month|week)[- ]end|(?P<eom_k3>eod|cob|eow|eom))\b"),
    ("mon", rf"\b(?:in|during|early|mid|late|around|for|till|until|before|since|by)[\s-]+(?P<mon_m>{MONTH})\b(?!\s+\d)"),
)  # fmt: skip
EACH = [(name, re.compile(pattern, re.IGNORECASE)) for name, pattern in PATTERNS]
START = re.compile(
    "|".join(
        f"(?:{re.sub(r'[(][?]P<[a-z_0-9]+>', '(?:', pattern)})" for _, pattern in PATTERNS if "(?P=" not in pattern
    )
    + r"|\b\d{1,2}[/.-]\d",
    re.IGNORECASE,
)
