"""From judgements to episodes to cases: one run of exceeding samples is one alarm, and one alarm is one case."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import uuid4

from django.db import transaction

from riverchief.case.episode import Episode as Found
from riverchief.case.episode import JudgedSample, episode_rules, find_episodes
from riverchief.parameter import find_parameter
from riverchief.standard import CLASSES, rank_of
from riverchief.standard import Judgement as Verdict
from riverchief_server.cases.actions import NewCase, NewStep, note, open_case, take_step
from riverchief_server.cases.models import Case, Episode
from riverchief_server.cases.queries import OPEN_STATES, words
from riverchief_server.places.models import Place
from riverchief_server.standards.models import Judgement
from riverchief_server.standards.queries import verdict_of

EXCEEDANCE = "exceedance"


def follow_section(section: Place, now: datetime) -> list[Episode]:
    """Bring the episodes of ``section`` up to its judgements, and see that each that is work has its case.

    Doing it twice changes nothing. Sections without a target class have no episodes.
    """
    if not section.class_target:
        return []
    rows = list(Judgement.objects.filter(place=section, period="sample", is_current=True).order_by("at"))
    samples = [_judged(row.at, verdict_of(row)) for row in rows]
    changed = []
    for found in find_episodes(samples, section.class_target):
        episode, has_changed = _keep(section, found)
        if has_changed:
            changed.append(episode)
        if episode.case_id is None and _is_work(found, now):
            _give_case(section, episode, now)
    return changed


def _judged(at: datetime, verdict: Verdict) -> JudgedSample:
    """A sample as an episode sees it: what is known to exceed counts, also where few items give no class."""
    known = verdict.water_class or (verdict.at_best if verdict.meets_target is False else None)
    compared = verdict.evidence + (verdict.source.evidence if verdict.source else ())
    within = tuple(e.item for e in compared if not e.over and not e.at_least)
    if verdict.source is not None and verdict.source.complies is None and verdict.meets_target is None:
        known = None  # a source of which something is missing is not clean
    return JudgedSample(at, known, verdict.over, within, verdict.meets_target is False)


@transaction.atomic
def _keep(section: Place, found: Found) -> tuple[Episode, bool]:
    facts = {
        "started_at": found.started_at,
        "last_exceeding_at": found.last_exceeding_at,
        "ended_at": found.ended_at,
        "worst_class": found.worst_class,
        "worst_at": found.worst_at,
        "items": list(found.items),
        "samples": found.samples,
        "target": section.class_target,
    }
    # Late readings may move the start: an episode is the same where it overlaps.
    there = Episode.objects.filter(
        place=section, started_at__lte=found.last_exceeding_at, last_exceeding_at__gte=found.started_at
    ).first()
    if there is None:
        return Episode.objects.create(place=section, **facts), True
    if all(getattr(there, name) == value for name, value in facts.items()):
        return there, False
    for name, value in facts.items():
        setattr(there, name, value)
    there.save()
    return there, True


def _is_work(found: Found, now: datetime) -> bool:
    """Whether an episode is work for somebody; one found in old records is history."""
    return now - found.last_exceeding_at <= timedelta(days=episode_rules()["opens_case_within"])


@transaction.atomic
def _give_case(section: Place, episode: Episode, now: datetime) -> None:
    """Feed the open case of the place, re-open one closed within the recurrence time, or open a new one."""
    before = Case.objects.filter(place=section, source="sensor").order_by("-opened_at").first()
    again = now - timedelta(days=episode_rules()["recurrence"])
    if before is not None and before.state in OPEN_STATES:
        case = before
        note(case, reason_of("again", episode, "zh"), None, now, _because("again", episode))
    elif before is not None and before.state == "closed" and before.closed_at and before.closed_at >= again:
        case = take_step(before, _step("reopened", before, "recurrence", episode), None, now)
    else:
        new = NewCase(
            uuid=uuid4(),
            title=title_of(section, episode, "zh"),
            description=description_of(episode, "zh"),
            source="sensor",
            categories=[EXCEEDANCE],
            severity=_severity(episode),
            reach=section.reach,
            bank=section.bank,
            place=section,
            occurred_at=episode.started_at,
        )
        case, _ = open_case(new, None, now)
        case = take_step(case, _step("registered", case, "registered", episode), None, now)
    episode.case = case
    episode.save(update_fields=["case"])


def reason_of(key: str, episode: Episode, language: str) -> str:
    """Why the system took a step: row ``key`` of ``system_reasons.csv`` in ``language``."""
    row = words("system_reasons.csv", "reason")[key]
    what = title_of(episode.place, episode, language)
    return row["zh" if language.startswith("zh") else "en"].format(days=episode_rules()["recurrence"], what=what)


def _step(to: str, case: Case, key: str, episode: Episode) -> NewStep:
    return NewStep(uuid4(), to, case.version, reason=reason_of(key, episode, "zh"), details=_because(key, episode))


def _because(key: str, episode: Episode) -> dict[str, str | int]:
    """What lets the page say the reason in the reader's language."""
    return {"because": key, "episode": episode.pk}


def _severity(episode: Episode) -> str:
    return "major" if rank_of(episode.worst_class) >= episode_rules()["major_from"] else "ordinary"


def title_of(section: Place, episode: Episode, language: str) -> str:
    """``水寨子断面氨氮超标（Ⅳ类，目标Ⅱ类）``."""
    chinese = language.startswith("zh")
    names = [find_parameter(item).name(language) for item in episode.items]
    worst, target = CLASSES[episode.worst_class], CLASSES[episode.target]
    if section.kind == "source":
        listed = ("、" if chinese else ", ").join(names)
        return (
            f"{section.name}{listed}超标，水源不达标" if chinese else f"{section.name}: {listed} over, does not comply"
        )
    if chinese:
        return f"{section.name}{'、'.join(names)}超标（{worst.name_zh}，目标{target.name_zh}）"
    return f"{section.name}: {', '.join(names)} beyond target ({worst.name_en}, target {target.name_en})"


def description_of(episode: Episode, language: str) -> str:
    """The worst sample of the episode explained by its judgement."""
    row = Judgement.objects.filter(place=episode.place, period="sample", is_current=True, at=episode.worst_at).first()
    return verdict_of(row).explain(language) if row else ""
