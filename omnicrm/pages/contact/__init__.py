"""A client's page: it reads like a journal."""

from __future__ import annotations

import reflex as rx

from omnicrm.components import parts, ui
from omnicrm.components.booking import book_button, booking_sheet
from omnicrm.components.exports import exports
from omnicrm.components.fields import check, choice, field, form_sheet
from omnicrm.components.layout import page
from omnicrm.components.note_editor import note_button, note_editor
from omnicrm.components.parts import button, chip, go, icon, icon_of
from omnicrm.components.status import flag
from omnicrm.pages.contact import details, files, private, programs
from omnicrm.state.booking import BookingState
from omnicrm.state.contact import ContactState
from omnicrm.state.contact_files import FilesState
from omnicrm.state.contact_private import PrivateState
from omnicrm.state.contact_programs import ContactProgramsState
from omnicrm.state.notes import NoteState
from omnicrm.state.shell import ShellState

KINDS = (
    ("session", "Sessions"),
    ("note", "Notes"),
    ("mail", "Mail"),
    ("payment", "Payments"),
    ("task", "Tasks"),
)
ENTRY_ICONS = (
    "calendar",
    "calendar-check",
    "circle-check",
    "calendar-x",
    "user-x",
    "notebook-pen",
    "mail",
    "banknote",
    "list-checks",
)
_card = ContactState.card


@rx.page(
    "/contacts/[client]",
    title="Contact · OmniCRM",
    on_load=[
        ShellState.refresh,
        ContactState.load,
        PrivateState.load,
        ContactProgramsState.load,
        FilesState.load,
    ],
)
def contact() -> rx.Component:
    return page(
        "Contact",
        rx.cond(ContactState.gone, _gone(), rx.cond(_card, _journal())),
        booking_sheet(),
        note_editor(),
        ui.on_change(value=NoteState.saved, on_change=ContactState.reload),
        _edit_sheet(),
        *private.sheets(),
        programs.enrol_sheet(),
        current="contacts",
        back=("Contacts", "/contacts"),
        head=_head(),
        bar=rx.cond(_card, _bar()),
        reread=ContactState.reload,
    )


def _head() -> rx.Component:
    known = rx.fragment(
        files.portrait(),
        rx.el.div(
            rx.el.h1(_card.name),
            rx.el.div(rx.cond(_card.archived, "Archived, ", ""), _card.about, class_name="m2 s"),
            class_name="grow",
        ),
        rx.el.div(
            *_reach(),
            button(icon("pencil-line", "s"), "Edit", keys="e", on_click=ContactState.open_edit),
            note_button(client=_card.id),
            book_button("Book", client=_card.id),
            class_name="row dt",
        ),
    )
    return rx.el.header(rx.cond(_card, known, rx.el.h1("Contact", class_name="m2")), class_name="idh")


def _reach() -> list[rx.Component]:
    """Telephone and mail are the device's own."""
    return [
        rx.cond(
            _card.phone != "",
            ui.plain_link(icon("phone"), href="tel:" + _card.phone.to(str), class_name="btn ico", aria_label="Call"),
        ),
        rx.cond(
            _card.email != "",
            rx.el.a(
                icon("mail"), href="mailto:" + _card.email.to(str), class_name="btn ico", aria_label="Write a mail"
            ),
        ),
    ]


def _bar() -> rx.Component:
    return rx.el.div(
        button(icon("calendar-plus", "s"), "Book", kind="solid grow", on_click=BookingState.start(_card.id, "", "")),
        note_button(client=_card.id, kind="grow"),
        *_reach(),
        class_name="barb ph",
    )


