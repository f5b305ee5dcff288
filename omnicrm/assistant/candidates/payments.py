"""Payments that clients tell of, or that banks and processors report."""

from __future__ import annotations

import re
from decimal import Decimal

from omnicrm.assistant import amounts
from omnicrm.assistant.amounts import Amount
from omnicrm.assistant.candidates.base import Candidate, Span, around, shared, span_of_sentence
from omnicrm.assistant.context import Context
from omnicrm.assistant.people import Person
from omnicrm.assistant.reading import Sentence
from omnicrm.domain.cases import Invoice

_NET = re.compile(
    r"\b(?:fees?|net|balance|vat|tax|tip|total|discount|still|remaining|rest|other half|left over|outstanding|payout|after fees|deposit of|available)\b[^\n.]{0,20}$",
    re.IGNORECASE,
)
_GROSS = re.compile(
    r"\b(?:amount|gross|paid|payment of|sent you|received|transferred|you(?:'ve)? got)\b[^\n]{0,25}$", re.IGNORECASE
)


def propose(ctx: Context, person: Person | None) -> list[Candidate]:
    """A candidate for each sum (or, where none stands there, for each open invoice that is named)."""
    if person is None:
        return []
    open_invoices = [
        i
        for i in ctx.case.invoices
        if (i.contact_email or "").casefold() == person.email.casefold() and i.status not in ("draft", "paid")
    ]
    sums = list(ctx.amounts)
    totals = tuple({i.total for i in open_invoices} | {s.price for s in ctx.case.services if s.price})
    taken = {a.start for a in sums}
    for section in ctx.reading.new:
        for bare in amounts.bare(section.text, totals):
            at = bare.start + section.start
            if (
                at not in taken
                and not any(a.start <= at < a.end for a in sums)
                and not _is_number_of(ctx, open_invoices, at)
            ):
                sums.append(Amount(at, bare.end + section.start, bare.value, ""))
    found = [_of_sum(ctx, person, amount, sums, open_invoices) for amount in sums if amount.value > 0]
    if not found:
        found = [c for i in open_invoices if (c := _of_invoice(ctx, person, i, open_invoices)) is not None]
    if not sums and not found and not ctx.reading.new_text.strip():
        return []
    return [c for c in found if c is not None]


def _is_number_of(ctx: Context, invoices: list[Invoice], position: int) -> bool:
    return any(ctx.reading.level.startswith(i.number, position) for i in invoices)


def _sentence(ctx: Context, position: int) -> Sentence | None:
    return next((s for s in ctx.sentences if s.start <= position < s.end), None)


def _invoice_spans(ctx: Context, invoice: Invoice) -> list[Span]:
    number = re.escape(invoice.number)
    digits = re.sub(r"^\D+", "", invoice.number)
    pattern = rf"(?<![\w-]){number}(?![\w-]|[.,]\d)"
    if len(digits) >= 3 and digits != invoice.number:
        pattern += rf"|(?<![\w-]){re.escape(digits)}(?![\w-]|[.,]\d)"
    if "-" in invoice.number and len(tail := invoice.number.rsplit("-", 1)[1].lstrip("0")) >= 2:
        pattern += rf"|(?:invoice|inv|no\.?|number|#)\s*#?0*{re.escape(tail)}(?![\w-]|[.,]\d)"
    spans: list[Span] = [
        ("text", m.start(), m.end())
        for section in ctx.reading.new
        for m in re.finditer(pattern, ctx.reading.level[section.start : section.end], re.IGNORECASE)
        for m in [_shift(m, section.start)]
    ]
    spans += [("subject", m.start(), m.end()) for m in re.finditer(pattern, ctx.mail.subject, re.IGNORECASE)]
    return spans


class _shift:  # a match moved on, nothing more
    def __init__(self, match: re.Match[str], offset: int) -> None:
        self._at = (match.start() + offset, match.end() + offset)

    def start(self) -> int:
        return self._at[0]

    def end(self) -> int:
        return self._at[1]


