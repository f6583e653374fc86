"""Episodes in the reader's words."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from riverchief.parameter import find_parameter
from riverchief_server.api.desk.cases.show import episode_text
from riverchief_server.api.desk.episodes.schema import Episode, EpisodeBrief, EpisodeList, TraceBrief
from riverchief_server.api.desk.words import Choice
from riverchief_server.api.words import ago_text, say
from riverchief_server.cases.episodes import title_of
from riverchief_server.cases.models import Episode as Row
from riverchief_server.cases.queries import visible_to
from riverchief_server.cases.tracing import newest_answers, traceable_items, traces_of
from riverchief_server.parties.models import Account
from riverchief_server.places.models import Reach
from riverchief_server.runs.models import DONE, FAILED, Run
from riverchief_server.runs.permissions import may_ask
from riverchief_server.runs.queries import failure_of, result_of
from riverchief_server.runs.traces import told_of


def show_episodes(rows: Sequence[Row], account: Account, now: datetime, language: str) -> EpisodeList:
    """The episodes with the sentence that stands before them."""
    going_on = sum(1 for row in rows if row.ended_at is None)
    key = "episodes" if rows else "episodes_none"
    sentence = say(key, language, n=len(rows), open=going_on)
    return EpisodeList(sentence=sentence, episodes=_briefs(rows, account, now, language))


def show_episode(row: Row, account: Account, now: datetime, language: str) -> Episode:
    """One episode with its traces."""
    items = traceable_items(row)
    allowed = may_ask(account)
    why_not = None
    if not items:
        why_not = say("trace_nothing", language)
    elif not allowed:
        why_not = say("trace_may_not", language)
    return Episode(
        brief=_briefs([row], account, now, language)[0],
        items=[Choice(code=item, name=find_parameter(item).name(language)) for item in items],
        may_trace=allowed and bool(items),
        why_not=why_not,
        traces=[show_trace_brief(run, now, language) for run in traces_of(row, account)],
    )


def show_trace_brief(run: Run, now: datetime, language: str) -> TraceBrief:
    """A trace in one line: its verdict, how far it is, or why it failed."""
    if run.state == DONE:
        sentence = headline(run, language)
    elif run.state == FAILED:
        sentence = failure_of(run, language)
    else:
        sentence = say(f"run_{run.state}_long", language)
    return TraceBrief(
        id=run.uuid,
        parameter=told_of(run)["parameter"],
        parameter_name=find_parameter(told_of(run)["parameter"]).name(language),
        state=run.state,
        state_name=say(f"run_{run.state}", language),
        sentence=sentence,
        asked_by=run.asked_by.shown_name if run.asked_by else say("run_by_system", language),
        asked_text=ago_text(run.asked_at, now, language),
    )


def headline(run: Run, language: str) -> str:
    """What a finished trace found, in one sentence."""
    best, verdict, members = told_of(run)["best"], told_of(run)["verdict"], len(told_of(run)["set90"])
    if best is None or told_of(run).get("is_open", False):
        answer = result_of(run) or {}
        return str(answer["statement"]["zh" if language == "zh" else "en"])
    key = "trace_alone" if members == 1 else "trace_first"
    return say(
        f"{key}_outside" if verdict == "outside" else key,
        language,
        name=best["name"] or _reach_name(best["id"].removeprefix("reach:")),
        probability=f"{100 * best['probability']:.0f} %",
        n=members,
    )


def _reach_name(code: str) -> str:
    return Reach.objects.filter(code=code).values_list("name", flat=True).first() or code


def _briefs(rows: Sequence[Row], account: Account, now: datetime, language: str) -> list[EpisodeBrief]:
    answers = newest_answers([row.pk for row in rows], account)
    cases = visible_to(account).filter(pk__in=[row.case_id for row in rows if row.case_id])
    numbers = dict(cases.values_list("pk", "number"))
    return [
        EpisodeBrief(
            id=row.pk,
            section=row.place.code,
            section_name=row.place.name,
            title=title_of(row.place, row, language),
            sentence=episode_text(row, now, language),
            is_over=row.ended_at is not None,
            case=numbers.get(row.case_id) if row.case_id else None,
            traced=headline(answers[row.pk], language) if row.pk in answers else "",
        )
        for row in rows
    ]
