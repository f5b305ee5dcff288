"""Synthetic notices of machines: booking pages, processors, banks, forms, digests."""

from __future__ import annotations

from datetime import timedelta
from zoneinfo import ZoneInfo

from omnicrm.domain.cases import Address, Case, Invoice, MailItem
from training import drafts, phrases
from training.drafts import Draft


def case(draft: Draft, number: int) -> tuple[Case, list[dict[str, object]]]:
    """One notice of a random kind, with its truth."""
    from training import generate

    rng = draft.rng
    kind = rng.choice(
        (_booked, _booked, _moved, _cancelled, _paid, _paid, _bank, _form, _form, _digest, _payout, _receipt, _reminder)
    )
    subject, text, sender = kind(draft)
    contacts = [drafts.someone(rng) for _ in range(rng.randint(0, 2))]
    if draft.known:
        contacts.append(draft.client)
    mail = MailItem(
        subject=subject,
        sender=sender,
        to=(Address(email=draft.practitioner.email),),
        sent_at=draft.sent,
        text=text,
        no_reply=True,
        auto_submitted=rng.random() < 0.2,
    )
    return generate.build(draft, mail, contacts, number), draft.expect


def _sender(draft: Draft, *names: str) -> Address:
    name = draft.rng.choice(names)
    return Address(
        name=name,
        email=f"{draft.rng.choice(('no-reply', 'notifications', 'notify', 'service'))}@{name.split()[0].lower()}.example",
    )


def _long(moment: phrases.Moment, rng) -> str:
    hour, rest = divmod(moment.minute, 60)
    twelve = f"{(hour - 1) % 12 + 1}:{rest:02} {'AM' if hour < 12 else 'PM'}"
    clock = rng.choice((f"{hour:02}:{rest:02}", twelve, twelve.lower()))
    name, month = phrases.WEEKDAYS[moment.day.weekday()], phrases.MONTHS[moment.day.month - 1]
    return rng.choice(
        (
            f"{name}, {month} {moment.day.day}, {moment.day.year} {clock}",
            f"{name[:3]} {moment.day.day} {month[:3]} {moment.day.year}, {clock}",
            f"{moment.day.day} {month} {moment.day.year} at {clock}",
            f"{moment.day.isoformat()} {hour:02}:{rest:02}",
        )
    )


def _who(draft: Draft) -> str:
    c = draft.client
    return draft.rng.choice(
        (
            f"Client: {c.name}\nEmail: {c.email}",
            f"Name: {c.name}\nE-mail: {c.email}",
            f"Customer: {c.name} ({c.email})",
            f"Invitee: {c.name}\nInvitee Email: {c.email}",
        )
    )


def _booked(draft: Draft) -> tuple[str, str, Address]:
    rng = draft.rng
    moment, service = phrases.moment(rng, draft.base, draft.zone), rng.choice(draft.services)
    draft.known = rng.random() < 0.5
    if not draft.known:
        draft.expect.append(
            {
                "type": "contact.create",
                "email": draft.email,
                "first_name": draft.client.first_name,
                "last_name": draft.client.last_name,
            }
        )
    draft.expect.append(
        {
            "type": "session.create",
            "contact_email": draft.email,
            "scheduled_at": moment.at(ZoneInfo(draft.zone)).isoformat(),
            "service": service.name,
            "duration_minutes": service.duration_minutes,
        }
    )
    head = rng.choice(
        ("New booking", "You have a new appointment", "New event", f"{draft.client.name} booked {service.name}")
    )
    text = f"{head}\n\n{_who(draft)}\n{rng.choice(('Service', 'Event Type', 'Appointment'))}: {service.name}\n{rng.choice(('When', 'Date', 'Event Date/Time', 'Date and time'))}: {_long(moment, rng)}\n\nView it in your dashboard.\n"
    return (
        f"{head}: {service.name}" if service.name not in head else head,
        text,
        _sender(draft, "Slotly", "Bookwell", "Timepick"),
    )


