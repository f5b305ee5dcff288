"""Replies that go with the proposals."""

from __future__ import annotations

from omnicrm.assistant import generate
from omnicrm.domain.cases import Address, Case, Draft, MailItem
from training import short_cases


def reply(words: str, sessions: str = "-", **mail: object) -> Draft | None:
    case = Case(
        id="reply",
        practitioner=short_cases.GWEN,
        now=short_cases.NOW,
        contacts=(short_cases.SAM, short_cases.JOAN),
        services=short_cases.SERVICES,
        sessions=short_cases.SESSIONS[sessions],
        mail=MailItem(
            **{  # type: ignore[arg-type]  # the fields of a mail
                "subject": "Friday",
                "sender": short_cases.SENDERS["sam"],
                "to": (Address(email="gwen@p.example"),),
                "sent_at": short_cases.NOW,
                "text": words,
                **mail,
            }
        ),
    )
    found = [d for d in generate(case) if d.type == "reply.draft"]
    return found[0] if found else None


def test_a_booking_is_answered_with_its_day_and_hour() -> None:
    found = reply("Could I come for reflexology on Friday at 2pm?")
    assert found is not None
    assert found.slots["subject"] == "Re: Friday"
    assert str(found.slots["body"]).startswith("Hi Sam,\n\nFriday 12 June at 14:00 it is, for reflexology.")
    assert found.evidence


def test_nothing_is_promised_where_the_book_is_full() -> None:
    found = reply("Could I come for a deep tissue massage on Monday at 9.30am?", "A")
    assert found is not None
    assert "put you down" not in str(found.slots["body"])


def test_a_price_that_is_asked_is_told() -> None:
    found = reply("How much is reflexology these days?")
    assert found is not None
    assert "Reflexology takes 45 minutes and costs 40.00 GBP." in str(found.slots["body"])


def test_programs_lists_and_automatic_answers_get_no_reply() -> None:
    words = "Could I come for reflexology on Friday at 2pm?"
    assert reply(words, bulk=True) is None
    assert reply(words, auto_submitted=True) is None
    assert reply(words, no_reply=True) is None
    assert reply(words, sender=Address(name="Slotly", email="no-reply@slotly.example")) is None


def test_who_wants_no_answer_gets_none() -> None:
    assert reply("Just to say thank you. No need to reply.") is None
