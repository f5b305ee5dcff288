"""A practice that has been going on for years, of any size: what `domain.demo` makes, and what only time brings.

For measuring and for the gates in tests/contract; people look at the sample practice instead.
"""

from __future__ import annotations

from uuid import UUID

from psycopg import sql
from sqlalchemy import text

from omnicrm.core import clock, config, ids, postgres
from omnicrm.core.db import Db, engine, transaction
from omnicrm.domain import demo, inbox
from omnicrm.domain.cases import Draft, Quote
from omnicrm.models.accounts import User

WAITING = 40  # proposals that wait, at every size: nobody lets more pile up
MAIL = "Hello, could you call me back about the invoice, please? Thank you!"
_QUOTE = "call me back about the invoice"

# One line a client each: a mail with what was decided about it, a task, an invoice that was paid, a run of the sync.
# Numbered by the age of the client, so that sizes share their shape.
_HISTORY = (
    """
    insert into source_items (id, kind, provider, external_id, occurred_at, sender, subject, body_text, contact_id,
                              processed_at, outcome, content_hash)
    select time_uuid(), 'mail', 'takeout', 'past-' || n, at - n * interval '7 minutes', email, 'Question', :mail,
           id,
           at, case when n % 3 = 0 then 'proposed' when n % 3 = 1 then 'nothing' else 'skipped' end, 'past-' || n
      from clients
    """,
    """
    insert into pending_approvals (id, type, status, related_contact_id, source_item_id, data_payload, summary,
                                   ai_confidence_score, dedupe_key, resolved_at, executed_at, reject_reason)
    select time_uuid(), 'task.create', case when n % 4 = 0 then 'rejected' else 'executed' end, c.id, s.id,
           jsonb_build_object('title', 'Call back', 'contact_email', c.email, 'due_date', null), 'Call back', 0.8,
           'past-' || n, at - n * interval '5 minutes',
           case when n % 4 <> 0 then at - n * interval '5 minutes' end,
           case when n % 4 = 0 then 'not_needed' end
      from clients as c join source_items as s on s.contact_id = c.id and s.external_id = 'past-' || n
    """,
    """
    insert into tasks (id, contact_id, title, due_date, status, completed_at)
    select time_uuid(), id, 'Call back', at - (n % 300 + 1) * interval '1 day', 'completed', at
      from clients
    """,
    """
    insert into invoices (id, contact_id, number, status, issued_on, due_on, currency, subtotal, total, amount_paid)
    select time_uuid(), id, 'P-' || n, 'paid',
           (at - n % 700 * interval '1 day')::date,
           (at - n % 700 * interval '1 day')::date + 14, :currency, 85, 85, 85
      from clients
    """,
    """
    insert into payments (id, contact_id, amount, currency, status, paid_at)
    select time_uuid(), id, 85, :currency, 'paid', at - n % 700 * interval '1 day'
      from clients
    """,
    """
    insert into programs (id, name, status, price, currency, capacity, start_date, credits_per_enrollment)
    select time_uuid(), case when n % 2 = 0 then 'Course ' else 'Package ' end || n, 'active', 290, :currency,
           case when n % 2 = 0 then 16 end, case when n % 2 = 0 then at::date end, case when n % 2 = 1 then 5 end
      from clients where n <= 4
    """,
    """
    insert into program_enrollments (program_id, contact_id, enrollment_date)
    select p.id, c.id, at - n % 300 * interval '1 day'
      from clients as c join programs as p on p.name like '% ' || (n % 4 + 1)
    """,
    """
    insert into credit_entries (id, contact_id, program_id, session_id, delta, reason, created_at)
    select time_uuid(), e.contact_id, e.program_id, s.id, d.delta, d.reason,
           e.enrollment_date + d.days * interval '1 day'
      from program_enrollments as e
      join programs as p on p.id = e.program_id and p.credits_per_enrollment is not null
      cross join (values (5, 'purchase', 0), (-1, 'attendance', 7), (-1, 'attendance', 14)) as d (delta, reason, days)
      left join sessions as s on s.contact_id = e.contact_id and d.days = 7
    """,
    """
    update sessions set program_id = p.id from programs as p
     where p.start_date is not null and sessions.id in (select id from sessions order by id limit 12)
    """,
    """
    insert into session_attendees (session_id, contact_id, attendance_status)
    select s.id, e.contact_id, (array['present', 'late', 'no_show', 'registered'])[1 + n % 4]
      from clients as c join program_enrollments as e on e.contact_id = c.id
      join sessions as s on s.program_id = e.program_id
     where n <= 60
    """,
    """
    insert into job_runs (id, kind, status, started_at, finished_at, seen, changed)
    select time_uuid(), case when n % 2 = 0 then 'sync_mail' else 'sync_calendar' end, 'succeeded',
           at - n * interval '10 minutes', at - n * interval '10 minutes' + interval '2 seconds', 3, 1
      from clients
    """,
)
_CLIENTS = """
    with clients as materialized (
        select id, email, row_number() over (order by created_at, id) as n, cast(:now as timestamptz) as at
          from contacts where email is not null)
"""


