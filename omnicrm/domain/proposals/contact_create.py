"""contact.create: put somebody new into the book, in the group “Leads”."""

from __future__ import annotations

from typing import Annotated, ClassVar
from uuid import UUID

from pydantic import Field, StringConstraints, field_validator
from sqlalchemy import func, select, update
from sqlmodel import col

from omnicrm.core.db import Db
from omnicrm.core.errors import Invalid
from omnicrm.core.show import Viewer, counted
from omnicrm.domain import contacts, groups, inbox, practice
from omnicrm.domain.cases import Draft
from omnicrm.domain.contacts import ContactForm, normal
from omnicrm.domain.proposals import base, resolve
from omnicrm.models.approvals import ApprovalStatus, PendingApproval
from omnicrm.models.contacts import Contact
from omnicrm.models.notes import Note
from omnicrm.models.payments import Payment
from omnicrm.models.sessions import Session, SessionStatus
from omnicrm.models.tasks import Task

TYPE = "contact.create"
GROUP: base.Group = "people"
LABEL = "New contact"
ICON = "user-plus"
NEEDS_CONTACT = False

Line = Annotated[str, StringConstraints(strip_whitespace=True, max_length=200)]


class Payload(base.Payload):
    """A person with an address, a number, or both. `source` is where they wrote."""

    EDITABLE: ClassVar[tuple[str, ...]] = ("first_name", "last_name", "email", "phone", "company", "group")
    OPTIONAL: ClassVar[tuple[str, ...]] = ("last_name", "phone", "company", "group")

    first_name: Annotated[Line, Field(min_length=1)]
    last_name: Line | None = None
    email: Line | None = None
    phone: Line | None = None
    company: Line | None = None
    group: Line | None = groups.LEADS
    source: str = "gmail"

    @field_validator("email")
    @classmethod
    def _address(cls, value: str | None) -> str | None:
        if not value:
            return None
        try:
            return normal.email(value)
        except Invalid as error:
            raise ValueError(error.message.rstrip(".")) from error

    @property
    def name(self) -> str:
        return f"{self.first_name} {self.last_name or ''}".strip()


def from_draft(db: Db, draft: Draft, origin: base.Origin) -> base.Resolved:
    """Raises Unneeded for somebody who is in the book: one address, one contact."""
    phone = resolve.text(draft, "phone")
    payload = base.checked(
        Payload,
        {
            "first_name": resolve.text(draft, "first_name") or _from_address(resolve.text(draft, "email")),
            "last_name": resolve.text(draft, "last_name") or None,
            "email": resolve.text(draft, "email") or None,
            "phone": _phone(db, phone) if phone else None,
            "company": resolve.text(draft, "company") or None,
            "source": {"takeout": "takeout", "google_calendar": "google_calendar"}.get(origin.provider, "gmail"),
        },
    )
    known = contacts.with_identifiers(db, [value for value in (payload.email,) if value])
    if any(normal.same_person(one.display_name, payload.name) or len(known) == 1 for one in known):
        raise base.Unneeded(f"{known[0].display_name} is in your contacts already.")
    key = payload.email or payload.phone or normal.name(payload.name)
    return base.Resolved(payload=payload, dedupe_key=f"{TYPE}:{key}")


def describe(payload: Payload, about: base.About, viewer: Viewer) -> str:
    return f"Add {payload.name} as a new contact{f' in {payload.group}' if payload.group else ''}"


def done(payload: Payload, about: base.About, viewer: Viewer) -> str:
    return f"{payload.name} added to {payload.group or 'your contacts'}"


def consequence(payload: Payload, about: base.About) -> str:
    return f"Nothing is sent. Undo for {base.UNDO_DAYS} days."


def fields(payload: Payload, about: base.About, viewer: Viewer) -> list[base.Field]:
    shown = [
        ("first_name", "First name", payload.first_name),
        ("last_name", "Last name", payload.last_name),
        ("email", "E-mail", payload.email),
        ("phone", "Phone", payload.phone),
        ("company", "Company", payload.company),
        ("group", "Group", payload.group),
    ]
    return [
        base.Field(
            name=name,
            label=label,
            kind="text",
            value=normal.shown_phone(value) if name == "phone" else value,
            raw=value,
            editable=True,
            can_leave_out=name in Payload.OPTIONAL,
            slots=() if name == "group" else (name,),
            why="new contacts go there" if name == "group" else "from the sender",
        )
        for name, label, value in shown
        if value
    ]


