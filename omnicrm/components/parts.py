"""Small parts: icons, buttons, links, chips, avatars, confidence, empty, busy and failed states."""

from __future__ import annotations

from typing import Any

import reflex as rx
from reflex_components_core.react_router.dom import ReactRouterLink

Text = str | rx.Var[str]


def icon(name: str, size: str = "") -> rx.Component:
    """A Lucide icon by its literal name; `s` 15 px, `l` 22 px, else 18 px. Decoration: the words stand beside it."""
    return rx.icon(name, class_name=f"i {size}".strip(), custom_attrs={"aria-hidden": "true"})


def icon_of(var: rx.Var[str], *names: str, default: str = "circle-dot", size: str = "") -> rx.Component:
    """An icon whose name is in a state var: one of `names`, so that only those are shipped."""
    return rx.match(var, *[(name, icon(name, size)) for name in names], icon(default, size))


def go(*children: Any, to: Text, class_name: Text = "", **props: Any) -> rx.Component:
    """A link within the application: no page load."""
    return ReactRouterLink.create(*children, to=to, class_name=class_name, **props)


def button(*children: Any, kind: str = "", keys: str = "", act: str = "", **props: Any) -> rx.Component:
    """`kind`: solid, jade, amber, tomato, ghost, ico, z1, z3, wide. `keys` presses it, `act` reaches its card."""
    attrs = {**props.pop("custom_attrs", {}), **_keys(keys), **({"data-act": act} if act else {})}
    props.setdefault("type", "button")
    return rx.el.button(*children, class_name=f"btn {kind}".strip(), custom_attrs=attrs, **props)


def button_link(*children: Any, to: Text, kind: str = "", keys: str = "", **props: Any) -> rx.Component:
    return go(*children, to=to, class_name=f"btn {kind}".strip(), custom_attrs=_keys(keys), **props)


def kbd(key: str) -> rx.Component:
    return rx.el.kbd(key, custom_attrs={"aria-hidden": "true"})


def chip(label: Any, count: Any = None, *, on: Any, keys: str = "", also: str = "", **props: Any) -> rx.Component:
    """A filter: pressed or not. `also` is a second key."""
    inner = [label] if count is None else [label, rx.el.b(count)]
    return rx.el.button(
        *inner,
        type="button",
        class_name="chip",
        custom_attrs={"aria-pressed": on, **_keys(keys), **_also(also)},
        **props,
    )


def avatar(initials: Any, size: str = "") -> rx.Component:
    """Initials; the name stands beside it, so readers skip it. `size`: sm, xl, and j for the page's person."""
    return rx.el.span(initials, class_name=f"av {size}".strip(), custom_attrs={"aria-hidden": "true"})


def confidence(band: rx.Var[str], words: Any = None) -> rx.Component:
    """`clear`, `probable` or else unsure: bars and a word, never a percentage. `words` replaces the word."""

    def bars(full: int, tone: str, word: str) -> rx.Component:
        marks = [rx.el.b(class_name="full" if n < full else "") for n in range(3)]
        shown = rx.cond(words, words, word) if words is not None else word
        return rx.el.span(rx.el.i(*marks, custom_attrs={"aria-hidden": "true"}), shown, class_name=f"band {tone}")

    return rx.match(
        band,
        ("clear", bars(3, "ok", "Clear")),
        ("probable", bars(2, "warn", "Probable")),
        bars(1, "m2", "Unsure"),
    )


def section(title: Any, *children: Any, end: Any = None, class_name: str = "") -> rx.Component:
    """A headed part of a page; `end` is said at the right of the heading."""
    head = [rx.el.h2(title)] + ([rx.el.span(end, class_name="end")] if end is not None else [])
    return rx.el.section(rx.el.div(*head, class_name="sh"), *children, class_name=class_name)


def empty(name: str, fact: Any, remedy: Any, *actions: rx.Component) -> rx.Component:
    """An empty list: icon, one fact, what to do, one or two buttons."""
    return rx.el.div(
        icon(name),
        rx.el.p(fact, class_name="b"),
        rx.el.p(remedy, class_name="s m2"),
        *([rx.el.div(*actions, class_name="row")] if actions else []),
        class_name="empty",
    )


def busy_rows(count: int = 6) -> rx.Component:
    """A skeleton of list rows, shown after 300 ms."""
    row = rx.el.div(
        rx.el.span(class_name="sk round"),
        rx.el.span(rx.el.span(class_name="sk"), class_name="grow"),
        rx.el.span(class_name="sk"),
        class_name="skr",
    )
    return rx.el.div(
        rx.el.span("Loading", class_name="sr"), *[row] * count, class_name="busy", role="status", aria_busy="true"
    )


def banner(words: Any, *actions: rx.Component, tone: str = "", name: str = "circle-alert") -> rx.Component:
    """What stopped working, and its remedy. `tone`: "" amber, err, info."""
    colour = {"": "warn", "err": "bad", "info": "m2"}[tone]
    return rx.el.div(
        rx.el.span(icon(name), class_name=colour),
        rx.el.div(words, class_name="grow"),
        *actions,
        class_name=f"bn {tone}".strip(),
        role="status",
    )


def _also(key: str) -> dict[str, str]:
    return {"data-also": key} if key else {}


def _keys(keys: str) -> dict[str, str]:
    if not keys:
        return {}
    return {"data-keys": keys} if " " in keys else {"data-keys": keys, "aria-keyshortcuts": keys.title()}
