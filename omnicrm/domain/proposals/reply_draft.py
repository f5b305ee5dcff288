"""reply.draft: an answer to look over, keep and copy. Nothing is sent."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, ClassVar
from uuid import UUID

from pydantic import Field, StringConstraints

from omnicrm.core import clock
from omnicrm.core.db import Db
from omnicrm.core.errors import NotFound
from omnicrm.core.show import Viewer, excerpt
from omnicrm.domain.cases import Draft
from omnicrm.domain.proposals import base, resolve
from omnicrm.models.approvals import PendingApproval
from omnicrm.models.communications import Communication, CommunicationStatus

TYPE = "reply.draft"
GROUP: base.Group = "replies"
LABEL = "Reply, draft"
ICON = "reply"
NEEDS_CONTACT = True


class Payload(base.Payload):
    """Plain text. `thread_id` is the mailbox's own."""

    EDITABLE: ClassVar[tuple[str, ...]] = ("subject", "body")

    contact_email: str = ""
    contact_name: str = ""
    thread_id: str | None = None
    subject: Annotated[str, StringConstraints(strip_whitespace=True, max_length=500)] = ""
    body: Annotated[str, StringConstraints(strip_whitespace=True, max_length=50_000), Field(min_length=1)]
    template_id: UUID | None = None


def from_draft(db: Db, draft: Draft, origin: base.Origin) -> base.Resolved:
    client = resolve.contact(db, draft, origin)
    payload = base.checked(
        Payload,
        {
            "contact_email": resolve.text(draft, "contact_email") or origin.sender,
            "contact_name": client.display_name if client else origin.sender_name,
            "thread_id": resolve.text(draft, "thread_id") or origin.thread_id,
            "subject": resolve.text(draft, "subject"),
            "body": resolve.text(draft, "body"),
            "template_id": resolve.uuid(draft.slots.get("template_id")),
        },
    )
    return base.Resolved(
        payload=payload,
        contact_id=client.id if client else None,
        dedupe_key=f"{TYPE}:{resolve.person_key(client, draft, origin)}:{origin.thread_id}",
        expires_at=clock.now() + timedelta(days=30),
    )


def describe(payload: Payload, about: base.About, viewer: Viewer) -> str:
    who = about.contact or payload.contact_name or payload.contact_email
    return f"Keep a reply to {who}: {excerpt(payload.body, 60)}"


def done(payload: Payload, about: base.About, viewer: Viewer) -> str:
    return f"Reply to {about.contact or payload.contact_name or payload.contact_email} kept as a draft"


def consequence(payload: Payload, about: base.About) -> str:
    return f"Nothing is sent: copy it into your mail when it is right. Undo for {base.UNDO_DAYS} days."


def fields(payload: Payload, about: base.About, viewer: Viewer) -> list[base.Field]:
    return [
        base.Field(
            name="contact",
            label="To",
            kind="client",
            value=about.contact or payload.contact_name or payload.contact_email,
            slots=("contact_email",),
            why="from the sender",
        ),
        base.Field(
            name="subject",
            label="Subject",
            kind="text",
            value=payload.subject,
            raw=payload.subject,
            editable=True,
            why="",
        ),
        base.Field(
            name="body", label="Reply", kind="prose", value=payload.body, raw=payload.body, editable=True, why=""
        ),
    ]


def execute(db: Db, approval: PendingApproval, payload: Payload, options: base.Options) -> base.UndoLog:
    """Raises NotFound while the client is not in the book."""
    if approval.related_contact_id is None:
        raise NotFound("This client is not in your contacts. Add the client, then try again.")
    draft = Communication(
        contact_id=approval.related_contact_id,
        subject=payload.subject or None,
        body=payload.body,
        body_preview=excerpt(payload.body, 200),
        status=CommunicationStatus.DRAFT,
        template_id=payload.template_id,
        thread_id=payload.thread_id,
    )
    db.add(draft)
    db.flush()
    return {"communication_id": str(draft.id), "approved": draft.body}


def difference(db: Db, log: base.UndoLog, viewer: Viewer) -> base.Difference | None:
    draft = db.get(Communication, UUID(log["communication_id"]), populate_existing=True)
    if draft is None or (draft.body == log["approved"] and draft.status is CommunicationStatus.DRAFT):
        return None
    return base.Difference(
        title="This draft changed since you approved it",
        rows=[base.row("Reply", "", excerpt(log["approved"] or ""), excerpt(draft.body or ""))],
        choices=[
            base.Choice(value="keep", label="Leave it as it is now"),
            base.Choice(value="all", label="Remove the draft"),
        ],
    )


def undo(db: Db, approval: PendingApproval, log: base.UndoLog, choice: str) -> None:
    draft = db.get(Communication, UUID(log["communication_id"]), with_for_update=True, populate_existing=True)
    if draft is not None and draft.status is CommunicationStatus.DRAFT:
        db.delete(draft)
        db.flush()
