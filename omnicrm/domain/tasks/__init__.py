"""Tasks and follow-ups: planned, finished, put off, repeated; one at a time or many."""

from omnicrm.domain.tasks import many, series
from omnicrm.domain.tasks.listing import TaskPage, TaskRow, When, card, counts, listed, page, row, steps_of
from omnicrm.domain.tasks.series import Scope
from omnicrm.domain.tasks.writing import (
    OPEN,
    Removed,
    TaskForm,
    add,
    change,
    finish,
    following,
    locked,
    move,
    put_back,
    remove,
    rename,
    reopen,
    start,
)

__all__ = [
    "OPEN",
    "Removed",
    "Scope",
    "TaskForm",
    "TaskPage",
    "TaskRow",
    "When",
    "add",
    "card",
    "change",
    "counts",
    "finish",
    "following",
    "listed",
    "locked",
    "many",
    "move",
    "page",
    "put_back",
    "remove",
    "rename",
    "reopen",
    "row",
    "series",
    "start",
    "steps_of",
]
