"""Who a mail is about: the client, not the messenger."""

from __future__ import annotations

import re

from omnicrm.assistant import names, phones, strangers
from omnicrm.assistant.context import Context
from omnicrm.assistant.person import Person, by_name, email_of, known, span_of
from omnicrm.domain.cases import Contact

_NOUN = r"(?:appointment|appt|session|lesson|class|booking|slot|treatment|massage|visit|consultation|follow-?up|time|physio|yoga|coaching|reiki|call|package|course|account|invoice|check-?up|therapy)"
_VERB = r"(?:can't|cant|cannot|can not|won't|wont|will not|isn't|needs?|would|wants?|has to|has|is|asked|asks|could|should|will|'d|'ll|'s)"
_SUPPLIER = re.compile(
    r"\b(?:lease|landlord|tenancy|rent|premises|bookkeep\w*|accountant|accounting|tax return|vat return|bas\b|bank statements?|insurance (?:policy|renewal|premium)|policy (?:renewal|number)|quarterly return|"
    r"linen|laundry|supplier|supply|wholesale|order (?:form|confirmation)|your order|purchase order|delivery (?:date|slot|window|address)|re-?stock|stock|boiler|electric\w*|plumb\w*|meter reading|inspection|fire (?:alarm|safety)|"
    r"electricity|gas meter|water meter|broadband|cleaning (?:service|contract|rota)|maintenance|council|licen[cs]e renewal|membership renewal|annual (?:return|accounts|audit)|audit|payroll|ledger|cash ?book|"
    r"studio (?:rent|hire|key|keys)|room hire|hire agreement|key fob|alarm code|building manager|property manag\w*|our printer|print(?:ing)? proof|flyers?|domain (?:name|renewal)|hosting|website (?:maintenance|update|redesign)|photo ?shoot proofs|"
    r"certificate of insurance|renewal form|registration fee|continuing education|cpd|credits? certificate|direct debit mandate|remittance advice|statement of account|quote for the (?:new|repair)|invoice (?:for|from) (?:your|our|the) (?:order|services|supply))\b",
    re.IGNORECASE,
)


_TRADE = re.compile(
    r"(?:account(?:s|ant|ants|ancy|ing)|bookkeep\w*|ledger|lettings?|propert(?:y|ies)|estates?|realty|immobilien|hausverwaltung|verwaltung|insur\w*|versicherung|council|supplies|suppl(?:y|ier)|linen|laundry|cleaning|plumb\w*|electric\w*|landlord|tenancy|facilities|wholesale|printing|prints?|hosting|tax|treuhand|steuer\w*|utilities|energy|telecom|broadband)\b",
    re.IGNORECASE,
)


_OWN_WISH = re.compile(
    r"\b(?:i'd|i would|i want|i'm (?:looking|after|interested|hoping|keen)|i am (?:looking|interested|hoping)|could i|can i|may i|might i|i need|(?:see|fit|squeeze|take|help|book|have) me)\b",
    re.IGNORECASE,
)
_ON_BEHALF = re.compile(
    r"\b(?:on behalf|asked me to|asks me to|(?:her|his|their|mum's|dad's|my (?:wife|husband|mother|father|son|daughter|partner|boss)'s) (?:appointment|session|slot|booking)|i'm (?:her|his|their))\b",
    re.IGNORECASE,
)


def client(ctx: Context) -> Person | None:
    """The one whom the mail's wishes are about, or None where nobody with an address is."""
    sender = ctx.mail.sender
    sender_known = known(ctx, sender.email) if sender else None
    if (person := _of_fields(ctx, sender_known)) is not None:
        return person
    if (person := _forwarded(ctx, sender_known)) is not None:
        return person
    if (person := _introduced(ctx, sender_known)) is not None:
        return person
    if (person := _named(ctx, sender_known)) is not None:
        return person
    if sender_known is not None and sender is not None:
        return Person(sender.email, sender_known.first_name, sender_known.last_name, known=sender_known)
    if sender is None:
        return None
    if ctx.by_machine:
        return _mentioned_anywhere(ctx)
    if (contact := strangers.moved(ctx)) is not None:
        return Person(email_of(contact), contact.first_name, contact.last_name, known=contact, role="moved")
    return strangers.stranger(ctx)


