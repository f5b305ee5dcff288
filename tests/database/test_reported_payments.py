"""What a payment provider reports is booked once, however often it is told."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from uuid import UUID

import pytest
from sqlalchemy import func, select
from sqlmodel import col

from omnicrm.core import clock, ids
from omnicrm.core.db import transaction
from omnicrm.core.errors import Conflict, Invalid
from omnicrm.domain import payments
from omnicrm.domain.payments import ProviderPayment
from omnicrm.models.invoices import Invoice, InvoiceStatus
from omnicrm.models.payments import Payment
from tests.factories import make_contact, make_invoice


def _told(amount: str = "80.00", currency: str = "USD", **more: object) -> ProviderPayment:
    facts = {"external_payment_id": f"pi_{ids.new()}", "amount": amount, "currency": currency, "paid_at": clock.now()}
    return ProviderPayment.model_validate(facts | more)


def _book(whose: UUID, told: ProviderPayment) -> UUID:
    with transaction(whose, actor="stripe") as db:
        return payments.reported(db, told).id


def test_twenty_reports_at_once_are_one_payment(maya: UUID) -> None:
    told = _told()
    with ThreadPoolExecutor(8) as pool:
        booked = list(pool.map(lambda _: _book(maya, told), range(20)))
    assert len(set(booked)) == 1
    with transaction(maya) as db:
        mine = col(Payment.external_payment_id) == told.external_payment_id
        assert db.execute(select(func.count(), func.sum(Payment.amount)).where(mine)).one() == (1, Decimal(80))


@pytest.mark.parametrize(("amount", "currency"), [("5000", "JPY"), ("1.234", "KWD"), ("0.01", "EUR")])
def test_an_amount_is_kept_exactly(maya: UUID, amount: str, currency: str) -> None:
    booked = _book(maya, _told(amount, currency))
    with transaction(maya) as db:
        assert db.get_one(Payment, booked).amount == Decimal(amount)


@pytest.mark.parametrize(("amount", "currency"), [("5000.5", "JPY"), ("1.234", "EUR")])
def test_an_amount_finer_than_its_currency_is_refused(maya: UUID, amount: str, currency: str) -> None:
    with pytest.raises(Invalid):
        _book(maya, _told(amount, currency))


def test_money_for_somebody_who_is_gone_is_booked_all_the_same(maya: UUID) -> None:
    booked = _book(maya, _told(contact_id=ids.new(), invoice_id=ids.new()))
    with transaction(maya) as db:
        assert db.get_one(Payment, booked).contact_id is None


def test_its_invoice_is_paid_by_it_once_and_the_rest_stays_on_account(maya: UUID) -> None:
    with transaction(maya) as db:
        contact = make_contact(db)
        invoice = make_invoice(db, contact_id=contact.id, total=Decimal(60), currency="USD")
        void = make_invoice(db, contact_id=contact.id, currency="USD", status=InvoiceStatus.VOID)
    told = _told("80.00", contact_id=contact.id, invoice_id=invoice.id)
    for one in (told, told, _told("80.00", invoice_id=void.id), _told("80", "EUR", invoice_id=invoice.id)):
        _book(maya, one)
    with transaction(maya) as db:
        paid, untouched = db.get_one(Invoice, invoice.id), db.get_one(Invoice, void.id)
        assert (paid.amount_paid, paid.status) == (Decimal(60), InvoiceStatus.PAID)
        assert (untouched.amount_paid, untouched.status) == (Decimal(0), InvoiceStatus.VOID)


def test_another_amount_or_practitioner_under_the_same_name_is_a_conflict(maya: UUID, natalie: UUID) -> None:
    told = _told()
    _book(maya, told)
    for whose, other in ((maya, told.model_copy(update={"amount": Decimal(81)})), (natalie, told)):
        with pytest.raises(Conflict):
            _book(whose, other)
