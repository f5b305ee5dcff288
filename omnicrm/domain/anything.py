"""Find anything as a person reads it: hits by kind, whose they are, the words that were looked for marked."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict
from sqlalchemy import select
from sqlmodel import col

from omnicrm.core import clock, show
from omnicrm.core.db import Db
from omnicrm.core.show import Viewer
from omnicrm.domain import practice, search
from omnicrm.domain.contacts import facts, normal
from omnicrm.domain.search import Hit
from omnicrm.models.contacts import Contact
from omnicrm.models.notes import Note
from omnicrm.models.sessions import Session, SessionStatus

GROUPS = (
    ("Clients", ("contact",)),
    ("Notes", ("note",)),
    ("Mail", ("mail",)),
    ("Sessions and tasks", ("session", "task")),
)
_SHOWN = 6  # of each group
_ASKED = 60  # of clients, and of everything else
_WORD = re.compile(r"[^\W_]+")


class Part(BaseModel):
    """A piece of text; `hit` where it is one of the words that were looked for."""

    model_config = ConfigDict(frozen=True)

    text: str
    hit: bool = False


class FoundRow(BaseModel):
    """One thing that was found. `name` says whose it is, `title` what, `said` what a person wrote; empty for nothing.

    `day` is that of a session in the practitioner's zone (ISO); `phone` is for a call (E.164).
    """

    model_config = ConfigDict(frozen=True)

    kind: str
    id: str
    contact_id: str
    name: list[Part]
    title: list[Part]
    said: list[Part]
    when: str
    initials: str
    phone: str
    day: str


class FoundGroup(BaseModel):
    """`count` is the number of hits, of which at most six are shown."""

    model_config = ConfigDict(frozen=True)

    title: str
    count: int
    rows: list[FoundRow]


class _Known(BaseModel):
    """What a result says about its client."""

    name: str
    phone: str
    details: list[str]
    archived: bool
    next_at: datetime | None


def found(db: Db, query: str) -> list[FoundGroup]:
    """Clients, notes, mail, sessions and tasks with all of the words, the best of each first; at most four statements.

    Nothing for a query without letters or digits.
    """
    kinds = tuple(kind for _, members in GROUPS for kind in members)
    hits = search.find(db, query, kinds=kinds, limit=_ASKED)
    chosen = [
        (title, len(members), members[:_SHOWN])
        for title, of in GROUPS
        if (members := [hit for hit in hits if hit.kind in of])
    ]
    shown = [hit for _, _, members in chosen for hit in members]
    known = _known(db, {UUID(hit.contact_id) for hit in shown if hit.contact_id})
    days = _days_of_notes(db, [UUID(hit.id) for hit in shown if hit.kind == "note" and not hit.contact_id])
    viewer = practice.of(db).viewer()
    return [
        FoundGroup(
            title=title,
            count=count,
            rows=[_row(hit, query, known.get(hit.contact_id), days.get(hit.id), viewer) for hit in members],
        )
        for title, count, members in chosen
    ]


def lately(db: Db) -> list[FoundGroup]:
    """Before anything is typed: the clients of the latest sessions up to tomorrow, else the newest in the book."""
    viewer = practice.of(db).viewer()
    sessions = (
        select(col(Session.contact_id))
        .where(
            col(Session.scheduled_at) < viewer.now + timedelta(days=1),
            col(Session.contact_id).is_not(None),
            col(Session.status).not_in((SessionStatus.CANCELLED, SessionStatus.PENDING_AI_CONFIRMATION)),
        )
        .order_by(col(Session.scheduled_at).desc())
        .limit(40)
    )
    keys = list(dict.fromkeys(key for key in db.scalars(sessions) if key))[:_SHOWN]
    if not keys:
        newest = (
            select(col(Contact.id))
            .where(col(Contact.archived_at).is_(None), col(Contact.merged_into_id).is_(None))
            .order_by(col(Contact.created_at).desc(), col(Contact.id).desc())
            .limit(_SHOWN)
        )
        keys = list(db.scalars(newest))
    known = _known(db, set(keys))
    rows = [_client(str(key), "", known[str(key)], viewer) for key in keys if str(key) in known]
    return [FoundGroup(title="Lately", count=len(rows), rows=rows)] if rows else []


def marked(text: str, query: str) -> list[Part]:
    """`text` in pieces: words that the query asks for are hits, whatever their accents and case.

    As in the search, a word of three letters and more is a beginning; the piece that is marked is that beginning.
    """
    asked = [word for word in _folded_words(query) if word]
    parts: list[Part] = []
    at = 0
    for word in _WORD.finditer(text):
        size = _asked_length(word.group(), asked)
        if size:
            parts += [Part(text=text[at : word.start()]), Part(text=text[word.start() : word.start() + size], hit=True)]
            at = word.start() + size
    parts.append(Part(text=text[at:]))
    return [part for part in parts if part.text]


def _asked_length(word: str, asked: list[str]) -> int:
    """How many of the word's letters are a hit; 0 for none."""
    folded = search.folded(word)
    for one in sorted(asked, key=len, reverse=True):
        if folded == one or (len(one) > 2 and folded.startswith(one)):
            return next(
                (size for size in range(1, len(word) + 1) if len(search.folded(word[:size])) >= len(one)), len(word)
            )
    return 0


