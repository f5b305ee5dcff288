"""Tables of contacts: any encoding and separator, one slip costs one row, columns in several languages, safe cells."""

from __future__ import annotations

import io
import json
from datetime import date
from pathlib import Path

import pytest

from omnicrm.formats import Refusal, Unreadable, csv_contacts
from omnicrm.formats.csv_contacts import reading
from tests.shared_data import shared


def _sheet(folder: Path, data: str | bytes, encoding: str = "utf-8") -> csv_contacts.Sheet:
    path = folder / "book.csv"
    path.write_bytes(data if isinstance(data, bytes) else data.encode(encoding))
    return csv_contacts.open_sheet(path)


def _cells(sheet: csv_contacts.Sheet) -> list[tuple[str, ...]]:
    return [row.cells for row in sheet.rows() if isinstance(row, csv_contacts.Row)]


def test_every_file_of_the_spectrum_reads_as_its_json_says() -> None:
    folder = shared("real-data/contacts/csv/csv-spectrum")
    names = sorted(path.stem for path in (folder / "csvs").glob("*.csv"))
    assert len(names) >= 12
    for name in names:
        wanted = json.loads((folder / "json" / f"{name}.json").read_text("utf-8"))
        wanted = wanted if isinstance(wanted, list) else [wanted]
        sheet = csv_contacts.open_sheet(folder / "csvs" / f"{name}.csv")
        got = [dict(zip(sheet.headers, cells, strict=True)) for cells in _cells(sheet)]
        said = [{key: value.replace("\r\n", "\n").strip() for key, value in row.items()} for row in wanted]
        for row in (*got, *said):
            row.pop("Contact Phone Number", None)  # upstream changed it in the table, and not in its JSON
        assert got == said, name


@pytest.mark.parametrize(
    ("encoding", "separator"),
    [("utf-8", ","), ("utf-8-sig", ";"), ("utf-16", "\t"), ("utf-16-le", ";"), ("cp1252", ";"), ("utf-8", "|")],
)
def test_encoding_and_separator_are_found_out(tmp_path: Path, encoding: str, separator: str) -> None:
    rows = [("Vorname", "Nachname", "E-Mail"), ("Bülent", "Yildiz-Çelik", "b@example.de"), ("Zoë", "", "")]
    sheet = _sheet(tmp_path, "\r\n".join(separator.join(row) for row in rows), encoding)
    assert (sheet.separator, sheet.headers) == (separator, rows[0])
    assert _cells(sheet) == rows[1:]


def test_excels_own_first_line_is_no_row(tmp_path: Path) -> None:
    sheet = _sheet(tmp_path, "sep=;\nVorname;Notiz\nJo;a, b, c\n")
    assert (sheet.separator, _cells(sheet)) == (";", [("Jo", "a, b, c")])


def test_a_quote_that_is_never_closed_costs_its_row_and_no_other(tmp_path: Path) -> None:
    sheet = _sheet(tmp_path, 'Name,Notes\nAino,well\n"Jo,"the knee"\n"Sam,open\nBea,"two\nlines"\nCem,ok\n')
    items = list(sheet.rows())
    assert [item.name for item in items if isinstance(item, Refusal)] == ["row 4"]
    assert [item.cells[0] for item in items if isinstance(item, csv_contacts.Row)][-2:] == ["Bea", "Cem"]


def test_a_row_without_end_is_refused_and_the_next_is_read(tmp_path: Path) -> None:
    sheet = _sheet(tmp_path, "Name,Notes\nAino,x\nJo," + "y" * (2 * reading.MAX_ROW) + "\nBea,z\n")
    items = list(sheet.rows())
    assert [type(item).__name__ for item in items] == ["Row", "Refusal", "Row"]


def test_a_file_of_open_quotes_ends_soon(tmp_path: Path) -> None:
    with pytest.raises(Unreadable, match="not closed"):
        _sheet(tmp_path, "Name,Notes\nAino,x\n" + '"a""\n' * 20_000)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "empty"),
        (b"PK\x03\x04 a spreadsheet", "Save it as CSV"),
        (b"Name,E-mail\n", "no rows"),
        (bytes(range(256)) * 20, "Save it as CSV"),
    ],
)
def test_what_is_no_table_says_so(tmp_path: Path, data: bytes, words: str) -> None:
    with pytest.raises(Unreadable, match=words):
        _sheet(tmp_path, data)


