"""Time zones named beside an hour, and the country of a zone."""

from __future__ import annotations

import re
from functools import lru_cache
from importlib import resources
from zoneinfo import ZoneInfo, available_timezones

_NAMED = {
    "Europe/London": "london|uk|british|gmt|bst|england|scotland|greenwich|edinburgh|manchester",
    "Europe/Dublin": "dublin|irish|ireland",
    "Europe/Paris": "paris|french|france|cet|cest|central european|mez",
    "Europe/Berlin": "berlin|german|germany|munich|hamburg|frankfurt",
    "Europe/Madrid": "madrid|spanish|spain|barcelona",
    "Europe/Rome": "rome|italian|italy|milan",
    "Europe/Amsterdam": "amsterdam|dutch|netherlands",
    "Europe/Zurich": "zurich|zürich|swiss|switzerland|geneva",
    "Europe/Stockholm": "stockholm|swedish|sweden",
    "Europe/Oslo": "oslo|norwegian|norway",
    "Europe/Copenhagen": "copenhagen|danish|denmark",
    "Europe/Helsinki": "helsinki|finnish|finland|eet|eest",
    "Europe/Athens": "athens|greek|greece",
    "Europe/Lisbon": "lisbon|portugal|portuguese|porto",
    "Europe/Vienna": "vienna|austria|austrian",
    "Europe/Brussels": "brussels|belgium|belgian",
    "Europe/Warsaw": "warsaw|poland|polish",
    "Europe/Istanbul": "istanbul|turkey|turkish|trt",
    "Europe/Moscow": "moscow|msk",
    "America/New_York": "new york|nyc|ny|eastern|est|edt|et|boston|miami|east coast|atlanta|washington|philadelphia",
    "America/Chicago": "chicago|central|cst|cdt|texas|dallas|houston|austin",
    "America/Denver": "denver|mountain|mst|mdt|colorado",
    "America/Phoenix": "phoenix|arizona",
    "America/Los_Angeles": "los angeles|la|pacific|pst|pdt|pt|california|san francisco|sf|seattle|west coast|portland|vegas",
    "America/Anchorage": "alaska|anchorage",
    "Pacific/Honolulu": "hawaii|honolulu|hawaiian|hst",
    "America/Toronto": "toronto|montreal|ottawa",
    "America/Vancouver": "vancouver",
    "America/Halifax": "halifax|atlantic",
    "America/Mexico_City": "mexico city|mexico",
    "America/Sao_Paulo": "são paulo|sao paulo|brazil|brasília|brasilia|rio|brt",
    "America/Argentina/Buenos_Aires": "buenos aires|argentina",
    "America/Bogota": "bogota|bogotá|colombia|lima",
    "America/Santiago": "santiago|chile",
    "Asia/Dubai": "dubai|uae|gulf|abu dhabi|gst",
    "Asia/Riyadh": "riyadh|saudi",
    "Asia/Jerusalem": "israel|jerusalem|tel aviv",
    "Asia/Kolkata": "india|indian|ist|mumbai|delhi|bengaluru|bangalore|kolkata|chennai",
    "Asia/Karachi": "karachi|pakistan|pkt",
    "Asia/Dhaka": "dhaka|bangladesh",
    "Asia/Bangkok": "bangkok|thailand|thai",
    "Asia/Singapore": "singapore|sgt",
    "Asia/Kuala_Lumpur": "kuala lumpur|malaysia|kl",
    "Asia/Hong_Kong": "hong kong|hk|hkt",
    "Asia/Shanghai": "beijing|shanghai|china",
    "Asia/Tokyo": "tokyo|japan|jst|japanese",
    "Asia/Seoul": "seoul|korea|kst",
    "Asia/Manila": "manila|philippines",
    "Asia/Jakarta": "jakarta|indonesia",
    "Australia/Sydney": "sydney|aest|aedt|melbourne|canberra|nsw",
    "Australia/Brisbane": "brisbane|queensland|qld",
    "Australia/Perth": "perth|awst|western australia",
    "Australia/Adelaide": "adelaide|acst|acdt",
    "Pacific/Auckland": "auckland|new zealand|nz|nzst|nzdt|wellington|kiwi",
    "Africa/Johannesburg": "johannesburg|joburg|cape town|south africa|south african|sast",
    "Africa/Lagos": "lagos|nigeria|wat",
    "Africa/Nairobi": "nairobi|kenya|eat",
    "Africa/Cairo": "cairo|egypt",
    "UTC": "utc|zulu",
}
_ZONE_OF = {word: name for name, words in _NAMED.items() for word in words.split("|")}
_CODES = frozenset(
    "gmt bst cet cest eet eest est edt et cst cdt mst mdt pst pdt pt hst ist pkt sgt hkt jst kst aest aedt awst acst acdt nzst nzdt sast utc msk brt mez trt gst".split()
)
_WORDS = "|".join(sorted((re.escape(word) for word in _ZONE_OF), key=len, reverse=True))
_BESIDE = re.compile(
    rf"^[\s,(]*(?:in\s+|on\s+)?(?:the\s+)?(?:(?P<place>{_WORDS})(?:\s*/\s*\w+)?(?:\s+(?:standard\s+|daylight\s+|local\s+)?(?:time|clock)|(?=\s*[),.;?!]|\s*$|\s+\(|\s+(?:on|for|if|please|this|next|tomorrow|today|and|or|works|would|is|with)\b))"
    rf"|(?P<whose>my|our|your|his|her|local|practice|studio)(?:\s+local)?\s+time|(?P<yours>yours|mine|your\s+end|my\s+end)\b|(?P<iana>[A-Z][a-z]+/[A-Z][A-Za-z_]+))",
    re.IGNORECASE,
)