def _folded_words(text: str) -> list[str]:
    return [search.folded(word) for word in _WORD.findall(text)]


def _known(db: Db, keys: set[UUID]) -> dict[str, _Known]:
    if not keys:
        return {}
    rows = db.execute(
        select(Contact, facts.next_session(Contact.id, clock.now())).where(
            col(Contact.id).in_(keys), col(Contact.merged_into_id).is_(None)
        )
    )
    return {
        str(contact.id): _Known(
            name=contact.display_name,
            phone=contact.phone or "",
            details=_details(contact),
            archived=contact.archived_at is not None,
            next_at=next_at,
        )
        for contact, next_at in rows
    }


def _details(contact: Contact) -> list[str]:
    """What may say why a client was found, the most telling first."""
    phone = normal.shown_phone(contact.phone) if contact.phone else ""
    tags = "tag " + ", ".join(contact.tags) if contact.tags else ""
    lines = [line for line in (contact.notes or "").splitlines() if line.strip()]
    parts = (tags, contact.company, contact.job_title, contact.email, phone, contact.address_city, *lines)
    return [part for part in parts if part]


def _days_of_notes(db: Db, notes: Iterable[UUID]) -> dict[str, datetime]:
    """When the session was that a note without a client belongs to."""
    keys = list(notes)
    if not keys:
        return {}
    query = (
        select(col(Note.id), col(Session.scheduled_at))
        .join(Session, col(Session.id) == col(Note.session_id))
        .where(col(Note.id).in_(keys))
    )
    return {str(note): at for note, at in db.execute(query)}


def _row(hit: Hit, query: str, known: _Known | None, session_at: datetime | None, viewer: Viewer) -> FoundRow:
    if hit.kind == "contact" and known is not None:
        return _client(hit.id, query, known, viewer)
    name = known.name if known else ""
    at = session_at or (hit.at if hit.kind == "session" else None)
    shape: dict[str, Any] = {"title": marked(hit.title, query), "said": marked(hit.snippet, query)}
    if hit.kind in ("session", "task") and not any(part.hit for part in shape["said"]):
        shape["said"] = []
    if hit.kind == "session" and hit.at is not None:
        when = viewer.moment(hit.at)
    else:
        when = viewer.near_day(hit.at) if hit.kind == "task" and hit.at else hit.when
    return FoundRow(
        kind=hit.kind,
        id=hit.id,
        contact_id=hit.contact_id if known else "",
        name=marked(name, query),
        **shape,
        when=when,
        initials=show.initials(name) if name else "",
        phone=known.phone if known else "",
        day=viewer.local(at).date().isoformat() if at else "",
    )


def _client(key: str, query: str, known: _Known, viewer: Viewer) -> FoundRow:
    """With what was found about the client, where it is not the name."""
    name = marked(known.name, query)
    told = [marked(detail, query) for detail in known.details]
    why = next((parts for parts in told if any(part.hit for part in parts)), None)
    in_name = any(part.hit for part in name)
    title = why or ([] if in_name or not told else told[0])
    state = "Archived" if known.archived else viewer.moment(known.next_at) if known.next_at else ""
    return FoundRow(
        kind="contact",
        id=key,
        contact_id=key,
        name=name,
        title=title,
        said=[],
        when=state,
        initials=show.initials(known.name),
        phone=known.phone,
        day="",
    )
