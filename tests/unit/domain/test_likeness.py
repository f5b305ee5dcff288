"""Duplicates by names, birthdays and addresses, measured on Febrl's data; the cost does not grow with the square."""

from __future__ import annotations

import csv
import time

from omnicrm.core import ids
from omnicrm.domain.duplicates import likeness
from omnicrm.domain.duplicates.names import NameIndex
from tests.shared_data import shared


def test_recall_and_precision_on_febrl() -> None:
    path = shared("real-data/contacts/dedupe/febrl_dataset1.csv")
    with path.open(newline="") as file:
        rows = [{key.strip(): value.strip() for key, value in row.items()} for row in csv.DictReader(file)]
    entries = [
        likeness.entry(
            row["rec_id"],
            f"{row['given_name']} {row['surname']}",
            born=row["date_of_birth"],
            place=(row["street_number"], row["address_1"], row["suburb"], row["postcode"]),
        )
        for row in rows
    ]
    found = {frozenset((pair.one, pair.other)) for pair in likeness.pairs(entries)}
    originals = {key.split("-")[1] for key in (row["rec_id"] for row in rows)}
    true = {frozenset((f"rec-{n}-org", f"rec-{n}-dup-0")) for n in originals}
    assert len(true) == 500
    right = len(found & true)
    recall, precision = right / len(true), right / len(found)
    print(f"Febrl 1: recall {recall:.3f}, precision {precision:.3f}")  # noqa: T201  # the figures are the point
    assert recall >= 0.96
    assert precision >= 0.99


def test_twice_as_many_cost_about_twice_as_much() -> None:
    def seconds(count: int) -> float:
        entries = [
            likeness.entry(
                n, f"Client{n % 977} Person{n}", born=f"19{n % 90:02}0{n % 9 + 1}1{n % 9}", place=(f"Way {n}",)
            )
            for n in range(count)
        ]
        began = time.process_time()
        likeness.pairs(entries)
        return time.process_time() - began

    seconds(500)
    assert seconds(8_000) / seconds(2_000) < 8  # the square would be 16


def test_names_nearly_alike_are_found() -> None:
    people = {name: ids.new() for name in ("Jonas Bergström", "Joan Berg", "Tomás Ferreira", "Jo Park")}
    index = NameIndex((key, name) for name, key in people.items())
    assert list(index.alike("Jonas Bergstrom")) == [people["Jonas Bergström"]]
    assert list(index.alike("Ferreira, Tomas")) == [people["Tomás Ferreira"]]
    assert list(index.alike("Jo")) == []
    assert list(index.alike("Maria Silva")) == []
