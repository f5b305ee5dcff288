"""Calendar events and invitations: rules alone."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from omnicrm.assistant import generate
from omnicrm.domain.cases import Address, Case, EventItem, MailItem
from training import short_cases

LONDON = ZoneInfo("Europe/London")
NEXT = datetime(2026, 6, 12, 14, 0, tzinfo=LONDON)


def propose(resource: dict[str, object], sessions: str = "-") -> list[str]:
    event = EventItem(
        resource={
            "kind": "calendar#event",
            "id": "e1",
            "status": "confirmed",
            "organizer": {"email": "gwen@p.example", "self": True},
            **resource,
        }
    )
    case = Case(
        id="event",
        practitioner=short_cases.GWEN,
        now=short_cases.NOW,
        contacts=(short_cases.SAM, short_cases.JOAN),
        services=short_cases.SERVICES,
        sessions=short_cases.SESSIONS[sessions],
        event=event,
    )
    drafts = generate(case)
    for draft in drafts:
        assert all(case.text[q.start : q.end] == q.quote for q in draft.evidence)
    return [short_cases.short(d.type, dict(d.slots)) for d in drafts]


def slot(at: datetime, minutes: int = 60) -> dict[str, object]:
    return {"start": {"dateTime": at.isoformat()}, "end": {"dateTime": (at + timedelta(minutes=minutes)).isoformat()}}


def test_a_client_and_a_service_in_the_title_are_a_session() -> None:
    assert propose({"summary": "Sam C reflexology", **slot(NEXT, 45)}) == ["create 2026-06-12T14:00 Reflexology"]


def test_a_known_guest_is_the_client() -> None:
    guests = [{"email": "joan@y.example", "responseStatus": "accepted"}]
    assert propose({"summary": "Hot stone massage", "attendees": guests, **slot(NEXT, 90)}) == [
        "create joan 2026-06-12T14:00 Hot stone massage"
    ]


@pytest.mark.parametrize(
    "more",
    [
        {"summary": "Sam"},
        {"summary": "Dinner with Sam"},
        {"summary": "Dentist"},
        {"summary": "Sam reflexology", "visibility": "private"},
        {"summary": "Sam reflexology", "eventType": "focusTime"},
        {"summary": "Flight to Oslo", "eventType": "fromGmail"},
    ],
)
def test_what_is_no_appointment(more: dict[str, object]) -> None:
    assert propose({**slot(NEXT), **more}) == []


def test_a_whole_day_is_no_appointment() -> None:
    assert propose({"summary": "Sam reflexology", "start": {"date": "2026-06-12"}, "end": {"date": "2026-06-13"}}) == []


def test_a_session_that_exists_gives_nothing() -> None:
    at = short_cases.S1.scheduled_at
    assert propose({"summary": "Sam deep tissue massage", **slot(at)}, "ONE") == []


def test_a_deleted_event_cancels_its_session() -> None:
    at = short_cases.S1.scheduled_at
    assert propose({"summary": "Sam deep tissue", "status": "cancelled", **slot(at)}, "ONE") == ["cancel s1"]


def test_a_moved_instance_moves_its_session() -> None:
    original = {"originalStartTime": {"dateTime": short_cases.S1.scheduled_at.isoformat()}, "recurringEventId": "e0"}
    assert propose({"summary": "Sam deep tissue", **slot(NEXT), **original}, "ONE") == ["resch s1 2026-06-12T14:00"]


def invited(method: str, start: str, more: str = "", sessions: str = "ONE", sender: str = "sam@x.example") -> list[str]:
    part = f"BEGIN:VCALENDAR\r\nMETHOD:{method}\r\nBEGIN:VEVENT\r\nUID:1\r\nDTSTART:{start}\r\nDTEND:{start[:9]}235900Z\r\nSUMMARY:Reflexology\r\n{more}END:VEVENT\r\nEND:VCALENDAR\r\n"
    mail = MailItem(
        subject="Invitation",
        sender=Address(name="Sam Carter", email=sender),
        sent_at=short_cases.NOW,
        text="Sorry!",
        calendar_parts=(part,),
    )
    case = Case(
        id="invite",
        practitioner=short_cases.GWEN,
        now=short_cases.NOW,
        contacts=(short_cases.SAM, short_cases.JOAN),
        services=short_cases.SERVICES,
        sessions=short_cases.SESSIONS[sessions],
        mail=mail,
    )
    return [short_cases.short(d.type, dict(d.slots)) for d in generate(case) if d.type != "reply.draft"]


def test_an_invitation_is_a_session_in_the_practitioners_zone() -> None:
    assert invited("REQUEST", "20260612T130000Z") == ["create 2026-06-12T14:00 Reflexology"]


def test_a_cancelled_invitation_cancels() -> None:
    assert invited("CANCEL", "20260611T090000Z") == ["cancel s1"]


def test_a_declined_invitation_cancels_and_an_accepted_one_does_not() -> None:
    assert invited("REPLY", "20260611T090000Z", "ATTENDEE;PARTSTAT=DECLINED:mailto:sam@x.example\r\n") == ["cancel s1"]
    assert invited("REPLY", "20260611T090000Z", "ATTENDEE;PARTSTAT=ACCEPTED:mailto:sam@x.example\r\n") == []


@pytest.mark.parametrize(
    "part",
    [
        "",
        "BEGIN:VEVENT",
        "BEGIN:VEVENT\nDTSTART:99999999T999999Z\nEND:VEVENT",
        "BEGIN:VEVENT\nDTSTART;TZID=Nowhere/Land:20260611T090000\nEND:VEVENT",
        "\x00" * 50,
    ],
)
def test_a_broken_calendar_part_does_no_harm(part: str) -> None:
    mail = MailItem(
        subject="hi", sender=short_cases.SENDERS["sam"], sent_at=short_cases.NOW, text="hello", calendar_parts=(part,)
    )
    case = Case(id="x", practitioner=short_cases.GWEN, now=short_cases.NOW, mail=mail)
    assert generate(case) == []
