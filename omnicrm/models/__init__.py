"""The tables, by noun. Importing this package makes `metadata` whole."""

from omnicrm.models import (
    accounts,
    activity,
    approvals,
    availability,
    communications,
    connections,
    contacts,
    files,
    forms,
    groups,
    imports,
    inbox,
    invoices,
    notes,
    payments,
    programs,
    resources,
    search,
    services,
    sessions,
    tasks,
)
from omnicrm.models.base import metadata, settle

settle()

__all__ = [
    "accounts",
    "activity",
    "approvals",
    "availability",
    "communications",
    "connections",
    "contacts",
    "files",
    "forms",
    "groups",
    "imports",
    "inbox",
    "invoices",
    "metadata",
    "notes",
    "payments",
    "programs",
    "resources",
    "search",
    "services",
    "sessions",
    "tasks",
]