def _moved(draft: Draft) -> tuple[str, str, Address]:
    rng = draft.rng
    made = drafts.session(draft)
    local = made.scheduled_at.astimezone(ZoneInfo(draft.zone))
    moment = phrases.said(
        rng, local.date() + timedelta(days=rng.randint(1, 5)), rng.randint(9, 18) * 60, draft.base, draft.zone
    )
    old = phrases.Moment("", local.date(), local.hour * 60 + local.minute)
    draft.expect.append(
        {
            "type": "session.reschedule",
            "session_ref": made.ref,
            "scheduled_at": moment.at(ZoneInfo(draft.zone)).isoformat(),
        }
    )
    text = f"{draft.client.name} has rescheduled {made.title}.\n\n{_who(draft)}\n{rng.choice(('Old time', 'Previous time', 'Former', 'Original time'))}: {_long(old, rng)}\n{rng.choice(('New time', 'New date', 'Now'))}: {_long(moment, rng)}\n"
    return f"Rescheduled: {made.title} with {draft.client.name}", text, _sender(draft, "Slotly", "Bookwell", "Timepick")


def _cancelled(draft: Draft) -> tuple[str, str, Address]:
    rng = draft.rng
    made = drafts.session(draft)
    local = made.scheduled_at.astimezone(ZoneInfo(draft.zone))
    draft.expect.append({"type": "session.cancel", "session_ref": made.ref})
    when = _long(phrases.Moment("", local.date(), local.hour * 60 + local.minute), rng)
    text = f"{rng.choice(('A booking was cancelled.', 'Cancellation', draft.client.name + ' cancelled their appointment.'))}\n\n{_who(draft)}\nService: {made.title}\nWhen: {when}\nReason: {rng.choice(('none given', 'sick', 'travel'))}\n"
    return (
        f"{rng.choice(('Cancelled', 'Canceled', 'Booking cancelled'))}: {made.title}",
        text,
        _sender(draft, "Slotly", "Bookwell", "Timepick"),
    )


def _paid(draft: Draft) -> tuple[str, str, Address]:
    rng = draft.rng
    value = f"{rng.choice((45, 60, 80, 95, 120, 180))}.00"
    numbered = rng.random() < 0.6
    wanted: dict[str, object] = {
        "type": "payment.record",
        "contact_email": draft.email,
        "amount": value,
        "currency": draft.currency,
    }
    if numbered:
        draft.invoices.append(
            Invoice(ref="i1", contact_email=draft.email, number="INV-204", total=value, currency=draft.currency)
        )
        wanted["invoice_ref"] = "i1"
    draft.expect.append(wanted)
    line = rng.choice(
        (
            f"You received a payment of {value} {draft.currency} from {draft.client.name} ({draft.email})",
            f"{draft.client.name} sent you {value} {draft.currency}",
            f"{draft.client.name} paid {value} {draft.currency}",
            f"Payment received\nFrom: {draft.client.name}\nEmail: {draft.email}\nAmount: {value} {draft.currency}",
        )
    )
    text = (
        f"{line}\n\n"
        + ("Invoice: INV-204\n" if numbered else "")
        + f"Fee: 2.10 {draft.currency}\nNet: {float(value) - 2.1:.2f} {draft.currency}\nTransaction ID: 8XK2210094\n"
    )
    return (
        rng.choice(
            ("Payment received", f"You've received {value} {draft.currency}", f"Payment from {draft.client.name}")
        ),
        text,
        _sender(draft, "Paywise", "Cardlane", "Quickpay"),
    )


