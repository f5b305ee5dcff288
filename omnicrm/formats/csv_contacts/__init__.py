"""Contacts in tables of text: read row by row from any size of file, columns guessed, written so that no cell acts."""

from omnicrm.formats.csv_contacts.columns import TARGETS, Mapping, guess
from omnicrm.formats.csv_contacts.dates import day_first, read_date
from omnicrm.formats.csv_contacts.reading import Row, Sheet, open_sheet
from omnicrm.formats.csv_contacts.writing import COLUMNS, safe, write

__all__ = [
    "COLUMNS",
    "TARGETS",
    "Mapping",
    "Row",
    "Sheet",
    "day_first",
    "guess",
    "open_sheet",
    "read_date",
    "safe",
    "write",
]
