"""Episodes: a run of exceeding samples at one section is one alarm, however many samples it has.

The rules (how many samples begin it, how many clean ones end it) are rows of ``episode.csv``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache

from riverchief.standard.classes import rank_of
from riverchief.table import read_table


@dataclass(frozen=True)
class JudgedSample:
    """One judged sample at a section: when, its class, the exceeding items and the items ``within`` the target.

    Where no class could be given ``water_class`` is the one that is known at best, if that is worse than the target,
    else ``None``. ``fails`` marks what misses its limits whatever its class is: a drinking-water source with manganese.
    """

    at: datetime
    water_class: str | None
    items: tuple[str, ...] = ()
    within: tuple[str, ...] = ()
    fails: bool = False


@dataclass(frozen=True)
class Episode:
    """A run of exceeding samples; ``ended_at`` is the first clean sample of those that ended it, if it has ended."""

    started_at: datetime
    last_exceeding_at: datetime
    ended_at: datetime | None
    worst_class: str
    worst_at: datetime
    items: tuple[str, ...]
    samples: int

    @property
    def is_over(self) -> bool:
        """Whether the water has been clean again."""
        return self.ended_at is not None


@cache
def episode_rules() -> dict[str, int]:
    """The rules by name, in the units of the table."""
    return {row["rule"]: int(row["value"]) for row in read_table("riverchief.case", "episode.csv")}


def is_exceeding(water_class: str | None, target: str) -> bool:
    """Whether ``water_class`` is worse than ``target``. A sample that could not be judged exceeds nothing."""
    return rank_of(water_class) > rank_of(target)


def find_episodes(samples: Sequence[JudgedSample], target: str) -> list[Episode]:
    """The episodes in ``samples`` (in order of time) of a section whose target class is ``target``.

    A sample that could not be judged neither feeds nor ends an episode, unless all that exceeded in it is measured
    again and within the target. After a silence longer than ``silence_to_end`` an episode is over at its last exceeding
    sample.
    """
    rules = episode_rules()
    silence = timedelta(hours=rules["silence_to_end"])
    found: list[Episode] = []
    exceeding: list[JudgedSample] = []
    clean: list[JudgedSample] = []

    def finish(ended_at: datetime | None) -> None:
        if len(exceeding) >= rules["exceeding_to_begin"]:
            found.append(_episode(exceeding, ended_at))
        exceeding.clear()
        clean.clear()

    previous: JudgedSample | None = None
    for sample in samples:
        exceeded = {item for one in exceeding for item in one.items}
        cleared = bool(exceeded) and exceeded <= set(sample.within)
        if not sample.fails and not cleared and (sample.water_class is None):
            continue
        if exceeding and previous is not None and sample.at - previous.at > silence:
            finish(exceeding[-1].at)
        if sample.fails or is_exceeding(sample.water_class, target):
            exceeding.append(sample)
            clean.clear()
        elif exceeding:
            clean.append(sample)
            if len(clean) >= rules["clean_to_end"]:
                finish(clean[0].at)
        previous = sample
    if exceeding:
        finish(None)
    return found


def _episode(exceeding: Sequence[JudgedSample], ended_at: datetime | None) -> Episode:
    worst = max(exceeding, key=lambda sample: rank_of(sample.water_class))
    items = tuple(dict.fromkeys(item for sample in exceeding for item in sample.items))
    return Episode(
        started_at=exceeding[0].at,
        last_exceeding_at=exceeding[-1].at,
        ended_at=ended_at,
        worst_class=worst.water_class or "I",
        worst_at=worst.at,
        items=items,
        samples=len(exceeding),
    )
