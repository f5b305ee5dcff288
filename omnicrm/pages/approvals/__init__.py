"""Approvals: what the assistant proposes, and the practitioner's yes."""

from __future__ import annotations

import reflex as rx

from omnicrm.components import parts, ui
from omnicrm.components.layout import page
from omnicrm.components.parts import button, chip, icon, icon_of
from omnicrm.components.status import status
from omnicrm.pages.approvals import sheets
from omnicrm.pages.approvals.card import ICONS, card
from omnicrm.state.approvals import ApprovalsState, SheetsState
from omnicrm.state.shell import ShellState

FILTERS = (
    ("all", "All"),
    ("sessions", "Sessions"),
    ("people", "People"),
    ("money", "Money"),
    ("tasks", "Tasks"),
    ("replies", "Replies"),
    ("later", "Later"),
)


@rx.page("/approvals", title="Approvals · OmniCRM", on_load=[ApprovalsState.load, ShellState.refresh])
def approvals() -> rx.Component:
    return page(
        "Approvals",
        rx.cond(
            ApprovalsState.kind == "done",
            _done(),
            rx.cond(ApprovalsState.lines.length() > 0, _queue(), _nothing()),
        ),
        sheets.reject(),
        sheets.later(),
        sheets.many(),
        sheets.whole_mail(),
        sheets.changed_since(),
        ui.on_change(value=SheetsState.decided, on_change=[ApprovalsState.reload, ShellState.refresh]),
        current="approvals",
        count=ShellState.waiting,
        line=True,
        flush=True,
        reread=ApprovalsState.reload,
        actions=(_filters(), _batch_button()),
    )


def _filters() -> rx.Component:
    """A group is there while something of it waits, or while it is looked at."""

    def shown(kind: str, words: str, always: bool = False) -> rx.Component:
        count = ApprovalsState.counts.get(kind, 0)
        one = chip(words, count, on=ApprovalsState.kind == kind, on_click=ApprovalsState.show(kind))
        return one if always else rx.cond((count > 0) | (ApprovalsState.kind == kind), one)

    return rx.el.div(
        *[shown(kind, words, always=kind == "all") for kind, words in FILTERS],
        chip("Done", on=ApprovalsState.kind == "done", on_click=ApprovalsState.show("done")),
        class_name="chips",
        role="group",
        aria_label="Which proposals",
    )


def _batch_button() -> rx.Component:
    return rx.cond(
        ApprovalsState.clear_count > 1,
        button("Approve ", ApprovalsState.clear_count, " clear", kind="jade ph", on_click=SheetsState.preview_clear),
    )


def _queue() -> rx.Component:
    return rx.el.div(
        rx.el.div(
            _batch(),
            rx.el.ul(rx.foreach(ApprovalsState.lines, _line)),
            class_name=rx.cond(ApprovalsState.picked.length() > 0, "ql picking", "ql"),
        ),
        rx.el.div(
            rx.foreach(ApprovalsState.cards, card),
            rx.el.p("Swipe right to approve, left to reject", class_name="xs m2 ph hint"),
            class_name="qd",
        ),
        rx.el.button(
            "Next proposal", type="button", class_name="sr", custom_attrs=_quiet("j"), on_click=ApprovalsState.step(1)
        ),
        rx.el.button(
            "Previous proposal",
            type="button",
            class_name="sr",
            custom_attrs=_quiet("k"),
            on_click=ApprovalsState.step(-1),
        ),
        rx.el.button(
            "Select this proposal",
            type="button",
            class_name="sr",
            custom_attrs=_quiet("x"),
            on_click=ApprovalsState.pick_open,
        ),
        class_name="q",
    )


def _quiet(key: str) -> dict[str, str]:
    """For what a key does and no eye needs: reachable by the key alone."""
    return {"data-keys": key, "aria-keyshortcuts": key.upper(), "tabIndex": "-1"}


