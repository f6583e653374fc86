"""Every error a user of the domain can meet, and what it says to them.

A *fault* is one thing wrong in one place of an input. Its words live in ``faults.csv`` (one row per kind, Chinese and
English), so that both languages say the same and a reviewer can read all of them on one page. Code that reads a
file collects all faults and raises one :class:`BadInput`; it never stops at the first.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache

from riverchief.table import read_table


class RiverchiefError(Exception):
    """Base of all our errors; catch this to catch whatever Riverchief refuses."""

    def text(self, language: str = "en") -> str:
        """What to tell a person, in ``language`` (``"zh"`` or ``"en"``)."""
        return str(self)


@dataclass(frozen=True)
class Fault:
    """One thing that is wrong, where, and what is allowed instead.

    ``kind`` names a row of ``faults.csv``; ``details`` fills the row's template; ``line`` counts from 1 and counts the
    header, as an editor does; ``sheet`` is the sheet of a workbook.
    """

    kind: str
    source: str | None = None
    line: int | None = None
    column: str | None = None
    details: Mapping[str, str] = field(default_factory=dict)
    sheet: str | None = None

    def __post_init__(self) -> None:
        words = _fault_words()
        if self.kind not in words:
            raise ValueError(f"faults.csv has no row {self.kind!r}; rows: {', '.join(sorted(words))}")

    @property
    def place(self) -> str:
        """``file[sheet]:line:column`` as far as known; empty if nothing is known."""
        file = self.source if self.sheet is None else f"{self.source or ''}[{self.sheet}]"
        return ":".join(str(part) for part in (file, self.line, self.column) if part is not None)

    def at(
        self,
        source: str | None = None,
        line: int | None = None,
        column: str | None = None,
        *,
        sheet: str | None = None,
    ) -> Fault:
        """The same fault at another place; what is not given stays as it is."""
        return replace(
            self,
            source=self.source if source is None else source,
            line=self.line if line is None else line,
            column=self.column if column is None else column,
            sheet=self.sheet if sheet is None else sheet,
        )

    def text(self, language: str = "en") -> str:
        """One line in ``language``: place, what was given, what is allowed."""
        template = _fault_words()[self.kind]["zh" if language.startswith("zh") else "en"]
        said = template.format_map(_Blank(self.details))
        return f"{self.place}: {said}" if self.place else said


class BadInput(RiverchiefError):
    """An input was refused; ``faults`` names every reason. Nothing was written."""

    def __init__(self, faults: Iterable[Fault]):
        self.faults: tuple[Fault, ...] = tuple(faults)
        if not self.faults:
            raise ValueError("BadInput needs at least one fault")
        super().__init__(self.text("en"))

    def text(self, language: str = "en") -> str:
        return "\n".join(fault.text(language) for fault in self.faults)


class NotAllowed(RiverchiefError):
    """Somebody asked for what their role, region or part in the matter forbids; ``fault`` says which rule."""

    def __init__(self, fault: Fault):
        self.fault = fault
        super().__init__(fault.text("en"))

    def text(self, language: str = "en") -> str:
        return self.fault.text(language)


class Conflict(RiverchiefError):
    """The thing has moved on since the asker last saw it; ``fault`` says what is true now."""

    def __init__(self, fault: Fault):
        self.fault = fault
        super().__init__(fault.text("en"))

    def text(self, language: str = "en") -> str:
        return self.fault.text(language)


def unknown_name(
    kind: str,
    given: str,
    known: Sequence[str],
    *,
    source: str | None = None,
    line: int | None = None,
    column: str | None = None,
) -> Fault:
    """A fault for a name nobody knows, with the nearest valid names.

    ``kind`` is a row of ``faults.csv`` such as ``unknown_parameter``. With no near name the first few known ones are
    shown, so that the reader sees the form that is expected.
    """
    near = difflib.get_close_matches(given, known, n=3, cutoff=0.4) or list(known[:5])
    return Fault(kind, source, line, column, {"given": given, "nearest": "、".join(near) or "—"})


class _Blank(dict[str, str]):
    """A mapping that shows a dash for a detail that was not given, so that a message never breaks."""

    def __missing__(self, key: str) -> str:
        return "—"


@cache
def _fault_words() -> dict[str, dict[str, str]]:
    return {row["kind"]: row for row in read_table(__name__, "faults.csv")}
