"""Statuses as a person reads them: a word, an icon, a tone; never the tone alone."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Status(BaseModel):
    """`tone` is one of ok, wait, bad, quiet, open; `icon` is a name of the Lucide list, or empty."""

    model_config = ConfigDict(frozen=True)

    label: str
    icon: str = ""
    tone: str = "quiet"


def _table(**rows: tuple[str, str, str]) -> dict[str, Status]:
    return {key: Status(label=label, icon=icon, tone=tone) for key, (label, icon, tone) in rows.items()}


SESSIONS = _table(
    pending_ai_confirmation=("Proposed", "circle-dashed", "open"),
    scheduled_in_crm=("Booked", "calendar", "quiet"),
    synced_to_gcal=("Booked, in Google", "calendar-check", "quiet"),
    completed=("Done", "circle-check", "ok"),
    cancelled=("Cancelled", "calendar-x", "quiet"),
    no_show=("No-show", "user-x", "bad"),
)
APPROVALS = _table(
    pending=("Waits for your yes", "circle-dashed", "open"),
    snoozed=("Later", "alarm-clock", "quiet"),
    approved=("Being done", "loader", "quiet"),
    executed=("Done", "circle-check", "ok"),
    execution_failed=("Did not work", "circle-alert", "bad"),
    rejected=("Rejected", "x", "quiet"),
    undone=("Undone", "undo-2", "quiet"),
    expired=("Too old", "hourglass", "quiet"),
)
INVOICES = _table(
    draft=("Draft", "pencil-line", "quiet"),
    sent=("Sent", "send", "quiet"),
    partially_paid=("Part paid", "circle-dashed", "wait"),
    paid=("Paid", "circle-check", "ok"),
    overdue=("Overdue", "circle-alert", "bad"),
    void=("Void", "ban", "quiet"),
)
PAYMENTS = _table(
    pending=("On its way", "hourglass", "quiet"),
    paid=("Paid", "circle-check", "ok"),
    failed=("Failed", "circle-alert", "bad"),
    refunded=("Refunded", "undo-2", "quiet"),
)
TASKS = _table(
    pending=("To do", "square", "quiet"),
    in_progress=("Started", "circle-dot", "open"),
    completed=("Done", "check", "quiet"),
    deferred=("Later", "alarm-clock", "quiet"),
)
CONNECTIONS = _table(
    active=("Connected", "circle-check", "ok"),
    needs_reconnect=("Connect again", "unplug", "wait"),
    paused=("Paused", "circle-pause", "quiet"),
)
JOB_RUNS = _table(
    running=("Reading", "loader", "quiet"),
    succeeded=("Read", "refresh-cw", "ok"),
    failed=("Could not read", "circle-alert", "bad"),
    cancelled=("Stopped", "ban", "quiet"),
)
NOTE_TYPES = {"session": "Session note", "plan": "Plan", "private": "Private", "general": "Note"}
PROGRAMS = _table(
    draft=("Draft", "pencil-line", "quiet"),
    active=("Active", "", "quiet"),
    archived=("Archived", "archive", "quiet"),
)
ENROLLMENTS = _table(
    active=("Active", "", "quiet"),
    paused=("Paused", "circle-pause", "quiet"),
    completed=("Finished", "circle-check", "ok"),
    cancelled=("Cancelled", "ban", "quiet"),
)
CREDITS = {
    "purchase": "Bought",
    "attendance": "Came",
    "no_show": "No-show",
    "late_cancel": "Cancelled late",
    "restore": "Given back",
    "adjust": "Put right by hand",
    "transfer": "Moved",
    "expire": "Ran out",
}
STAGES = {"lead": "Lead", "active": "Client", "paused": "Paused", "former": "Former"}


class Confidence(BaseModel):
    """How sure a proposal is, as bars (1 to 3) and a word; never a percentage."""

    model_config = ConfigDict(frozen=True)

    band: str  # clear, probable, unsure
    label: str
    bars: int
    tone: str


def confidence(score: float) -> Confidence:
    """Clear from 0.8, probable from 0.5, unsure below."""
    if score >= 0.8:
        return Confidence(band="clear", label="Clear", bars=3, tone="ok")
    if score >= 0.5:
        return Confidence(band="probable", label="Probable", bars=2, tone="wait")
    return Confidence(band="unsure", label="Unsure", bars=1, tone="quiet")


CONSENTS = {
    "data_processing": "Data",
    "marketing": "Newsletter",
    "health_data": "Health notes",
    "ai_processing": "Reading by the assistant",
    "photo": "Photos",
}
