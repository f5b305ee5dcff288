"""updated_at, version and the audit log, as the triggers keep them."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from omnicrm.core import crypto
from omnicrm.core.db import Db, Role, transaction
from omnicrm.models.activity import AuditEntry
from omnicrm.models.contacts import Contact, ContactIdentifier
from tests.factories import (
    make_approval,
    make_connection,
    make_contact,
    make_note,
    make_share_link,
    make_source_item,
    make_user,
)


def test_an_edit_counts_the_version_and_tells_the_time(db: Db) -> None:
    note = make_note(db)
    before = note.updated_at
    note.content = "Her left knee is worse."
    db.flush()
    assert note.version == 2
    assert note.updated_at >= before


def test_an_update_that_changes_nothing_is_no_edit(db: Db) -> None:
    contact = make_contact(db)
    db.execute(text("update contacts set first_name = first_name, updated_at = 'epoch', version = 99"))
    db.refresh(contact)
    assert contact.version == 1
    assert contact.updated_at == contact.created_at


def test_what_machines_keep_does_not_take_a_form_from_a_persons_hands(db: Db) -> None:
    contact = make_contact(db)
    db.execute(text("update contacts set last_contacted_at = now()"))
    db.refresh(contact)
    assert contact.version == 1


def test_history_tells_who_what_and_why(maya: UUID) -> None:
    with transaction(maya, actor="assistant", reason="approval") as db:
        contact = make_contact(db, first_name="Jo", last_name="Park")
    with transaction(maya) as db:
        db.get_one(Contact, contact.id).last_name = "Dlamini"
    with transaction(maya) as db:
        made, changed = _history(db, "contacts", contact.id)
    assert (made.actor, made.action, made.reason, made.before) == ("assistant", "insert", "approval", None)
    assert made.after is not None
    assert made.after["first_name"] == "Jo"
    assert (changed.actor, changed.action) == ("practitioner", "update")
    assert changed.before == {"last_name": "Park", "display_name": "Jo Park"}
    assert changed.after == {"last_name": "Dlamini", "display_name": "Jo Dlamini"}


def test_a_deletion_keeps_what_was_there(db: Db) -> None:
    note = make_note(db, title="Knee")
    db.delete(note)
    db.flush()
    entry = _history(db, "notes", note.id)[-1]
    assert entry.action == "delete"
    assert entry.before is not None
    assert entry.before["title"] == "Knee"


def test_secrets_mail_and_quotes_stay_out_of_the_history(maya: UUID) -> None:
    secret = crypto.encrypt("secret", context="contacts.health_notes")
    with transaction(maya) as db:
        contact = make_contact(db, health_notes=secret)
        connection = make_connection(db)
        mail = make_source_item(db, subject="planted subject", body_text="planted words", contact_id=contact.id)
        approval = make_approval(db, evidence=[{"quote": "planted words"}], undo_log={"was": "planted words"})
        make_share_link(db, token_hash="planted-hash")
        db.execute(text("update users set password_hash = 'planted-hash'"))
    with transaction(maya) as db:
        db.execute(text("update source_items set body_text = 'planted words again', contact_id = null"))
        db.execute(text("update pending_approvals set evidence = '[]', status = 'rejected'"))
        db.execute(text("delete from source_items where id = :id"), {"id": mail.id})
    with transaction(maya) as db:
        told = repr(db.execute(text("select entity, before, after from audit_log")).all())
        entities = {entry.entity for entry in db.execute(select(AuditEntry)).scalars()}
    assert {"contacts", "oauth_connections", "source_items", "pending_approvals", "share_links"} <= entities
    assert str(connection.id) in told
    assert str(approval.id) in told
    for secret_word in ("planted", secret, connection.access_token, connection.refresh_token):
        assert secret_word not in told


@pytest.mark.parametrize("role", ["app", "jobs"])
@pytest.mark.parametrize(
    "statement",
    [
        "update audit_log set reason = 'another'",
        "delete from audit_log",
        "insert into audit_log (id, actor, action, entity) values (gen_random_uuid(), 'system', 'insert', 'notes')",
        "truncate audit_log",
    ],
)
def test_nobody_who_serves_can_change_the_history(maya: UUID, role: Role, statement: str) -> None:
    with pytest.raises(DBAPIError, match="permission denied"), transaction(maya, role=role) as db:
        db.execute(text(statement))


def test_credits_are_only_ever_added(maya: UUID) -> None:
    for statement in ("update credit_entries set delta = 9", "delete from credit_entries"):
        with pytest.raises(DBAPIError, match="permission denied"), transaction(maya) as db:
            db.execute(text(statement))


def test_erasure_redacts_what_was_and_keeps_that_something_happened(maya: UUID, natalie: UUID) -> None:
    with transaction(maya) as db:
        jo = make_contact(db, first_name="Jo", last_name="Park", email="jo.park@erased.example")
        note = make_note(db, contact_id=jo.id, content="planted about Jo")
        other = make_note(db, content="told by JO.PARK@erased.example")
        kept = make_note(db, content="nothing of that")
    with transaction(natalie) as db:
        assert _redact(db, [jo.id], ["jo.park@erased.example"]) == 0
    with transaction(maya) as db:
        assert _redact(db, [jo.id], ["jo.park@erased.example", ""]) >= 3
        told = repr(db.execute(text("select entity_id, before, after from audit_log")).all())
        assert [entry.action for entry in _history(db, "notes", note.id)] == ["insert"]
        assert _history(db, "notes", other.id)[0].after == {"redacted": True}
        assert _history(db, "notes", kept.id)[0].after != {"redacted": True}
    assert "planted" not in told
    assert "Park" not in told
    assert "erased.example" not in told.lower()


def test_an_account_goes_with_all_that_is_its_own() -> None:
    user_id = make_user()
    with transaction(user_id) as db:
        make_note(db, contact_id=make_contact(db).id)
    with transaction(user_id) as db:
        db.execute(text("delete from users"))
        for table in ("contacts", "notes", "audit_log", "contact_identifiers"):
            assert db.execute(text(f"select count(*) from {table}")).scalar() == 0  # noqa: S608  # our own names
        assert db.execute(text("select count(*) from find_anything('knee')")).scalar() == 0


def test_children_may_be_added_before_their_parents(db: Db) -> None:
    contact = Contact(first_name="Jo")
    identifiers = [ContactIdentifier(contact_id=contact.id, kind="email", value=f"{n}@park.example") for n in range(5)]
    db.add_all([*identifiers, contact])
    db.flush()
    assert {row.user_id for row in identifiers} == {contact.user_id}


@pytest.mark.parametrize("column", ["access_token", "refresh_token", "credentials"])
def test_a_secret_in_the_clear_is_refused(maya: UUID, column: str) -> None:
    with pytest.raises(DBAPIError, match=f"{column}_sealed"), transaction(maya) as db:
        make_connection(db, **{column: "in the clear"})


def _history(db: Db, entity: str, entity_id: UUID) -> list[AuditEntry]:
    entries = select(AuditEntry).where(AuditEntry.entity == entity, AuditEntry.entity_id == entity_id)  # type: ignore[arg-type]  # sqlmodel's columns look like values
    return list(db.execute(entries.order_by(AuditEntry.id)).scalars())  # type: ignore[arg-type]  # as above


def _redact(db: Db, entities: list[UUID], needles: list[str]) -> Any:
    return db.execute(
        text("select redact_audit(:entities, :needles)"), {"entities": entities, "needles": needles}
    ).scalar()
