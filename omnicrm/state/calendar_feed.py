"""Settings: the address under which other calendars read the sessions. It is shown once, when it is made."""

from __future__ import annotations

from uuid import UUID

from omnicrm.core import web
from omnicrm.core.db import Db
from omnicrm.domain import calendar_feed, settings
from omnicrm.domain.calendar_feed import Feed
from omnicrm.state.base import PageState
from omnicrm.state.guard import signed_in

_TITLES = {
    "initials_service": "initials and the service, as in “A. K., Massage”",
    "name_service": "names and the service, as in “Aino Korhonen, Massage”",
    "service": "the service alone",
    "busy": "“Busy”, and nothing else",
}


class CalendarFeedState(PageState):
    feed: Feed | None = None
    link: str = ""  # with its token: only on the page that made it
    webcal: str = ""  # the same for the program that is on this device
    titles: str = ""

    @signed_in
    def load(self, db: Db):
        self.link = self.webcal = ""
        self._read(db)

    @signed_in
    def make(self, db: Db):
        """A new address; the one before stops working."""
        again = calendar_feed.current(db) is not None
        token = calendar_feed.make(db)
        self.link = f"{web.public_url() or self.router.url.origin}/calendar/{token}.ics"
        self.webcal = f"webcal:{self.link.partition(':')[2]}"
        self._read(db)
        self.say("A new address. The one before no longer works." if again else "Your calendar has an address.")

    @signed_in
    def revoke(self, db: Db):
        link = calendar_feed.revoke(db)
        self.link = self.webcal = ""
        self._read(db)
        self.say("Turned off. The address no longer works.", undo=CalendarFeedState.restore(str(link)))

    @signed_in
    def restore(self, db: Db, link: UUID):
        """The toast's Undo: the same address works again."""
        calendar_feed.restore(db, link)
        self._read(db)
        self.say("The address works again.")

    def _read(self, db: Db) -> None:
        self.feed = calendar_feed.current(db)
        self.titles = _TITLES[settings.of(db).google_event_title]
