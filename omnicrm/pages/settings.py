"""Settings: the practice and how it looks."""

from __future__ import annotations

import reflex as rx
from reflex.style import set_color_mode

from omnicrm.components.fields import check
from omnicrm.components.settings import part, settings_page
from omnicrm.state.settings import SettingsState
from omnicrm.state.shell import ShellState

APPEARANCES = (("system", "As the device"), ("light", "Light"), ("dark", "Dark"))


@rx.page("/settings", title="Settings · OmniCRM", on_load=[SettingsState.load, ShellState.refresh])
def settings() -> rx.Component:
    return settings_page(
        "Settings",
        part(
            "Practice",
            _line("Name", SettingsState.name),
            rx.cond(SettingsState.business != "", _line("Business", SettingsState.business)),
            _line("Mail", SettingsState.email),
            _line("Time zone", SettingsState.zone),
            _line("Currency", SettingsState.currency),
        ),
        part(
            "Appearance",
            rx.el.div(*[_appearance(*one) for one in APPEARANCES], role="radiogroup", aria_label="Appearance"),
            id="appearance",
        ),
        part(
            "Keys",
            check(
                "Single keys",
                SettingsState.single_keys,
                kind="switch",
                help="A approves, J and K go down and up, N makes something new; ? lists them all. Off while you type.",
                on_change=SettingsState.set_single_keys,
            ),
        ),
        here="practice",
        back=("More", "/more"),
    )


def _line(label: str, value: rx.Var) -> rx.Component:
    return rx.el.div(rx.el.span(label, class_name="k"), rx.el.span(value), class_name="fld")


def _appearance(value: str, words: str) -> rx.Component:
    return rx.el.label(
        rx.el.input(
            type="radio",
            name="appearance",
            value=value,
            default_checked=SettingsState.appearance == value,
            key=SettingsState.appearance,
            on_change=[set_color_mode(value), SettingsState.set_appearance(value)],
            class_name="radio",
        ),
        words,
        class_name="opt",
    )
