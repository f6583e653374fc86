"""Small words that every answer uses: choices, classes of water, levels."""

from typing import Annotated, Literal

from ninja import Field, Schema

# What the server says is text to Python and a closed list to the browser; what it hears (Bank) is checked.
Bank = Literal["left", "right", "both"]
WaterClass = Annotated[str, Field(json_schema_extra={"enum": ["I", "II", "III", "IV", "V", ">V"]})]
WorkLevel = Annotated[str, Field(json_schema_extra={"enum": ["none", "no_deadline", "open", "due_soon", "overdue"]})]
FreshnessLevel = Annotated[str, Field(json_schema_extra={"enum": ["fresh", "ageing", "stale", "never"]})]


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
