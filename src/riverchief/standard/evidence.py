"""A judgement and what it rests on: values that are JSON-safe, frozen, and can explain themselves.

A class never travels alone. :class:`Judgement` carries one :class:`Evidence` for each item that was compared with a
limit and one :class:`Excluded` for each value that was left out, with the reason.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any

from riverchief.parameter import find_parameter
from riverchief.standard.classes import rank_of
from riverchief.standard.explain import explain_compliance, explain_evidence, explain_judgement
from riverchief.standard.reasons import reasons


@dataclass(frozen=True)
class Origin:
    """How the judged value came about.

    ``statistic`` is ``sample``, ``hourly mean`` or ``daily mean`` (the instrument's own), ``mean``, ``mean of H+`` ...;
    ``samples`` counts what went into it, ``censored`` those of them that are known by a bound only and ``rule`` (a row
    of ``censored_rules.csv``) says what was put in their place; ``operator`` and ``bound`` are the sign and the number
    of a single such value and ``most`` what the value is if each of them is as high as it can be. ``unrounded`` is the
    value before rounding half to even to ``decimals``.
    """

    statistic: str = "sample"
    samples: int = 1
    censored: int = 0
    rule: str = ""
    unrounded: float | None = None
    decimals: int | None = None
    operator: str = ""
    bound: float | None = None
    most: float | None = None


@dataclass(frozen=True)
class Evidence:
    """One item against its limit: ``value operator limit`` is a true statement.

    ``limit`` is the limit of ``water_class``; worse than class V it is the class V limit that the value breaks. For a
    range (pH) ``lower`` is its lower end. ``water_class`` is empty for an item with a single limit. ``better_class``
    is the next better class and ``better_limit`` its limit, the one that was not met: it is why the class is not
    better. ``measured`` is the value in the item's own unit where ``value`` is derived from it (oxygen judged by its
    saturation, computed for ``at_temperature`` [degC] where it was not measured). ``over_limit`` is (value − S) / S
    with S the limit of the target class; ``None`` where the item meets the target or no multiple is defined (pH, DO).
    ``over`` is whether the item is worse than the target. ``at_least`` marks a bound that proves the item to be no
    better than ``water_class`` while its true class is not known (``>1.2``); such an item withholds the class.
    ``background`` is what a dated act let be taken off the measured value (本底值扣除).
    """

    item: str
    value: float
    unit: str
    operator: str
    limit: float
    water_class: str
    clause: str
    edition: str
    lower: float | None = None
    better_class: str | None = None
    better_limit: float | None = None
    over: bool = False
    over_limit: float | None = None
    origin: Origin = field(default_factory=Origin)
    remark: str = ""
    verification: str = ""
    measured: float | None = None
    at_least: bool = False
    at_temperature: float | None = None
    background: float | None = None

    def explain(self, language: str = "en") -> str:
        """One clause of a sentence: item, value, limit broken or met, clause, multiple."""
        return explain_evidence(self, language)


@dataclass(frozen=True)
class Excluded:
    """A value that was not judged: which item, why (a row of ``reasons.csv``) and the value as it was given.

    ``sign`` is ``<`` or ``>`` where the value was given as a bound. An empty ``item`` speaks of the sample as a whole.
    """

    item: str
    kind: str
    value: float | None = None
    remark: str = ""
    sign: str = ""

    @property
    def zh(self) -> str:
        """The reason in Chinese."""
        return self.text("zh")

    @property
    def en(self) -> str:
        """The reason in English."""
        return self.text("en")

    def text(self, language: str) -> str:
        """``总氮：河流总氮不参与评价``."""
        name = find_parameter(self.item).name(language) if self.item else ""
        said = reasons()[self.kind].text(language) + (f" ({self.remark})" if self.remark else "")
        return f"{name}{'：' if language.startswith('zh') else ': '}{said}" if name else said


@dataclass(frozen=True)
class Judgement:
    """A class with its evidence.

    ``water_class`` is ``None`` where the water cannot be judged; ``at_best`` is then the class that the values present
    would give, which missing ones can only make worse. ``limiting`` are the items that decide the class. ``apart``
    holds items that are judged on their own (total nitrogen of lakes, faecal coliforms). ``source`` is there where the
    water is a drinking-water source: whether it complies, by all items that count for it. ``expected`` is the number of
    items the standard wants for a full evaluation.
    """

    water_class: str | None
    limiting: tuple[str, ...]
    evidence: tuple[Evidence, ...]
    excluded: tuple[Excluded, ...]
    standard: str
    edition: str
    verification: str
    target: str = "III"
    water: str = "river"
    at_best: str | None = None
    apart: tuple[Evidence, ...] = ()
    expected: int = 21
    remark: str = ""
    source: Compliance | None = None

    @property
    def over_limit(self) -> dict[str, float]:
        """Over-limit multiple of each item that has one, largest first."""
        multiples = [(e.item, e.over_limit) for e in self._compared if e.over_limit is not None]
        return dict(sorted(multiples, key=lambda pair: -pair[1]))

    @property
    def judged(self) -> int:
        """How many items were judged, of the ``expected``."""
        return sum(not e.at_least for e in self.evidence)

    @property
    def over(self) -> tuple[str, ...]:
        """Items worse than the target class, with or without a multiple."""
        return tuple(dict.fromkeys(e.item for e in self._compared if e.over))

    @property
    def _compared(self) -> tuple[Evidence, ...]:
        """What is held to a limit: of a drinking-water source also the items that decide no class."""
        return self.evidence + (self.source.over if self.source else ())

    @property
    def meets_target(self) -> bool | None:
        """Whether the target class is met, and a drinking-water source complies; ``None`` where that is not known.

        Missing never passes.
        """
        if self.source is not None and self.source.complies is not True:
            by_class = rank_of(self.at_best) > rank_of(self.target)
            return False if by_class or self.source.complies is False else None
        if self.at_best is None:
            return None
        if rank_of(self.at_best) > rank_of(self.target):
            return False
        return None if self.water_class is None else True

    def explain(self, language: str = "en") -> str:
        """One sentence: class, why, on how many items, what was left out, how well the limits were checked."""
        return explain_judgement(self, language)

    def as_dict(self) -> dict[str, Any]:
        """Plain lists, strings and numbers that ``json.dumps`` takes; :meth:`from_dict` reads it back."""
        return asdict(self)

    @classmethod
    def from_dict(cls, stored: Mapping[str, Any]) -> Judgement:
        """The judgement that :meth:`as_dict` wrote; keys it does not know (of a later version) are ignored."""
        given = _known(cls, stored)
        given["limiting"] = tuple(given["limiting"])
        given["evidence"] = tuple(_evidence(row) for row in given["evidence"])
        given["apart"] = tuple(_evidence(row) for row in given.get("apart", ()))
        given["excluded"] = tuple(Excluded(**_known(Excluded, row)) for row in given["excluded"])
        given["source"] = Compliance.from_dict(given["source"]) if given.get("source") else None
        return cls(**given)


@dataclass(frozen=True)
class Compliance:
    """Whether something meets its limits (a drinking-water source, a discharge), with the evidence.

    ``complies`` is ``False`` as soon as one item is over its limit, ``None`` where an item that was due is missing,
    else ``True``. ``subject`` says what was judged against what (``township source``, ``grade 1A``). ``programme`` (a
    row of ``drinking_programmes.csv``) wants ``expected`` items, of which ``measured`` were; ``absent`` are those that
    were not.
    """

    complies: bool | None
    evidence: tuple[Evidence, ...]
    excluded: tuple[Excluded, ...]
    standard: str
    edition: str
    verification: str
    subject_zh: str = ""
    subject_en: str = ""
    remark: str = ""
    programme: str = ""
    expected: int = 0
    measured: int = 0
    absent: tuple[str, ...] = ()

    @property
    def over(self) -> tuple[Evidence, ...]:
        """What is over its limit."""
        return tuple(e for e in self.evidence if e.over)

    @property
    def missing(self) -> tuple[str, ...]:
        """Items that were due and have no valid value."""
        return tuple(left.item for left in self.excluded if reasons()[left.kind].withholds)

    def explain(self, language: str = "en") -> str:
        """One sentence: verdict, what is over, what is missing."""
        return explain_compliance(self, language)

    def as_dict(self) -> dict[str, Any]:
        """Plain values that ``json.dumps`` takes; :meth:`from_dict` reads them back."""
        return asdict(self)

    @classmethod
    def from_dict(cls, stored: Mapping[str, Any]) -> Compliance:
        """What :meth:`as_dict` wrote."""
        given = _known(cls, stored)
        given["evidence"] = tuple(_evidence(row) for row in given["evidence"])
        given["excluded"] = tuple(Excluded(**_known(Excluded, row)) for row in given["excluded"])
        given["absent"] = tuple(given.get("absent", ()))
        return cls(**given)


def verdict(evidence: tuple[Evidence, ...], excluded: tuple[Excluded, ...]) -> bool | None:
    """``False`` if anything is over, ``None`` if nothing was judged or something due is missing, else ``True``."""
    if any(e.over for e in evidence):
        return False
    if not evidence or any(reasons()[left.kind].withholds for left in excluded):
        return None
    return True


def worst_class(evidence: tuple[Evidence, ...]) -> tuple[str | None, tuple[str, ...]]:
    """The worst class among ``evidence`` and the items that have it; class I has no limiting item."""
    if not evidence:
        return None, ()
    worst = max((e.water_class for e in evidence), key=rank_of)
    return worst, tuple(e.item for e in evidence if e.water_class == worst) if worst != "I" else ()


def _known(kind: type[Any], stored: Mapping[str, Any]) -> dict[str, Any]:
    names = {entry.name for entry in fields(kind)}
    return {key: value for key, value in stored.items() if key in names}


def _evidence(stored: Mapping[str, Any]) -> Evidence:
    given = _known(Evidence, stored)
    given["origin"] = Origin(**_known(Origin, given.get("origin") or {}))
    return Evidence(**given)
