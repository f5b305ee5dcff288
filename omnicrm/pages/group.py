"""One group: its rules in sentences, how many match while they are written, and the members."""

from __future__ import annotations

import reflex as rx

from omnicrm.components import parts, ui
from omnicrm.components.fields import choice, field, form_sheet, search_box
from omnicrm.components.layout import page
from omnicrm.components.parts import avatar, button, button_link, go, icon, section
from omnicrm.state.base import PageState
from omnicrm.state.group import GroupState
from omnicrm.state.groups import COLORS
from omnicrm.state.rules import SUBJECTS
from omnicrm.state.shell import ShellState

_card = GroupState.card


@rx.page("/groups/[group_id]", title="Group · OmniCRM", on_load=[GroupState.load, ShellState.refresh])
def group() -> rx.Component:
    return page(
        rx.cond(
            _card,
            rx.el.span(rx.el.span(class_name="dot big " + _card.color.to(str)), _card.name, class_name="row g12"),
            "Group",
        ),
        rx.cond(GroupState.gone, _gone(), rx.cond(_card, _body())),
        _adding(),
        _changing(),
        current="contacts",
        back=("Groups and tags", "/groups"),
        below=rx.cond(
            _card,
            rx.cond(_card.smart, "Smart group, kept up to date by its rules", "The people that you put into it"),
            "",
        ),
        actions=(
            rx.cond(
                _card,
                rx.fragment(
                    button(
                        icon("pencil-line", "s"),
                        rx.el.span("Change", class_name="dt"),
                        aria_label="Change name and colour",
                        on_click=GroupState.open_sheet("change"),
                    ),
                    ui.plain_link(
                        icon("download", "s"),
                        "CSV",
                        href="/export/contacts/csv?group=" + _card.id.to(str),
                        class_name="btn",
                        custom_attrs={"download": "download"},
                    ),
                    rx.cond(
                        _card.smart,
                        rx.fragment(),
                        button(
                            icon("user-plus", "s"),
                            "Add",
                            kind="solid",
                            keys="a",
                            on_click=GroupState.open_sheet("add"),
                        ),
                    ),
                ),
            ),
        ),
        reread=GroupState.reload,
    )


def _body() -> rx.Component:
    return rx.el.div(
        rx.el.div(
            rx.cond(_card.smart, _rules()),
            section(
                "Members",
                rx.cond(
                    GroupState.rows.length() > 0,
                    rx.el.div(rx.foreach(GroupState.rows, _member)),
                    _nobody(),
                ),
                rx.el.div(
                    rx.cond(GroupState.paged, button("The first ones", on_click=GroupState.page(""))),
                    rx.cond(GroupState.following != "", button("The next 50", on_click=GroupState.page("next"))),
                    class_name="row wrap above",
                ),
                end=rx.el.span(GroupState.count, " in it"),
            ),
        ),
        rx.el.aside(
            rx.cond(
                GroupState.left_out.length() > 0,
                section(
                    "Left out by hand",
                    rx.foreach(GroupState.left_out, _outsider),
                    end=GroupState.left_out.length(),
                ),
            ),
            rx.el.p(
                rx.cond(
                    _card.smart,
                    "Who fits the rules is in it at once, and out again as soon as they no longer do. ",
                    "A client can be in many groups. ",
                ),
                "Leaving a group never removes anybody from your book.",
                class_name="s m2 above",
            ),
            class_name="col",
        ),
        class_name="gp",
    )


def _rules() -> rx.Component:
    return rx.el.div(
        rx.foreach(GroupState.rules, _line),
        rx.el.div(
            button(icon("plus", "s"), "Rule", on_click=GroupState.another(0)),
            button(icon("plus", "s"), "Either of", on_click=GroupState.another(-1)),
            rx.el.span(
                rx.cond(
                    GroupState.wrong,
                    "Complete the marked lines",
                    rx.el.span(GroupState.count, " of ", GroupState.everyone, " match, worked out just now"),
                ),
                class_name="end s m2",
                role="status",
            ),
            class_name="row wrap rf",
        ),
        rx.cond(
            GroupState.changed,
            rx.el.div(
                button(
                    rx.cond(PageState.busy, "Keeping…", "Keep these rules"),
                    kind="solid",
                    disabled=PageState.busy | GroupState.wrong,
                    on_click=GroupState.keep,
                ),
                button("As they were", kind="ghost", on_click=GroupState.discard),
                class_name="row wrap rf",
            ),
        ),
        class_name="rb",
        role="group",
        aria_label="Rules",
    )


def _line(row: rx.Var) -> rx.Component:
    subjects = [rx.el.option(one.words, value=name) for name, one in SUBJECTS.items()]
    return rx.fragment(
        rx.cond(
            row.opens,
            rx.el.div(
                rx.el.span(row.lead, class_name="m2 s"),
                rx.el.span("either of these", class_name="s m2"),
                class_name="rl rlh",
            ),
        ),
        rx.el.div(
            rx.el.span(rx.cond(row.opens, "", row.lead), class_name="m2 s"),
            rx.el.select(
                *subjects,
                value=row.subject,
                class_name="inp",
                aria_label="What is looked at",
                on_change=lambda value: GroupState.put(row.n, "subject", value),
            ),
            rx.el.select(
                rx.foreach(row.verbs, lambda one: rx.el.option(one.words, value=one.value)),
                value=row.verb,
                class_name="inp",
                aria_label="How it is compared",
                on_change=lambda value: GroupState.put(row.n, "verb", value),
            ),
            rx.el.div(
                _value(row),
                rx.cond(row.error != "", rx.el.p(row.error, class_name="help bad", role="alert")),
                class_name="rv",
            ),
            button(
                icon("x", "s"),
                kind="ghost ico",
                aria_label="Remove this rule",
                disabled=GroupState.rules.length() == 1,
                on_click=GroupState.drop(row.n),
            ),
            class_name=rx.cond(row.block > 0, "rl or", "rl"),
        ),
        rx.cond(
            row.ends,
            rx.el.div(
                button(icon("plus", "s"), "Or", kind="ghost", on_click=GroupState.another(row.block)),
                class_name="rl more",
            ),
        ),
    )


