"""One VEVENT as an event: its times in real zones, its people, how it repeats."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

from omnicrm.formats import Refusal
from omnicrm.formats.contentlines import Line, unescape
from omnicrm.formats.ics.components import Component
from omnicrm.formats.ics.zones import Zones
from omnicrm.formats.mail import headers
from omnicrm.formats.recurrence import BadRule, Rule, read_moment, read_rule

MAX_PEOPLE = 500
MAX_DATES = 5000
MAX_TEXT = 50_000
MAX_LENGTH = timedelta(days=3660)

_DURATION = re.compile(
    r"([+-])?P(?:(\d{1,4})W)?(?:(\d{1,5})D)?(?:T(?:(\d{1,6})H)?(?:(\d{1,7})M)?(?:(\d{1,9})S)?)?\Z", re.IGNORECASE
)
_NO_TEXT = re.compile("[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]+")
_ANSWERS = {"ACCEPTED": "accepted", "DECLINED": "declined", "TENTATIVE": "tentative"}


class Refused(ValueError):
    """An event that is not taken; the message is the reason."""


@dataclass(frozen=True, slots=True)
class When:
    """A date, or an instant with the IANA zone that it was written in (empty: only its offset is known)."""

    at: datetime | date
    zone: str = ""

    @property
    def all_day(self) -> bool:
        return not isinstance(self.at, datetime)


@dataclass(frozen=True, slots=True)
class Attendee:
    """`answer` as Google spells it: needsAction, accepted, declined or tentative."""

    email: str
    name: str = ""
    answer: str = "needsAction"
    optional: bool = False
    resource: bool = False


@dataclass(frozen=True, slots=True)
class IcsEvent:
    """`ends` of an all-day event is exclusive, as in the file. `rules` are RRULE values, `rule` the same, read."""

    uid: str
    starts: When
    ends: When
    recurrence_id: When | None = None
    summary: str = ""
    description: str = ""
    location: str = ""
    status: str = "confirmed"
    busy: bool = True
    private: bool = False
    sequence: int = 0
    organizer: Attendee | None = None
    attendees: tuple[Attendee, ...] = ()
    rules: tuple[str, ...] = ()
    rule: tuple[Rule, ...] = ()
    extra: tuple[When, ...] = ()
    without: tuple[When, ...] = ()
    created: datetime | None = None
    updated: datetime | None = None
    method: str = ""
    problems: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class IcsFile:
    """`method` is that of iTIP (REQUEST, CANCEL, REPLY …) or empty; `name` what the calendar calls itself."""

    events: tuple[IcsEvent, ...]
    refused: tuple[Refusal, ...]
    method: str = ""
    name: str = ""


@dataclass(slots=True)
class _Source:
    known: dict[str, list[Line]]
    zones: Zones
    problems: list[str] = field(default_factory=list)

    def first(self, name: str) -> Line | None:
        lines = self.known.get(name)
        return lines[0] if lines else None

    def text(self, name: str, limit: int = 1000) -> str:
        line = self.first(name)
        return headers.line(unescape(line.value[: limit * 4]), limit) if line else ""

    def note(self, problem: str) -> None:
        if problem and problem not in self.problems:
            self.problems.append(problem)

    def when(self, line: Line) -> When:
        """Raises Refused where the line holds no date."""
        try:
            moment = read_moment(_padded(line.value))
        except BadRule as error:
            raise Refused(f"Its {_NAMES.get(line.name, line.name)} makes no sense: {error}.") from error
        if not isinstance(moment, datetime):
            return When(moment)
        if line.parameter("VALUE").upper() == "DATE":
            return When(moment.date())
        if moment.tzinfo is not None:
            return When(moment, "UTC")
        instant, found = self.zones.at(moment, line.parameter("TZID"))
        self.note(found.problem)
        return When(instant, found.name)


_NAMES = {
    "DTSTART": "start",
    "DTEND": "end",
    "RECURRENCE-ID": "original time",
    "EXDATE": "list of left-out dates",
    "RDATE": "list of extra dates",
}


def event(component: Component, zones: Zones, method: str) -> IcsEvent:
    """The event that `component` describes. Raises Refused (and ValueError, OverflowError for dates out of range)."""
    source = _Source(component.read(), zones)
    for unread in source.known.get("", ())[:3]:
        source.note(f"A line was left out: {unread.value}.")
    status = source.text("STATUS", 20).lower()
    cancelled = status in ("cancelled", "canceled") or method == "CANCEL"
    original = source.first("RECURRENCE-ID")
    recurrence_id = source.when(original) if original else None
    if original and original.parameter("RANGE"):
        source.note("It changes all instances from then on: only the one was changed.")
    starts = _start(source, recurrence_id, cancelled)
    ends = _end(source, starts)
    rules, read_rules = _rules(source) if recurrence_id is None else ((), ())
    summary = source.text("SUMMARY")
    return IcsEvent(
        uid=source.text("UID", 500) or _made_up_uid(source, component),
        starts=starts,
        ends=ends,
        recurrence_id=recurrence_id,
        summary=summary,
        description=_long(source, "DESCRIPTION"),
        location=_long(source, "LOCATION")[:1000].strip(),
        status="cancelled" if cancelled else "tentative" if status == "tentative" else "confirmed",
        busy=source.text("TRANSP", 20).upper() != "TRANSPARENT"
        and source.text("X-MICROSOFT-CDO-BUSYSTATUS", 20).upper() != "FREE",
        private=source.text("CLASS", 20).upper() in ("PRIVATE", "CONFIDENTIAL"),
        sequence=_whole(source.text("SEQUENCE", 20)),
        organizer=_person(line) if (line := source.first("ORGANIZER")) else None,
        attendees=_people(source),
        rules=rules,
        rule=read_rules,
        extra=_dates(source, "RDATE") if recurrence_id is None else (),
        without=_dates(source, "EXDATE") if recurrence_id is None else (),
        created=_stamp(source, "CREATED"),
        updated=_stamp(source, "LAST-MODIFIED") or _stamp(source, "DTSTAMP"),
        method=method,
        problems=tuple(source.problems),
    )


def _start(source: _Source, recurrence_id: When | None, cancelled: bool) -> When:
    line = source.first("DTSTART")
    if line is not None:
        return source.when(line)
    if recurrence_id is not None and cancelled:
        return recurrence_id
    raise Refused("It has no start.")


def _end(source: _Source, starts: When) -> When:
    line, lasts = source.first("DTEND"), source.first("DURATION")
    ends = starts
    if line is not None:
        ends = source.when(line)
    elif lasts is not None:
        ends = after(starts, *duration(lasts.value))
    if ends.all_day != starts.all_day:
        source.note("It begins and ends in different kinds of dates: taken as having no length.")
        ends = starts
    if length(starts, ends) < timedelta(0):
        source.note("It ends before it begins: taken as having no length.")
        ends = starts
    if starts.all_day and ends.at == starts.at:
        ends = When(starts.at + timedelta(days=1))
    if length(starts, ends) > MAX_LENGTH:
        raise Refused("It lasts longer than ten years.")
    return ends


def after(starts: When, days: int, rest: timedelta = timedelta(0)) -> When:
    """`days` later on the wall clock, and then `rest` in real time."""
    if not isinstance(starts.at, datetime):
        return When(starts.at + timedelta(days=days) + rest)
    moved = (starts.at + timedelta(days=days)).astimezone(UTC) + rest
    return When(moved.astimezone(starts.at.tzinfo), starts.zone)


def length(starts: When, ends: When) -> timedelta:
    """Between two dates, or two instants."""
    if isinstance(starts.at, datetime) and isinstance(ends.at, datetime):
        return ends.at.astimezone(UTC) - starts.at.astimezone(UTC)
    return timedelta(days=ends.at.toordinal() - starts.at.toordinal())


def duration(text: str) -> tuple[int, timedelta]:
    """A DURATION: whole days, which keep the wall clock, and the rest. Raises Refused."""
    match = _DURATION.match(text.strip())
    if match is None or not any(match.groups()[1:]):
        raise Refused(f"Its length “{text.strip()[:30]}” makes no sense.")
    weeks, days, hours, minutes, seconds = (int(part or 0) for part in match.groups()[1:])
    sign = -1 if match[1] == "-" else 1
    return sign * (weeks * 7 + days), sign * timedelta(hours=hours, minutes=minutes, seconds=seconds)


def _rules(source: _Source) -> tuple[tuple[str, ...], tuple[Rule, ...]]:
    texts, read = [], []
    for line in source.known.get("RRULE", ())[:10]:
        try:
            read.append(read_rule(line.value))
        except BadRule as error:
            raise Refused(f"How it repeats cannot be read: {error}.") from error
        texts.append(re.sub(r"\s+", "", line.value).upper().rstrip(";"))
    if "EXRULE" in source.known:
        source.note("A rule for dates to leave out (EXRULE) is not supported.")
    return tuple(texts), tuple(read)


def _dates(source: _Source, name: str) -> tuple[When, ...]:
    found: list[When] = []
    for line in source.known.get(name, ()):
        for value in line.value.split(","):
            if not value.strip():
                continue
            if len(found) >= MAX_DATES:
                raise Refused(f"Its {_NAMES[name]} is endless.")
            one = Line(name, value.partition("/")[0], {**line.parameters, "VALUE": []}) if "/" in value else None
            try:
                found.append(source.when(one or Line(name, value, line.parameters)))
            except (ValueError, OverflowError):
                source.note(f"“{value.strip()[:30]}” in its {_NAMES[name]} makes no sense: left out.")
    return tuple(found)


def _people(source: _Source) -> tuple[Attendee, ...]:
    found: dict[str, Attendee] = {}
    for line in source.known.get("ATTENDEE", ()):
        person = _person(line)
        if person is not None and len(found) < MAX_PEOPLE:
            found.setdefault(person.email, person)
    return tuple(found.values())


def _person(line: Line) -> Attendee | None:
    address = re.sub(r"^mailto:", "", line.value.strip(), flags=re.IGNORECASE)
    read = headers.addresses(address) or headers.addresses(line.parameter("EMAIL"))
    if not read:
        return None
    return Attendee(
        email=read[0].email,
        name="" if (name := headers.display_name(line.parameter("CN"))).lower() == read[0].email else name,
        answer=_ANSWERS.get(line.parameter("PARTSTAT").upper(), "needsAction"),
        optional=line.parameter("ROLE").upper() in ("OPT-PARTICIPANT", "NON-PARTICIPANT"),
        resource=line.parameter("CUTYPE").upper() in ("RESOURCE", "ROOM"),
    )


def _long(source: _Source, name: str) -> str:
    line = source.first(name)
    if line is None:
        return ""
    text = unescape(line.value[: MAX_TEXT * 2]).replace("\r\n", "\n").replace("\r", "\n")
    return _NO_TEXT.sub("", text)[:MAX_TEXT].strip()


def _stamp(source: _Source, name: str) -> datetime | None:
    line = source.first(name)
    if line is None:
        return None
    try:
        when = source.when(line)
    except (ValueError, OverflowError):
        return None
    return when.at.astimezone(UTC) if isinstance(when.at, datetime) else None


def _whole(text: str) -> int:
    return int(text) if re.fullmatch(r"\d{1,9}", text) else 0


def _padded(text: str) -> str:
    """Seconds are added where they were left out, the T where a blank stands for it."""
    text = text.strip().upper().replace("-", "").replace(":", "").replace(" ", "T")
    return re.sub(r"(T\d{4})(Z?)\Z", r"\g<1>00\2", text)


def _made_up_uid(source: _Source, component: Component) -> str:
    source.note("It has no identifier: one was made from what it says.")
    digest = hashlib.sha256("\n".join(component.lines).encode("utf-8", "replace"))
    return f"{digest.hexdigest()[:32]}@without-uid"
