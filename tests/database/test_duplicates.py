"""Two into one, and two again: nothing of either is lost, and what came since stays."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlmodel import col

from omnicrm.core.db import Db, transaction
from omnicrm.core.errors import Invalid, NotFound, Refused
from omnicrm.domain import contacts
from omnicrm.domain.duplicates import finding, keeping, merging
from omnicrm.jobs import duplicates
from omnicrm.models.contacts import Contact
from omnicrm.models.groups import ContactGroup
from omnicrm.models.notes import Note
from omnicrm.models.programs import CreditEntry, CreditReason, ProgramEnrollment
from omnicrm.models.sessions import Session
from omnicrm.state.contacts import ContactsState
from omnicrm.state.duplicates import DuplicatesState, MergeState
from tests.doors import send
from tests.factories import (
    make_contact,
    make_enrollment,
    make_group,
    make_membership,
    make_note,
    make_program,
    make_session,
)
from tests.pages_opened import statements


def _looked(db: Db) -> list[finding.DuplicateRow]:
    keeping.replace(db, finding.everywhere(db))
    return keeping.stored(db)


def _two(db: Db) -> tuple[UUID, UUID]:
    tomas = make_contact(
        db, first_name="Tomás", last_name="Ferreira", email="tomas@example.pt", phone="+358405550117", tags=["back"]
    )
    other = make_contact(
        db,
        first_name="Tomas",
        last_name="Ferreira",
        email="t.ferreira@example.pt",
        phone="+351912555017",
        date_of_birth=date(1984, 11, 17),
        tags=["Rücken"],
        notes="Bandscheibe",
    )
    return tomas.id, other.id


def test_all_of_both_is_kept_and_the_other_is_gone_from_the_book(db: Db) -> None:
    keep, other = _two(db)
    note = make_note(db, contact_id=other)
    session = make_session(db, contact_id=other)
    program = make_program(db)
    make_enrollment(db, program, contacts.get(db, other))
    db.add(CreditEntry(contact_id=other, program_id=program.id, delta=5, reason=CreditReason.PURCHASE))
    db.flush()
    merging.merge(db, keep, other, take=["phone"])
    one = contacts.get(db, keep)
    assert (one.display_name, one.email, one.phone) == ("Tomás Ferreira", "tomas@example.pt", "+351912555017")
    assert (one.date_of_birth, one.tags, one.notes) == (date(1984, 11, 17), ["back", "Rücken"], "Bandscheibe")
    assert {known.value for known in contacts.identifiers(db, keep)} == {
        "tomas@example.pt",
        "t.ferreira@example.pt",
        "+358405550117",
        "+351912555017",
    }
    assert db.get(Note, note.id).contact_id == db.get(Session, session.id).contact_id == keep
    assert db.scalars(select(col(CreditEntry.contact_id))).all() == [keep]
    assert contacts.by_identifier(db, "t.ferreira@example.pt").id == keep
    assert [row.name for row in contacts.listed(db).rows] == ["Tomás Ferreira"]


def test_parted_again_each_has_what_was_theirs_and_later_edits_stay(db: Db) -> None:
    keep, other = _two(db)
    note = make_note(db, contact_id=other)
    log = merging.merge(db, keep, other, take=["phone"])
    contacts.change(db, keep, contacts.ContactChange(company="Ferreira Lda", notes="Bandscheibe, better now"))
    later = make_note(db, contact_id=keep)
    merging.unmerge(db, log.id)
    one, two = contacts.get(db, keep), contacts.get(db, other)
    assert (one.phone, one.date_of_birth, one.tags) == ("+358405550117", None, ["back"])
    assert (one.company, one.notes) == ("Ferreira Lda", "Bandscheibe, better now")  # changed since: they stay
    assert (two.email, two.phone, two.merged_into_id) == ("t.ferreira@example.pt", "+351912555017", None)
    assert db.get(Note, note.id).contact_id == other
    assert db.get(Note, later.id).contact_id == keep
    assert contacts.by_identifier(db, "t.ferreira@example.pt").id == other
    assert contacts.by_identifier(db, "+351912555017").id == other
    with pytest.raises(Refused, match="already"):
        merging.unmerge(db, log.id)


def test_what_both_have_stays_where_it_is(db: Db) -> None:
    keep, other = _two(db)
    group = make_group(db)
    elsewhere = make_group(db)
    for key in (keep, other):
        make_membership(db, contacts.get(db, key), group)
    make_membership(db, contacts.get(db, other), elsewhere)
    log = merging.merge(db, keep, other)

    def groups_of(key: UUID) -> set[UUID]:
        return set(db.scalars(select(col(ContactGroup.group_id)).where(col(ContactGroup.contact_id) == key)))

    assert groups_of(keep) == {group.id, elsewhere.id}
    merging.unmerge(db, log.id)
    assert groups_of(keep) == {group.id}
    assert groups_of(other) == {group.id, elsewhere.id}


def test_what_cannot_be_merged_is_refused_whole(db: Db, natalie: UUID) -> None:
    keep, other = _two(db)
    program = make_program(db)
    for key in (keep, other):
        make_enrollment(db, program, contacts.get(db, key))
    with db.begin_nested() as attempt:
        with pytest.raises(Refused, match="same program"):
            merging.merge(db, keep, other)
        attempt.rollback()
    db.expire_all()
    assert contacts.get(db, other).merged_into_id is None
    assert len(db.scalars(select(ProgramEnrollment)).all()) == 2
    with pytest.raises(Invalid):
        merging.merge(db, keep, keep)
    with pytest.raises(Invalid):
        merging.merge(db, keep, other, take=["user_id"])
    with transaction(natalie) as hers:
        stranger = make_contact(hers).id
    with pytest.raises(NotFound):
        merging.merge(db, keep, stranger)


def test_after_thirty_days_they_are_one(db: Db, clock) -> None:
    keep, other = _two(db)
    log = merging.merge(db, keep, other)
    clock.move_to(log.created_at + timedelta(days=31))
    assert merging.newest(db, keep) is None
    with pytest.raises(Refused, match="30 days"):
        merging.unmerge(db, log.id)


def test_likely_pairs_are_found_and_two_people_are_not_asked_about_again(db: Db) -> None:
    keep, other = _two(db)
    for name in ("Ida", "Kai"):  # a couple that shares an address
        make_contact(db, first_name=name, last_name="Falk", email="family@falk.example")
    short = make_contact(db, first_name="Jo", last_name=None, email="jo@work.example").id
    whole = make_contact(db, first_name="Jo", last_name="Park", email="jo@work.example").id
    found = _looked(db)
    assert {frozenset((row.one, row.other)) for row in found} == {
        frozenset((str(keep), str(other))),
        frozenset((str(short), str(whole))),
    }
    assert {row.why for row in found} >= {"same name"}
    finding.two_people(db, keep, other)
    assert [frozenset((row.one, row.other)) for row in keeping.stored(db)] == [frozenset((str(short), str(whole)))]
    merging.merge(db, whole, short)
    assert keeping.stored(db) == []


def test_the_pages_compare_merge_and_part(maya: UUID) -> None:
    with transaction(maya) as db:
        keep, other = _two(db)
        make_note(db, contact_id=other)
    duplicates.look(maya)
    page = send(DuplicatesState, "load", as_=maya)
    (row,) = page.rows
    assert (row.one, row.other, row.why) == (str(keep), str(other), "same name")
    page = send(MergeState, "load", as_=maya, route_={"one": row.one, "other": row.other})
    assert [(field.label, field.one, field.other) for field in page.card.fields] == [
        ("Name", "Tomás Ferreira", "Tomas Ferreira"),
        ("Mail", "tomas@example.pt", "t.ferreira@example.pt"),
        ("Phone", "+358 40 5550117", "+351 912 555 017"),
        ("Birthday", "not known", page.card.fields[3].other),
        ("Tags", "back", "Rücken"),
        ("Notes", "nothing", "Bandscheibe"),
    ]
    assert (page.taken, page.card.comes_over) == (["date_of_birth"], ["1 note"])
    page = send(MergeState, "choose", as_=maya, on_=page, field="phone", other=True)
    page = send(MergeState, "merge", as_=maya, on_=page)
    assert (page.toast["text"], page.toast["undo"]) == ("Two are one now.", "Un-merge")
    with transaction(maya) as db:
        assert contacts.get(db, keep).phone == "+351912555017"
        log = merging.newest(db, keep)
    assert send(DuplicatesState, "load", as_=maya).rows == []
    send(MergeState, "unmerge", as_=maya, on_=page, merge=str(log.id))
    with transaction(maya) as db:
        assert contacts.get(db, keep).phone == "+358405550117"
    page = send(DuplicatesState, "two_people", as_=maya, one=str(keep), other=str(other))
    assert send(DuplicatesState, "load", as_=maya).rows == []


def test_only_who_changed_is_looked_at_again(maya: UUID) -> None:
    with transaction(maya) as db:
        keep, other = _two(db)
        assert keeping.look(db).stale
    duplicates.look(maya)
    with transaction(maya) as db:
        assert not keeping.look(db).stale
        assert {frozenset((row.one, row.other)) for row in keeping.stored(db)} == {frozenset((str(keep), str(other)))}
        born = make_contact(db, first_name="Ines", last_name="Duarte", date_of_birth=date(1988, 5, 12)).id
        same = make_contact(db, first_name="Inês", last_name="Duarte", date_of_birth=date(1988, 5, 12)).id
        shared = [
            make_contact(db, first_name=name, last_name=None, email="lou@mail.example").id for name in ("Lou", "Lou")
        ]
        assert keeping.look(db).stale
    with statements() as sent:
        duplicates.look(maya)
    assert not [one for one, _ in sent if "address_street" in one and " IN (" not in one], "the whole book was read"
    with transaction(maya) as db:
        found = {frozenset((row.one, row.other)) for row in keeping.stored(db)}
        assert found == {
            frozenset((str(keep), str(other))),
            frozenset((str(born), str(same))),
            frozenset(str(key) for key in shared),
        }
        contacts.change(db, same, contacts.checked({"first_name": "Otto", "last_name": "Bauer"}, partial=True))
        contacts.archive(db, shared[0])
    duplicates.look(maya)
    with transaction(maya) as db:
        found = {frozenset((row.one, row.other)) for row in keeping.stored(db)}
        assert frozenset(str(key) for key in shared) not in found


def test_what_the_whole_book_shows_is_found_one_by_one_too(maya: UUID) -> None:
    with transaction(maya) as db:
        for first, last in (("Anna", "Lindqvist"), ("Ana", "Lindqvist"), ("Jonas", "Berg"), ("Jonas", "Bergh")):
            make_contact(db, first_name=first, last_name=last)
        whole = {frozenset((pair.one, pair.other)) for pair in finding.everywhere(db)}
        keys = list(db.scalars(select(col(Contact.id))))
        assert {frozenset((pair.one, pair.other)) for pair in finding.of_these(db, keys)} >= whole != set()


def test_the_page_shows_what_is_kept_and_a_look_is_begun_once(maya: UUID) -> None:
    with transaction(maya) as db:
        _two(db)
    duplicates.look(maya)
    page = send(DuplicatesState, "load", as_=maya)
    assert ([row.why for row in page.rows], page.looking) == (["same name"], False)
    with transaction(maya) as db:
        keeping.begin(db)
    duplicates.look(maya)  # somebody is at it: nothing happens
    page = send(DuplicatesState, "again", as_=maya, on_=page)
    assert (page.looking, page.percent) == (True, 0)


def test_who_is_entered_again_is_offered_first(maya: UUID) -> None:
    with transaction(maya) as db:
        known = make_contact(
            db, first_name="Ines", last_name="Duarte", email="ines@mail.example", phone=None, tags=["a"]
        )
        make_contact(db, first_name="Kai", last_name="Falk", email="family@falk.example")
        key = known.id
    typed = {"first_name": "Inês", "last_name": "Duarte", "phone": "+46 70 123 45 67", "tags": "b"}
    page = send(ContactsState, "load", as_=maya)
    page = send(ContactsState, "open_form", as_=maya, on_=page)
    page = send(ContactsState, "add", as_=maya, on_=page, form=typed)
    assert ([row.name for row in page.perhaps], page.adding, page.toast["text"]) == (["Ines Duarte"], True, "")
    page = send(ContactsState, "fill_in", as_=maya, on_=page, contact=str(key))
    with transaction(maya) as db:
        filled = contacts.get(db, key)
        assert (filled.first_name, filled.phone, filled.tags) == ("Ines", "+46701234567", ["a", "b"])
    name, payload = page._way_back
    send(ContactsState, name.rpartition(".")[2], as_=maya, on_=page, **payload)
    with transaction(maya) as db:
        assert (contacts.get(db, key).phone, contacts.get(db, key).tags) == (None, ["a"])


def test_a_couple_at_one_address_is_two_people_and_anybody_is_added_all_the_same(maya: UUID) -> None:
    with transaction(maya) as db:
        make_contact(db, first_name="Kai", last_name="Falk", email="family@falk.example")
    page = send(ContactsState, "load", as_=maya)
    page = send(ContactsState, "add", as_=maya, on_=page, form={"first_name": "Ida", "email": "family@falk.example"})
    assert ([row.name for row in page.perhaps], page.added) == (["Kai Falk"], 0)
    page = send(ContactsState, "add_anyway", as_=maya, on_=page)
    assert (page.perhaps, page.added) == ([], 1)
    page = send(ContactsState, "add", as_=maya, on_=page, form={"first_name": "Someone", "last_name": "Else"})
    assert page.added == 2
