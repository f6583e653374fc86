"""Cases as the API says them: in one line, whole, and what may be done next by whom."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime

import numpy as np
from django.db.models import prefetch_related_objects

from riverchief.case.act import all_acts, why_no_act
from riverchief.case.deadline import ladder
from riverchief.case.machine import all_rules, all_states, rules_from, why_not
from riverchief.party.role import all_roles
from riverchief.place.bank import Bank
from riverchief.standard import CLASSES
from riverchief_server.api.desk.cases.schema import (
    ActChoice,
    Action,
    Attachment,
    CaseBrief,
    CaseList,
    Requirement,
    SimilarCase,
    Transition,
)
from riverchief_server.api.desk.cases.schema import Case as CaseSaid
from riverchief_server.api.desk.cases.show_clocks import deadline_text, show_clocks
from riverchief_server.api.desk.judgements.schema import Judgement as JudgementSaid
from riverchief_server.api.desk.judgements.show import show_judgement
from riverchief_server.api.desk.people.show import show_banks
from riverchief_server.api.words import due_text, name_of, say, time_text
from riverchief_server.cases.clock import Clocks, clocks, level_of, standing
from riverchief_server.cases.episodes import description_of, reason_of, title_of
from riverchief_server.cases.likeness import Alike
from riverchief_server.cases.listing import waiting_for
from riverchief_server.cases.models import Attachment as Photo
from riverchief_server.cases.models import Case, Episode
from riverchief_server.cases.models import Transition as Entry
from riverchief_server.cases.queries import (
    OPEN_STATES,
    actor_of,
    broken_entry,
    case_facts,
    category_words,
    visible_to,
    words,
)
from riverchief_server.cases.tracing import SOURCE, traced_text
from riverchief_server.parties.models import Account
from riverchief_server.standards.models import Judgement

EARTH_RADIUS_M = 6_371_000.0


def show_brief(
    case: Case,
    account: Account,
    now: datetime,
    language: str,
    own: Clocks | None = None,
    mine: Collection[int] | None = None,
) -> CaseBrief:
    """A case in one line, as ``account`` sees it; ``mine`` are the keys of those that wait for it, where known."""
    state = all_states()[case.state]
    categories = category_words()
    own = own or clocks()
    stands = standing(case, now, own)
    due_at = stands.due.at if stands.due else None
    return CaseBrief(
        number=case.number,
        title=_title(case, language),
        state=case.state,
        state_name=state.name(language),
        severity=case.severity,
        severity_name=name_of(words("severities.csv", "severity")[case.severity], language),
        categories=[_category(categories[code], language) for code in case.categories if code in categories],
        reach=case.reach.code if case.reach else None,
        reach_name=case.reach.name if case.reach else "",
        bank_name=say(f"bank_{case.bank}", language),
        owner=_owner(case, language),
        source=case.source,
        source_name=name_of(words("sources.csv", "source")[case.source], language),
        opened_at=case.opened_at,
        occurred_at=case.occurred_at,
        due_at=due_at,
        due_text=due_text(due_at, now, language) if state.is_open else say("done", language),
        level=level_of(case, now, own),
        rung=stands.percent,
        rung_name=next((rung.name(language) for rung in ladder() if rung.percent == stands.percent), ""),
        is_supervised=case.supervised_at is not None and state.is_open,
        waits_for_me=case.pk in (waiting_for(account, [case]) if mine is None else mine),
        next_step=_next_step(case, language),
    )


def show_list(
    cases: Iterable[Case], total: int, sentence: str, account: Account, now: datetime, language: str
) -> CaseList:
    """Several cases with the sentence that stands before them."""
    own, listed = clocks(), list(cases)
    prefetch_related_objects(listed, "episodes__place")
    mine = waiting_for(account, listed)
    briefs = [show_brief(case, account, now, language, own, mine) for case in listed]
    return CaseList(sentence=sentence, total=total, cases=briefs)


def show_case(case: Case, account: Account, now: datetime, language: str) -> CaseSaid:
    """A case, whole, with the steps ``account`` may take now and why not the others."""
    episode = case.episodes.order_by("-started_at").first()
    return CaseSaid(
        brief=show_brief(case, account, now, language),
        description=description_of(episode, language) if episode and case.source == "sensor" else case.description,
        lon=case.lon,
        lat=case.lat,
        reporter=_reporter(case, language),
        region=case.region.name if case.region else "",
        responsible=show_banks(case.reach, now.date(), language, Bank(case.bank)) if case.reach else [],
        actions=_actions(case, account, now, language),
        acts=_acts(case, account, language),
        deadline=deadline_text(case, now, language),
        clocks=show_clocks(case, now, language),
        recurs=_seen_number(case.recurs, account),
        recurrences=[found for one in case.recurrences.all() if (found := _seen_number(one, account))],
        history=[
            _entry(entry, case, language)
            for entry in case.transitions.select_related("actor").prefetch_related("attachments__uploaded_by")
        ],
        is_history_intact=broken_entry(case) is None,
        judgement=_judgement(episode, language),
        episode_text=episode_text(episode, now, language) if episode else None,
        station=case.place.code if case.place and case.place.kind != "outfall" else None,
        episode=episode.pk if episode else None,
        version=case.version,
    )


def show_attachment(photo: Photo, language: str) -> Attachment:
    """A photo of a case."""
    return Attachment(
        id=photo.uuid,
        url=f"/api/attachments/{photo.uuid}",
        media_type=photo.media_type,
        kind=photo.kind,
        kind_name=say(photo.kind, language),
        taken_at=photo.taken_at,
        by=photo.uploaded_by.shown_name if photo.uploaded_by else say("anonymous", language),
    )


def _actions(case: Case, account: Account, now: datetime, language: str) -> list[Action]:
    facts, actor = case_facts(case), actor_of(account)
    needs = words("needs.csv", "need")
    chinese = language.startswith("zh")
    shown = []
    for rule in rules_from(case.state):
        refused = why_not(rule, facts, actor)
        shown.append(
            Action(
                to=rule.to_state,
                label=rule.verb(language),
                is_primary=rule.is_primary,
                is_allowed=refused is None,
                why_not=refused.text(language) if refused else None,
                requires=[
                    Requirement(
                        kind=need,
                        label=name_of(needs[need], language),
                        help=needs[need]["help_zh" if chinese else "help_en"],
                        is_required=need in rule.needs,
                        suggested=_suggested(need, case),
                    )
                    for need in (*rule.needs, *rule.may)
                ],
            )
        )
    return shown


def show_similar(found: Collection[Alike], account: Account, now: datetime, language: str) -> list[SimilarCase]:
    """Cases that may be the same problem, each with its first picture."""
    own, mine = clocks(), waiting_for(account, [one.case for one in found])
    shown = []
    for one in found:
        photo = one.case.attachments.first()
        shown.append(
            SimilarCase(
                brief=show_brief(one.case, account, now, language, own, mine),
                metres=round(one.metres),
                photo=f"/api/attachments/{photo.uuid}" if photo else None,
            )
        )
    return shown


def _seen_number(case: Case | None, account: Account) -> str | None:
    """The number of a case that ``account`` may see; a link to one that is hidden is not there."""
    return case.number if case is not None and visible_to(account).filter(pk=case.pk).exists() else None


def _acts(case: Case, account: Account, language: str) -> list[ActChoice]:
    facts, actor, is_open = case_facts(case), actor_of(account), all_states()[case.state].is_open
    shown = []
    for act in all_acts().values():
        refused = why_no_act(act, facts, actor, is_open=is_open)
        why_not = refused.text(language) if refused else None
        shown.append(ActChoice(act=act.code, label=act.verb(language), is_allowed=refused is None, why_not=why_not))
    return shown


def _suggested(need: str, case: Case) -> str:
    """What a form begins with: the unit that the duties name, the day that was asked for, what stands there now."""
    if need in {"title", "severity"}:
        return str(getattr(case, need))
    if need == "unit":
        unit = case.assignee or case.suggested_unit
        return unit.code if unit else ""
    if need == "due_at":
        asked = case.transitions.filter(to_state=case.state).order_by("-order").first()
        return str(asked.details.get("until", "")) if asked else ""
    return ""


def _entry(entry: Entry, case: Case, language: str) -> Transition:
    states, roles = all_states(), all_roles()
    role = roles.get(entry.actor_role)
    verb = next(
        (
            rule.verb(language)
            for rule in all_rules()
            if (rule.from_state, rule.to_state) == (entry.from_state, entry.to_state)
        ),
        "",
    )
    act = all_acts().get(entry.details.get("act", ""))
    to_name = act.verb(language) if act else states[entry.to_state].name(language)
    return Transition(
        order=entry.order,
        from_state=entry.from_state or None,
        from_name=states[entry.from_state].name(language) if entry.from_state else "",
        to_state=entry.to_state,
        to_name=f"{verb} → {to_name}" if verb and entry.is_change else to_name,
        is_change=entry.is_change,
        act=entry.details.get("act"),
        actor=entry.actor_name or _nobody(case, entry, language),
        actor_role=role.name(language) if role else "",
        on_behalf_of=entry.on_behalf_of or None,
        at=entry.at_server,
        at_device=entry.at_device,
        reason=_reason(entry, language),
        distance_m=_distance_m(entry.lon, entry.lat, case.lon, case.lat),
        attachments=[show_attachment(photo, language) for photo in entry.attachments.all()],
        evidence_href=_evidence_href(entry),
        hash=entry.hash,
    )


def _reason(entry: Entry, language: str) -> str:
    """What somebody wrote, as they wrote it; what the system says, in the reader's language."""
    key, episode = entry.details.get("because"), entry.details.get("episode")
    if "run" in entry.details:
        return traced_text(str(key), entry.details, language)
    found = Episode.objects.select_related("place").filter(pk=episode).first() if key else None
    if found:
        return reason_of(str(key), found, language)
    return say("joint", language).join(part for part in (entry.reason, *_changes(entry, language)) if part)