def make(
    contacts: int,
    *,
    email: str = "",
    seed: int = 1,
    waiting: int = WAITING,
    long_history: int = 0,
    days_ahead: int = 14,
) -> UUID:
    """A new practitioner with that many clients and years behind them, committed; gives their id.

    Two notes and one session a client (the last one `days_ahead` days from now), and of each kind in `_HISTORY` one;
    `waiting` proposals wait for a decision.
    """
    user = User(
        email=email or f"practice-{ids.new()}@stillwater.example",
        name="Maya Lindqvist",
        business_name="Stillwater",
        time_zone="Europe/Helsinki",
        currency="EUR",
    )
    with transaction(user.id, actor="system") as db:
        db.add(user)
    with transaction(user.id, actor="system", reason="sample data") as db:
        db.execute(text("set local statement_timeout = 0"))
        demo.fill(db, contacts=contacts, seed=seed, long_history=long_history, days_ahead=days_ahead)
        for statement in _HISTORY:
            db.execute(text(_CLIENTS + statement), {"now": clock.now(), "mail": MAIL, "currency": user.currency})
    with transaction(user.id, actor="assistant") as db:
        propose(db, waiting)
    return user.id


def propose(db: Db, number: int, *, first: int = 0) -> list[UUID]:
    """So many more proposals of one task each, made as the job makes them: their ids."""
    from omnicrm.domain import approvals

    start = MAIL.index(_QUOTE)
    evidence = (Quote(slot="title", start=start, end=start + len(_QUOTE), quote=_QUOTE),)
    made = []
    for place in range(first, first + number):
        item = inbox.store(
            db,
            inbox.IncomingItem(
                kind="mail",
                provider="takeout",
                external_id=f"waiting-{place}",
                occurred_at=clock.now(),
                sender=f"somebody.{place}@mail.example",
                subject="Invoice",
                body_text=MAIL,
                content_hash=f"waiting-{place}",
            ),
        )
        slots = {"title": f"Call back number {place}", "contact_email": None, "due_date": None}
        draft = Draft(type="task.create", slots=slots, confidence=0.9, evidence=evidence)
        proposed = approvals.propose(db, draft, item.id)
        if proposed.approval_id is None:
            raise RuntimeError(f"Nothing was proposed: {proposed.note or proposed.outcome}")
        inbox.mark(db, item.id, "proposed")
        made.append(proposed.approval_id)
    return made


def copy(user_id: UUID, number: int) -> None:
    """The whole practice once more, as another practitioner's: every key becomes another one, the same everywhere.

    Past the triggers, which would take minutes to write what is copied too; only the audit log is left out.
    """
    with postgres.superuser(config.settings().omnicrm_database) as admin, admin.transaction():
        admin.execute("set local session_replication_role = replica")
        tables: dict[str, list[tuple[str, str]]] = {}
        for table, column, kind in admin.execute(
            "select table_name, column_name, data_type from information_schema.columns"
            " where table_schema = 'public' and is_generated = 'NEVER' order by ordinal_position"
        ).fetchall():
            tables.setdefault(str(table), []).append((str(column), str(kind)))
        for table, columns in tables.items():
            names = [name for name, _ in columns]
            owner = "id" if table == "users" else "user_id"
            if owner not in names or table == "audit_log":
                continue
            values = [_other_value(table, name, kind, number) for name, kind in columns]
            admin.execute(
                sql.SQL("insert into {table} ({names}) select {values} from {table} where {owner} = {user}").format(
                    table=sql.Identifier(table),
                    names=sql.SQL(", ").join(map(sql.Identifier, names)),
                    values=sql.SQL(", ").join(values),
                    owner=sql.Identifier(owner),
                    user=sql.Literal(user_id),
                )
            )


def _other_value(table: str, column: str, kind: str, number: int) -> sql.Composable:
    name = sql.Identifier(column)
    if kind == "uuid":
        return sql.SQL("md5({name}::text || {number})::uuid").format(name=name, number=sql.Literal(str(number)))
    if (table, column) == ("users", "email"):
        return sql.SQL("{number} || {name}").format(name=name, number=sql.Literal(str(number)))
    return name


def analyse() -> None:
    """The planner's statistics, as autovacuum brings them up to date in a database that has been running."""
    with engine("owner").connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("analyze"))
