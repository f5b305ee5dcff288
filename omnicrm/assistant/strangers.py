"""Writers who are not in the book by their address: a known person at a new one, or a stranger."""

from __future__ import annotations

import re

from omnicrm.assistant import names
from omnicrm.assistant.context import Context
from omnicrm.assistant.person import Person, by_name, span_of
from omnicrm.domain.cases import Contact


def moved(ctx: Context) -> Contact | None:
    """The known contact who writes from an address that is not in the book."""
    sender = ctx.mail.sender
    if sender is None:
        return None
    contact = by_name(ctx, sender.name)
    if contact is not None:
        return contact
    first, last = _signed(ctx)
    if last and (contact := by_name(ctx, f"{first} {last}")) is not None:
        return contact
    header_first, header_last = names.split(sender.name)
    if (
        header_first
        and not header_last
        and re.search(
            r"\b(?:new|this is my|other|different|personal|old|previous)\b[^.]{0,30}\b(?:e-?mail|address|account|id)\b",
            ctx.reading.new_text,
            re.IGNORECASE,
        )
    ):
        found = [c for c in ctx.case.contacts if names.plain(c.first_name) == names.plain(header_first)]
        return found[0] if len(found) == 1 else None
    return None


def _signed(ctx: Context) -> tuple[str, str]:
    """The name under the mail."""
    lines = []
    for section in ctx.reading.of("signature"):
        lines += [line.strip() for line in section.text.splitlines()[:4]]
    new = [line.strip() for s in ctx.reading.new for line in s.text.splitlines() if line.strip()]
    lines += new[-2:][::-1]
    if new:
        tail = re.split(r"[.!?]\s+", new[-1])[-1]
        lines.append(tail)
    for line in lines:
        line = re.sub(
            r"^(?:(?:kind|best|warm|many|with)\s+)*(?:regards|wishes|thanks|cheers|love|best|yours|sincerely|from|x+)[\s,]*|\s+x+$|[|·•].*$|\(.*$",
            "",
            line,
            flags=re.I,
        ).strip()
        if 2 <= len(line) <= 40 and re.fullmatch(r"[^\W\d_][\w.'’-]*(?:\s+[^\W\d_][\w.'’-]*){1,3}", line):
            first, last = names.split(line)
            if first and last:
                return first, last
    return "", ""


def stranger(ctx: Context) -> Person | None:
    sender = ctx.mail.sender
    if sender is None:
        return None
    first, last = names.split(sender.name)
    local = names.from_address(sender.email)
    told = names.split(names.told(ctx.reading.new_text))
    signed = _signed(ctx)
    span = None
    if len(first.strip(".")) == 1 or names.plain(first) == names.plain(last):
        first = ""  # "Mrs R. Fernandes": the first name stands below the mail, if anywhere
    for name in (signed, told):
        if not name[0]:
            continue
        fits = _fits(name[0], first or local[0]) or _fits(name[0], local[0]) or _fits(name[1], local[1] or local[0])
        if not first and (fits or name is told):
            first, last = name
        elif fits and (not last or len(last.strip(".")) == 1) and name[1] and len(name[1].strip(".")) > 1:
            first, last = (name[0] if _fits(name[0], first) else first), name[1]
    if first and (not last or len(last.strip(".")) == 1):
        if match := re.search(
            rf"\b{re.escape(first)}\s+([^\W\d_][\w'-]+)",
            ctx.reading.new_text + "\n" + "\n".join(s.text for s in ctx.reading.of("signature")),
            re.IGNORECASE,
        ):
            if local[1] and names.plain(match[1]) == names.plain(local[1]):
                last = match[1].title() if match[1].islower() else match[1]
        if (
            (not last or len(last.strip(".")) == 1)
            and local[1]
            and len(local[1]) > 2
            and names.plain(local[0])[:1] == names.plain(first)[:1]
            and (names.plain(local[0]) == names.plain(first))
        ):
            last = local[1].title()
    if not first and not names.is_company(sender.name):
        first, last = (local[0].title(), local[1].title()) if local[0].isalpha() and len(local[0]) > 1 else ("", "")
    if first:
        span = span_of(ctx, f"{first} {last}".strip()) or span_of(ctx, first)
    phone = next((p for p in ctx.phones if p.cued and not _others_number(ctx, p.start)), None)
    phone = phone or next((p for p in ctx.phones if not _others_number(ctx, p.start)), None)
    return Person(
        sender.email,
        first,
        last,
        phone.e164 if phone else "",
        None,
        "sender",
        span,
        None,
        (phone.start, phone.end) if phone else None,
    )


def _fits(one: str, other: str) -> bool:
    a, b = names.plain(one), names.plain(other)
    return bool(a and b) and (
        a == b or names.same_first(one, other) or (len(b) > 1 and b.startswith(a)) or (len(a) > 2 and a in b)
    )


def _others_number(ctx: Context, position: int) -> bool:
    before = ctx.reading.level[max(0, position - 60) : position]
    return bool(
        re.search(
            r"\b(?:his|her|their|ward|office|school|secretary|husband|wife|partner|doctor|hospital|clinic|reception|mum|mom|dad|son|daughter)(?:'s)?\b[^.\n]{0,40}$",
            before,
            re.IGNORECASE,
        )
    )
