"""Sync activity: runs, what was skipped with its reason, try again, read now."""

from __future__ import annotations

import reflex as rx

from omnicrm.components import parts, ui
from omnicrm.components.parts import button, chip, icon
from omnicrm.components.settings import part, settings_page
from omnicrm.components.status import status
from omnicrm.state.activity import ActivityState
from omnicrm.state.shell import ShellState

KINDS = {
    "sync_mail": "Mail",
    "sync_calendar": "Calendar",
    "propose": "Proposals",
    "outbox": "Writing to Google",
    "housekeeping": "Tidying up",
}


@rx.page("/activity", title="Sync activity · OmniCRM", on_load=[ActivityState.load, ShellState.refresh])
def activity() -> rx.Component:
    any_paused = ActivityState.connections.length() > 0
    return settings_page(
        "Sync activity",
        rx.cond(
            any_paused | (ActivityState.runs.length() > 0),
            rx.fragment(_now(), rx.cond(ActivityState.unwritten.length() > 0, _unwritten()), _skipped(), _runs()),
            _nothing(),
        ),
        ui.every(seconds=3, on=ActivityState.reading, on_tick=ActivityState.load),
        here="activity",
        back=("More", "/more"),
        reread=ActivityState.load,
        actions=(
            rx.cond(
                any_paused,
                rx.fragment(
                    button(
                        icon("circle-pause", "s"),
                        rx.el.span("Pause", class_name="dt"),
                        aria_label="Pause",
                        on_click=ActivityState.pause,
                    ),
                    button(icon("refresh-cw", "s"), "Read now", kind="solid", on_click=ActivityState.read_now),
                ),
            ),
        ),
    )


def _now() -> rx.Component:
    latest = ActivityState.latest
    return rx.el.section(
        rx.foreach(
            ActivityState.connections,
            lambda row: rx.el.div(
                rx.el.span(row.name, " ", rx.el.span(row.account_email, class_name="m2"), class_name="grow b"),
                rx.cond(row.synced != "", rx.el.span("read ", row.synced, class_name="s m2")),
                status("connections", row),
                rx.cond(row.status == "paused", button("Go on", on_click=ActivityState.go_on)),
                class_name="lr wrap",
            ),
        ),
        rx.cond(
            latest,
            rx.el.div(
                status("job_runs", latest),
                rx.el.span(latest.when, ": ", latest.summary, class_name="grow"),
                class_name="row t",
                role="status",
            ),
        ),
        rx.cond(
            ActivityState.reading & (latest.percent > 0),
            rx.el.div(
                rx.el.span(rx.el.i(style={"width": latest.percent.to_string() + "%"}), class_name="prog"),
                rx.el.p("You can close this and go on working. It goes on where it stopped.", class_name="s m2"),
                role="progressbar",
                aria_label="Read",
                custom_attrs={"aria-valuenow": latest.percent, "aria-valuemin": "0", "aria-valuemax": "100"},
                class_name="col",
            ),
        ),
        class_name="set",
        aria_label="Now",
    )


def _unwritten() -> rx.Component:
    return part(
        "Did not reach Google",
        rx.el.p("These stand here, and Google does not have them.", class_name="s m2"),
        rx.el.ul(
            rx.foreach(
                ActivityState.unwritten,
                lambda row: rx.el.li(
                    rx.el.div(
                        rx.el.div(row.what, class_name="b"),
                        rx.el.div(row.when, ": ", row.reason, class_name="s m2"),
                        class_name="grow",
                    ),
                    button(
                        "Try again",
                        aria_label="Try again: " + row.what,
                        on_click=ActivityState.write_again(row.id),
                    ),
                    button(
                        "Leave it here only",
                        aria_label="Leave it here only: " + row.what,
                        on_click=ActivityState.leave_unwritten(row.id),
                    ),
                    class_name="lr wrap",
                    key=row.id,
                ),
            )
        ),
    )


def _skipped() -> rx.Component:
    spans = rx.el.div(
        chip(
            "A day",
            ActivityState.counts.get("day", 0),
            on=ActivityState.span == "day",
            on_click=ActivityState.show("day"),
        ),
        chip(
            "7 days",
            ActivityState.counts.get("week", 0),
            on=ActivityState.span == "week",
            on_click=ActivityState.show("week"),
        ),
        class_name="chips",
        role="group",
        aria_label="Since when",
    )
    return part(
        "Skipped, and why",
        rx.cond(
            ActivityState.skipped.length() > 0,
            rx.el.ul(rx.foreach(ActivityState.skipped, _item)),
            rx.el.p("Nothing was skipped.", class_name="m2"),
        ),
        rx.cond(ActivityState.line != "", rx.el.p(ActivityState.line, class_name="s m2")),
        end=spans,
    )


def _item(row: rx.Var) -> rx.Component:
    return rx.el.li(
        rx.el.span(icon("mail"), class_name="m2"),
        rx.el.span(rx.cond(row.who != "", rx.fragment(row.who, ": "), ""), row.what, class_name="one"),
        rx.el.span(row.reason, class_name="s m2 rs"),
        rx.cond(
            row.retry,
            button("Try again", aria_label="Try again: " + row.what, on_click=ActivityState.again(row.id)),
            rx.el.span(),
        ),
        class_name="it",
        key=row.id,
    )


def _runs() -> rx.Component:
    return part(
        "Runs",
        rx.el.ul(
            rx.foreach(
                ActivityState.runs,
                lambda run: rx.el.li(
                    rx.el.span(run.when, class_name="m2 s"),
                    rx.el.span(
                        rx.match(run.kind, *KINDS.items(), run.kind),
                        ": ",
                        run.summary,
                        rx.cond(run.error != "", rx.el.span(run.error, class_name="bad bk s")),
                    ),
                    status("job_runs", run),
                    class_name="run",
                    key=run.id,
                ),
            )
        ),
    )


def _nothing() -> rx.Component:
    return parts.empty(
        "plug",
        "Nothing has been read yet",
        "Connect Google, and your mail and calendar are read every few minutes.",
        parts.button_link("Connect Google", to="/settings/google", kind="solid"),
    )
