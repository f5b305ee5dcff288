"""Whose practice a command is about."""

from __future__ import annotations

from uuid import UUID

from omnicrm.cli.database import prepare
from omnicrm.core.db import transaction
from omnicrm.core.errors import Invalid, NotFound
from omnicrm.domain import accounts


def user_id(email: str) -> UUID:
    """The account of an e-mail address. Raises NotFound."""
    prepare()
    with transaction(None) as db:
        found = accounts.by_email(db, email)
    if found is None:
        raise NotFound(f"There is no account for {email}. `omnicrm user list` shows them all.")
    return found


def row_id(value: str, what: str = "approval") -> UUID:
    """An id as it was typed. Raises Invalid."""
    try:
        return UUID(value)
    except ValueError:
        raise Invalid(f"“{value[:60]}” is not the id of an {what}.") from None