def supplier(ctx: Context) -> bool:
    """Whether the mail is about the practice's own rent, books or supplies."""
    sender = ctx.mail.sender
    who = f"{sender.name} {sender.email.replace('.', ' ').replace('@', ' ')}" if sender else ""
    return bool(_SUPPLIER.search(f"{ctx.mail.subject}\n{ctx.reading.new_text}") or _TRADE.search(who))


def _of_fields(ctx: Context, sender_known: Contact | None) -> Person | None:
    """The person of a form, a notice or a referral: labelled lines, the reply-to of a form mailer."""
    if sender_known is not None and len(ctx.fields) < 3:
        return None
    own = ctx.case.practitioner.email.casefold()
    by_key: dict[str, list] = {}
    for item in ctx.fields:
        by_key.setdefault(item.key, []).append(item)
    email, email_span = "", None
    for item in by_key.get("email", []) + by_key.get("name", []):
        if (
            match := re.search(r"[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,5}", item.value)
        ) and match.group().casefold() != own:
            email, email_span = match.group(), (item.start + match.start(), item.start + match.end())
            break
    reply_to = ctx.mail.reply_to
    sender = ctx.mail.sender
    if (
        not email
        and reply_to
        and sender
        and ctx.by_machine
        and reply_to.email.casefold() not in (own, sender.email.casefold())
    ):
        if not re.match(r"(?:no-?reply|support|info|hello|help|service|team|contact)", reply_to.email, re.IGNORECASE):
            email = reply_to.email
    name, name_span = "", None
    for key in ("name",):
        for item in by_key.get(key, []):
            value = re.sub(r"\s*[<(].*$", "", item.value).strip()
            if "@" not in value and names.split(value)[0] and not _is_practitioner(ctx, value):
                name, name_span = value, (item.start, item.start + len(value))
                break
    if by_key.get("first_name"):
        name = " ".join([by_key["first_name"][0].value, *(i.value for i in by_key.get("last_name", [])[:1])])
        name_span = (by_key["first_name"][0].start, by_key["first_name"][0].end)
    contact = known(ctx, email) if email else None
    if contact is None and name:
        contact = by_name(ctx, name) or (by_name(ctx, name.split(",")[-1]) if "," in name else None)
    if contact is not None and (ctx.by_machine or len(ctx.fields) >= 3):
        return Person(
            email_of(contact),
            contact.first_name,
            contact.last_name,
            known=contact,
            role="form",
            name_span=name_span,
            email_span=email_span,
        )
    if not email or not (len(ctx.fields) >= 2 or ctx.by_machine) or contact is not None:
        return None
    first, last = names.split(name)
    if not first and reply_to and reply_to.email == email:
        first, last = names.split(reply_to.name)
    if not first:
        guess = names.from_address(email)
        first, last = guess[0].title(), guess[1].title()
    phone, phone_span = "", None
    for item in by_key.get("phone", []):
        if number := phones.e164(re.split(r"[,;/]|\bor\b", item.value)[0], ctx.region):
            phone, phone_span = number, (item.start, item.end)
            break
    return Person(email, first, last, phone, None, "form", name_span, email_span, phone_span)


def _is_practitioner(ctx: Context, name: str) -> bool:
    return names.plain(ctx.case.practitioner.name) == names.plain(name)


