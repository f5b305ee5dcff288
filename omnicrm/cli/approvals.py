"""omnicrm approvals list, approve, reject, snooze, retry, undo: the queue from the shell."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID
from zoneinfo import ZoneInfo

import typer

from omnicrm.cli import output, whose
from omnicrm.core import zones
from omnicrm.core.db import Db, retrying, transaction
from omnicrm.core.errors import Invalid, OmniError, Refused
from omnicrm.domain import approvals, practice
from omnicrm.domain.approvals import Decided

Ids = Annotated[list[str], typer.Argument(metavar="ID…")]
One = Annotated[str, typer.Argument(metavar="ID")]
Shelf = Literal["waiting", "later", "done"]


def register(app: typer.Typer) -> None:
    group = typer.Typer(help="What the assistant proposes.", no_args_is_help=True)
    for command in (list_, approve, reject, snooze, retry, undo):
        group.command(command.__name__.rstrip("_"))(command)
    app.add_typer(group, name="approvals")


def list_(
    user: output.User,
    shelf: Annotated[str, typer.Option(help="waiting, later or done.")] = "waiting",
    limit: Annotated[int, typer.Option(min=1, max=200)] = 50,
    after: Annotated[str, typer.Option(help="The `next` of the page before.")] = "",
    as_json: output.AsJson = False,
) -> None:
    """List proposals, newest first."""
    if shelf not in ("waiting", "later", "done"):
        raise Invalid("--shelf is one of: waiting, later, done.")
    with transaction(whose.user_id(user)) as db:
        page = approvals.listed(db, shelf=shelf, after=after, limit=limit)
    output.report(
        {"approvals": [row.model_dump(mode="json") for row in page.rows], "next": page.next},
        [f"{row.id}  {row.band_label:<8}  {row.status_label:<18}  {row.sentence}" for row in page.rows]
        or ["Nothing waits." if shelf == "waiting" else "Nothing here."],
        as_json=as_json,
    )


def approve(
    ids: Ids,
    user: output.User,
    set_: Annotated[
        list[str] | None, typer.Option("--set", metavar="FIELD=VALUE", help="Change a field first.")
    ] = None,
    leave_out: Annotated[list[str] | None, typer.Option(metavar="FIELD", help="Leave a field out.")] = None,
    overlap: Annotated[bool, typer.Option("--overlap", help="Book over another session all the same.")] = False,
    add_contact: Annotated[
        bool, typer.Option("--add-contact", help="Add the client of the same message first, where that still waits.")
    ] = False,
    as_json: output.AsJson = False,
) -> None:
    """Approve proposals: each is carried out once."""
    edits = dict(_pair(one) for one in set_ or [])

    def decide(db: Db, approval_id: UUID) -> Decided:
        return approvals.approve(
            db, approval_id, edits=edits, leave_out=leave_out or [], allow_overlap=overlap, add_contact=add_contact
        )

    _each(ids, user, decide, as_json)


def reject(
    ids: Ids,
    user: output.User,
    reason: Annotated[str, typer.Option(help="Why not, in your words.")] = "",
    as_json: output.AsJson = False,
) -> None:
    """Reject proposals."""
    _each(ids, user, lambda db, approval_id: approvals.reject(db, approval_id, reason), as_json)


def snooze(
    id_: One,
    user: output.User,
    until: Annotated[str, typer.Option(help="ISO 8601, such as 2026-03-04T09:00; without an offset in your zone.")],
    as_json: output.AsJson = False,
) -> None:
    """Show a proposal again later."""

    def decide(db: Db, approval_id: UUID) -> Decided:
        return approvals.snooze(db, approval_id, _moment(until, practice.of(db).zone))

    _each([id_], user, decide, as_json)


def retry(id_: One, user: output.User, as_json: output.AsJson = False) -> None:
    """Try again what did not work: only what is missing is done."""
    _each([id_], user, approvals.retry, as_json)


def undo(
    id_: One,
    user: output.User,
    choice: Annotated[str, typer.Option(help="What to do where it changed since; the refusal names the ways.")] = "",
    as_json: output.AsJson = False,
) -> None:
    """Take an approval back, in the database and in Google."""
    _each([id_], user, lambda db, approval_id: approvals.undo(db, approval_id, choice=choice), as_json)


def _each(ids: list[str], user: str, decide: Callable[[Db, UUID], Decided], as_json: bool) -> None:
    """One transaction each; one that is refused does not stop the others, but the command fails at the end."""
    user_id = whose.user_id(user)
    decided: list[Decided] = []
    refused: list[str] = []
    for typed in ids:
        try:
            decided.append(_once(user_id, whose.row_id(typed), decide))
        except OmniError as error:
            words = "; ".join(error.fields.values()) if isinstance(error, Invalid) and error.fields else error.message
            refused.append(f"{typed}: {words}")
    refused += [f"{one.id}: {one.failed}" for one in decided if one.failed]
    output.report(
        {"decided": [one.model_dump(mode="json") for one in decided], "refused": refused},
        [one.sentence for one in decided if not one.failed],
        as_json=as_json,
    )
    if refused:
        raise Refused(" | ".join(refused))


def _once(user_id: UUID, approval_id: UUID, decide: Callable[[Db, UUID], Decided]) -> Decided:
    def work() -> Decided:
        with transaction(user_id, reason="command line") as db:
            return decide(db, approval_id)

    return retrying(work)


def _pair(text: str) -> tuple[str, str]:
    name, separator, value = text.partition("=")
    if not separator or not name.strip():
        raise Invalid(f"--set {text[:60]}: write FIELD=VALUE.")
    return name.strip(), value


def _moment(text: str, zone: ZoneInfo) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise Invalid(f"“{text[:60]}” is not a time. Write it as 2026-03-04T09:00.") from None
    return moment if moment.tzinfo else zones.at_wall(moment.date(), moment.time(), zone)