GOOGLE = (
    "First Name,Middle Name,Last Name,Nickname,Organization Name,Organization Title,Birthday,Notes,Labels,"
    "E-mail 1 - Label,E-mail 1 - Value,E-mail 2 - Value,Phone 1 - Label,Phone 1 - Value,Address 1 - Street,"
    "Address 1 - City,Address 1 - Postal Code,Address 1 - Country,Website 1 - Value"
)
OLD_GOOGLE = "Name,Given Name,Family Name,Group Membership,E-mail 1 - Type,E-mail 1 - Value,Phone 1 - Value"
OUTLOOK = (
    "Title,First Name,Middle Name,Last Name,Company,Job Title,Home Street,Home City,Home Postal Code,"
    "Mobile Phone,Home Phone,E-mail Address,E-mail 2 Address,Birthday,Categories,Notes,Web Page"
)
GERMAN = "Vorname;Nachname;E-Mail;Telefon mobil;Geburtsdatum;Schlagworte;Bemerkungen;Kundennummer"


@pytest.mark.parametrize(
    ("heading", "wanted"),
    [
        (GOOGLE, {"First Name": "first_name", "E-mail 2 - Value": "email", "Labels": "tags", "Phone 1 - Label": ""}),
        (OLD_GOOGLE, {"Name": "", "Given Name": "first_name", "Group Membership": "tags"}),
        (OUTLOOK, {"Home Phone": "phone", "E-mail Address": "email", "Title": "", "Web Page": "website"}),
        (GERMAN, {"Geburtsdatum": "date_of_birth", "Bemerkungen": "notes", "Kundennummer": ""}),
        ("Nom;Prénom;Courriel;Téléphone;Code postal", {"Nom": "last_name", "Courriel": "email"}),
        ("Etunimi;Sukunimi;Sähköposti;Puhelin", {"Sukunimi": "last_name", "Sähköposti": "email", "Puhelin": "phone"}),
        ("Imię;Nazwisko;Adres e-mail;Numer telefonu", {"Imię": "first_name", "Numer telefonu": "phone"}),
    ],
)
def test_columns_are_guessed(tmp_path: Path, heading: str, wanted: dict[str, str]) -> None:
    separator = ";" if ";" in heading else ","
    sheet = _sheet(tmp_path, heading + "\n" + separator.join("x" for _ in heading.split(separator)) + "\n")
    guessed = dict(zip(sheet.headers, csv_contacts.guess(sheet).targets, strict=True))
    assert {name: guessed[name] for name in wanted} == wanted


def test_a_file_without_headings_is_guessed_by_its_values(tmp_path: Path) -> None:
    sheet = _sheet(tmp_path, "Jo Park,jo@park.example,+46 70 123 45 67\nSam Lee,sam@lee.example,+46 70 123 45 68\n")
    assert csv_contacts.guess(sheet).targets == ("full_name", "email", "phone")
    assert len(_cells(sheet)) == 2


def test_days_are_read_as_the_column_writes_them() -> None:
    assert csv_contacts.day_first(["03/05/1971", "17/11/1984"])
    assert not csv_contacts.day_first(["05/03/1971", "11/17/1984"])
    assert not csv_contacts.day_first(["05/03/1971"], usual=False)
    assert csv_contacts.read_date("03.05.1971") == date(1971, 5, 3)
    assert csv_contacts.read_date("5/3/71", day_comes_first=False) == date(1971, 5, 3)
    assert csv_contacts.read_date("19710503") == csv_contacts.read_date("1971-05-03") == date(1971, 5, 3)
    with pytest.raises(ValueError, match=r"31.02.1980 does not exist"):
        csv_contacts.read_date("31.02.1980")


@pytest.mark.outside(24)
@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_no_exported_cell_acts(tmp_path: Path, start: str) -> None:
    """Outside test 24: what a spreadsheet would run has an apostrophe before it, and comes back as it was."""
    evil = start + "cmd|' /C calc'!A0"
    out = io.StringIO(newline="")
    csv_contacts.write(out, [{"first_name": evil, "notes": evil, "phone": "+46701234567"}])
    sheet = _sheet(tmp_path, out.getvalue())
    raw = out.getvalue().splitlines()[1] if start != "\r" else out.getvalue()
    assert f"'{start}" in raw
    (cells,) = _cells(sheet)
    assert cells[0].strip() == evil.strip()
    assert cells[sheet.headers.index("Mobile Phone")] == "+46701234567"
