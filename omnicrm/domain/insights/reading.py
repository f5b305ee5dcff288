"""The figures with the sentence that reads them, their chart and their numbers."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from pydantic import BaseModel, ConfigDict

from omnicrm.core.db import Db
from omnicrm.core.show import Viewer, counted
from omnicrm.domain import practice
from omnicrm.domain.insights import charts
from omnicrm.domain.insights.charts import Chart
from omnicrm.domain.insights.counting import Counted, Part
from omnicrm.domain.insights.counting import counted as count
from omnicrm.domain.insights.ranges import Stretch, following

_SMALL = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")


class Row(BaseModel):
    """A line of a figure's table: its cells as they are read."""

    model_config = ConfigDict(frozen=True)

    cells: list[str]


class Figure(BaseModel):
    """`title` is what the chart says, `what` what it shows; `legend` names two amounts in one bar, or is empty."""

    model_config = ConfigDict(frozen=True)

    id: str
    title: str
    what: str
    legend: list[str]
    chart: Chart
    head: list[str]
    rows: list[Row]


class Insights(BaseModel):
    """`words` is the stretch: `1 Sep to 25 Nov`."""

    model_config = ConfigDict(frozen=True)

    words: str
    figures: list[Figure]
    empty: bool


def read(db: Db, stretch: Stretch) -> Insights:
    """All figures of a stretch. A fixed number of statements, however much there is."""
    viewer = practice.of(db).viewer()
    found = count(db, stretch)
    look = _Look(viewer, stretch, found)
    figures = [_sessions(look), _missed(look), _people(look)]
    figures += [one for one in (_retention(look), _hours(look), _places(look)) if one is not None]
    return Insights(
        words=f"{viewer.short_date(stretch.first)} to {viewer.short_date(stretch.last)}",
        figures=figures,
        empty=not any(part.sessions or part.missed for part in found.parts),
    )


class _Look:
    """What every figure needs: the parts, their names, and which of them is spoken of."""

    def __init__(self, viewer: Viewer, stretch: Stretch, found: Counted) -> None:
        self.viewer, self.stretch, self.found, self.parts = viewer, stretch, found, found.parts
        self.unit = stretch.unit
        self.part = len(self.parts) - 1 if stretch.ongoing else None
        whole = len(self.parts) - (1 if stretch.ongoing else 0)
        self.on = whole - 1 if whole else None
        self.labels = [self._label(part) for part in self.parts]
        self.each = f"by {self.unit}"

    def told(self) -> list[int]:
        return [place for place in (self.on, self.part) if place is not None][-1:]

    def rows(self, *columns: Sequence[str]) -> list[Row]:
        return [Row(cells=[name, *cells]) for name, *cells in zip(self._names(), *columns, strict=True)]

    def _names(self) -> list[str]:
        words = [self._name(part) for part in self.parts]
        if self.part is not None:
            words[self.part] += ", so far"
        return words

    def _name(self, part: Part) -> str:
        if self.unit == "month":
            return self.viewer.month(part.first)
        last = following(part.first, "week") - timedelta(days=1)
        return f"{self.viewer.short_date(part.first)} to {self.viewer.short_date(last)}"

    def _label(self, part: Part) -> str:
        return f"{part.first:%b}" if self.unit == "month" else self.viewer.short_date(part.first)


def _sessions(look: _Look) -> Figure:
    numbers = [part.sessions for part in look.parts]
    whole = numbers[: look.on + 1] if look.on is not None else []
    if not whole or not any(whole):
        title = f"{counted(numbers[-1] if numbers else 0, 'session')} so far"
    else:
        title = f"{counted(whole[-1], 'session')} last {look.unit}{_than_usual(whole)}"
    return Figure(
        id="sessions",
        title=title,
        what=f"Held sessions, {look.each}",
        legend=[],
        chart=charts.bars(numbers, look.labels, on=look.on, part=look.part),
        head=[look.unit.title(), "Sessions"],
        rows=look.rows([str(number) for number in numbers]),
    )


def _missed(look: _Look) -> Figure:
    missed, all_ = sum(part.missed for part in look.parts), sum(part.missed + part.came for part in look.parts)
    share = _share(missed, all_)
    before = _share(*look.found.missed_before)
    title = "Nobody was expected yet" if share is None else f"{share:.0f} % no-shows{_compared(share, before)}"
    shares = [_share(part.missed, part.missed + part.came) for part in look.parts]
    return Figure(
        id="attendance",
        title=title,
        what=f"Booked places where nobody came, {look.each}",
        legend=[],
        chart=charts.line(shares, look.labels, told=_last_known(shares)),
        head=[look.unit.title(), "Came", "No-show", "Came, %"],
        rows=look.rows(
            [str(part.came) for part in look.parts],
            [str(part.missed) for part in look.parts],
            [_percent(_share(part.came, part.missed + part.came)) for part in look.parts],
        ),
    )


