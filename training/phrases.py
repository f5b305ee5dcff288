"""Days, hours, people and things as many people write them, each with what it means."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from omnicrm.assistant.dates import places

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
SHORT = (("Mon",), ("Tue", "Tues"), ("Wed", "Weds"), ("Thu", "Thurs", "Thur"), ("Fri",), ("Sat",), ("Sun",))
MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
HOURS = ("", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")

PRACTICES: tuple[tuple[str, str, tuple[tuple[str, int, str], ...]], ...] = (
    ("Europe/London", "GBP", (("Sports massage", 60, "55.00"), ("Reflexology", 45, "40.00"))),
    ("Europe/Dublin", "EUR", (("Counselling session", 50, "70.00"), ("Couples counselling", 75, "100.00"))),
    ("America/New_York", "USD", (("Pilates private", 55, "95.00"), ("Intro session", 30, "40.00"))),
    ("America/Chicago", "USD", (("Chiropractic adjustment", 20, "60.00"), ("New patient exam", 45, "120.00"))),
    ("America/Los_Angeles", "USD", (("Bodywork", 90, "160.00"), ("Cranial release", 45, "90.00"))),
    ("Australia/Sydney", "AUD", (("Remedial massage", 60, "110.00"), ("Dry needling", 30, "70.00"))),
    ("Pacific/Auckland", "NZD", (("Nutrition review", 30, "65.00"), ("Nutrition first visit", 60, "120.00"))),
    ("Asia/Kolkata", "INR", (("Yoga therapy", 60, "1500.00"), ("Ayurveda consultation", 45, "1200.00"))),
    ("Africa/Johannesburg", "ZAR", (("Hot stone massage", 75, "700.00"), ("Foot reflexology", 45, "400.00"))),
    ("Europe/Berlin", "EUR", (("Coaching", 60, "120.00"), ("Breathing class", 90, "25.00"))),
    ("Europe/Stockholm", "SEK", (("Deep tissue massage", 60, "950.00"), ("Gong bath", 45, "300.00"))),
    ("Asia/Singapore", "SGD", (("Physio session", 45, "140.00"), ("Posture assessment", 60, "180.00"))),
)
FIRST = "Sam Nora Amira Tobias Grace Liam Wren Olga Pedro Kemi Hannah Arun Zanele Brigid Marco Yuki Elsa Owen Leila Ruby Jonas Fatima Colm Priyanka Dave Astrid Bongani Chloe".split()
LAST = "Carter Lindholm Haddon Okeke Brennan Silva Novak Fischer Moreau Iyer Dlamini Walsh Rossi Sato Berg Quinn Farah Jensen Ellery Nkosi Petrov Hall Mendes Whelan Kaur Olsen".split()
STREETS = (
    "14 Maple Road, Newtown",
    "Flat 3, 22 Harbour Street, Leith",
    "9 Kings Close, Ashford",
    "305 Pine Avenue, Dayton",
    "Lindenweg 12, Potsdam",
    "71 Temple Lane, Galway",
)
COMPANIES = ("Brightway Foods", "Norden Shipping", "Halcyon Media", "Tallow & Finch", "Corvid Labs")


@dataclass(frozen=True)
class Moment:
    """Words for a moment and what they mean; `minute` of the day."""

    text: str
    day: date
    minute: int

    def at(self, zone: ZoneInfo) -> datetime:
        return datetime.combine(self.day, time(self.minute // 60, self.minute % 60), zone)


def day_words(rng: random.Random, day: date, base: date, zone: str) -> str:
    """Some way to say `day` on `base`."""
    ahead = (day - base).days
    name = WEEKDAYS[day.weekday()]
    short = rng.choice(SHORT[day.weekday()])
    suffix = "th" if 11 <= day.day <= 13 else {1: "st", 2: "nd", 3: "rd"}.get(day.day % 10, "th")
    month = MONTHS[day.month - 1]
    slash = f"{day.month}/{day.day}" if places.month_first(zone) else f"{day.day}/{day.month}"
    ways = [
        f"{day.day} {month}",
        f"{month} {day.day}",
        f"{day.day}{suffix} {month}",
        f"{name} {day.day} {month}",
        f"{name} the {day.day}{suffix}",
        f"{short} {day.day} {month[:3]}",
        f"{name}, {month} {day.day}",
        f"{day.day}{suffix} of {month}",
    ]
    if 1 <= ahead < 8:
        ways += [name, name, name, short, short.lower(), name.lower(), f"this {name}"] * 2
    if ahead == 1:
        ways += ["tomorrow", "tomorrow", "tmrw", "tomorrow"] * 2
    if ahead == 0:
        ways = ["today", "today"]
    if 0 < ahead < 28:
        ways += [f"the {day.day}{suffix}", f"the {day.day}{suffix}"]
    if 8 <= ahead <= 14:
        ways += [f"{name} week", f"a week on {name}"]
    if day.month != day.day:
        ways.append(slash)
    return rng.choice(ways)


def hour_words(rng: random.Random, minute: int) -> str:
    """Some way to say that minute of the day."""
    hour, rest = divmod(minute, 60)
    twelve = (hour - 1) % 12 + 1
    mark = "am" if hour < 12 else "pm"
    ways = [f"{hour}:{rest:02}" if hour > 12 or rng.random() < 0.5 else f"{hour:02}:{rest:02}"]
    if rest == 0:
        ways += [f"{twelve}{mark}", f"{twelve} {mark}", f"{twelve}{mark}", f"{twelve}{mark.upper()}"]
        if hour == 12:
            ways += ["noon", "midday"]
        if 8 <= hour <= 18:
            ways += [f"{twelve}", f"{twelve} o'clock"]
    else:
        ways += [f"{twelve}:{rest:02}{mark}", f"{twelve}.{rest:02}{mark}", f"{twelve}:{rest:02} {mark}"]
        if 8 <= hour <= 18:
            ways += [f"{twelve}.{rest:02}"]
            if rest == 30:
                ways += [f"half past {HOURS[twelve]}", f"half {HOURS[twelve]}"]
            if rest == 15:
                ways += [f"quarter past {HOURS[twelve]}"]
            if rest == 45:
                ways += [f"quarter to {HOURS[twelve % 12 + 1]}"]
    return rng.choice(ways)


def moment(rng: random.Random, base: date, zone: str, *, earliest: int = 1, latest: int = 16) -> Moment:
    """A random moment to come, in words of a day and an hour."""
    day = base + timedelta(days=rng.choice([*range(earliest, 8), *range(earliest, latest)]))
    minute = rng.choice(range(8, 20)) * 60 + rng.choice((0, 0, 0, 30, 30, 15, 45))
    return said(rng, day, minute, base, zone)


def said(rng: random.Random, day: date, minute: int, base: date, zone: str) -> Moment:
    """A day and an hour in words."""
    on, at = day_words(rng, day, base, zone), hour_words(rng, minute)
    bare = at.isdigit()
    ways = [
        f"{on} at {at}",
        f"{on} at {at}",
        f"{at} on {on}" if not on.startswith(("today", "tom", "tm", "this")) else f"{at} {on}",
    ]
    if not bare:
        ways += [f"{on} {at}", f"{on}, {at}"]
    return Moment(rng.choice(ways), day, minute)


def amount_words(rng: random.Random, value: str, currency: str) -> str:
    """A sum as written where that currency is used."""
    whole = value[:-3] if value.endswith(".00") and rng.random() < 0.6 else value
    if len(whole.split(".")[0]) > 3 and rng.random() < 0.4:
        whole = f"{whole.split('.')[0][:-3]},{whole.split('.')[0][-3:]}" + (
            f".{whole.split('.')[1]}" if "." in whole else ""
        )
    symbol = {"GBP": "£", "EUR": "€", "USD": "$", "AUD": "$", "NZD": "$", "INR": "Rs. ", "ZAR": "R", "SGD": "$"}.get(
        currency
    )
    ways = [f"{whole} {currency}"]
    if symbol:
        ways += [f"{symbol}{whole}"] * 3
    if currency == "EUR":
        ways += [f"{whole} euros", f"{whole} €"]
    if currency == "GBP":
        ways += [f"{whole} pounds"]
    if currency == "SEK":
        ways += [f"{whole} kr"] * 3
    return rng.choice(ways)
