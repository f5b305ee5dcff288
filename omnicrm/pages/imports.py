"""Moving in: File, Columns, Rehearsal, Done; and taking an import back."""

from __future__ import annotations

import reflex as rx

from omnicrm.components import ui
from omnicrm.components.layout import page
from omnicrm.components.parts import banner, button, button_link, chip, go, icon, section
from omnicrm.state.imports import ImportState
from omnicrm.state.shell import ShellState

TARGETS = (
    ("", "Nothing: left out"),
    ("first_name", "First name"),
    ("last_name", "Last name"),
    ("full_name", "Whole name"),
    ("email", "Mail"),
    ("phone", "Phone"),
    ("company", "Company"),
    ("job_title", "Job title"),
    ("date_of_birth", "Birthday"),
    ("pronouns", "Pronouns"),
    ("website", "Website"),
    ("address_street", "Street"),
    ("address_city", "Town"),
    ("address_state", "Region"),
    ("address_postal_code", "Postal code"),
    ("address_country", "Country"),
    ("tags", "Tags"),
    ("notes", "Notes"),
    ("client_since", "Client since"),
    ("referral_source", "Came through"),
)
STEPS = ("File", "Columns", "Rehearsal", "Done")
_card = ImportState.card


@rx.page("/import", title="Import and export · OmniCRM", on_load=[ImportState.load, ShellState.refresh])
def imports() -> rx.Component:
    return page(
        "Import and export",
        ui.every(seconds=1, on=ImportState.working, on_tick=ImportState.again),
        rx.cond(_card.problem != "", rx.el.div(banner(_card.problem, tone="err"), class_name="steps-gap")),
        rx.cond(
            _card.id == "",
            _file(),
            rx.match(
                _card.step,
                ("columns", _columns()),
                ("rehearsing", _under_way("Reading every row. Nothing is saved yet.", 3)),
                ("rehearsal", _rehearsal()),
                ("running", _under_way("The rows go in, or come out again.", 4)),
                _done(),
            ),
        ),
        current="contacts",
        back=("Contacts", "/contacts"),
        reread=ImportState.again,
        below=rx.cond(_card.id != "", rx.fragment(_card.file_name, rx.cond(_card.about != "", ", " + _card.about, ""))),
        actions=(rx.cond(_card.id != "", button_link("Another file", to="/import")),),
        bar=rx.cond(
            _card.id != "",
            rx.match(
                _card.step,
                ("columns", _columns_bar()),
                ("rehearsal", _rehearsal_bar()),
                rx.fragment(),
            ),
        ),
    )


def _steps(now: int) -> rx.Component:
    def one(number: int, words: str) -> rx.Component:
        mark = icon("check", "s") if number < now else str(number)
        return rx.el.span(rx.el.b(mark), words, class_name="on" if number == now else "")

    return rx.el.div(
        *[one(number, words) for number, words in enumerate(STEPS, 1)],
        class_name="steps",
        role="group",
        aria_label=f"Step {now} of 4",
    )


def _file() -> rx.Component:
    return rx.fragment(
        _steps(1),
        ui.native_form(
            rx.el.label(
                rx.el.span("A file of contacts", class_name="lab"),
                rx.el.input(
                    type="file",
                    name="file",
                    required=True,
                    accept=".csv,.tsv,.txt,.vcf,.vcard,text/csv,text/vcard",
                    class_name="inp file",
                ),
                rx.el.p(
                    "CSV from Google, Outlook or any table program, or vCard (.vcf). Up to 100 MB.", class_name="help"
                ),
                class_name="f",
            ),
            button("Look into it", kind="solid", type="submit"),
            rx.el.p("Nothing is saved yet. You see every column and every row first.", class_name="s m2"),
            action="/import/file",
            method="post",
            custom_attrs={"encType": "multipart/form-data"},
            class_name="col g12 narrow",
        ),
        section(
            "Take your contacts elsewhere",
            rx.el.div(
                *[
                    rx.el.a(
                        icon("download", "s"), words, href=f"/export/contacts/{form}", download=True, class_name="btn"
                    )
                    for form, words in (
                        ("csv", "CSV"),
                        ("vcard4", "vCard 4.0"),
                        ("vcard3", "vCard 3.0"),
                        ("json", "JSON"),
                    )
                ],
                class_name="row wrap",
            ),
        ),
        _earlier(),
    )


