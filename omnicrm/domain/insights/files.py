"""The numbers behind the figures, for a spreadsheet: no cell is ever a formula."""

from __future__ import annotations

import csv
import io

from omnicrm.core.errors import NotFound
from omnicrm.domain.insights.reading import Insights
from omnicrm.formats.csv_contacts import safe


def written(insights: Insights, figure: str = "all") -> str:
    """CSV of one figure, or of all of them one below another, with a byte order mark for Excel.

    Raises NotFound for a figure that there is not.
    """
    chosen = [one for one in insights.figures if figure in ("all", one.id)]
    if not chosen:
        raise NotFound("There is no such figure.")
    out = io.StringIO(newline="")
    out.write("\ufeff")
    table = csv.writer(out)
    for place, one in enumerate(chosen):
        if len(chosen) > 1:
            table.writerows([[]] * (place > 0) + [[safe(one.what)]])
        table.writerow([safe(cell) for cell in one.head])
        table.writerows([[safe(cell) for cell in row.cells] for row in one.rows])
    return out.getvalue()