def _changes(entry: Entry, language: str) -> list[str]:
    """What a step changed or left out beside the state, in words."""
    said = []
    if "title" in entry.details:
        said.append(say("changed_title", language, title=entry.details["title"]))
    if "severity" in entry.details:
        name = name_of(words("severities.csv", "severity")[entry.details["severity"]], language)
        said.append(say("changed_severity", language, severity=name))
    if "why_no_photo" in entry.details:
        said.append(say("no_photo_because", language, why=entry.details["why_no_photo"]))
    return said


def _evidence_href(entry: Entry) -> str | None:
    """The trace a step rests on."""
    run = entry.details.get("run")
    return f"/desk/episodes/{entry.details['episode']}?trace={run}" if run else None


def _nobody(case: Case, entry: Entry, language: str) -> str:
    """Who acted where no account did: the public that reported, else the system."""
    return _reporter(case, language) if case.source == "public" and entry.order == 1 else say("system", language)


def _title(case: Case, language: str) -> str:
    if case.source == SOURCE:
        found = case.transitions.filter(details__because="traced").first()
        return traced_text("traced_title", found.details, language) if found else case.title
    if case.source == "sensor" and case.place is not None:
        episode = next(iter(case.episodes.all()), None)
        return title_of(case.place, episode, language) if episode else case.title
    return case.title