def _columns() -> rx.Component:
    return rx.fragment(
        _steps(2),
        rx.cond(
            _card.columns.length() > 0,
            rx.fragment(
                rx.el.div(
                    rx.el.span("Column in the file"),
                    rx.el.span("First values"),
                    rx.el.span(),
                    rx.el.span("Becomes"),
                    class_name="mp h",
                ),
                rx.foreach(_card.columns, _column),
                rx.cond(
                    _card.has_days,
                    rx.el.div(
                        rx.el.span("3/5/1971 is", class_name="m2"),
                        chip("3 May", on=_card.day_first, on_click=ImportState.set_day_first("day")),
                        chip("March 5", on=~_card.day_first, on_click=ImportState.set_day_first("month")),
                        class_name="row steps-gap",
                        role="group",
                        aria_label="How days are written",
                    ),
                ),
            ),
            rx.el.p("An address book says itself what is what. Rehearse it.", class_name="m2"),
        ),
    )


def _column(column: rx.Var) -> rx.Component:
    return rx.el.div(
        rx.el.span(column.header, class_name="b"),
        rx.el.span(column.samples, class_name="m2 one"),
        icon("arrow-right", "s"),
        rx.el.select(
            *[rx.el.option(words, value=value) for value, words in TARGETS],
            rx.foreach(ImportState.own, lambda one: rx.el.option(one.words, value=one.value)),
            value=column.target,
            on_change=lambda target: ImportState.set_column(column.place, target),
            class_name="inp",
            aria_label="What " + column.header + " becomes",
        ),
        class_name="mp",
        key=column.place.to_string(),
    )


def _columns_bar() -> rx.Component:
    return rx.el.div(
        button("Rehearse the import", kind="solid", disabled=~_card.usable, on_click=ImportState.rehearse),
        rx.cond(
            _card.usable,
            rx.el.span(
                "Nothing is saved yet. The next step shows what would happen to every row.", class_name="s m2 dt"
            ),
            rx.el.span("Say first which column is a name, a mail or a phone.", class_name="s warn"),
        ),
        class_name="barb",
    )


def _under_way(words: str, step: int) -> rx.Component:
    return rx.fragment(
        _steps(step),
        rx.el.div(
            rx.el.p(words, class_name="b"),
            rx.el.p(_card.rows.to_string(), " rows so far. You may close this page.", class_name="m2"),
            rx.el.progress(aria_label="Under way"),
            class_name="col g6 narrow",
            role="status",
        ),
    )


def _rehearsal() -> rx.Component:
    return rx.fragment(
        _steps(3),
        rx.el.div(
            _count(_card.new, "new clients"),
            _count(_card.known, "here, filled in"),
            _count(_card.perhaps, "maybe here", "warn"),
            _count(_card.refused, "cannot be read", "bad"),
            class_name="rs4",
        ),
        rx.cond(
            _card.perhaps_rows.length() > 0,
            section(
                "Maybe the same person",
                rx.el.div(
                    rx.el.span("In the file"),
                    rx.el.span("In your contacts"),
                    rx.el.span("Is it the same?"),
                    class_name="du h s m2",
                ),
                rx.foreach(_card.perhaps_rows, _perhaps),
                end=rx.fragment(_card.decided.to_string(), " of ", _card.perhaps.to_string(), " decided"),
            ),
        ),
        rx.cond(
            _card.reasons.length() > 0,
            section(
                "Cannot be read",
                rx.foreach(_card.reasons, _reason),
                end=rx.fragment(_card.refused.to_string(), " rows, left out"),
            ),
        ),
    )


def _count(number: rx.Var, words: str, tone: str = "") -> rx.Component:
    return rx.el.div(rx.el.b(number, class_name=tone), rx.el.span(words, class_name="s m2"))


def _perhaps(row: rx.Var) -> rx.Component:
    choices = (("same", "Same"), ("new", "Two people"), ("leave_out", "Leave out"))
    return rx.el.div(
        rx.el.span(rx.el.span(row.name, class_name="b bk"), rx.el.span(row.detail, class_name="s m2")),
        rx.el.span(rx.el.span(row.like, class_name="b bk"), rx.el.span(row.why, class_name="s m2")),
        rx.el.div(
            *[
                chip(words, on=row.choice == value, on_click=ImportState.choose(row.row, value))
                for value, words in choices
            ],
            class_name="pick",
            role="group",
            aria_label="Is " + row.name + " the same?",
        ),
        class_name="du",
        key=row.row.to_string(),
    )


