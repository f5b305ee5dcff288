"""Groups act, tags describe: both with their colours and counts."""

from __future__ import annotations

import reflex as rx

from omnicrm.components import ui
from omnicrm.components.fields import choice, field, form_sheet
from omnicrm.components.layout import page
from omnicrm.components.parts import button, go, icon, section
from omnicrm.state.base import PageState
from omnicrm.state.groups import COLORS, GroupsState
from omnicrm.state.shell import ShellState


@rx.page("/groups", title="Groups and tags · OmniCRM", on_load=[GroupsState.load, ShellState.refresh])
def groups() -> rx.Component:
    return page(
        "Groups and tags",
        section(
            "Groups",
            rx.cond(
                GroupsState.groups.length() > 0,
                rx.foreach(GroupsState.groups, _group),
                rx.el.p("No group yet. A group holds people that you write to or invite together.", class_name="m2"),
            ),
        ),
        section(
            "Tags",
            rx.cond(
                GroupsState.tags.length() > 0,
                rx.foreach(GroupsState.tags, _tag),
                rx.el.p("No tag is in use. Tags are written on a contact’s page, or on many at once.", class_name="m2"),
            ),
            class_name="apart",
        ),
        _sheet(),
        _removal(),
        current="contacts",
        back=("Contacts", "/contacts"),
        actions=(button(icon("plus", "s"), "New group", kind="solid", keys="n", on_click=GroupsState.start),),
    )


def _group(row: rx.Var) -> rx.Component:
    return rx.el.div(
        rx.el.span(class_name="dot " + row.color.to(str)),
        go(
            rx.el.span(row.name, class_name="b"),
            rx.el.span(row.count, rx.cond(row.smart, " fit its rules", " in it"), class_name="s m2"),
            to="/groups/" + row.id.to(str),
            class_name="grow",
        ),
        button(
            icon("pencil-line", "s"),
            kind="ghost ico",
            aria_label="Change " + row.name.to(str),
            on_click=GroupsState.open("group", row.id),
        ),
        button(
            icon("trash-2", "s"),
            kind="ghost ico",
            aria_label="Remove " + row.name.to(str),
            on_click=GroupsState.open("remove", row.id),
        ),
        class_name="lr",
    )


def _tag(row: rx.Var) -> rx.Component:
    return rx.el.div(
        rx.el.span(class_name="dot " + row.color.to(str)),
        rx.el.span(row.name, class_name="b"),
        rx.el.span("on ", row.count, class_name="s m2 grow"),
        button(
            icon("palette", "s"),
            kind="ghost ico",
            aria_label="Colour of " + row.name.to(str),
            on_click=GroupsState.open("tag", row.name),
        ),
        class_name="lr",
    )


def _sheet() -> rx.Component:
    is_tag = GroupsState.sheet == "tag"
    return form_sheet(
        rx.match(
            GroupsState.sheet, ("tag", "Colour of “" + GroupsState.name + "”"), ("group", "Change group"), "New group"
        ),
        rx.cond(
            is_tag,
            rx.fragment(),
            field("Name", "name", default_value=GroupsState.name, auto_focus=True, auto_complete="off"),
        ),
        rx.cond(
            GroupsState.sheet == "new",
            choice(
                "Who is in it",
                "kind",
                [("people", "The people that I put into it"), ("smart", "Whoever fits its rules")],
                help="Rules look at sessions, tags, stage, programs, credits, balance and consent",
            ),
        ),
        choice("Colour", "color", [*COLORS], default_value=GroupsState.color),
        open=(GroupsState.sheet != "") & (GroupsState.sheet != "remove"),
        on_close=GroupsState.close,
        on_submit=GroupsState.save,
    )


def _removal() -> rx.Component:
    return ui.sheet(
        rx.el.h2("Remove the group “", GroupsState.name, "”?"),
        rx.el.p("The group goes. The ", GroupsState.count, " in it stay in your book.", class_name="above"),
        rx.el.div(
            button("Keep it", custom_attrs={"data-close": "true"}),
            button("Remove the group", kind="tomato", disabled=PageState.busy, on_click=GroupsState.remove),
            class_name="foot",
        ),
        open=GroupsState.sheet == "remove",
        label="Remove the group",
        on_close=GroupsState.close,
    )