def execute(db: Db, approval: PendingApproval, payload: Payload, options: base.Options) -> base.UndoLog:
    """Somebody who came into the book meanwhile, by the same address and name, is not added twice."""
    form = ContactForm(
        first_name=payload.first_name,
        last_name=payload.last_name,
        email=payload.email,
        phone=_phone(db, payload.phone) if payload.phone else None,
        company=payload.company,
        lifecycle_stage="lead",
        source=payload.source,  # type: ignore[arg-type]  # one of three words, see from_draft
    )
    known = contacts.same_name_and_address(db, form)
    contact = known or contacts.add(db, form)
    group = groups.named(db, payload.group, color="jade") if payload.group else None
    joined = group.id if group is not None and group.rule is None else None  # a smart group finds its people itself
    if joined is not None and not groups.join(db, joined, contact.id):
        joined = None
    inbox.relink(db, contact.id)
    approval.related_contact_id = contact.id
    _give_to_the_others(db, approval, contact.id)
    return {
        "contact_id": str(contact.id),
        "added": known is None,
        "joined": str(joined) if joined else None,
        "approved": _state(contact),
    }


def difference(db: Db, log: base.UndoLog, viewer: Viewer) -> base.Difference | None:
    contact = db.get(Contact, UUID(log["contact_id"]), populate_existing=True)
    if contact is None or not log["added"]:
        return None
    now, approved = _state(contact), log["approved"]
    history = _history(db, contact.id)
    if now == approved and not history:
        return None
    labels = {"name": "Name", "email": "E-mail", "phone": "Phone"}
    return base.Difference(
        title=f"There is more about {contact.first_name} since you approved it",
        rows=[
            base.row(labels[key], "", approved.get(key) or "", now.get(key) or "")
            for key in labels
            if approved.get(key) or now.get(key)
        ]
        + ([base.row("History", "", "", history)] if history else []),
        choices=[
            base.Choice(
                value="archive", label=f"Take {contact.first_name} out of the lists", detail="what was written stays"
            ),
            base.Choice(value="all", label="Remove the contact", detail=f"{history or 'the changes'} go too"),
            base.Choice(value="keep", label="Leave it as it is now"),
        ],
    )


def undo(db: Db, approval: PendingApproval, log: base.UndoLog, choice: str) -> None:
    contact_id = UUID(log["contact_id"])
    if log["joined"]:
        groups.leave(db, UUID(log["joined"]), contact_id)
    if not log["added"] or db.get(Contact, contact_id) is None:
        return
    if choice == "archive":
        contacts.archive(db, contact_id)
        return
    db.execute(
        update(Session)
        .where(col(Session.contact_id) == contact_id, col(Session.status) == SessionStatus.PENDING_AI_CONFIRMATION)
        .values(contact_id=None)  # what is only proposed stays proposed
    )
    contacts.remove(db, contact_id)
    db.refresh(approval)


def _give_to_the_others(db: Db, approval: PendingApproval, contact_id: UUID) -> None:
    """Proposals of the same message that wait for this client know whose they are from now on."""
    if approval.bundle_id is None:
        return
    mates = db.scalars(
        select(PendingApproval)
        .where(
            col(PendingApproval.bundle_id) == approval.bundle_id,
            col(PendingApproval.id) != approval.id,
            col(PendingApproval.related_contact_id).is_(None),
            col(PendingApproval.status).in_((ApprovalStatus.PENDING, ApprovalStatus.SNOOZED)),
        )
        .order_by(col(PendingApproval.id))
        .with_for_update()
    ).all()
    for mate in mates:
        mate.related_contact_id = contact_id
        held = db.get(Session, mate.related_session_id) if mate.related_session_id is not None else None
        if held is not None and held.status is SessionStatus.PENDING_AI_CONFIRMATION:
            held.contact_id = contact_id
    db.flush()


def _history(db: Db, contact_id: UUID) -> str:
    """`1 session, 2 notes`: what would go with the client."""
    parts = []
    for model, word in ((Session, "session"), (Note, "note"), (Payment, "payment"), (Task, "task")):
        query = select(func.count()).where(col(model.contact_id) == contact_id)
        if model is Session:
            query = query.where(col(Session.status) != SessionStatus.PENDING_AI_CONFIRMATION)
        if number := db.scalar(query) or 0:
            parts.append(counted(number, word))
    return ", ".join(parts)


def _state(contact: Contact) -> dict[str, str | None]:
    return {"name": contact.display_name, "email": contact.email, "phone": contact.phone}


def _phone(db: Db, value: str) -> str:
    return normal.phone(value, practice.of(db).region)


def _from_address(address: str) -> str:
    """A first name for somebody who signs with none: what stands before the @."""
    return address.partition("@")[0].split(".")[0].capitalize()
