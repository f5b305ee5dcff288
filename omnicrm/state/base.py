"""What every page has: a toast with its way back, errors under fields, a banner, a busy mark."""

from __future__ import annotations

from typing import Any, TypedDict

import reflex as rx
from reflex.event import Event

from omnicrm.core import clock
from omnicrm.core.errors import Conflict, Invalid, NeedsReconnect, OmniError, Unavailable
from omnicrm.state.guard import signed_in

# what the button says that sends an event again with this argument
ANYWAY = {
    "allow_overlap": "Book all the same",
    "add_contact": "Add the contact too",
    "over_capacity": "One more all the same",
}


class Toast(TypedDict):
    """`n` grows with each toast. `undo` and `anyway` are the words of its button, or empty."""

    n: int
    text: str
    undo: str
    anyway: str
    bad: bool


class _Speaks:
    """Helpers that are no handlers: Reflex registers every public method of a state class, of a plain base none."""

    def say(self, text: str, undo: Any = None, *, undo_label: str = "Undo") -> None:
        """Show a toast. `undo` is the event that takes it back, e.g. `ContactsState.restore(contact.id)`."""
        self._toast(text)
        if undo is not None:
            self._way_back = _as_data(undo)
            self.toast = {**self.toast, "undo": undo_label}

    def _fault(self, text: str) -> None:
        self._toast(text, bad=True)

    def _toast(self, text: str, *, bad: bool = False) -> None:
        # by the clock, so that the number grows over a restart too
        number = max(int(clock.now().timestamp() * 1000), self.toast["n"] + 1)
        self._way_back = None
        self.toast = {"n": number, "text": text, "undo": "", "anyway": "", "bad": bad}

    def _show(self, error: OmniError, handler: str, payload: dict[str, Any]) -> None:
        """House style: Invalid under the field, Unavailable and NeedsReconnect as a banner, the rest as a toast."""
        if isinstance(error, Invalid) and error.fields:
            self.field_errors = dict(error.fields)
            self._fault(error.message)
        elif isinstance(error, Unavailable | NeedsReconnect):
            self.banner = error.message
        else:
            self._fault(error.message)
            if isinstance(error, Conflict) and error.override:
                name = f"{type(self).get_full_name()}.{handler}"
                self._way_back = (name, {**payload, error.override: True})
                self.toast = {**self.toast, "anyway": ANYWAY.get(error.override, "Do it anyway")}

    def _went_well(self, *, cleared: bool) -> None:
        self.banner = ""
        if cleared:
            self.field_errors = {}


class PageState(_Speaks, rx.State):
    """The parent of every page's state: one toast, one banner, one set of field errors for the page that is open."""

    toast: Toast = {"n": 0, "text": "", "undo": "", "anyway": "", "bad": False}
    field_errors: dict[str, str] = {}
    banner: str = ""
    busy: bool = False
    _way_back: tuple[str, dict[str, Any]] | None = None

    @signed_in
    def take_back(self):
        """The toast's button: undo what was said, or do what was refused all the same. Once."""
        if self._way_back is None:
            return None
        (name, payload), self._way_back = self._way_back, None
        self.toast = {**self.toast, "undo": "", "anyway": ""}
        return Event(name=name, payload=payload)

    @signed_in
    def dismiss_banner(self):
        self.banner = ""


def _as_data(event: Any) -> tuple[str, dict[str, Any]]:
    one = Event.from_event_type(event)[0]
    return one.name, dict(one.payload)
