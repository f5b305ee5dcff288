"""Google and AI: connect, disconnect, and what may be read."""

from __future__ import annotations

import reflex as rx

from omnicrm.components import ui
from omnicrm.components.fields import check, choice, field
from omnicrm.components.parts import button, button_link, confidence, icon
from omnicrm.components.settings import part, settings_page
from omnicrm.components.status import status
from omnicrm.state.settings import GoogleState
from omnicrm.state.shell import ShellState

CATEGORIES = (
    ("primary", "Primary", "people who write to you"),
    ("updates", "Updates", "confirmations, bills, notices"),
    ("forums", "Forums", "mailing lists"),
    ("social", "Social", "social networks"),
    ("promotions", "Promotions", "offers and newsletters"),
)
TITLES = (
    ("initials_service", "Initials and service", "“J. B., massage”: no name stands in Google"),
    ("name_service", "Name and service", "“Jonas Berg, massage”"),
    ("service", "Service only", "“Massage”"),
    ("busy", "Busy", "nothing else"),
)


@rx.page("/settings/google", title="Google and AI · OmniCRM", on_load=[GoogleState.load, ShellState.refresh])
def settings_google() -> rx.Component:
    return settings_page(
        "Google and AI",
        _accounts(),
        part(
            "Proposals",
            check(
                "Make proposals from what is read",
                GoogleState.ai,
                kind="switch",
                help="Done on this computer. No word of a mail leaves it.",
                on_change=GoogleState.set_ai,
            ),
        ),
        part(
            "Which mail is read",
            *[
                check(
                    words,
                    GoogleState.categories[name],
                    kind="switch",
                    help=help,
                    on_change=lambda on, name=name: GoogleState.set_category(name, on),
                )
                for name, words, help in CATEGORIES
            ],
        ),
        _limits(),
        part(
            "What Google is shown of a client",
            rx.el.div(*[_title(*one) for one in TITLES], role="radiogroup", aria_label="Title of an event"),
        ),
        _rules(),
        rx.cond(GoogleState.records.length() > 0, _records()),
        _leaving(),
        here="google",
        back=("More", "/more"),
        reread=GoogleState.load,
    )


def _accounts() -> rx.Component:
    connect_mail = button_link(
        icon("plug", "s"), "Connect mail", to="/connect/google?what=mail", kind="solid", reload_document=True
    )
    connect_calendar = button_link(
        icon("plug", "s"), "Connect calendar", to="/connect/google?what=calendar", kind="solid", reload_document=True
    )
    return part(
        "Accounts",
        rx.el.p(
            "Mail is only read. Sessions that you approve are written into the calendar. Each is asked for on its own.",
            class_name="s m2",
        ),
        rx.foreach(GoogleState.connections, _connection),
        rx.el.div(
            rx.cond(GoogleState.has_mail, rx.fragment(), connect_mail),
            rx.cond(GoogleState.has_calendar, rx.fragment(), connect_calendar),
            class_name="row wrap above",
        ),
    )


def _connection(row: rx.Var) -> rx.Component:
    return rx.el.div(
        rx.cond(
            row.provider == "google_gmail",
            rx.el.span(icon("mail"), class_name="m2"),
            rx.el.span(icon("calendar"), class_name="m2"),
        ),
        rx.el.div(
            rx.el.span(row.name, class_name="b"),
            " ",
            status("connections", row),
            rx.el.div(
                row.account_email,
                rx.cond(row.sample, ", sample account", ""),
                rx.cond(row.synced != "", rx.fragment(", ", row.synced), ""),
                class_name="s m2",
            ),
            rx.cond(row.error != "", rx.el.div(row.error, class_name="s bad")),
        ),
        rx.el.div(
            rx.cond(
                row.status == "needs_reconnect",
                button_link(
                    "Connect again",
                    to="/connect/google?what=" + rx.cond(row.provider == "google_gmail", "mail", "calendar"),
                    kind="amber",
                    reload_document=True,
                ),
            ),
            button("Disconnect", aria_label="Disconnect " + row.name, on_click=GoogleState.ask_disconnect(row.id)),
            class_name="row wrap",
        ),
        class_name="lg",
        key=row.id,
    )