def beside(text: str, start: int, end: int, sender: ZoneInfo | None) -> ZoneInfo | None:
    """The zone named right after an hour that ends at `start` (or after its phrase, at `end`), or None.

    `sender` is the zone of "my time".
    """
    for position in (start, end):
        match = _BESIDE.match(text[position : position + 60])
        if match is None:
            continue
        if match["iana"]:
            return ZoneInfo(match["iana"]) if match["iana"] in available_timezones() else None
        if match["place"]:
            word, written = match["place"].lower(), match["place"]
            timed = re.search(r"time|clock", match.group(), re.IGNORECASE)
            if word in _CODES and not written.isupper() and not timed:
                continue
            if word not in _CODES and not timed:
                continue
            return ZoneInfo(_ZONE_OF[word])
        whose = (match["whose"] or match["yours"] or "").lower()
        if whose.startswith(("my", "our", "mine")):
            return sender
        return None
    return None


def stated(text: str) -> ZoneInfo | None:
    """The zone that a line about all times states ("All times Europe/Oslo", "Eastern Time (US & Canada)")."""
    if match := re.search(r"\b([A-Z][a-z]+/[A-Z][A-Za-z_]+(?:/[A-Z][A-Za-z_]+)?)\b", text):
        if match[1] in available_timezones():
            return ZoneInfo(match[1])
    match = re.search(rf"\b({_WORDS})\s+(?:standard\s+|daylight\s+)?time\b", text, re.IGNORECASE)
    return ZoneInfo(_ZONE_OF[match[1].lower()]) if match else None


@lru_cache(maxsize=1)
def _countries() -> dict[str, str]:
    table: dict[str, str] = {}
    listing = resources.files("tzdata").joinpath("zoneinfo", "zone.tab").read_text(encoding="utf-8")
    for line in listing.splitlines():
        if not line.startswith("#"):
            country, _position, name = line.split("\t")[:3]
            table[name] = country
    return table


def country(zone: str) -> str:
    """The ISO 3166 country of an IANA zone, "ZZ" where it has none."""
    return _countries().get(zone, "ZZ")


def month_first(zone: str) -> bool:
    """Whether 3/4 is 4 March where this zone is."""
    return country(zone) in ("US", "PH", "PR", "GU", "PW", "FM", "MH", "VI", "AS")
