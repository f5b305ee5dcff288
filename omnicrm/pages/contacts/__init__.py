"""Contacts: clients, leads and others; search, filters, saved views, and many at once."""

from __future__ import annotations

import reflex as rx

from omnicrm.components import parts, ui
from omnicrm.components.fields import choice, field, form_sheet, search_box
from omnicrm.components.hold import hold
from omnicrm.components.layout import page
from omnicrm.components.parts import button, button_link, chip, go, icon
from omnicrm.components.status import flag
from omnicrm.pages.contacts.many import bar, sheets
from omnicrm.pages.contacts.narrow import narrowed, views
from omnicrm.state.contacts import PAGES, ContactsState
from omnicrm.state.shell import ShellState

COLUMN_WORDS = (
    ("tags", "Tags"),
    ("last", "Last session"),
    ("next", "Next"),
    ("credits", "Credits"),
    ("balance", "Balance"),
)
STAGES = (("", "Everyone"), ("lead", "Leads"), ("active", "Clients"), ("paused", "Paused"), ("former", "Former"))


@rx.page("/contacts", title="Contacts · OmniCRM", on_load=[ContactsState.load, ShellState.refresh])
def contacts() -> rx.Component:
    return page(
        "Contacts",
        rx.cond(ContactsState.counts.get("all", 0) > 0, _book(), _nobody()),
        _new(),
        *sheets(),
        current="contacts",
        count=ContactsState.counts.get("all", 0),
        line=True,
        flush=True,
        bar=bar(),
        actions=(
            rx.el.div(_search(), class_name="dt find"),
            button_link(
                icon("users", "s"), rx.el.span("Duplicates", class_name="dt"), to="/duplicates", aria_label="Duplicates"
            ),
            rx.el.div(button_link(icon("upload", "s"), "Import", to="/import"), class_name="dt"),
            button(
                icon("user-plus", "s"),
                rx.el.span("New contact", class_name="dt"),
                kind="solid",
                keys="n",
                aria_label="New contact",
                on_click=ContactsState.open_form,
            ),
        ),
    )


def _search() -> rx.Component:
    return search_box("Name, mail, phone, tag", on_change=lambda text: ContactsState.search(text).debounce(200))


def _book() -> rx.Component:
    return rx.el.div(
        views(STAGES),
        rx.el.div(
            rx.el.div(_search(), class_name="ph above"),
            rx.el.div(
                *[_stage_chip(*stage) for stage in STAGES],
                class_name="chips ph",
                role="group",
                aria_label="Which contacts",
            ),
            narrowed(),
            rx.cond(ContactsState.found > 0, rx.fragment(_table(), _rows()), _none_found()),
            rx.cond(
                (ContactsState.following != "") & (ContactsState.pages < PAGES),
                ui.on_visible(tick=ContactsState.pages, on_seen=ContactsState.more),
            ),
            rx.cond(
                (ContactsState.following != "") & (ContactsState.pages >= PAGES),
                rx.el.p("There are more. Search for a name to find them.", class_name="s m2 above"),
            ),
            class_name="tw",
        ),
        class_name="cw",
    )


def _stage_chip(value: str, words: str) -> rx.Component:
    return chip(
        words,
        ContactsState.counts.get(value or "all", 0),
        on=_stage_alone(value),
        on_click=ContactsState.show_stage(value),
    )


def _stage_alone(value: str) -> rx.Var:
    one = 1 if value else 0
    return (ContactsState.filter.stage == value) & (ContactsState.active.length() == one)


def _table() -> rx.Component:
    number = ContactsState.selected.length()
    everyone = (number > 0) & (number == ContactsState.found)
    return rx.el.table(
        rx.el.thead(
            rx.el.tr(
                rx.el.th(
                    rx.el.input(
                        type="checkbox",
                        class_name="check",
                        default_checked=everyone,
                        key=everyone.to_string(),
                        on_change=ContactsState.select_shown,
                        aria_label="Select all that are shown",
                    ),
                    class_name="tick",
                ),
                rx.el.th("Name", scope="col"),
                *[
                    _column(name, rx.el.th(words, scope="col", class_name="num" if name == "balance" else ""))
                    for name, words in COLUMN_WORDS
                ],
            )
        ),
        rx.el.tbody(*[rx.foreach(_page(number), _table_row) for number in range(PAGES)]),
        class_name="dt",
    )


def _column(name: str, cell: rx.Component) -> rx.Component:
    return rx.cond(ContactsState.columns.contains(name), cell)


def _tick(row: rx.Var) -> rx.Component:
    on = ContactsState.selected.contains(row.id)
    return rx.el.input(
        type="checkbox",
        class_name="check",
        default_checked=on,  # answers at once; the key brings it back in step
        key=on.to_string(),
        on_change=lambda on: ContactsState.select(row.id, on),
        aria_label="Select " + row.name.to(str),
    )


