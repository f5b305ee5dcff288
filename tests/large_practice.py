"""A practice of any size, made inside the database in seconds: for measuring, not for looking at.

`python -m tests.large_practice 10000` fills the database of this folder's embedded server and times `find_anything`.
"""

from __future__ import annotations

import statistics
import sys
import time
from uuid import UUID

from sqlalchemy import text

from omnicrm.core import ids
from omnicrm.core.db import engine, transaction
from omnicrm.models.accounts import User

# Names of two syllables each, 900 first and 8,100 last names; notes of 20 words, of which "session" is in every
# second, "hamstring" in one of 10,000, the others spread over 4,000 words.
LOAD = """
with syllables as (select array['an','ber','cor','dal','el','fen','gar','hol','in','jo','kar','lin','mar','nor','os',
    'per','qui','ros','sten','tor','ul','vik','wes','yl','zan','bro','cla','dre','flo','gri'] as s),
people as (
    insert into contacts (id, first_name, last_name, email, phone, created_at)
    select time_uuid(), initcap(s[1 + n % 30] || s[1 + (n / 30) % 30]),
           initcap(s[1 + (n * 7) % 30] || s[1 + (n / 7) % 30] || s[1 + (n / 210) % 30]) ,
           'client' || n || '@mail.example', '+4670' || lpad(n::text, 7, '0'), now() - n * interval '1 minute'
      from generate_series(1, :contacts) as n, syllables
    returning id, created_at)
insert into notes (id, contact_id, content, created_at)
select time_uuid(), id,
       (select string_agg(s[1 + (h >> (2 * w)) % 30] || s[1 + (h >> (w + 3)) % 30]
                          || case w % 3 when 0 then 'a' else 'en' end, ' ')
          from generate_series(1, 20) as w, syllables)
           || case when h % 2 = 0 then ' session' else '' end || case when h % 10000 = 8 then ' hamstring' else '' end,
       created_at + k * interval '1 hour'
  from (select id, created_at, k, abs(hashtext(id::text || k)) as h from people, generate_series(1, :notes) as k) as n
"""

QUERIES = {
    "typo": "Anbr Kardaldl",
    "name": "anan",
    "rare word": "hamstring",
    "two words": "hamstring session",
    "common word": "session",
    "no hit": "qqqqzzzz",
    "three letters": "ses",
    "two letters": "an",
}


def load(contacts: int, notes: int = 2) -> UUID:
    """A practitioner with that many contacts and `notes` each; committed."""
    user_id = ids.new()
    with transaction(user_id) as db:
        db.add(User(id=user_id, email=f"large-{user_id}@stillwater.example"))
        db.flush()
        db.execute(text("set local statement_timeout = 0"))
        db.execute(text(LOAD), {"contacts": contacts, "notes": notes})
    return user_id


def measure(user_id: UUID, rounds: int = 15) -> dict[str, tuple[float, int]]:
    """query -> (median milliseconds, rows), under row-level security as the application asks."""
    figures = {}
    for name, query in QUERIES.items():
        times = []
        for _ in range(rounds):
            began = time.perf_counter()
            with transaction(user_id) as db:
                rows = db.execute(text("select * from find_anything(:query)"), {"query": query}).all()
            times.append((time.perf_counter() - began) * 1000)
        figures[name] = (statistics.median(times), len(rows))
    return figures


def main() -> None:
    contacts = int(sys.argv[1])
    began = time.perf_counter()
    user_id = load(contacts)
    took = time.perf_counter() - began
    sys.stdout.write(f"{contacts} contacts, {2 * contacts} notes in {took:.1f} s\n")
    for _ in range(19):
        load(min(contacts, 5000))
    with engine("owner").connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("analyze"))
    for name, (milliseconds, rows) in measure(user_id).items():
        sys.stdout.write(f"{name:14} {milliseconds:8.1f} ms  {rows} rows\n")


if __name__ == "__main__":
    main()
