"""What a note may begin with: a few for each kind of practice, and the practitioner's own."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, StringConstraints
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlmodel import col

from omnicrm.core.db import Db
from omnicrm.core.errors import Conflict, Invalid, NotFound
from omnicrm.domain.notes.writing import NoteType
from omnicrm.models.notes import NoteTemplate

_MOST = 100


class TemplateForm(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=80)]
    note_type: NoteType = "session"
    content: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=20_000)]


class TemplateRow(BaseModel):
    """A template to choose. `id` is empty for one that comes with OmniCRM; a change of such a one makes an own."""

    model_config = ConfigDict(frozen=True)

    id: str
    version: int
    name: str
    kind: str
    note_type: str
    content: str


def _lines(*headings: str) -> str:
    return "\n\n".join(f"**{heading}**\n" for heading in headings)


def _built_in(kind: str, name: str, note_type: str, content: str) -> TemplateRow:
    return TemplateRow(id="", version=0, name=name, kind=kind, note_type=note_type, content=content)


BUILT_IN = (
    _built_in("Bodywork", "Treatment (SOAP)", "session", _lines("Says", "Found", "Done", "Next time")),
    _built_in("Bodywork", "First visit", "session", _lines("Why now", "History", "Careful with", "What we agreed")),
    _built_in("Coaching", "Coaching (GROW)", "session", _lines("Goal", "Where it stands", "Ways", "Will do, by when")),
    _built_in(
        "Coaching", "First conversation", "session", _lines("What brings them", "What would be different", "Asked for")
    ),
    _built_in("Yoga and movement", "Class", "session", _lines("Theme", "Sequence", "Who needed what", "Next time")),
    _built_in(
        "Any practice", "Plan", "plan", "**Where we want to be**\n\n\n**Steps**\n\n- \n- \n\n**Looked at again on**\n"
    ),
)


def listed(db: Db) -> list[TemplateRow]:
    """One's own by name, then those that come with OmniCRM and were not replaced by one of the same name."""
    rows = db.scalars(select(NoteTemplate).order_by(col(NoteTemplate.name), col(NoteTemplate.id)).limit(_MOST))
    own = [_row(template) for template in rows]
    names = {row.name for row in own}
    return own + [row for row in BUILT_IN if row.name not in names]


def add(db: Db, form: TemplateForm) -> NoteTemplate:
    """Raises Invalid where the name is taken, or a hundred are there."""
    if len(list(db.scalars(select(col(NoteTemplate.id)).limit(_MOST)))) >= _MOST:
        raise Invalid(f"There is room for {_MOST} templates. Remove one first.", {"name": "No room for another one."})
    template = NoteTemplate(**form.model_dump())
    _write(db, template, form.name)
    return template


def change(db: Db, template_id: UUID, form: TemplateForm, *, version: int | None = None) -> NoteTemplate:
    """Raises NotFound, Conflict where it was changed meanwhile, Invalid where the name is taken."""
    template = _locked(db, template_id)
    if version is not None and template.version != version:
        raise Conflict("Someone changed this template meanwhile. Open it again.")
    template.name, template.note_type, template.content = form.name, form.note_type, form.content
    _write(db, template, form.name)
    return template


def remove(db: Db, template_id: UUID) -> TemplateForm:
    """Gives what `add` puts back. Raises NotFound."""
    template = _locked(db, template_id)
    gone: dict[str, Any] = {"name": template.name, "note_type": template.note_type, "content": template.content}
    db.delete(template)
    db.flush()
    return TemplateForm.model_validate(gone)


def _locked(db: Db, template_id: UUID) -> NoteTemplate:
    template = db.get(NoteTemplate, template_id, with_for_update=True, populate_existing=True)
    if template is None:
        raise NotFound("This template no longer exists.")
    return template


def _write(db: Db, template: NoteTemplate, name: str) -> None:
    try:
        with db.begin_nested():
            db.add(template)
            db.flush()
    except IntegrityError:
        raise Invalid(fields={"name": f"There is a template “{name}” already."}) from None


def _row(template: NoteTemplate) -> TemplateRow:
    return TemplateRow(
        id=str(template.id),
        version=template.version,
        name=template.name,
        kind="Your own",
        note_type=template.note_type,
        content=template.content,
    )