def _mentioned_anywhere(ctx: Context) -> Person | None:
    """The known client that a machine's words name, by address or full name."""
    text = f"{ctx.mail.subject}\n{ctx.reading.new_text}"
    folded = names.plain(text)
    own = ctx.case.practitioner.email.casefold()
    found: list[Contact] = []
    for contact in ctx.case.contacts:
        addresses = [e.casefold() for e in (contact.email or "", *contact.emails) if e]
        full = names.plain(contact.name)
        named = contact.last_name and full in folded and re.search(rf"\b{re.escape(full)}\b", folded)
        if any(e in text.casefold() for e in addresses) or named:
            found.append(contact)
    if len(found) == 1:
        span = span_of(ctx, found[0].name) or span_of(ctx, email_of(found[0]))
        return Person(
            email_of(found[0]), found[0].first_name, found[0].last_name, known=found[0], role="form", name_span=span
        )
    if found:
        return None
    sender = ctx.mail.sender
    for section in ctx.reading.new:
        for match in re.finditer(
            r"(?P<name>[A-Z][\w'-]+(?:\s+[A-Z][\w'-]+){1,2})\s*[<(]\s*(?P<email>[\w.+-]{1,64}@[\w.-]{1,120}\.\w{2,20})",
            section.text,
        ):
            if match["email"].casefold() != own and (
                sender is None or match["email"].casefold() != sender.email.casefold()
            ):
                first, last = names.split(match["name"])
                if first:
                    at = section.start
                    return Person(
                        match["email"],
                        first,
                        last,
                        role="form",
                        name_span=(at + match.start("name"), at + match.end("name")),
                        email_span=(at + match.start("email"), at + match.end("email")),
                        phone=ctx.phones[0].e164 if ctx.phones else "",
                    )
    return None


def _forwarded(ctx: Context, sender_known: Contact | None) -> Person | None:
    """The writer of a forwarded message, where the forwarder adds little."""
    forwards = [s for s in ctx.reading.of("forward") if s.author_email]
    if not forwards or len(ctx.reading.new_text.strip()) > 600:
        return None
    section = forwards[0]
    email = section.author_email
    sender = ctx.mail.sender
    if email.casefold() in (ctx.case.practitioner.email.casefold(), sender.email.casefold() if sender else ""):
        return None
    contact = known(ctx, email)
    if contact is not None:
        return Person(email_of(contact), contact.first_name, contact.last_name, known=contact, role="forward")
    first, last = names.split(section.author_name or "")
    if not first:
        guess = names.from_address(email)
        first, last = guess[0].title(), guess[1].title()
    if not first:
        return None
    numbers = [p for p in phones.find(section.text, ctx.region)]
    phone = numbers[-1] if numbers else None
    return Person(
        email,
        first,
        last,
        phone.e164 if phone else "",
        None,
        "forward",
        phone_span=(section.start + phone.start, section.start + phone.end) if phone else None,
    )


def _introduced(ctx: Context, sender_known: Contact | None) -> Person | None:
    """The one in Cc whom the writer introduces or for whom an assistant writes."""
    own = ctx.case.practitioner.email.casefold()
    sender = ctx.mail.sender
    others = [
        a
        for a in (*ctx.mail.cc, *ctx.mail.to)
        if a.email.casefold() not in (own, sender.email.casefold() if sender else "")
    ]
    for address in others:
        contact = known(ctx, address.email)
        words = ctx.reading.new_text + " " + ctx.mail.subject
        first, last = names.split(address.name)
        if contact is not None:
            if sender_known is None and re.search(
                rf"\b(?:{re.escape(contact.first_name)}|{re.escape(contact.last_name or contact.first_name)})\b",
                words,
                re.IGNORECASE,
            ):
                return Person(email_of(contact), contact.first_name, contact.last_name, known=contact, role="cc")
            continue
        if not first:
            guess = names.from_address(address.email)
            first, last = guess[0].title(), guess[1].title()
        if not first or not re.search(rf"\b{re.escape(first)}\b", words, re.IGNORECASE):
            continue
        if "introduce" in ctx.all_signs or re.search(r"\b(?:cc|copied|copy|meet|introduc\w*)\b", words, re.IGNORECASE):
            if not last and (match := re.search(rf"\b{re.escape(first)}\s+([A-Z][\w'-]+)", words)):
                last = match[1]
            return Person(
                address.email,
                first,
                last,
                role="cc",
                name_span=span_of(ctx, first),
                phone=ctx.phones[0].e164 if ctx.phones and ctx.phones[0].cued else "",
            )
    if "introduce" in ctx.all_signs or re.search(
        r"\b(?:friend|colleague|sister|brother|mother|cousin|neighbour|neighbor)\b", ctx.reading.new_text, re.I
    ):
        return _address_in_text(ctx)
    return None