def _limits() -> rx.Component:
    return part(
        "Limits",
        rx.el.form(
            rx.el.div(
                field(
                    "Days back", "window", kind="number", help="At the first reading", default_value=GoogleState.window
                ),
                field("Minutes between readings", "every", kind="number", default_value=GoogleState.every),
                field("Days that mail text is kept", "keep", kind="number", default_value=GoogleState.keep),
                class_name="fg k",
            ),
            field(
                "Never read mail from",
                "excluded",
                kind="textarea",
                help="One a line: an address, or @domain for all of one",
                default_value=GoogleState.excluded,
            ),
            button("Save the limits", kind="jade", type="submit", disabled=GoogleState.busy),
            on_submit=GoogleState.save_limits,
            key=GoogleState.window + GoogleState.every + GoogleState.keep + GoogleState.excluded,
            custom_attrs={"noValidate": True},
        ),
    )


def _title(value: str, words: str, example: str) -> rx.Component:
    return rx.el.label(
        rx.el.input(
            type="radio",
            name="event_title",
            value=value,
            default_checked=GoogleState.event_title == value,
            key=GoogleState.event_title,
            on_change=GoogleState.set_event_title(value),
            class_name="radio",
        ),
        rx.el.span(words, rx.el.span(example, class_name="s m2 bk"), class_name="grow"),
        class_name="opt",
    )


def _leaving() -> rx.Component:
    return ui.sheet(
        rx.el.h2("Disconnect ", GoogleState.leaving_words, "?"),
        rx.el.p(
            "What was read from it and not yet decided goes. Clients, sessions, notes and payments stay. "
            "You can connect it again at any time.",
            class_name="m2",
        ),
        rx.el.div(
            button("Keep it", custom_attrs={"data-close": "true"}),
            button("Disconnect", kind="tomato", on_click=GoogleState.disconnect),
            class_name="foot",
        ),
        open=GoogleState.leaving != "",
        label="Disconnect",
        on_close=GoogleState.stay,
    )


def _rules() -> rx.Component:
    """What rejections and corrections taught: visible, with its effect, and forgotten with one press."""
    return part(
        "What you taught",
        rx.el.p(
            "“Not this sender” and “not this kind” on a proposal, and the words that your clients use.",
            class_name="s m2",
        ),
        rx.el.ul(
            rx.foreach(
                GoogleState.rules,
                lambda rule: rx.el.li(
                    rx.el.span(rule.sentence, rx.el.span(rule.effect, class_name="s m2 bk"), class_name="grow"),
                    button("Forget it", aria_label="Forget: " + rule.sentence, on_click=GoogleState.forget(rule.id)),
                    class_name="lr",
                    key=rule.id,
                ),
            )
        ),
        rx.cond(GoogleState.services.length() > 0, _word()),
        id="taught",
    )


def _word() -> rx.Component:
    """This word means that service."""
    return rx.el.form(
        field("When clients say", "word", max_length=60),
        choice("they mean", "service", GoogleState.services),
        button("Add", type="submit"),
        on_submit=GoogleState.teach,
        key=GoogleState.word_key,
        class_name="row wrap end",
    )


def _records() -> rx.Component:
    """From the practitioner's own decisions."""
    return part(
        "How often proposals were right",
        rx.el.ul(
            rx.foreach(
                GoogleState.records,
                lambda one: rx.el.li(
                    rx.el.span(
                        one.what,
                        rx.cond(one.effect != "", rx.el.span(one.effect, class_name="s m2 bk")),
                        class_name="grow",
                    ),
                    confidence(one.band, one.words),
                    class_name="lr",
                ),
            )
        ),
    )