def _batch() -> rx.Component:
    picked = rx.el.div(
        rx.el.span(ApprovalsState.picked.length(), " selected", class_name="grow b"),
        button("Clear", kind="ghost", on_click=ApprovalsState.pick_none),
        button(
            "Approve ",
            ApprovalsState.picked.length(),
            kind="jade",
            keys="shift+a",
            on_click=SheetsState.preview_picked(ApprovalsState.picked),
        ),
        class_name="batch",
    )
    clear = rx.el.div(
        rx.el.span(
            rx.el.span(ApprovalsState.clear_count, " are clear", class_name="b bk"),
            rx.el.span(ApprovalsState.clear_words, class_name="s m2"),
            class_name="grow",
        ),
        button("Approve ", ApprovalsState.clear_count, kind="jade", keys="shift+a", on_click=SheetsState.preview_clear),
        class_name="batch",
    )
    return rx.cond(ApprovalsState.picked.length() > 0, picked, rx.cond(ApprovalsState.clear_count > 1, clear))


def _line(line: rx.Var) -> rx.Component:
    is_open = ApprovalsState.open_id == line.id
    return rx.el.li(
        icon_of(line.icon, *ICONS),
        rx.el.button(
            line.sentence,
            type="button",
            on_click=ApprovalsState.open(line.id),
            custom_attrs={"aria-current": rx.cond(is_open, "true", "false")},
        ),
        rx.el.input(
            type="checkbox",
            checked=ApprovalsState.picked.contains(line.id),
            on_change=lambda on: ApprovalsState.pick(line.id, on),
            aria_label="Select: " + line.sentence,
            class_name="check",
        ),
        rx.el.div(
            rx.cond(line.status == "execution_failed", status("approvals", line), parts.confidence(line.band)),
            rx.el.span(line.source, class_name="s m2"),
            class_name="row",
        ),
        class_name=rx.cond(is_open, "qi on", "qi"),
        key=line.id,
    )


def _done() -> rx.Component:
    return rx.el.div(
        rx.cond(
            ApprovalsState.done.length() > 0,
            rx.el.ul(rx.foreach(ApprovalsState.done, _done_line)),
            parts.empty(
                "inbox", "Nothing decided yet", "What you approve or reject stays here for 30 days, to take back."
            ),
        ),
        class_name="body",
    )


def _done_line(line: rx.Var) -> rx.Component:
    return rx.el.li(
        icon_of(line.icon, *ICONS),
        rx.el.div(
            rx.el.div(line.sentence, class_name="b"),
            rx.el.div(line.type_label, ", ", line.decided, " ", status("approvals", line), class_name="s m2"),
            class_name="grow",
        ),
        rx.cond(
            line.can_undo,
            button(
                icon("undo-2", "s"), "Undo", on_click=SheetsState.undo(line.id), aria_label="Undo: " + line.sentence
            ),
        ),
        class_name="lr",
        key=line.id,
    )


def _nothing() -> rx.Component:
    reading = rx.el.div(
        parts.empty(
            "refresh-cw",
            "Your mail and calendar are being read",
            "Proposals appear here by themselves, the first ones within a minute.",
            parts.button_link("See what was read", to="/activity"),
        ),
        role="status",
        class_name="body",
    )
    nothing = rx.el.div(
        parts.empty(
            "inbox",
            rx.cond(ApprovalsState.kind == "all", "Nothing waits for you", "Nothing of this kind waits"),
            rx.cond(
                ApprovalsState.connected,
                "Google is read every few minutes. New proposals appear here.",
                "Connect Google, and your mail and calendar are read for you.",
            ),
            rx.cond(
                ApprovalsState.connected,
                parts.button_link("See what was read", to="/activity"),
                parts.button_link("Connect Google", to="/settings/google", kind="solid"),
            ),
        ),
        class_name="body",
    )
    return rx.cond(ApprovalsState.being_read, reading, nothing)
