"""The keys of a roster: from person to person, and what is said of each."""

from __future__ import annotations

import reflex as rx


class RosterKeys(rx.Component):
    """Around radio groups whose buttons carry `data-mark`."""

    library = "$/public" + rx.asset("roster_keys.jsx", shared=True)
    tag = "RosterKeys"


roster_keys = RosterKeys.create
