"""What may have happened, weighed against each other: nothing, an instrument, rain, a release, a release in rain.

Each explanation has backgrounds that live as it asks for (:mod:`.background`), so its evidence is that of all samples,
with the priors of its scales. A release is looked for at a glance over the background of the quiet samples, then in
earnest over that of what the glance leaves.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from riverchief.tracing.assumptions import Assumptions
from riverchief.tracing.background import Habit, Series, best_habit
from riverchief.tracing.instrument import find_drift
from riverchief.tracing.observed import observe
from riverchief.tracing.posterior import Posterior, Scene
from riverchief.tracing.rain import LONGEST_DELAY_S, STEP_S, find_rain
from riverchief.transport.physics import Floats

#: Odds of each before any sample, where nobody measured rain: an episode is traced because somebody was alarmed.
NOTHING, RAIN, RELEASE = 0.4, 0.2, 0.4
#: With rain measured: odds that it washes something in where it fell, and where it did not.
WASHED_IN, WASHED_IN_DRY = 0.5, 0.01
#: A rain that gains less than this [nats] over none is not looked at as a setting for releases.
_CLEAR_RAIN = 3.0
_MOST_RAINS = 2
#: Of several sources each further one is this much rarer [nats].
RARER = 3.0

#: A glance's score of a release that lies so far below what needs none [nats] cannot win; a further source at a glance
#: must gain so much.
_HOPELESS, _GLANCED_GAIN = 3.0, 10.0

FindSources = Callable[[Scene, int], tuple[list[Posterior], float]]
Glance = Callable[[Scene], tuple[float, Floats]]


@dataclass(frozen=True, eq=False)
class Explanation:
    """``log_evidence`` of all samples [nats], up to a constant that all explanations share, without the odds of its
    kind; the scene with its backgrounds, what was released (empty: nothing) and, for each station, the probability
    that its instrument had a part in it [-]."""

    log_evidence: float
    scene: Scene
    posteriors: list[Posterior]
    faulty: Floats


@dataclass(frozen=True, eq=False)
class Explained:
    """``probability`` [-] of ``none``, ``instrument``, ``diffuse`` and ``release``; the likeliest explanation of each
    sort, with a release (None: none is worth a look) and without."""

    probability: Mapping[str, float]
    released: Explanation | None
    unreleased: Explanation


def explain(
    series: Sequence[Series],
    assumptions: Assumptions,
    begin_to_s: float,
    find_sources: FindSources,
    glance: Glance,
    most_sources: int,
    rain: tuple[Floats, Floats] | None = None,
) -> Explained:
    """Weigh every explanation.

    ``find_sources(scene, most)`` gives posteriors of a release and its log evidence over none [nats], ``glance(scene)``
    a quick score and what the best one adds [mg/L]; ``rain`` times [s] and depths [mm], where it was measured.
    """
    work = _Work(list(series), assumptions, begin_to_s, find_sources, glance)
    quiet = work.quiet_habits()
    nothing = work.without_release(work.nothing)
    found = {"none": (nothing, math.log(NOTHING))}
    onsets, weight, washed = _onsets(work.series, rain)
    raining = work.raining(quiet, onsets, weight)
    is_wet = raining is not None and raining.log_evidence - nothing.log_evidence > _CLEAR_RAIN
    if raining is not None:
        found["diffuse"] = (raining, math.log(RAIN if rain is None else washed * (NOTHING + RAIN)))
    least = max(one.log_evidence for one, _ in found.values())
    settings = {"release": work.glanced(quiet, most_sources)}
    if raining is not None and is_wet:
        settings["both"] = work.glanced(work.rain_habits, most_sources, work.rain_occam)
    best = max(one.hoped for one in settings.values())
    odds = {"release": math.log(RELEASE), "both": math.log(RELEASE) + found.get("diffuse", found["none"])[1]}
    for name, setting in settings.items():
        if setting.hoped > max(least, best - 12.0) - _HOPELESS:
            found[name] = (work.with_release(setting, most_sources), odds[name])
    total = {name: one.log_evidence + odds for name, (one, odds) in found.items()}
    top = max(total.values())
    share = {name: math.exp(value - top) for name, value in total.items()}
    whole = sum(share.values())
    share = {name: value / whole for name, value in share.items()}
    release = share.get("release", 0.0) + share.get("both", 0.0)
    faulty = 1.0 - float(np.prod(1.0 - nothing.faulty))
    probability = {
        "none": share["none"] * (1.0 - faulty),
        "instrument": share["none"] * faulty,
        "diffuse": share.get("diffuse", 0.0),
        "release": release,
    }
    released = max(
        (found[name][0] for name in ("release", "both") if name in found),
        key=lambda one: one.log_evidence,
        default=None,
    )
    other = max((name for name in ("none", "diffuse") if name in found), key=lambda name: total[name])
    return Explained(probability, released, found[other][0])


@dataclass(frozen=True, eq=False)
class _Setting:
    """Backgrounds for a release, their scene, and at most what the log evidence can be with it [nats]."""

    habits: list[Habit]
    scene: Scene
    hoped: float
    occam: float


class _Work:
    def __init__(
        self, series: list[Series], assumptions: Assumptions, begin_to_s: float, find_sources: FindSources,
        glance: Glance,
    ):  # fmt: skip
        self.series, self.assumptions, self.begin_to_s = series, assumptions, begin_to_s
        self.find_sources, self.glance = find_sources, glance
        self.errors = Scene.of(observe(series, [Habit()] * len(series)), assumptions, begin_to_s).errors
        self.zeros = [np.zeros(one.value.size) for one in series]
        self.rain_habits: list[Habit] = []
        self.rain_occam = 0.0
        self.nothing = self.habits(self.zeros, plateaus=True)

    def scene(self, habits: Sequence[Habit]) -> Scene:
        return Scene.of(observe(self.series, habits), self.assumptions, self.begin_to_s)

    def habits(
        self, added: Sequence[Floats], *, start: Sequence[Habit] | None = None, quiet: bool = False,
        plateaus: bool = False,
    ) -> list[Habit]:  # fmt: skip
        """The habit of each station beside what events ``added``, with what its instrument may have done."""
        habits, known = [], []
        for k, one in enumerate(self.series):
            used = one.value <= one.quiet_below if quiet else None
            begin = Habit() if start is None else start[k]
            habit, evidence, _ = best_habit(one, added[k], self._numbers(), used=used, start=begin)
            habits.append(habit)
            known.append(evidence)
        if not quiet:
            observed = observe(self.series, habits)._replace(added=np.concatenate(added))
            samples = Scene.of(observed, self.assumptions, self.begin_to_s).null.weighed
            for k, one in enumerate(self.series):
                drift = None if habits[k].is_drifting else find_drift(k, one, samples, plateaus=plateaus)
                if drift is None:
                    continue
                with_it = habits[k].beside(drift.column[:, None], drift.log_prior, is_drifting=True)
                habit, evidence, _ = best_habit(one, added[k], self._numbers(), start=with_it)
                if evidence > known[k]:
                    habits[k] = habit
        return habits

    def quiet_habits(self) -> list[Habit]:
        return self.habits(self.zeros, quiet=True)

    def total(self, scene: Scene, habits: Sequence[Habit]) -> float:
        return float(scene.null.evidence.sum()) + sum(one.log_cost for one in habits)

    def without_release(self, habits: list[Habit], occam: float = 0.0) -> Explanation:
        scene = self.scene(habits)
        plain = [one.without_drift() for one in habits]
        faulty = np.zeros(len(habits))
        if any(one.is_drifting for one in habits):
            again = [
                best_habit(series, zero, self._numbers(), start=one)[0] if habit.is_drifting else one
                for series, zero, one, habit in zip(self.series, self.zeros, plain, habits, strict=True)
            ]
            other = self.scene(again)
            cost = np.array([one.log_cost for one in habits]) - np.array([one.log_cost for one in again])
            gain = np.clip(scene.null.evidence - other.null.evidence + cost, -30.0, 30.0)
            drifting = np.array([one.is_drifting for one in habits])
            faulty = np.where(drifting, 1.0 / (1.0 + np.exp(-gain)), 0.0)
        faulty = np.maximum(faulty, scene.null.stray)
        return Explanation(self.total(scene, habits) + occam, scene, [], faulty)

    def raining(self, quiet: list[Habit], onsets: Floats, weight: Floats | None) -> Explanation | None:
        """The explanation by rain: looked for over the quiet background, then with backgrounds that fit beside it."""
        habits, occam, found = quiet, 0.0, False
        for _ in range(_MOST_RAINS):
            rain = find_rain(self.series, self.scene(habits).null.weighed, weight, onsets)
            if rain.log_evidence <= 0.0:
                break
            with_it = [
                one if own is None else one.beside(own, 0.0) for one, own in zip(habits, rain.columns, strict=True)
            ]
            habits = self.habits(self.zeros, start=with_it)
            occam += rain.occam
            found = True
        if not found:
            return None
        self.rain_habits, self.rain_occam = habits, occam
        return self.without_release(habits, occam)

    def glanced(self, habits: list[Habit], most: int, occam: float = 0.0) -> _Setting:
        """Backgrounds that suit what releases would leave, looked for at a glance over these ``habits``."""
        scene = self.scene(habits)
        added = np.zeros(scene.observed.value.size)
        gain = 0.0
        for number in range(most):
            further = scene.beside(added, self.assumptions.model * added) if number else scene
            score, own = self.glance(further)
            if score < (_GLANCED_GAIN if number else 0.0):
                break
            added += own
            gain += score
        parts = np.split(added, scene.observed.offset[1:-1])
        again = self.habits(parts, start=[one.without_drift() for one in habits])
        other = self.scene(again)
        # the glance's gain, carried to the backgrounds that were chosen beside it
        hoped = self.total(scene, habits) + gain + occam
        beside = other.beside(added, self.assumptions.model * added)
        return _Setting(again, other, max(hoped, self.total(beside, again) + occam), occam)

    def with_release(self, setting: _Setting, most: int) -> Explanation:
        """A release over these backgrounds."""
        posteriors, gain = self.find_sources(setting.scene, most)
        total = self.total(setting.scene, setting.habits) + gain + setting.occam - RARER * (len(posteriors) - 1)
        return Explanation(total, setting.scene, posteriors, np.zeros(len(setting.habits)))

    def _numbers(self) -> tuple[float, float, float, float, float]:
        e = self.errors
        return e.noise, e.model, e.freedom, e.wild, e.log_span


def _onsets(series: Sequence[Series], rain: tuple[Floats, Floats] | None) -> tuple[Floats, Floats | None, float]:
    """When a rain may begin to show [s], the log weight of each [nats], and the odds that some rain washed in."""
    first = min(float(one.time_s[0]) for one in series)
    last = max(float(one.time_s[-1]) for one in series)
    onsets = np.arange(first - 12 * 3600.0, last + LONGEST_DELAY_S, STEP_S)
    if rain is None:
        return onsets, None, RAIN
    time, depth = rain
    total = np.concatenate([[0.0], np.cumsum(depth)])
    edges = np.concatenate([time, [time[-1] + 3600.0 if time.size else 0.0]])
    until = np.interp(onsets + STEP_S, edges, total)
    since = np.interp(onsets - STEP_S, edges, total)
    fell = np.maximum(until - since, 0.0)
    share = 0.02 / onsets.size + 0.98 * fell / fell.sum() if fell.sum() > 0 else np.full(onsets.size, 1.0 / onsets.size)
    washed = WASHED_IN if total[-1] >= 5.0 else WASHED_IN_DRY if total[-1] < 1.0 else RAIN
    return onsets, np.log(share), washed