def _table_row(row: rx.Var) -> rx.Component:
    chosen = ContactsState.selected.contains(row.id)
    nothing_next = rx.el.span("None booked", class_name="m2")
    cells = {
        "tags": rx.el.td(row.tags.join(", "), class_name="m2"),
        "last": rx.el.td(rx.cond(row.last != "", row.last, "–"), class_name="nw"),
        "next": rx.el.td(rx.cond(row.next != "", row.next, nothing_next), class_name="nw"),
        "credits": rx.el.td(_credits(row)),
        "balance": rx.el.td(rx.cond(row.owed != "", rx.el.span(row.owed, class_name="bad b"), "–"), class_name="num"),
    }
    return rx.el.tr(
        rx.el.td(_tick(row), class_name="tick"),
        rx.el.td(
            rx.el.span(parts.avatar(row.initials, "sm"), go(row.name, to="/contacts/" + row.id), class_name="row")
        ),
        *[_column(name, cells[name]) for name, _ in COLUMN_WORDS],
        key=row.id,
        class_name=rx.cond(chosen, "sel", ""),
    )


def _rows() -> rx.Component:
    return hold(
        rx.el.div(*[rx.foreach(_page(number), _row) for number in range(PAGES)], class_name="ph"),
        on_hold=lambda key: ContactsState.select(key, True),
    )


def _row(row: rx.Var) -> rx.Component:
    return rx.el.div(
        rx.cond(ContactsState.selecting, rx.el.span(_tick(row), class_name="tick")),
        go(
            parts.avatar(row.initials),
            rx.el.span(
                rx.el.span(row.name, class_name="b bk one"),
                rx.el.span(
                    rx.cond(
                        row.next != "", "Next: " + row.next, rx.cond(row.last != "", "Last " + row.last, row.detail)
                    ),
                    class_name="s m2 bk one",
                ),
                class_name="grow",
            ),
            rx.cond(row.owed != "", flag(row.owed, "circle-alert", "bad"), _credits(row)),
            to="/contacts/" + row.id,
            class_name="lr",
            custom_attrs={"data-hold": row.id},
        ),
        class_name="srow",
        key=row.id,
    )


def _credits(row: rx.Var) -> rx.Component:
    return rx.cond(row.credits != "", rx.el.span(icon("ticket", "s"), row.credits, class_name="st " + row.credits_tone))


def _page(number: int) -> rx.Var:
    return getattr(ContactsState, f"page{number}")


def _nobody() -> rx.Component:
    return rx.el.div(
        parts.empty(
            "users",
            "No contacts yet",
            "Add the first one, bring in a file, or connect Google and let your mail suggest them.",
            button("New contact", kind="solid", on_click=ContactsState.open_form),
            parts.button_link("Import a file", to="/import"),
            parts.button_link("Connect Google", to="/settings/google"),
        ),
        class_name="body",
    )


def _none_found() -> rx.Component:
    return parts.empty(
        "search-x",
        rx.cond(ContactsState.query != "", "Nothing found for “" + ContactsState.query + "”", "Nobody is here"),
        rx.cond(
            ContactsState.query != "", "Names, mail addresses, numbers and tags are searched.", "Choose another view."
        ),
    )


def _new() -> rx.Component:
    return form_sheet(
        "New contact",
        rx.el.div(
            field("First name", "first_name", auto_focus=True, auto_complete="off"),
            field("Last name", "last_name", auto_complete="off"),
            class_name="fg",
        ),
        field("Mail", "email", kind="email", auto_complete="off"),
        field("Phone", "phone", kind="tel", auto_complete="off"),
        rx.el.div(
            choice(
                "Stage",
                "lifecycle_stage",
                [("active", "Client"), ("lead", "Lead"), ("paused", "Paused"), ("former", "Former")],
            ),
            field("Tags", "tags", help="With commas between them"),
            class_name="fg",
        ),
        rx.cond(ContactsState.perhaps.length() > 0, _perhaps()),
        ui.draft(name="contact", saved=ContactsState.added),
        open=ContactsState.adding,
        on_close=ContactsState.close_form,
        on_submit=ContactsState.add,
    )


def _perhaps() -> rx.Component:
    """Whom one has already, perhaps: open them, fill them in, or add another one all the same."""
    return rx.el.section(
        rx.el.p("Perhaps you already have", class_name="b"),
        rx.foreach(
            ContactsState.perhaps,
            lambda row: rx.el.div(
                parts.avatar(row.initials, "sm"),
                rx.el.span(
                    go(row.name, to="/contacts/" + row.id.to(str), class_name="b bk link"),
                    rx.el.span(row.detail, ": ", row.why, class_name="s m2 bk"),
                    class_name="grow",
                ),
                button(
                    "Fill them in",
                    aria_label="Fill in what was typed for " + row.name.to(str),
                    on_click=ContactsState.fill_in(row.id),
                ),
                class_name="lr",
                key=row.id,
            ),
        ),
        button("Add somebody new all the same", kind="wide", on_click=ContactsState.add_anyway),
        class_name="perhaps",
        role="alert",
    )