def _category(row: dict[str, str], language: str) -> str:
    return f"{row['family']}·{row['zh']}" if language.startswith("zh") else row["en"]


def _owner(case: Case, language: str) -> str:
    if case.assignee is not None:
        return case.assignee.name
    if case.suggested_unit is not None and case.state in OPEN_STATES:
        return say("suggested", language, unit=case.suggested_unit.name)
    return say("nobody_yet", language)


def _reporter(case: Case, language: str) -> str:
    if case.reporter is not None:
        return case.reporter.shown_name
    return case.reporter_name or say("anonymous" if case.source == "public" else "system", language)


def _next_step(case: Case, language: str) -> str:
    state = all_states()[case.state]
    if not state.is_open:
        return say("done", language)
    role = all_roles().get(state.waits_for)
    who = role.name(language) if role else (case.assignee.name if case.assignee else say("assignee", language))
    verb = next((rule.verb(language) for rule in rules_from(case.state) if rule.is_primary), "")
    return say("wait_for", language, who=who, verb=verb)


def _judgement(episode: Episode | None, language: str) -> JudgementSaid | None:
    if episode is None:
        return None
    row = Judgement.objects.filter(place=episode.place, is_current=True, period="sample", at=episode.worst_at).first()
    return show_judgement(row, language) if row else None


def episode_text(episode: Episode, now: datetime, language: str) -> str:
    """Since when, how bad, how many samples, and whether it is over."""
    key = "episode_over" if episode.ended_at else "episode_open"
    return say(
        key,
        language,
        start=time_text(episode.started_at, now, language),
        end=time_text(episode.ended_at or now, now, language),
        worst=CLASSES[episode.worst_class].name(language),
        worst_at=time_text(episode.worst_at, now, language),
        n=episode.samples,
    )


def _distance_m(lon: float | None, lat: float | None, to_lon: float | None, to_lat: float | None) -> float | None:
    """Great-circle distance [m] by the haversine; ``None`` where a point is not known."""
    if lon is None or lat is None or to_lon is None or to_lat is None:
        return None
    a, b = np.radians([lat, lon]), np.radians([to_lat, to_lon])
    half = np.sin((b - a) / 2) ** 2
    return float(2 * EARTH_RADIUS_M * np.arcsin(np.sqrt(half[0] + np.cos(a[0]) * np.cos(b[0]) * half[1])))