def _value(row: rx.Var) -> rx.Component:
    """Begun anew with another subject or verb; what is being typed is never taken from the hands."""
    begun = row.n.to_string() + row.subject.to(str) + row.verb.to(str)
    typed = {
        "default_value": row.value,
        "key": begun,
        "class_name": "inp",
        "aria_label": "Value",
        "aria_invalid": rx.cond(row.error != "", "true", "false"),
        "on_change": lambda value: GroupState.put(row.n, "value", value).debounce(250),
    }
    return rx.match(
        row.control,
        (
            "choice",
            rx.el.select(
                rx.cond(row.value == "", rx.el.option("Choose", value="")),
                rx.foreach(row.options, lambda one: rx.el.option(one.words, value=one.value)),
                value=row.value,
                class_name="inp",
                aria_label="Value",
                aria_invalid=rx.cond(row.error != "", "true", "false"),
                on_change=lambda value: GroupState.put(row.n, "value", value),
            ),
        ),
        (
            "number",
            rx.el.span(
                rx.el.input(type="text", input_mode="decimal", **typed),
                rx.cond(row.unit != "", rx.el.span(row.unit, class_name="s m2")),
                class_name="row",
            ),
        ),
        (
            "text",
            rx.el.input(
                type="text",
                auto_complete="off",
                placeholder=rx.cond(row.subject == "field", "Shoe size=42, or only the name", ""),
                **typed,
            ),
        ),
        rx.fragment(),
    )


def _member(row: rx.Var) -> rx.Component:
    return rx.el.div(
        go(
            avatar(row.initials),
            rx.el.span(
                rx.el.span(row.name, class_name="b bk one"),
                rx.el.span(
                    rx.cond(
                        row.next != "",
                        "Next: " + row.next,
                        rx.cond(row.last != "", "Last session " + row.last, row.detail),
                    ),
                    class_name="s m2 bk one",
                ),
                class_name="grow",
            ),
            rx.cond(row.credits != "", rx.el.span(row.credits, class_name="s m2 nw")),
            to="/contacts/" + row.id,
            class_name="lr",
        ),
        button(
            icon("user-minus", "s"),
            kind="ghost ico",
            aria_label=rx.cond(_card.smart, "Leave out ", "Take out ") + row.name.to(str),
            on_click=GroupState.take_out(row.id),
        ),
        class_name="srow",
        key=row.id,
    )


def _outsider(person: rx.Var) -> rx.Component:
    return rx.el.div(
        icon("ban", "s"),
        go(person.name, to="/contacts/" + person.id.to(str), class_name="grow"),
        button(
            "Let in", kind="ghost", aria_label="Let in " + person.name.to(str), on_click=GroupState.put_in(person.id)
        ),
        class_name="lr",
        key=person.id,
    )


def _nobody() -> rx.Component:
    return rx.cond(
        _card.smart,
        rx.el.p("Nobody fits these rules now. Whoever does will be here by themselves.", class_name="m2"),
        parts.empty(
            "users",
            "Nobody is in it yet",
            "Add people here, or tick several under Contacts.",
            button("Add somebody", on_click=GroupState.open_sheet("add")),
        ),
    )


def _adding() -> rx.Component:
    return ui.sheet(
        rx.el.h2("Add to the group"),
        search_box("Name, mail, phone", on_change=lambda text: GroupState.look(text).debounce(200)),
        rx.el.div(
            rx.foreach(
                GroupState.found,
                lambda row: rx.el.button(
                    avatar(row.initials, "sm"),
                    rx.el.span(
                        rx.el.span(row.name, class_name="b bk one"),
                        rx.el.span(row.detail, class_name="s m2 bk one"),
                        class_name="grow",
                    ),
                    icon("plus", "s"),
                    type="button",
                    class_name="lr left",
                    on_click=GroupState.put_in(row.id),
                ),
            ),
            class_name="ds",
        ),
        rx.el.div(button("Done", kind="solid", custom_attrs={"data-close": "true"}), class_name="foot"),
        open=GroupState.sheet == "add",
        label="Add to the group",
        on_close=GroupState.close,
    )


def _changing() -> rx.Component:
    return form_sheet(
        "Name and colour",
        field("Name", "name", default_value=_card.name, auto_focus=True, auto_complete="off"),
        choice("Colour", "color", [*COLORS], default_value=_card.color),
        open=GroupState.sheet == "change",
        on_close=GroupState.close,
        on_submit=GroupState.save,
    )


def _gone() -> rx.Component:
    return parts.empty(
        "users",
        "This group is not there any more",
        "It may have been removed. Nobody who was in it is gone.",
        button_link("To groups and tags", to="/groups", kind="solid"),
    )