def _journal() -> rx.Component:
    return rx.el.div(
        rx.el.div(
            _facts(),
            rx.cond(_card.last_note != "", _last_note()),
            rx.cond(_card.proposals > 0, _waiting()),
            rx.el.div(
                chip("Everything", on=ContactState.kind == "", on_click=ContactState.show("")),
                *[
                    chip(
                        words,
                        _card.counts.get(kind, 0),
                        on=ContactState.kind == kind,
                        on_click=ContactState.show(kind),
                    )
                    for kind, words in KINDS
                ],
                class_name="chips",
                role="group",
                aria_label="What the timeline shows",
            ),
            rx.cond(
                ContactState.entries.length() > 0,
                rx.el.ol(rx.foreach(ContactState.entries, _entry), class_name="tl"),
                rx.cond(
                    (ContactState.kind == "") & (_card.counts.get("session", 0) > 0),
                    parts.empty(
                        "calendar",
                        "Nothing has happened yet",
                        "What is booked comes here once it is over. Until then it stands under Sessions.",
                        button("Show the sessions", on_click=ContactState.show("session")),
                    ),
                    parts.empty(
                        "notebook-pen", "Nothing here yet", "Sessions, notes, mails, payments and tasks stand here."
                    ),
                ),
            ),
            rx.cond(
                ContactState.older != "",
                button("Older entries", kind="wide", on_click=ContactState.show_older),
            ),
        ),
        _side(),
        class_name="jl",
    )


def _facts() -> rx.Component:
    def fact(label: str, value: object, tone: object = "b s cap") -> rx.Component:
        return rx.el.div(rx.el.div(label, class_name="xs m2"), rx.el.div(value, class_name=tone))

    return rx.el.div(
        fact("Next", rx.cond(_card.next_session != "", _card.next_session, "None booked")),
        fact("Balance", _card.balance),
        rx.cond(_card.credits != "", fact("Credits", _card.credits, "b s " + _card.credits_tone.to(str))),
        class_name="facts ph",
    )


def _last_note() -> rx.Component:
    return rx.el.section(
        rx.el.div(icon("pin", "s"), _card.last_note_title, class_name="row s m2"),
        rx.html(_card.last_note, class_name="voice big md"),
        class_name="last",
        aria_label="Last note",
    )


def _waiting() -> rx.Component:
    return go(
        icon("inbox", "l"),
        rx.el.span(
            _card.proposals,
            rx.cond(_card.proposals == 1, " proposal waits", " proposals wait"),
            " for your yes",
            class_name="grow b",
        ),
        icon("chevron-right"),
        to="/approvals",
        class_name="appr",
    )


def _entry(entry: rx.Var, index: rx.Var) -> rx.Component:
    earlier = ContactState.entries[index - 1].month
    return rx.fragment(
        rx.cond(
            (index == 0) | (earlier != entry.month),
            rx.el.li(entry.month, class_name="mon"),
        ),
        rx.el.li(
            rx.el.span(icon_of(entry.icon, *ENTRY_ICONS, size="s"), class_name="ic"),
            rx.el.div(
                rx.el.div(
                    rx.match(
                        entry.kind,
                        (
                            "note",
                            rx.el.button(
                                entry.title, type="button", class_name="b tapline", on_click=NoteState.open(entry.id)
                            ),
                        ),
                        ("session", go(entry.title, to="/sessions/" + entry.id, class_name="b tapline")),
                        ("task", go(entry.title, to="/tasks?task=" + entry.id, class_name="b tapline")),
                        rx.el.span(entry.title, class_name="b"),
                    ),
                    rx.cond(entry.detail != "", rx.el.span(" ", entry.detail, class_name="m2")),
                ),
                rx.cond(entry.voice != "", rx.el.p(entry.voice, class_name="voice two")),
                rx.cond(
                    entry.proposals > 0,
                    go(flag("A proposal waits for your yes", "circle-dashed", "open"), to="/approvals"),
                ),
            ),
            rx.el.span(entry.when, class_name="s m2 nw"),
            class_name="te",
        ),
    )


