"""Many contacts at once, and the sheets of the list: filter, keep as view, tag, group."""

from __future__ import annotations

import reflex as rx

from omnicrm.components.fields import check, choice, field, form_sheet
from omnicrm.components.parts import button, icon
from omnicrm.state.base import PageState
from omnicrm.state.contacts import ContactsState
from omnicrm.state.narrowing import CONSENTS, WORDS

_STAGES = [("", "Any"), ("lead", "Leads"), ("active", "Clients"), ("paused", "Paused"), ("former", "Former")]
_SESSIONS = [
    ("", "Any"),
    ("coming", "A session is booked"),
    ("unbooked", "None booked"),
    ("away", "Away for 60 days, none booked"),
    ("never", "Never had a session"),
]
_LAST = [("", "Any"), *[(value, WORDS[value]) for value in ("w30", "w90", "o30", "o90", "o180")]]
_CONSENT = [("", "Any"), *[(f"{sign}{kind}", WORDS[f"{sign}{kind}"]) for kind in CONSENTS for sign in "+-"]]
_OWING = [("", "Any"), ("owes", "Owes money"), ("low", "At most 2 credits left")]
_SORTS = [
    ("name", "Name, A to Z"),
    ("-name", "Name, Z to A"),
    ("newest", "Newest first"),
    ("seen", "Seen last, first"),
    ("away", "Longest away, first"),
]
_COLUMNS = [
    ("tags", "Tags"),
    ("last", "Last session"),
    ("next", "Next session"),
    ("credits", "Credits"),
    ("balance", "Balance"),
]


def bar() -> rx.Component:
    """At the foot while something is selected."""
    number = ContactsState.selected.length()
    return rx.cond(
        number > 0,
        rx.el.div(
            rx.el.span(number, " selected", class_name="b grow", role="status"),
            button(icon("users", "s"), "Group", on_click=ContactsState.open_sheet("group")),
            button(icon("tag", "s"), "Tag", on_click=ContactsState.open_sheet("tag")),
            rx.cond(
                ContactsState.filter.archived == "yes",
                button(
                    icon("archive-restore", "s"),
                    "Restore",
                    disabled=PageState.busy,
                    on_click=ContactsState.restore_many,
                ),
                button(icon("archive", "s"), "Archive", disabled=PageState.busy, on_click=ContactsState.archive_many),
            ),
            button(icon("x"), kind="ghost ico", aria_label="Select nobody", on_click=ContactsState.clear),
            class_name="barb",
            role="group",
            aria_label="Selected contacts",
        ),
    )


def sheets() -> list[rx.Component]:
    return [_filter(), _keep(), _smart(), _tag(), _group()]


def _filter() -> rx.Component:
    chosen = ContactsState.filter
    in_group = rx.el.label(
        rx.el.span("Group", class_name="lab"),
        rx.el.select(
            rx.el.option("Any", value=""),
            rx.foreach(ContactsState.groups, lambda group: rx.el.option(group.name, value=group.id)),
            name="group",
            default_value=chosen.group,
            class_name="inp",
        ),
        class_name="f",
    )
    in_program = rx.el.label(
        rx.el.span("Program", class_name="lab"),
        rx.el.select(
            rx.el.option("Any", value=""),
            rx.foreach(ContactsState.programs, lambda one: rx.el.option(one.words, value=one.value)),
            name="program",
            default_value=chosen.program,
            class_name="inp",
        ),
        class_name="f",
    )
    columns = [check(words, ContactsState.columns.contains(name), name=f"col_{name}") for name, words in _COLUMNS]
    return form_sheet(
        "Which contacts",
        rx.el.div(
            choice("Stage", "stage", _STAGES, default_value=chosen.stage),
            in_group,
            choice("Sessions", "sessions", _SESSIONS, default_value=chosen.sessions),
            choice("Last session", "last", _LAST, default_value=chosen.last),
            choice("Money", "owing", _OWING, default_value=chosen.owing),
            choice("Consent", "consent", _CONSENT, default_value=chosen.consent),
            rx.cond(ContactsState.programs.length() > 0, in_program),
            field("Tag", "tag", default_value=chosen.tag, auto_complete="off"),
            choice("Lists", "archived", [("", "In the lists"), ("yes", "Archived")], default_value=chosen.archived),
            choice("Order", "sort", _SORTS, default_value=chosen.sort),
            class_name="fg",
        ),
        rx.el.fieldset(rx.el.legend("Columns", class_name="lab"), *columns, class_name="dt"),
        open=ContactsState.sheet == "filter",
        on_close=ContactsState.close_sheet,
        on_submit=ContactsState.apply,
        save="Show",
    )


def _keep() -> rx.Component:
    return form_sheet(
        "Keep as view",
        field("Name", "name", help="A view of the same name is replaced", auto_focus=True, auto_complete="off"),
        note="Filters, order and columns are kept, and who fits is looked up each time.",
        open=ContactsState.sheet == "view",
        on_close=ContactsState.close_sheet,
        on_submit=ContactsState.save_view,
    )


def _smart() -> rx.Component:
    return form_sheet(
        "Save as smart group",
        field("Name", "name", auto_focus=True, auto_complete="off"),
        note="The filters become its rules, and whoever fits them is in it.",
        open=ContactsState.sheet == "smart",
        on_close=ContactsState.close_sheet,
        on_submit=ContactsState.save_group,
    )


def _tag() -> rx.Component:
    return form_sheet(
        "Tag the selected",
        field("Tag", "tag", auto_focus=True, auto_complete="off"),
        open=ContactsState.sheet == "tag",
        on_close=ContactsState.close_sheet,
        on_submit=ContactsState.tag_many,
        save="Add the tag",
    )


def _group() -> rx.Component:
    options = rx.el.label(
        rx.el.span("Group", class_name="lab"),
        rx.el.select(
            rx.el.option("Choose", value=""),
            rx.foreach(
                ContactsState.groups,
                lambda group: rx.cond(group.smart, rx.fragment(), rx.el.option(group.name, value=group.id)),
            ),
            name="group",
            class_name="inp",
        ),
        rx.cond(
            PageState.field_errors.contains("group"),
            rx.el.p(
                icon("circle-alert", "s"), " ", PageState.field_errors["group"], class_name="help bad", role="alert"
            ),
        ),
        class_name="f",
    )
    return form_sheet(
        "Add the selected to a group",
        rx.cond(ContactsState.groups.length() > 0, options),
        field("New group", "name", auto_complete="off"),
        open=ContactsState.sheet == "group",
        on_close=ContactsState.close_sheet,
        on_submit=ContactsState.join_many,
        save="Add to the group",
    )
