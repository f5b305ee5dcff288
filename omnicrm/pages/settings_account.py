"""Account and security: password, and where one is signed in."""

from __future__ import annotations

import reflex as rx

from omnicrm.components.exports import exports
from omnicrm.components.fields import field, form_sheet
from omnicrm.components.parts import button, button_link, icon
from omnicrm.components.settings import part, settings_page
from omnicrm.components.status import flag
from omnicrm.components.ui import native_form
from omnicrm.state.exports import ExportState
from omnicrm.state.settings import AccountState
from omnicrm.state.shell import ShellState


@rx.page(
    "/settings/account",
    title="Account and security · OmniCRM",
    on_load=[AccountState.load, ExportState.load, ShellState.refresh],
)
def settings_account() -> rx.Component:
    return settings_page(
        "Account and security",
        part(
            "Signing in",
            rx.el.div(
                rx.el.span(icon("mail"), class_name="m2"),
                rx.el.span(AccountState.email, class_name="b"),
                button("Change password", on_click=AccountState.open_password),
                class_name="lg",
            ),
            rx.cond(AccountState.google_offered, _google()),
        ),
        part(
            "Where you are signed in",
            rx.el.ul(rx.foreach(AccountState.logins, _login)),
            rx.cond(
                AccountState.logins.length() > 1,
                button("Sign out everywhere else", kind="tomato", on_click=AccountState.end_others),
            ),
        ),
        part(
            "This device",
            native_form(
                button(icon("log-out", "s"), "Sign out", type="submit"),
                action="/auth/logout",
                method="post",
                class_name="above",
            ),
        ),
        part(
            "Your data",
            rx.el.p(
                "Everything that is held, as one archive: JSON, CSV, vCard, a calendar and the files. Passwords and "
                "keys are left out; health notes can be read in it.",
                class_name="m2 above",
            ),
            exports("Export everything"),
        ),
        part(
            "Leaving",
            rx.el.p(
                "Deletes your practice: clients, sessions, notes, proposals and logins. It cannot be taken back.",
                class_name="s m2",
            ),
            button("Delete the account", kind="tomato above", on_click=AccountState.open_delete),
        ),
        form_sheet(
            "Delete the account",
            rx.cond(
                AccountState.has_password,
                field("Your password", "password", kind="password", auto_complete="current-password"),
                field("Your mail address, to confirm", "password", kind="email", auto_complete="off"),
            ),
            open=AccountState.deleting,
            on_close=AccountState.close_delete,
            on_submit=AccountState.delete,
            save="Delete everything",
            note="Everything goes at once, here. Your mail and your calendar at Google stay as they are.",
        ),
        form_sheet(
            "Change password",
            field("Password now", "old", kind="password", auto_complete="current-password"),
            field("New password", "new", kind="password", auto_complete="new-password", help="At least 10 characters"),
            open=AccountState.changing,
            on_close=AccountState.close_password,
            on_submit=AccountState.change_password,
            save="Change",
            note="All other logins end with it.",
        ),
        here="account",
        back=("More", "/more"),
    )


def _google() -> rx.Component:
    return rx.el.div(
        rx.el.span(icon("key-round"), class_name="m2"),
        rx.el.span("Google", rx.el.span(AccountState.google, class_name="s m2 bk"), class_name="b"),
        rx.cond(
            AccountState.google != "",
            flag("signs in here", "circle-check", "ok"),
            button_link("Sign in with Google too", to="/auth/google", reload_document=True),
        ),
        class_name="lg",
    )


def _login(row: rx.Var) -> rx.Component:
    return rx.el.li(
        rx.el.span(icon("laptop"), class_name=rx.cond(row.is_this, "ok", "m2")),
        rx.el.span(
            rx.el.span(row.device, class_name="b"),
            " ",
            rx.cond(row.is_this, flag("this one", "circle-check", "ok")),
            rx.el.span(row.where, class_name="s m2 bk"),
        ),
        rx.cond(
            row.is_this,
            rx.el.span(),
            button("Sign out", aria_label="Sign out: " + row.device, on_click=AccountState.end(row.id)),
        ),
        class_name="lg",
        key=row.id,
    )
