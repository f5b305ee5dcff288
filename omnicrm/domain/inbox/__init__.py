"""What comes in: mails and events as they are stored, and the cases made of them."""

from omnicrm.domain.inbox.case import case_for, quoted_text
from omnicrm.domain.inbox.items import (
    Disallowed,
    IncomingItem,
    Person,
    Stored,
    event_item,
    forget,
    get,
    mail_item,
    mark,
    purge,
    relink,
    store,
    try_again,
    waiting,
)

__all__ = [
    "Disallowed",
    "IncomingItem",
    "Person",
    "Stored",
    "case_for",
    "event_item",
    "forget",
    "get",
    "mail_item",
    "mark",
    "purge",
    "quoted_text",
    "relink",
    "store",
    "try_again",
    "waiting",
]