def _reason(one: rx.Var) -> rx.Component:
    return rx.el.div(rx.el.span(one.item, class_name="m2"), rx.el.span(one.reason), class_name="er")


def _rehearsal_bar() -> rx.Component:
    return rx.el.div(
        button(
            "Import ",
            _card.comes_in.to_string(),
            " rows",
            kind="solid",
            disabled=_card.comes_in == 0,
            on_click=ImportState.run,
        ),
        button("Change columns", on_click=ImportState.change_columns),
        rx.el.span(
            "Undecided and unreadable rows are left out. All of it can be taken back for 30 days.", class_name="s m2 dt"
        ),
        class_name="barb",
    )


def _done() -> rx.Component:
    return rx.fragment(
        _steps(4),
        rx.cond(
            _card.step == "reverted",
            rx.el.div(
                rx.el.div("This import was taken back", class_name="xl"),
                rx.el.div("What you changed or used since then stays.", class_name="s m2"),
                rx.foreach(_card.kept, _reason),
            ),
            rx.fragment(
                rx.cond(
                    _card.step == "failed",
                    rx.el.div(
                        rx.el.p("It stopped before the end. What came in is whole.", class_name="b"),
                        button("Go on with it", kind="solid", on_click=ImportState.run),
                        class_name="row steps-gap",
                    ),
                    rx.el.div(
                        rx.el.div("It is in your contacts", class_name="xl"),
                        rx.el.div("No mail was sent to anyone.", class_name="s m2"),
                        class_name="steps-gap",
                    ),
                ),
                _result(_card.new, "new clients", ""),
                _result(_card.filled, "already here, empty fields filled in", "nothing you had written was changed"),
                _result(_card.unchanged, "already here, nothing to add", ""),
                _result(_card.left_out, "left out", "undecided"),
                _result(_card.refused, "cannot be read", ""),
                rx.el.div(
                    button_link("See your contacts", to="/contacts", kind="solid"),
                    button_link("Look for duplicates", to="/duplicates"),
                    class_name="row steps-gap",
                ),
                rx.cond(_card.can_revert, _not_wanted()),
                rx.cond(_card.reasons.length() > 0, section("Remarks", rx.foreach(_card.reasons, _reason))),
            ),
        ),
        _earlier(),
    )


def _result(number: rx.Var, words: str, detail: str) -> rx.Component:
    return rx.cond(
        number > 0,
        rx.el.div(
            rx.el.b(number),
            rx.el.span(words, *([rx.el.span(detail, class_name="s m2 bk")] if detail else [])),
            class_name="res",
        ),
    )


def _not_wanted() -> rx.Component:
    return rx.el.div(
        rx.el.h2("Not what you wanted?"),
        rx.el.p(
            "Takes out the new clients and empties the filled fields. What you changed or used since then stays, and is"
            " named. For 30 days.",
            class_name="s m2",
        ),
        button(icon("undo-2", "s"), "Revert the import", kind="tomato", on_click=ImportState.revert(_card.id)),
        class_name="card col g12 narrow",
    )


def _earlier() -> rx.Component:
    def row(one: rx.Var) -> rx.Component:
        return rx.el.div(
            go(
                rx.el.span(one.file_name, class_name="b bk one"),
                rx.el.span(one.when, ", ", one.made.to_string(), " new", class_name="s m2"),
                to="/import?file=" + one.id,
                class_name="grow",
            ),
            rx.match(
                one.status,
                ("reverted", rx.el.span("taken back", class_name="s m2")),
                ("interrupted", rx.el.span("stopped half way", class_name="s warn")),
                rx.cond(
                    one.can_revert,
                    button(icon("undo-2", "s"), "Revert", kind="z1", on_click=ImportState.revert(one.id)),
                    rx.el.span("too old to revert", class_name="s m2"),
                ),
            ),
            class_name="lr",
            key=one.id,
        )

    return rx.cond(ImportState.earlier.length() > 0, section("Earlier imports", rx.foreach(ImportState.earlier, row)))
