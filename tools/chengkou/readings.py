"""Writes readings_2021.csv and classes_2021.csv: what two national stations measured on 1-5 April 2021, in tidy form.

The facts were published by the China National Environmental Monitoring Centre (中国环境监测总站). Rows published twice
are one; what was under maintenance keeps its flag; a value that did not come stays ``--`` and is flagged missing; what
the stations do not measure (``*``) is left out.

    python -m tools.chengkou.readings ROWS.csv
"""

import csv
import sys
from datetime import datetime, timedelta, timezone
from pathlib import Path

from riverchief.standard import CLASSES
from riverchief.telemetry.csv import read_readings

PACKAGE = Path(__file__).parents[2] / "src/riverchief/example/chengkou"
SOURCE = "中国环境监测总站"
CHINA = timezone(timedelta(hours=8))


def rows(published):
    """The distinct readings of the published rows, as cells of the tidy file."""
    for reading in read_readings(published, year=2021, source_name=SOURCE).readings:
        yield {
            "station": reading.station,
            "time": reading.time.astimezone(CHINA).isoformat(),
            "parameter": reading.parameter,
            "value": "--" if reading.value is None else f"{reading.value:g}",
            "unit": reading.unit,
            "flag": reading.flag,
            "source": reading.source,
        }


def classes(published):
    """The class that was published with each distinct sample; empty where none was."""
    with published.open(encoding="utf-8") as file:
        for row in {(row["断面名称"], row["监测时间"]): row for row in csv.DictReader(file)}.values():
            time = datetime.strptime(f"2021-{row['监测时间']} +0800", "%Y-%m-%d %H:%M %z")
            printed = next((known.code for known in CLASSES.values() if known.numeral == row["水质类别"]), "")
            yield {"station": row["断面名称"], "time": time.isoformat(), "class": printed, "source": SOURCE}


def write(name, found):
    found = list(found)
    with (PACKAGE / name).open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(found[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(found)


def main():
    published = Path(sys.argv[1])
    write("readings_2021.csv", rows(published))
    write("classes_2021.csv", classes(published))


if __name__ == "__main__":
    main()
