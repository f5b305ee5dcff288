"""Google's calendars into the inbox, and what was changed there over to our sessions: by sync token, calendar by
calendar."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy.exc import SQLAlchemyError

from omnicrm.core import clock
from omnicrm.core.db import Db
from omnicrm.core.errors import NeedsReconnect, NotFound, OmniError, Unavailable
from omnicrm.core.wire import CalendarEvent, EventPage, RemoteCalendar
from omnicrm.domain import connections, inbox, sessions, settings
from omnicrm.integrations import google_calendar, google_oauth
from omnicrm.integrations.google import Gone
from omnicrm.integrations.google_calendar import GoogleCalendar
from omnicrm.jobs import google, instances
from omnicrm.jobs.runner import Run, job

log = logging.getLogger(__name__)

PROVIDER = "google_calendar"
EVERY, SOON = timedelta(minutes=5), timedelta(seconds=30)
FOLLOW = timedelta(days=14)
BACK = timedelta(days=30)  # how far back a full list goes
TOGETHER = 100  # events a transaction
READABLE = ("owner", "writer", "writerWithoutPrivateAccess", "reader")
State = dict[str, Any]


@job("sync_calendar", every=timedelta(seconds=10), actor="google")
def sync_calendar(run: Run) -> None:
    """All calendars of one account. Raises OmniErrors; calendars that were read until then stay read."""
    with google.trouble(run):
        _Sync(run).everything()


class _Sync:
    """One run over one account's calendars."""

    def __init__(self, run: Run) -> None:
        if run.target is None:
            raise ValueError("calendars are synced by their connection")
        self.run = run
        self.connection_id: UUID = run.target
        with run.transaction() as db:
            connection = connections.get(db, self.connection_id)
            if not set(google_oauth.SCOPES["calendar"][2:]) <= set(connection.scopes):
                raise NeedsReconnect("Google does not let us read your calendar. Connect it again.")
            self.state: State = connections.sync_state(db, self.connection_id)
            self.chosen = settings.of(db).gcal_calendar_ids
        self.tokens: dict[str, str] = dict(self.state.get("calendars", {}))
        self.again: dict[str, list[str]] = dict(self.state.get("again", {}))  # events that were being written to
        self.google = GoogleCalendar(google.access(run.user_id, self.connection_id))

    def everything(self) -> None:
        remote = [one for one in self.google.calendars() if one.access_role in READABLE and self._wanted(one)]
        for gone in self.tokens.keys() - {one.id for one in remote}:
            self._leave(gone)
        for calendar in remote:
            self.run.check()
            try:
                self._look_again(calendar)
                self._read(calendar)
            except NotFound:  # it vanished between the list and now
                self._leave(calendar.id)
        self._further()
        self.state.pop("failures", None)
        self._keep(finished=True)

    def _wanted(self, calendar: RemoteCalendar) -> bool:
        return not self.chosen or calendar.id in self.chosen or (calendar.primary and "primary" in self.chosen)

    def _read(self, calendar: RemoteCalendar) -> None:
        token = None if self.run.full else self.tokens.get(calendar.id)
        if token is not None:
            try:
                self._changes(calendar, token)
                return
            except Gone:  # the token is too old: the whole list once more, which shows what was deleted meanwhile
                self.tokens.pop(calendar.id)
                self._keep()
        try:
            self._whole(calendar)
        except Gone as error:
            raise Unavailable(
                "Google could not finish the list of your events. It is tried again by itself."
            ) from error

    def _look_again(self, calendar: RemoteCalendar) -> None:
        """At events that we were writing to when we last read them: which state was read could not be told."""
        for event_id in self.again.pop(calendar.id, []):
            read_at = clock.now()
            try:
                event = self.google.get(calendar.id, event_id)
            except NotFound:
                event = _deleted(event_id, calendar.id)
            except (KeyError, TypeError, ValueError):
                continue  # it is quarantined when its page comes
            self._take(calendar, EventPage(events=(event,), next_page=None, sync_token=None), read_at)

    def _changes(self, calendar: RemoteCalendar, token: str) -> None:
        page_token: str | None = None
        while True:
            self.run.check()
            read_at = clock.now()
            page = self.google.page(calendar.id, sync_token=token, page=page_token, since=None)
            self._take(calendar, page, read_at)
            if self._last(page, page_token):
                break
            page_token = page.next_page
        self._advance(calendar, page)

    def _whole(self, calendar: RemoteCalendar) -> None:
        """Everything not over for long. What we hold and Google no longer lists was deleted there."""
        since = (clock.now() - BACK).replace(microsecond=0)
        with self.run.transaction() as db:  # before the list: what is written meanwhile was not deleted
            held = inbox.events_of(db, self.connection_id, calendar.id, since=since)
            held |= sessions.events_of(db, calendar.id, since=since, primary=calendar.primary)
        listed: set[str] = set()
        page_token: str | None = None
        while True:
            self.run.check()
            read_at = clock.now()
            page = self.google.page(calendar.id, sync_token=None, page=page_token, since=since)
            listed |= {event.id for event in page.events} | {name for name, _ in page.quarantined}
            self._take(calendar, page, read_at)
            if self._last(page, page_token):
                break
            page_token = page.next_page
        deleted = [_deleted(event_id, calendar.id) for event_id in sorted(held - listed)]
        self._take(calendar, EventPage(events=tuple(deleted), next_page=None, sync_token=page.sync_token), read_at)
        self._advance(calendar, page)

    def _last(self, page: EventPage, page_token: str | None) -> bool:
        if page.next_page is not None and page.next_page == page_token:
            raise Unavailable("Google gave the same page twice. It is tried again by itself.")
        return page.next_page is None

    def _take(self, calendar: RemoteCalendar, page: EventPage, read_at: datetime) -> None:
        reasons = {f"{calendar.summary}: {name}": why for name, why in page.quarantined}
        ordered = sorted(page.events, key=lambda event: event.recurring_event_id is not None)  # masters first
        for start in range(0, max(1, len(ordered)), TOGETHER):
            events = ordered[start : start + TOGETHER]
            if not events and not reasons:
                return
            with self.run.transaction("changed in Google Calendar") as db:
                google.still_connected(db, self.connection_id)
                changed = sum(self._one(db, calendar, event, read_at, reasons) for event in events)
                self.run.progress(
                    db,
                    seen=len(events),
                    changed=changed,
                    skipped=len(reasons),
                    reasons=reasons or None,
                )
            reasons = {}

    def _one(
        self, db: Db, calendar: RemoteCalendar, event: CalendarEvent, read_at: datetime, reasons: dict[str, str]
    ) -> bool:
        """One event; whether it changed anything. A bad one is left out with its reason, and stops nothing."""
        try:
            with db.begin_nested():
                return self._carry_over(db, calendar, event, read_at)
        except OmniError as error:
            reasons[f"{calendar.summary}: {event.summary or event.id}"] = error.message
        except (SQLAlchemyError, ValueError, TypeError, AttributeError, KeyError):
            log.exception("An event could not be taken over")
            reasons[f"{calendar.summary}: {event.summary or event.id}"] = "This event could not be read."
        return False

    def _carry_over(self, db: Db, calendar: RemoteCalendar, event: CalendarEvent, read_at: datetime) -> bool:
        held = inbox.event(db, self.connection_id, calendar.id, event.id)
        if held is not None and event.etag is not None and held.etag == event.etag:
            return False
        change = sessions.calendar_changed(db, event, read_at=read_at)
        if change == "kept":
            self.again[calendar.id] = sorted({*self.again.get(calendar.id, []), event.id})
            return False
        if event.status == "cancelled":
            return self._cancelled(db, event, held, change)
        item = inbox.event_item(event, provider=PROVIDER, connection_id=self.connection_id)
        if "recurrence" in event.resource:
            item = self._series(db, event, item)
        stored = inbox.store(db, item)
        if change != "unknown" and stored.change != "unchanged" and not stored.skipped:
            inbox.mark(db, stored.id, "nothing", "This is a session of yours.")
        return change in ("moved", "cancelled") or (change == "unknown" and stored.change != "unchanged")

    def _series(self, db: Db, event: CalendarEvent, item: inbox.IncomingItem) -> inbox.IncomingItem:
        """Its times are taken one by one; a rule that cannot be followed takes its first time only."""
        try:
            times = instances.of(event, clock.now()) if event.busy else []
        except instances.BadRule:
            return item
        inbox.keep_instances(db, item, times)
        return item.model_copy(update={"busy": False})

    def _further(self) -> None:
        """Series go on: every two weeks their times are followed a little further ahead."""
        last = self.state.get("followed_on")
        if last is not None and clock.now() - datetime.fromisoformat(last) < FOLLOW:
            return
        with self.run.transaction() as db:
            for master in inbox.masters(db, self.connection_id):
                resource = master.payload["resource"]
                try:
                    event = google_calendar.event(resource, master.google_calendar_id or "", None)
                except (KeyError, TypeError, ValueError):
                    continue
                if event.status != "cancelled" and event.busy:
                    self._series(
                        db, event, inbox.event_item(event, provider=PROVIDER, connection_id=self.connection_id)
                    )
        self.state["followed_on"] = clock.now().isoformat()

    def _cancelled(self, db: Db, event: CalendarEvent, held: Any, change: str) -> bool:
        """A deletion may come with ids only: its words are those that we hold, or its master's."""
        words = held.payload.get("resource") if held is not None else None
        if words is None and event.recurring_event_id is not None:
            master = inbox.event(db, self.connection_id, event.calendar_id, event.recurring_event_id)
            words = master.payload.get("resource") if master is not None else {}  # its master may come later
        if words is None:
            return change == "cancelled"  # nothing of it is kept, so nothing can be made of it
        if held is not None and words.get("status") == "cancelled":
            return change == "cancelled"
        item = inbox.event_item(_in_words_of(event, words), provider=PROVIDER, connection_id=self.connection_id)
        if event.recurring_event_id is None and "recurrence" in words:
            inbox.keep_instances(db, item, [])
        stored = inbox.store(db, item)
        if change != "unknown" and stored.change != "unchanged" and not stored.skipped:
            inbox.mark(db, stored.id, "nothing", "Its session is cancelled.")
        return stored.change != "unchanged" or change == "cancelled"

    def _leave(self, calendar_id: str) -> None:
        """A calendar that vanished, or that is not to be read any more: its events go, sessions stay as they are."""
        with self.run.transaction() as db:
            gone = inbox.forget_calendar(db, self.connection_id, calendar_id)
            self.run.progress(db, seen=gone, changed=gone)
        self.tokens.pop(calendar_id, None)
        self.again.pop(calendar_id, None)
        self._keep()

    def _advance(self, calendar: RemoteCalendar, page: EventPage) -> None:
        if page.sync_token is not None and self.tokens.get(calendar.id) != page.sync_token:
            # what was kept for later is stored with it: neither is lost without the other
            self.tokens[calendar.id] = page.sync_token
            self._keep()

    def _keep(self, *, finished: bool = False) -> None:
        next_sync_at: datetime | None = clock.now() + (SOON if self.again else EVERY) if finished else None
        state = self.state | {"calendars": dict(self.tokens), "again": dict(self.again)}
        with self.run.transaction() as db:
            connections.keep_sync_state(db, self.connection_id, state, finished=finished, next_sync_at=next_sync_at)


def _deleted(event_id: str, calendar_id: str) -> CalendarEvent:
    resource = {"id": event_id, "status": "cancelled"}
    return CalendarEvent(id=event_id, calendar_id=calendar_id, etag=None, status="cancelled", resource=resource)


def _in_words_of(event: CalendarEvent, words: dict[str, Any]) -> CalendarEvent:
    """The cancelled event with the words and times of `words`; an instance's times are those of its original start."""
    resource = {key: value for key, value in words.items() if key not in ("recurrence", "etag")} | event.resource
    original = event.resource.get("originalStartTime")
    if original is not None and event.recurring_event_id is not None:
        length = _length(words)
        resource["start"] = original
        if event.original_start is not None and length is not None:
            zone = original.get("timeZone", "UTC")
            resource["end"] = {"dateTime": (event.original_start + length).isoformat(), "timeZone": zone}
    try:
        return google_calendar.event(resource, event.calendar_id, None)
    except (KeyError, TypeError, ValueError):
        return event


def _length(words: dict[str, Any]) -> timedelta | None:
    try:
        read = google_calendar.event({**words, "status": "confirmed"}, "", None)
    except (KeyError, TypeError, ValueError):
        return None
    return read.ends_at - read.starts_at if read.starts_at and read.ends_at else None