def _address_in_text(ctx: Context) -> Person | None:
    """Somebody else whose address the writer gives: "write to my friend Ana Diaz, ana@…"."""
    own = ctx.case.practitioner.email.casefold()
    sender = ctx.mail.sender
    for section in ctx.reading.new:
        for match in re.finditer(r"[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,5}", section.text):
            email = match.group().rstrip(".")
            if email.casefold() in (own, sender.email.casefold() if sender else "") or known(ctx, email):
                continue
            before = section.text[max(0, match.start() - 160) : match.start()]
            local = names.from_address(email)
            people = re.findall(r"\b([A-Z][\w'-]+(?:\s+[A-Z][\w'-]+){0,2})\b", before)
            for name in reversed(people):
                first, last = names.split(name)
                if first and names.plain(first)[:3] == local[0][:3] and not _is_practitioner(ctx, name):
                    span = span_of(ctx, name)
                    number = next((p for p in ctx.phones if p.start >= section.start), None)
                    return Person(
                        email,
                        first,
                        last or (local[1].title() if local[1] else ""),
                        number.e164 if number else "",
                        None,
                        "named",
                        span,
                        (section.start + match.start(), section.start + match.start() + len(email)),
                    )
    return None


def _named(ctx: Context, sender_known: Contact | None) -> Person | None:
    """Another known client whose appointment the writer speaks of."""
    text = ctx.reading.new_text + "\n" + ctx.subject_line
    folded = text.casefold()
    best: tuple[int, Contact] | None = None
    for contact in ctx.case.contacts:
        if contact is sender_known or not email_of(contact):
            continue
        if not any(name and name.casefold() in folded for name in (contact.first_name, contact.last_name)):
            continue  # patterns of names are dear to compile, and most clients are not spoken of
        same_name = sender_known is not None and names.plain(contact.first_name) == names.plain(sender_known.first_name)
        last = re.escape(contact.last_name) if contact.last_name else "(?!x)x"
        who = rf"(?:{re.escape(contact.first_name)}(?:\s+{last})?|(?:mr|mrs|ms|miss|dr)\.?\s+{last})"
        score = 0
        if contact.last_name and re.search(rf"\b{re.escape(contact.name)}\b", text, re.IGNORECASE):
            score += 2
        elif re.search(rf"\b(?:mr|mrs|ms|miss|dr)\.?\s+{last}\b", text, re.IGNORECASE):
            score += 2
        if same_name:
            score -= 2
        if re.search(rf"\b{who}'s\s+(?:\w+\s+){{0,3}}?{_NOUN}\b", text, re.IGNORECASE):
            score += 3
        if re.search(rf"\b(?:for|on behalf of)\s+(?:my\s+\w+,?\s+|our\s+\w+,?\s+)?{who}\b", text, re.IGNORECASE):
            score += 2
        if re.search(rf"\b{who}(?:\s+{_VERB}|{_VERB})\b", text) and not re.search(
            rf"\b(?:hi|hello|dear|hey)\s+{who}", text, re.I
        ):
            score += 1
        if re.search(
            rf"\b(?:husband|wife|son|daughter|mother|mum|mom|father|dad|partner|sister|brother|assistant|pa|ea|secretary|carer|caregiver)\b[^.]{{0,30}}\b{who}\b|\b{who}'s\s+(?:husband|wife|son|daughter|mother|mum|mom|father|dad|partner|sister|brother|assistant|pa|ea|secretary|carer)\b",
            text,
            re.IGNORECASE,
        ):
            score += 2
        if re.search(
            rf"\b(?:book|squeeze|fit|put|see|take|have|get|slot|pencil|schedule|bring|move|cancel)\s+(?:in\s+)?{who}(?:\s+(?:in|down|on|for|at|to|over)\b|\s+as\s+well)",
            text,
            re.IGNORECASE,
        ):
            score += 3
        if sender_known is None and score <= 3 and _OWN_WISH.search(text) and not _ON_BEHALF.search(text):
            score -= 2  # a stranger who was sent by a client
        if ctx.scheduled(email_of(contact)):
            score += 1
        elif sender_known is not None and ctx.scheduled(email_of(sender_known)):
            score -= 1
        need = 3
        if score >= need and (best is None or score > best[0]):
            best = (score, contact)
    if best is None:
        return None
    contact = best[1]
    return Person(
        email_of(contact),
        contact.first_name,
        contact.last_name,
        known=contact,
        role="named",
        name_span=span_of(ctx, contact.first_name),
    )