def _people(look: _Look) -> Figure:
    new, back = [part.new for part in look.parts], [part.returning for part in look.parts]
    words = counted(sum(new), "new client")
    if look.on is not None and look.parts[look.on].returning:
        words += f"; last {look.unit} {look.parts[look.on].returning} came back"
    return Figure(
        id="clients",
        title=words,
        what=f"Clients who came, {look.each}",
        legend=["came back", "new"],
        chart=charts.bars(back, look.labels, on=None, part=None, above=new),
        head=[look.unit.title(), "New", "Came back"],
        rows=look.rows([str(number) for number in new], [str(number) for number in back]),
    )


def _retention(look: _Look) -> Figure | None:
    """Of clients who came for the first time within a year and a half; who is too new for a month is not counted in."""
    stayed = look.found.retention
    known = [month for month, (_, of) in enumerate(stayed) if of]
    if len(known) < 2:
        return None
    month = max(one for one in known if one <= 3)
    kept, of = stayed[month]
    shares = [_share(*one) for one in stayed[: known[-1] + 1]]
    labels = [str(number) for number in range(len(shares))]
    labels[-1] = f"{len(shares) - 1} months"
    told = sorted({month, known[-1]})
    return Figure(
        id="retention",
        title=f"Of {counted(of, 'new client')}, {kept} still {'comes' if kept == 1 else 'come'} after "
        f"{_small(month)} {'month' if month == 1 else 'months'}",
        what="Clients who came back, by months since the first session",
        legend=[],
        chart=charts.line(shares, labels, told=told, full=True),
        head=["Months since the first session", "Still come", "Of", "Still come, %"],
        rows=[
            Row(cells=[str(month), str(kept), str(of), _percent(_share(kept, of))])
            for month, (kept, of) in enumerate(stayed)
            if of
        ],
    )


def _hours(look: _Look) -> Figure | None:
    """Of the working hours; a part that is cut off has as many of them as it has days."""
    if not look.found.weekly_minutes:
        return None
    first, last = look.stretch.first, look.stretch.last
    opens = []
    for part in look.parts:
        begins, ends = max(part.first, first), min(following(part.first, look.unit) - timedelta(days=1), last)
        opens.append(look.found.weekly_minutes * ((ends - begins).days + 1) / 7)
    shares = [_share(part.minutes, open_) for part, open_ in zip(look.parts, opens, strict=True)]
    all_ = _share(sum(part.minutes for part in look.parts), sum(opens)) or 0
    return Figure(
        id="hours",
        title=f"{all_:.0f} % of your working hours were booked",
        what=f"Hours in sessions, of the working hours, {look.each}",
        legend=[],
        chart=charts.line(shares, look.labels, told=_last_known(shares)),
        head=[look.unit.title(), "Hours in sessions", "Working hours", "Booked, %"],
        rows=look.rows(
            [f"{part.minutes / 60:.1f}" for part in look.parts],
            [f"{open_ / 60:.1f}" for open_ in opens],
            [_percent(share) for share in shares],
        ),
    )


def _places(look: _Look) -> Figure | None:
    """Of classes."""
    all_, taken = sum(part.places for part in look.parts), sum(part.taken for part in look.parts)
    share = _share(taken, all_)
    if share is None:
        return None
    shares = [_share(part.taken, part.places) for part in look.parts]
    return Figure(
        id="places",
        title=f"{share:.0f} % of the places in classes were taken",
        what=f"Places taken in classes, {look.each}",
        legend=[],
        chart=charts.line(shares, look.labels, told=_last_known(shares), full=share <= 100),
        head=[look.unit.title(), "Places", "Taken", "Taken, %"],
        rows=look.rows(
            [str(part.places) for part in look.parts],
            [str(part.taken) for part in look.parts],
            [_percent(one) for one in shares],
        ),
    )


def _than_usual(numbers: Sequence[int]) -> str:
    """`, three more than usual`: against the mean of those before, from the first in which there was something."""
    begun = next((place for place, number in enumerate(numbers) if number), len(numbers))
    before = numbers[begun:-1]
    if len(before) < 2:
        return ""
    more = round(numbers[-1] - sum(before) / len(before))
    if more == 0:
        return ", as usual"
    return f", {_small(abs(more))} {'more' if more > 0 else 'fewer'} than usual"


def _compared(share: float, before: float | None) -> str:
    if before is None or round(share) == round(before):
        return ""
    return f", {'down' if share < before else 'up'} from {before:.0f} %"


def _small(number: int) -> str:
    return _SMALL[number] if number < len(_SMALL) else str(number)


def _share(part: float, whole: float) -> float | None:
    return 100 * part / whole if whole else None


def _percent(share: float | None) -> str:
    return "" if share is None else f"{share:.0f}"


def _last_known(shares: Sequence[float | None]) -> list[int]:
    return [place for place, share in enumerate(shares) if share is not None][-1:]