def _of_sum(
    ctx: Context, person: Person, amount: Amount, sums: list[Amount], invoices: list[Invoice]
) -> Candidate | None:
    sentence = _sentence(ctx, amount.start)
    if sentence is None:
        return None
    text = ctx.reading.level
    before = text[max(0, amount.start - 60) : amount.start].rsplit("\n", 1)[-1]
    if re.search(r"\bbalance\b[^\n.]{0,20}$", before, re.IGNORECASE):
        return None
    named = {i.ref: spans for i in invoices if (spans := _invoice_spans(ctx, i))}
    invoice, span = _matched(amount, sums, invoices, named)
    field = next((f for f in ctx.fields if f.start <= amount.start <= f.end), None)
    features = shared(ctx, person) | around(ctx, sentence, _clause_of(sentence, amount.start - sentence.start))
    features |= {
        "net": float(bool(_NET.search(before)) and not bool(_GROSS.search(before))),
        "gross": float(bool(_GROSS.search(before))),
        "field_amount": float(bool(field and field.key == "amount")),
        "field_net": float(bool(field and field.key == "net")),
        "sums": float(min(3, len({a.value for a in sums}))),
        "first_sum": float(amount is min(sums, key=lambda a: a.start)),
        "invoice_named": float(bool(named)),
        "invoice": float(invoice is not None),
        "is_total": float(any(i.total == amount.value for i in invoices)),
        "is_price": float(any(s.price == amount.value for s in ctx.case.services)),
        "bare_sum": float(not amount.currency and not re.search(r"[^\d.,\s]", text[amount.start : amount.end])),
    }
    slots: dict[str, object] = {
        "contact_email": person.email,
        "amount": f"{amount.value:.2f}",
        "currency": amount.currency or _own_currency(ctx, amount),
    }
    evidence: dict[str, Span] = {"": span_of_sentence(sentence), "amount": ("text", amount.start, amount.end)}
    if amount.currency:
        evidence["currency"] = ("text", amount.start, amount.end)
    if invoice is not None:
        slots["invoice_ref"] = invoice.ref
        if span is not None:
            evidence["invoice_ref"] = span
    if person.email_span or person.name_span:
        evidence["contact_email"] = ("text", *(person.email_span or person.name_span))  # type: ignore[misc]  # one is there
    return Candidate("payment.record", slots, {k: v for k, v in features.items() if v}, evidence, client=person)


def _own_currency(ctx: Context, amount: Amount) -> str:
    """The practitioner's currency, which "$", "kr" and "Rs" stand for; rupees are Indian where theirs are none."""
    own = ctx.case.practitioner.currency
    words = ctx.reading.level[amount.start : amount.end].lower()
    return "INR" if re.search(r"\brs\b|rupee|/-", words) and own not in _RUPEES else own


_RUPEES = ("INR", "PKR", "LKR", "NPR", "MUR", "SCR")


def _clause_of(sentence: Sentence, position: int) -> str:
    pieces = [
        (m.start(), m.end()) for m in re.finditer(r"[,;:]\s+(?!\d)|\s+-\s+|\s+(?:but|and|so|because)\s+", sentence.text)
    ]
    start = max((end for _s, end in pieces if end <= position), default=0)
    end = min((s for s, _e in pieces if s > position), default=len(sentence.text))
    return sentence.text[start:end]


def _matched(
    amount: Amount, sums: list[Amount], invoices: list[Invoice], named: dict[str, list[Span]]
) -> tuple[Invoice | None, Span | None]:
    by_ref = {i.ref: i for i in invoices}
    if len(named) == 1:
        ref, spans = next(iter(named.items()))
        return by_ref[ref], spans[0]
    if named:
        equal = [ref for ref in named if by_ref[ref].total == amount.value]
        if len(equal) == 1:
            return by_ref[equal[0]], named[equal[0]][0]
        near = [
            (min(abs(start - amount.end) for f, start, _e in spans if f == "text"), ref)
            for ref, spans in named.items()
            if any(f == "text" for f, _s, _e in spans)
        ]
        if near and len(sums) > 1:
            ref = min(near)[1]
            return by_ref[ref], named[ref][0]
        return None, None
    if len(invoices) == 1 and invoices[0].total == amount.value:
        return invoices[0], None
    return None, None


def _of_invoice(ctx: Context, person: Person, invoice: Invoice, invoices: list[Invoice]) -> Candidate | None:
    """An invoice paid without its sum being told: its total."""
    spans = _invoice_spans(ctx, invoice)
    if not spans and len(invoices) > 1:
        return None
    sentence = next((s for s in ctx.sentences if "paid" in ctx.signs(s)), None)
    if sentence is None or invoice.total <= Decimal(0):
        return None
    if not spans and not re.search(
        r"\b(?:invoice|bill|rechnung|inv|fee|it)\b", ctx.reading.new_text + " " + ctx.mail.subject, re.I
    ):
        return None
    features = (
        shared(ctx, person)
        | around(ctx, sentence)
        | {"no_sum": 1.0, "invoice_named": float(bool(spans)), "invoice": 1.0}
    )
    slots: dict[str, object] = {
        "contact_email": person.email,
        "amount": f"{invoice.total:.2f}",
        "currency": invoice.currency,
        "invoice_ref": invoice.ref,
    }
    evidence: dict[str, Span] = {"": span_of_sentence(sentence)}
    if spans:
        evidence["invoice_ref"] = spans[0]
    return Candidate("payment.record", slots, {k: v for k, v in features.items() if v}, evidence, client=person)
