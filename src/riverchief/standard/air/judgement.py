"""A judged day or hour of air: AQI, level, primary pollutants, and every individual index behind it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from functools import cache
from typing import Any

from riverchief.parameter import find_parameter
from riverchief.standard.clause import in_english
from riverchief.standard.evidence import Excluded
from riverchief.standard.verification import caveat, weakest
from riverchief.table import read_table


@dataclass(frozen=True)
class AirLevel:
    """A row of ``levels.csv``: level 1 to 6 with its AQI range, words and colour."""

    level: int
    lowest: int
    highest: int
    zh: str
    en: str
    colour_zh: str
    colour: str

    def name(self, language: str) -> str:
        """``轻度污染`` or ``lightly polluted``."""
        return self.zh if language.startswith("zh") else self.en


@cache
def air_levels() -> tuple[AirLevel, ...]:
    """The six levels, best first."""
    return tuple(
        AirLevel(
            int(row["level"]),
            int(row["aqi_min"]),
            int(row["aqi_max"]),
            row["category_zh"],
            row["category_en"],
            row["colour_zh"],
            row["colour"],
        )
        for row in read_table("riverchief.standard.air", "levels.csv")
    )


def level_of(aqi: int) -> AirLevel:
    """The level of an AQI; above 500 the worst."""
    return next((level for level in air_levels() if aqi <= level.highest), air_levels()[-1])


@dataclass(frozen=True)
class IndexEvidence:
    """One individual index: ``concentration`` [``unit``] over ``period`` (``1h``, ``8h``, ``24h``) gives ``index``."""

    pollutant: str
    concentration: float
    unit: str
    period: str
    index: int
    clause: str
    edition: str
    verification: str

    def explain(self, language: str = "en") -> str:
        """``臭氧（8h）148 ug/m3，分指数 90``."""
        name = find_parameter(self.pollutant).name(language)
        if language.startswith("zh"):
            return f"{name}（{self.period}）{self.concentration:g} {self.unit}，分指数 {self.index}"
        return f"{name} ({self.period}) {self.concentration:g} {self.unit}, index {self.index}"


@dataclass(frozen=True)
class AirJudgement:
    """``aqi`` and ``level`` (1 to 6) are ``None`` where they can't be given; ``primary`` is empty up to AQI 50.

    ``over`` are the pollutants with an index above 100 (超标污染物; the 2012 edition only). ``report`` is ``day`` or
    ``hour``. Keep ``edition`` with every stored AQI: the same air changed its level on 2026-03-01.
    """

    aqi: int | None
    level: int | None
    primary: tuple[str, ...]
    over: tuple[str, ...]
    evidence: tuple[IndexEvidence, ...]
    excluded: tuple[Excluded, ...]
    edition: str
    report: str

    @property
    def verification(self) -> str:
        """The weakest level of the rows it rests on."""
        return weakest(e.verification for e in self.evidence) if self.evidence else "official_scan"

    @property
    def is_good(self) -> bool | None:
        """Whether a day is 优良 (AQI up to 100); ``None`` where there is no AQI."""
        return None if self.aqi is None else self.aqi <= 100

    def explain(self, language: str = "en") -> str:
        """One sentence: AQI, level, primary pollutants, what was missing."""
        chinese = language.startswith("zh")
        joint = "、" if chinese else ", "
        left = joint.join(x.text(language) for x in self.excluded)
        clause = self.evidence[0].clause if self.evidence else ""
        source = f"{self.edition} {clause if chinese else in_english(clause)}".strip()
        if self.aqi is None or self.level is None:
            said = f"按{source}无法给出AQI：{left}" if chinese else f"{source}: no AQI can be given: {left}"
            return said + caveat(self.verification, language)
        level = level_of(self.aqi)
        why = [e for e in self.evidence if e.pollutant in self.primary] or list(self.evidence)
        shown = ("；" if chinese else "; ").join(e.explain(language) for e in why)
        if chinese:
            head = f"AQI {self.aqi}，{level.zh}（{source}）"
            first = (
                f"，首要污染物{joint.join(find_parameter(p).name('zh') for p in self.primary)}" if self.primary else ""
            )
            said = f"{head}{first}：{shown}" + (f"；未参评：{left}" if left else "")
        else:
            first = f", primary pollutant {joint.join(find_parameter(p).name('en') for p in self.primary)}"
            said = f"AQI {self.aqi}, {level.en} ({source}){first if self.primary else ''}: {shown}"
            said += f"; not judged: {left}" if left else ""
        return said + caveat(self.verification, language)

    def as_dict(self) -> dict[str, Any]:
        """Plain values that ``json.dumps`` takes; :meth:`from_dict` reads them back."""
        return asdict(self)

    @classmethod
    def from_dict(cls, stored: Mapping[str, Any]) -> AirJudgement:
        """What :meth:`as_dict` wrote."""
        given = {f.name: stored[f.name] for f in fields(cls)}
        given["primary"], given["over"] = tuple(given["primary"]), tuple(given["over"])
        given["evidence"] = tuple(IndexEvidence(**row) for row in given["evidence"])
        given["excluded"] = tuple(Excluded(**row) for row in given["excluded"])
        return cls(**given)