def _side() -> rx.Component:
    def part(title: str, *children: rx.Component) -> rx.Component:
        return rx.el.div(rx.el.h2(title), *children, class_name="sd")

    return rx.el.aside(
        rx.el.div(
            part(
                "Next session",
                rx.cond(
                    _card.next_session != "",
                    rx.el.div(
                        go(
                            _card.next_session,
                            to="/sessions/" + _card.next_session_id.to(str),
                            class_name="bk cap link",
                        ),
                        rx.el.span(_card.next_session_distance, class_name="s m2"),
                        class_name="row sp",
                    ),
                    rx.el.div("None booked", class_name="m2"),
                ),
                rx.el.div(_card.next_session_detail, class_name="s m2"),
            ),
            rx.el.div(
                rx.el.div(rx.el.h2("Balance"), rx.el.span(_card.balance, class_name="b"), class_name="row sp"),
                rx.el.div(_card.balance_words, class_name="s m2"),
                rx.cond(
                    _card.credits != "",
                    rx.el.span(icon("ticket", "s"), _card.credits, class_name="st " + _card.credits_tone.to(str)),
                ),
                class_name="sd",
            ),
            class_name="dt",
        ),
        part(
            "Details",
            details.details(),
            private.further(),
        ),
        rx.cond(
            (_card.tags.length() > 0) | (_card.groups.length() > 0),
            part(
                "Tags and groups",
                rx.el.div(rx.foreach(_card.tags, lambda tag: rx.el.span(tag, class_name="badge")), class_name="tags"),
                rx.el.div(
                    rx.foreach(
                        _card.groups,
                        lambda group: rx.el.span(
                            rx.el.span(class_name="dot " + group.value), group.name, class_name="row g6 s"
                        ),
                    ),
                    class_name="tags",
                ),
            ),
        ),
        programs.programs(),
        files.files(),
        private.consents(),
        private.health(),
        part(
            "Privacy",
            check(
                "Read their mail for proposals",
                _card.ai_allowed,
                kind="switch",
                on_change=lambda on: ContactState.switch("ai_allowed", on),
            ),
            check(
                "Mail may be sent",
                _card.mail_allowed,
                kind="switch",
                on_change=lambda on: ContactState.switch("mail_allowed", on),
            ),
        ),
        rx.el.div(
            rx.el.div(
                button(icon("pencil-line", "s"), "Edit", kind="ph", on_click=ContactState.open_edit),
                rx.cond(
                    _card.archived,
                    button("Back into the lists", on_click=ContactState.unarchive),
                    button(icon("archive", "s"), "Archive", on_click=ContactState.archive),
                ),
                class_name="row wrap",
            ),
            exports("Export this client", of=_card.id),
            class_name="sd",
        ),
    )


def _edit_sheet() -> rx.Component:
    def known(label: str, name: str, **props: object) -> rx.Component:
        return field(label, name, default_value=getattr(_card, name), auto_complete="off", **props)

    return form_sheet(
        "Edit contact",
        rx.el.div(known("First name", "first_name"), known("Last name", "last_name"), class_name="fg"),
        rx.el.div(
            known("Mail", "email", kind="email"),
            known("Phone", "phone", kind="tel"),
            known("Company", "company"),
            known("Pronouns", "pronouns"),
            known("Born", "date_of_birth", kind="date"),
            choice(
                "Stage",
                "lifecycle_stage",
                [("active", "Client"), ("lead", "Lead"), ("paused", "Paused"), ("former", "Former")],
                default_value=_card.stage,
            ),
            known("Street", "address_street"),
            known("Town", "address_city"),
            class_name="fg k",
        ),
        field("Tags", "tags", default_value=_card.tags.join(", "), help="With commas between them"),
        open=ContactState.editing,
        on_close=ContactState.close,
        on_submit=ContactState.save,
    )


def _gone() -> rx.Component:
    return parts.empty(
        "user-x",
        "This client is not in your book",
        "The address may be wrong, or the client was removed.",
        parts.button_link("To the contacts", to="/contacts", kind="solid"),
    )
