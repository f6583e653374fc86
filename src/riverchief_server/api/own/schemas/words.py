"""Small words that every answer uses: choices, classes, refusals."""

from typing import Literal

from ninja import Schema

WaterClass = Literal["I", "II", "III", "IV", "V", ">V"]
Bank = Literal["left", "right", "both"]
WorkLevel = Literal["none", "open", "due_soon", "overdue"]
FreshnessLevel = Literal["fresh", "ageing", "stale", "never"]


class Choice(Schema):
    """A code and its words, for a list to choose from."""

    code: str
    name: str
    group: str | None = None


class ClassWords(Schema):
    """How one water class is written and coloured, everywhere."""

    water_class: WaterClass | None
    numeral: str
    name: str
    colour: str


class Fault(Schema):
    """One thing that was wrong with a request."""

    kind: str
    place: str
    text: str


class Refusal(Schema):
    """Why a request was refused; ``faults`` names everything that was wrong."""

    text: str
    faults: list[Fault]
