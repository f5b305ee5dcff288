"""Tables that others open: no cell is ever a formula."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from typing import IO

_ACTS = ("=", "+", "-", "@", "\t", "\r")

# heading → field; our own import, Google and Outlook know these headings
COLUMNS: dict[str, str] = {
    "First Name": "first_name",
    "Last Name": "last_name",
    "E-mail Address": "email",
    "E-mail 2 Address": "email_2",
    "E-mail 3 Address": "email_3",
    "Mobile Phone": "phone",
    "Other Phone": "phone_2",
    "Company": "company",
    "Job Title": "job_title",
    "Birthday": "date_of_birth",
    "Pronouns": "pronouns",
    "Web Page": "website",
    "Home Street": "address_street",
    "Home City": "address_city",
    "Home State": "address_state",
    "Home Postal Code": "address_postal_code",
    "Home Country": "address_country",
    "Categories": "tags",
    "Notes": "notes",
    "Client since": "client_since",
    "Referral source": "referral_source",
}


def safe(cell: str) -> str:
    """The cell with an apostrophe before it where a spreadsheet would run it; our own import takes it off again."""
    return f"'{cell}" if cell.startswith(_ACTS) else cell


def write(
    out: IO[str], rows: Iterable[Mapping[str, str]], columns: Mapping[str, str] = COLUMNS, *, heading: bool = True
) -> int:
    """Write `rows` (field → text) under their headings, with a byte order mark for Excel; how many rows."""
    table = csv.writer(out)
    if heading:
        out.write("\ufeff")
        table.writerow([safe(words) for words in columns])
    written = 0
    for row in rows:
        table.writerow([safe(row.get(field, "")) for field in columns.values()])
        written += 1
    return written
