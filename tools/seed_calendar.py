"""Writes the table of holidays and make-up days from the package chinesecalendar: run once a year, after the notice.

The State Council tells the holidays of a year in the November before; the package follows some days later. Rows that
are in the table already are kept as they are, so that a hand's correction is never overwritten.
"""

import csv
import datetime as dt
from pathlib import Path

from chinese_calendar.constants import Holiday, holidays, workdays

TABLE = Path(__file__).resolve().parents[1] / "src/riverchief/case/deadline/days.csv"
FIRST = dt.date(2018, 12, 29)
SOURCE = "chinesecalendar 1.11.0 (国务院办公厅节假日安排通知)"
ENGLISH = {"Tomb-sweeping Day": "Qingming Festival"}


def main() -> None:
    """Add to the table the days that it does not have."""
    rows = {}
    if TABLE.exists():
        with TABLE.open(encoding="utf-8", newline="") as file:
            rows = {row["day"]: row for row in csv.DictReader(file)}
    names = {holiday.value: holiday.chinese for holiday in Holiday}
    for kind, days in (("holiday", holidays), ("makeup", workdays)):
        for day, name in days.items():
            if day >= FIRST:
                english = ENGLISH.get(name, name)
                rows.setdefault(
                    day.isoformat(),
                    {"day": day.isoformat(), "kind": kind, "zh": names[name], "en": english, "source": SOURCE},
                )
    with TABLE.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, ["day", "kind", "zh", "en", "source"], lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows[day] for day in sorted(rows))


if __name__ == "__main__":
    main()
