"""Chengkou County (城口县), the demonstration county: plain files that come in through the door everybody's files use.

The organisation tree is real, the outline nearly so; the river network is *schematic* (示意): names, order, direction,
lengths and flows are true as far as public pages tell them, the drawn lines are not surveyed. People are role names
only. ``docs/guide/import.md`` explains every column.
"""

from __future__ import annotations

import json
from importlib import resources
from pathlib import Path
from typing import Any

from riverchief.errors import BadInput, unknown_name
from riverchief.table import read_table

COUNTY = "500229000000"
#: The files in the order in which they must be imported: what is named later may name what came before.
FILES = (
    "regions.csv",
    "county.geojson",
    "network.geojson",
    "places.csv",
    "parties.csv",
    "responsibilities.csv",
    "readings_2021.csv",
    "classes_2021.csv",
)
#: What belongs to the demonstration but is no import: an invented past (:mod:`.past`).
PAST_FILES = ("people.csv", "cases.csv", "steps.csv", "patrols.csv")


def path_of(name: str) -> Path:
    """Where the file ``name`` (such as ``"regions.csv"``) lies, to hand to an importer as a user would hand their own.

    Raises :class:`~riverchief.errors.BadInput` (``unknown_file``) for a file that is in neither :data:`FILES` nor
    :data:`PAST_FILES`.
    """
    known = (*FILES, *PAST_FILES)
    if name not in known:
        raise BadInput([unknown_name("unknown_file", name, known)])
    return Path(str(resources.files(__name__).joinpath(name)))


def rows_of(name: str) -> list[dict[str, str]]:
    """The rows of the CSV file ``name``, each a mapping from column to cell; raises as :func:`path_of`."""
    return read_table(__name__, path_of(name).name)


def features_of(name: str) -> list[dict[str, Any]]:
    """The features of the GeoJSON file ``name``, in WGS-84; raises as :func:`path_of`."""
    features: list[dict[str, Any]] = json.loads(path_of(name).read_text(encoding="utf-8"))["features"]
    return features