def _bank(draft: Draft) -> tuple[str, str, Address]:
    rng = draft.rng
    value = f"{rng.choice((60, 85, 120, 240, 950))}.00"
    draft.expect.append(
        {"type": "payment.record", "contact_email": draft.email, "amount": value, "currency": draft.currency}
    )
    text = f"Dear customer,\na transfer was credited to your account ending 4471:\nAmount: {value} {draft.currency}\n{rng.choice(('From', 'Sender', 'Ordered by'))}: {draft.client.name}\nReference: thank you\nNew balance: 4,211.09 {draft.currency}\n"
    return (
        rng.choice(("Incoming payment", "Credit notification", "Money in")),
        text,
        _sender(draft, "Stadtbank", "Harbourbank"),
    )


def _form(draft: Draft) -> tuple[str, str, Address]:
    rng = draft.rng
    draft.known = False
    phone = "+4477009" + str(rng.randint(10000, 99999))
    draft.expect.append(
        {
            "type": "contact.create",
            "email": draft.email,
            "first_name": draft.client.first_name,
            "last_name": draft.client.last_name,
            "phone": phone,
        }
    )
    question = rng.choice(
        (
            "I'd like to know your prices.",
            "Do you have space for new clients?",
            "Looking for help with back pain.",
            "Can you call me?",
            "Interested in a course.",
        )
    )
    text = f"New message from your website\n\nName: {draft.client.name}\nEmail: {draft.email}\nPhone: {phone}\n"
    if rng.random() < 0.4:
        moment, service = phrases.moment(rng, draft.base, draft.zone), rng.choice(draft.services)
        hour = f"{moment.minute // 60:02}:{moment.minute % 60:02}"
        text += f"Service: {service.name}\nPreferred date: {moment.day.day} {phrases.MONTHS[moment.day.month - 1]} {moment.day.year}\nPreferred time: {hour}\nMessage: {rng.choice(('looking forward', 'first time here', 'thank you'))}\n"
        draft.expect.append(
            {
                "type": "session.create",
                "contact_email": draft.email,
                "scheduled_at": moment.at(ZoneInfo(draft.zone)).isoformat(),
                "service": service.name,
                "duration_minutes": service.duration_minutes,
            }
        )
    else:
        text += f"Message: {question}\n"
        draft.expect.append({"type": "task.create", "contact_email": draft.email})
    return (
        rng.choice(("New enquiry from your website", "Contact form submission", "New lead")),
        text,
        _sender(draft, "Sitekit forms", "Webnest"),
    )


def _digest(draft: Draft) -> tuple[str, str, Address]:
    made = drafts.session(draft, ahead=0, minute=20 * 60)
    other = drafts.session(draft, ahead=1)
    text = f"Good morning, here is your day:\n20:00  {made.title}  {draft.client.name}\nTomorrow:\n{other.scheduled_at:%H:%M}  {other.title}  {draft.client.name}\n"
    return (
        draft.rng.choice(("Your day", "Daily agenda", "Upcoming bookings")),
        text,
        _sender(draft, "Slotly", "Bookwell"),
    )


def _payout(draft: Draft) -> tuple[str, str, Address]:
    return (
        "Your payout is on its way",
        f"A payout of 412.50 {draft.currency} was sent to your bank account ending 0091.\n6 payments, 1 refund.\n",
        _sender(draft, "Paywise", "Cardlane"),
    )


def _receipt(draft: Draft) -> tuple[str, str, Address]:
    return (
        "Your receipt",
        f"Receipt from Cloudmat\nAmount paid: 19.00 {draft.currency}\nDate paid: today\nPayment method: Visa 4242\nThank you for your purchase.\n",
        _sender(draft, "Cloudmat", "Hostly"),
    )


def _reminder(draft: Draft) -> tuple[str, str, Address]:
    made = drafts.session(draft)
    local = made.scheduled_at.astimezone(ZoneInfo(draft.zone))
    return (
        "Reminder: appointment",
        f"Reminder: {made.title} with {draft.client.name} on {_long(phrases.Moment('', local.date(), local.hour * 60 + local.minute), draft.rng)}.\n",
        _sender(draft, "Slotly", "Bookwell"),
    )
