"""Labelled cases through the whole loop: stored, read back as a case, proposed, approved, taken back.

What the generator proposes of a case in a folder it proposes of the same case in the database; each proposal fits the
practice, is carried out and restored."""

from __future__ import annotations

import json
import os
from datetime import datetime
from decimal import Decimal
from uuid import UUID

import pytest

from omnicrm import assistant
from omnicrm.assistant import case_files
from omnicrm.core import clock
from omnicrm.core.db import Db, transaction
from omnicrm.core.errors import Conflict
from omnicrm.domain import approvals, cases, inbox
from omnicrm.domain.approvals import LEAST_CONFIDENCE
from omnicrm.formats import mail
from omnicrm.integrations import google_calendar
from tests.factories import make_contact, make_invoice, make_service, make_session, make_user
from tests.shared_data import shared

EVERY = int(os.environ.get("OMNICRM_EVERY_CASE", "9"))  # 1 runs them all
STATES = {"scheduled": "scheduled_in_crm", "completed": "completed", "cancelled": "cancelled"}
BILLS = {"partial": "partially_paid"}


def settled(case: cases.Case, refs: dict[str, str]) -> list[tuple[str, float, str]]:
    """What is proposed, comparable: type, confidence, slots with the rows' own names."""
    shown = [one for one in assistant.generate(case) if one.confidence >= LEAST_CONFIDENCE]
    found = []
    for one in shown:
        slots = {key: value for key, value in one.slots.items() if key != "contact_ref"}
        for key in ("session_ref", "invoice_ref"):
            if slots.get(key):
                slots[key] = refs.get(str(slots[key]), slots[key])
        found.append((one.type, round(one.confidence, 2), json.dumps(slots, sort_keys=True)))
    return sorted(found)


def book(db: Db, case: cases.Case) -> dict[str, str]:
    """The practice of a case; (row id → the case's ref)."""
    refs: dict[str, str] = {}
    people = {
        one.email: make_contact(
            db, first_name=one.first_name, last_name=one.last_name, email=one.email, phone=one.phone
        )
        for one in case.contacts
    }
    for service in case.services:
        make_service(db, name=service.name, duration_minutes=service.duration_minutes, price=service.price)
    for one in case.sessions:
        contact = people.get(one.contact_email)
        row = make_session(
            db,
            contact_id=contact.id if contact else None,
            title=one.title or "Session",
            scheduled_at=one.scheduled_at,
            duration_minutes=one.duration_minutes,
            status=STATES[one.status],
            overlap_allowed=True,
        )
        refs[str(row.id)] = one.ref
    for bill in case.invoices:
        contact = people.get(bill.contact_email)
        row = make_invoice(
            db,
            contact_id=contact.id if contact else None,
            number=bill.number,
            total=bill.total,
            currency=bill.currency,
            status=BILLS.get(bill.status, bill.status),
            amount_paid=bill.total if bill.status == "paid" else Decimal(0),
        )
        refs[str(row.id)] = bill.ref
    return refs


def stored(db: Db, folder, row, case: cases.Case) -> UUID:
    source = (folder / row["source"]).read_bytes()
    if case.mail is not None:
        item = inbox.mail_item(
            mail.parse(source),
            provider="takeout",
            external_id=row["id"],
            own_addresses=(case.practitioner.email,),
            received_at=datetime.fromisoformat(row["now"]),
        )
    else:
        event = google_calendar.event(json.loads(source), "primary", case.practitioner.timezone)
        item = inbox.event_item(event, provider="takeout")
    return inbox.store(db, item).id


@pytest.mark.parametrize("name", ["dev", "dev-b"])
def test_cases_go_through_and_come_back(database, name):
    folder = shared(f"approval-cases/{name}")
    rows = [json.loads(line) for line in (folder / "cases.jsonl").read_text().splitlines()]
    differ, refused, broken, carried = [], [], [], 0
    for row in rows[::EVERY]:
        case = case_files.case(folder, row)
        user = make_user(
            name=case.practitioner.name,
            email=f"{row['id']}-{os.getpid()}-{case.practitioner.email}",
            time_zone=case.practitioner.timezone,
            currency=case.practitioner.currency,
        )
        with clock.at(case.now), transaction(user) as db:
            refs = book(db, case)
            item = stored(db, folder, row, case)
            again = inbox.case_for(db, item).model_copy(
                update={"practitioner": case.practitioner}
            )  # the mailbox's address
            if settled(again, refs) != settled(case, {}):
                differ.append((row["id"], settled(case, {}), settled(again, refs)))
            made = approvals.propose_all(db, item, assistant.generate(again))
            refused += [(row["id"], one.outcome, one.note) for one in made if one.outcome == "left_out"]
            for one in made:
                if one.approval_id is None:
                    continue
                approvals.card(db, one.approval_id)
                try:
                    done = approvals.approve(db, one.approval_id, allow_overlap=True, add_contact=True)
                except Conflict:
                    continue  # carried out with its bundle
                if done.failed:
                    broken.append((row["id"], done.sentence, done.failed))
                    continue
                carried += 1
            for one in reversed(made):
                if one.approval_id is not None and approvals.locked(db, one.approval_id).status == "executed":
                    approvals.undo(db, one.approval_id)
            db.rollback()
    assert (refused, broken) == ([], [])
    assert differ == [], differ
    assert carried >= len(rows[::EVERY]) * 0.3
