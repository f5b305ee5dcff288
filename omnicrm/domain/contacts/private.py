"""What a client agreed to, and what only the practitioner may read."""

from __future__ import annotations

from uuid import UUID

from pydantic import BaseModel, ConfigDict
from sqlalchemy import select
from sqlmodel import col

from omnicrm.core import clock, crypto
from omnicrm.core.db import Db
from omnicrm.core.errors import Conflict, Invalid
from omnicrm.core.show import Viewer
from omnicrm.domain import practice
from omnicrm.domain.contacts import silence
from omnicrm.domain.contacts.book import get, locked
from omnicrm.domain.words import CONSENTS
from omnicrm.models.contacts import Consent, ConsentKind

SEALED = "contacts.health_notes"
_LONGEST = 20_000


class ConsentRow(BaseModel):
    """One kind of consent as it stands; `history` has the earlier ones, newest first."""

    model_config = ConfigDict(frozen=True)

    kind: str
    name: str
    granted: bool
    words: str
    history: list[str]


def consents(db: Db, contact_id: UUID) -> list[ConsentRow]:
    """Every kind, asked for or not. An unknown client gave none."""
    viewer = practice.of(db).viewer()
    query = select(Consent).where(col(Consent.contact_id) == contact_id)
    given: dict[str, list[Consent]] = {kind: [] for kind in CONSENTS}
    for one in db.scalars(query.order_by(col(Consent.granted_at).desc(), col(Consent.id).desc())):
        given[one.kind].append(one)
    return [_row(kind, found, viewer) for kind, found in given.items()]


def grant(db: Db, contact_id: UUID, kind: ConsentKind) -> None:
    """From now on. Already granted: no change. Raises NotFound."""
    contact = locked(db, contact_id)
    if _open(db, contact.id, kind) is None:
        db.add(Consent(contact_id=contact.id, kind=kind, granted_at=clock.now()))
        db.flush()


def withdraw(db: Db, contact_id: UUID, kind: ConsentKind) -> None:
    """From now on; that it was granted is kept. Without consent to reading, the AI switch goes off as well, and with
    it what was kept of the client's words. Not granted: only the switch. Raises NotFound."""
    contact = locked(db, contact_id)
    given = _open(db, contact.id, kind)
    if given is not None:
        given.withdrawn_at = clock.now()
    switched_off = kind == ConsentKind.AI_PROCESSING and contact.ai_allowed
    if switched_off:
        contact.ai_allowed = False
    db.flush()
    if switched_off:
        silence.fall_silent(db, contact.id)


def health_notes(db: Db, contact_id: UUID) -> str:
    """Empty where there are none. Raises NotFound, and KeyLost where no configured key opens them."""
    sealed = get(db, contact_id).health_notes
    return crypto.decrypt(sealed, context=SEALED) if sealed else ""


def write_health_notes(db: Db, contact_id: UUID, words: str, *, before: str) -> None:
    """Kept encrypted: no search finds them, no history repeats them. `before` is what the writer had seen.

    Raises NotFound, Invalid for more than 20,000 characters, Conflict where somebody wrote something else meanwhile.
    """
    words = words.strip()
    if len(words) > _LONGEST:
        raise Invalid(fields={"health": "At most 20,000 characters, please."})
    contact = locked(db, contact_id)
    if health_notes(db, contact_id) != before:
        raise Conflict(
            "The health notes were changed meanwhile. Nothing was overwritten: hide them, and show them again."
        )
    contact.health_notes = crypto.encrypt(words, context=SEALED) if words else None
    db.flush()


def _open(db: Db, contact_id: UUID, kind: ConsentKind) -> Consent | None:
    query = select(Consent).where(
        col(Consent.contact_id) == contact_id, col(Consent.kind) == kind, col(Consent.withdrawn_at).is_(None)
    )
    return db.scalars(query.limit(1)).first()


def _row(kind: str, found: list[Consent], viewer: Viewer) -> ConsentRow:
    newest = found[0] if found else None
    granted = newest is not None and newest.withdrawn_at is None
    return ConsentRow(
        kind=kind,
        name=CONSENTS[kind],
        granted=granted,
        words=_words(newest, viewer) if newest is not None else "not asked",
        history=[_words(one, viewer) for one in found[1:]],
    )


def _words(consent: Consent, viewer: Viewer) -> str:
    since = viewer.short_date(consent.granted_at)
    return f"{since} to {viewer.short_date(consent.withdrawn_at)}" if consent.withdrawn_at else f"since {since}"
