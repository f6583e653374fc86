"""A spill in the reader's words: what was asked, how far it is, the sentence, the places, the notices."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from urllib.parse import urlencode

from riverchief.parameter import find_parameter
from riverchief.spill.kept import KeptAnswer, KeptPassage
from riverchief.spill.notice import write_notice
from riverchief.spill.question import DRUNK_FROM, forecast_of
from riverchief.standard import CLASSES
from riverchief.standard.surface_water.limits import limits_for, source_limits
from riverchief.transport.condition_now import flow_conditions
from riverchief.transport.estimate import find_method
from riverchief.units import find_unit
from riverchief_server.api.desk.figures import amount, figure_text, lasting, span_text, when
from riverchief_server.api.desk.spills.schema import (
    Line,
    Notice,
    Ranged,
    Spill,
    SpillBrief,
    SpillForm,
    SpillList,
    SpillPlace,
)
from riverchief_server.api.desk.words import Choice
from riverchief_server.api.words import ago_text, local, number_text, say, time_text
from riverchief_server.parties.models import Account
from riverchief_server.places.actions import point_on_line
from riverchief_server.places.models import Reach
from riverchief_server.runs.models import DONE, FAILED, RUNNING, WAITING, Result, Run
from riverchief_server.runs.permissions import may_ask, may_stop
from riverchief_server.runs.queries import failure_of, same_answer, time_left
from riverchief_server.runs.spills import MASS_UNITS, MEASURED, SpillInputs, SpillTold, answer_of, inputs_of, told_of

LIKELY, POSSIBLE = 0.5, 0.05
DEFAULT_SUBSTANCE = "NH3N"
#: In the form's address: a substance that the standard does not know.
OTHER = "-"
OF_THE_FORM = {"reach", "chainage_m", "parameter", "substance", "amount", "unit", "content_mg_l", "duration_h", "flow"}
OF_THE_FORM |= {"decay_per_d", "background_mg_l"}


def show_form(account: Account, language: str) -> SpillForm:
    """What the form offers, the substances in the order of the law."""
    allowed = may_ask(account)
    common = [code for code, item in limits_for("river").items() if item.direction == "max" and _is_mass(item.unit)]
    further = [code for code, item in source_limits().items() if _is_mass(item.unit) and code not in common]
    substances = [
        Choice(code=code, name=find_parameter(code).name(language), group=say(group, language))
        for group, codes in (("spill_group_basic", common), ("spill_group_source", further))
        for code in codes
    ]
    flows = [Choice(code=MEASURED, name=say("spill_flow_measured", language))]
    flows += [Choice(code=one.code, name=one.name(language)) for one in flow_conditions().values()]
    return SpillForm(
        may_ask=allowed,
        why_not=None if allowed else say("spill_may_not", language),
        substances=[*substances, Choice(code=OTHER, name=say("spill_other", language), group=None)],
        units=[Choice(code=code, name=say(f"spill_unit_{code}", language)) for code in MASS_UNITS],
        flows=flows,
        flow=MEASURED,
        substance=DEFAULT_SUBSTANCE,
    )


def show_list(runs: Sequence[Run], total: int, now: datetime, language: str) -> SpillList:
    """The spills computed so far."""
    sentence = say("spills" if total else "spills_empty", language, n=total)
    return SpillList(sentence=sentence, spills=[show_brief(run, now, language) for run in runs])


def show_brief(run: Run, now: datetime, language: str) -> SpillBrief:
    """A spill in one line, without reading its question or answer."""
    return SpillBrief(
        id=run.uuid,
        title=title_of(told_of(run), now, language),
        state=run.state,
        state_name=say(f"run_{run.state}", language),
        sentence=_headline(run, now, language),
        asked_by=run.asked_by.shown_name if run.asked_by else say("run_by_system", language),
        asked_text=ago_text(run.asked_at, now, language),
    )


def show_spill(run: Run, account: Account, now: datetime, language: str) -> Spill:
    """One spill, whole."""
    brief = show_brief(run, now, language)
    told, question, answer = told_of(run), inputs_of(run), answer_of(run)
    start = datetime.fromisoformat(told["start"])
    reach = Reach.objects.filter(code=told["reach"]).first()
    lon, lat = point_on_line(reach.line, told["chainage_m"] / reach.length_m) if reach else (None, None)
    places = [] if answer is None else [_place(row, question, told, now, language) for row in answer["places"]]
    left = time_left(run, now)
    return Spill(
        **brief.dict(exclude={"sentence"}),
        sentence=sentence_of(answer["places"], told, now, language) if answer else brief.sentence,
        progress=run.progress,
        progress_text=say("run_left", language, span=span_text(left.total_seconds(), language)) if left else "",
        question=_question(told, start, now, language),
        assumptions=_assumptions(run, question, language),
        places=places,
        unreached=_unreached(answer, question, language),
        notices=[] if answer is None else _notices(run, question, answer, start),
        failure=failure_of(run, language) if run.state == FAILED else "",
        may_cancel=run.state in (WAITING, RUNNING) and may_stop(account, run),
        may_repeat=run.state not in (WAITING, RUNNING) and may_ask(account),
        repeats=run.repeats.uuid if run.repeats else None,
        repeats_text=_repeats(run, language),
        reach=told["reach"],
        lon=lon,
        lat=lat,
        case_href=_case_href(told, brief.title, answer, now, language) if answer else None,
        again_href=f"/desk/spills?{urlencode(_as_query(told))}",
    )


def title_of(told: SpillTold, now: datetime, language: str) -> str:
    """``氨氮 200 kg，任河·东安—高楠段，11月24日 08:30``."""
    return say(
        "spill_title",
        language,
        what=substance_of(told, language),
        amount=amount_of(told, language),
        reach=told["reach_name"],
        time=time_text(datetime.fromisoformat(told["start"]), now, language),
    )


def substance_of(told: SpillTold, language: str) -> str:
    """What was spilled, in words."""
    if told["parameter"]:
        return find_parameter(told["parameter"]).name(language)
    return str(told["substance"]) or say("spill_pollutant", language)


def amount_of(told: SpillTold, language: str) -> str:
    """How much: the mass, and for a liquid what it is made of."""
    mass, content = say("spill_mass", language, n=figure_text(told["mass_kg"])), told["content_mg_l"]
    if content is None:
        return mass
    return say(
        "spill_volume",
        language,
        mass=mass,
        volume=figure_text(told["amount"]),
        content=figure_text(content),
    )


def sentence_of(places: Sequence[KeptPassage], told: SpillTold, now: datetime, language: str) -> str:
    """The one sentence: who is reached first of those who drink (else of all), how high, and when it leaves the
    county."""
    if not places:
        return say("spill_reaches_nobody", language)
    leading = next((row for row in places if row["kind"] in DRUNK_FROM), places[0])
    said = _leading(leading, told, now, language)
    start = datetime.fromisoformat(told["start"])
    further = []
    if places[0]["id"] != leading["id"] and places[0]["resolved"]:
        further.append(("spill_first", places[0]))
    border = next((row for row in places if row["kind"] == "border" and row["resolved"]), None)
    if border is not None and border["id"] not in (leading["id"], places[0]["id"]):
        further.append(("spill_leaves", border))
    clauses = [
        say(
            key,
            language,
            name=row["name"],
            time=when(start, row["arrival_s"], now, language).text,
            verdict=_short(verdict_of(row), language),
        )
        for key, row in further
    ]
    return (
        said + say("spill_further", language, clauses=say("list_semicolon", language).join(clauses))
        if clauses
        else said
    )


def verdict_of(row: KeptPassage) -> str:
    """Whether the limit will be exceeded: likely (half of the runs), possibly (one in twenty), not, or no limit."""
    chance = row["probability_above"]
    if chance is None:
        return "none"
    return "over" if chance >= LIKELY else "may" if chance >= POSSIBLE else "under"


def _short(verdict: str, language: str) -> str:
    return "" if verdict == "none" else say(f"spill_short_{verdict}", language)


def _headline(run: Run, now: datetime, language: str) -> str:
    if run.state == DONE:
        leading = told_of(run).get("leading")
        return _leading(leading, told_of(run), now, language) if leading else say("spill_reaches_nobody", language)
    if run.state == FAILED:
        return failure_of(run, language)
    return say(f"run_{run.state}_long", language)


def _leading(row: KeptPassage, told: SpillTold, now: datetime, language: str) -> str:
    start = datetime.fromisoformat(told["start"])
    if not row["resolved"]:
        return say("spill_at_once", language, name=row["name"], height=amount(row["peak_mg_l"]).text)
    verdict, chance, above = verdict_of(row), row["probability_above"], row["limit_mg_l"]
    key = "spill_reaches" if verdict != "none" else "spill_reaches_plain"
    arrival, height = when(start, row["arrival_s"], now, language), amount(row["peak_mg_l"])
    limit = ""
    if chance is not None and above is not None:
        hours = span_text((row["above_limit_s"] or {"median": 0})["median"], language)
        limit = say(
            f"spill_limit_{verdict}",
            language,
            limit=number_text(above),
            span=hours,
            chance=f"{100 * chance:.0f}",
        )
    return say(
        key,
        language,
        time=arrival.text,
        range=arrival.range,
        name=row["name"],
        height=height.text,
        heights=height.range,
        limit=limit,
    )


def _place(row: KeptPassage, question: SpillInputs, told: SpillTold, now: datetime, language: str) -> SpillPlace:
    verdict = verdict_of(row)
    limit = row["limit_mg_l"]
    target = question["targets"].get(row["id"], "")
    start, parameter = datetime.fromisoformat(told["start"]), told["parameter"]
    is_known = bool(row["resolved"])
    dash = Ranged(text="—", range="")
    above = row["above_limit_s"]
    return SpillPlace(
        id=row["id"],
        name=row["name"],
        kind=row["kind"],
        kind_name=say(f"kind_{row['kind']}", language),
        href=f"/desk/stations/{row['id']}" if row["kind"] in ("section", "border", "station") else None,
        distance=f"{row['distance_m'] / 1000:.1f} km",
        arrival=when(start, row["arrival_s"], now, language) if is_known else dash,
        peak_at=when(start, row["peak_s"], now, language) if is_known else dash,
        peak=amount(row["peak_mg_l"]),
        passage=lasting(row["passage_s"], language) if is_known else dash,
        above=lasting(above, language) if above is not None and verdict != "under" and is_known else None,
        limit="—" if limit is None else _limit(parameter, target, limit, language),
        verdict=verdict,
        verdict_name=say(f"spill_{verdict}", language, chance=f"{100 * (row['probability_above'] or 0):.0f}"),
        note="" if is_known else say("spill_unresolved", language),
    )


def _limit(parameter: str, target: str, limit: float, language: str) -> str:
    has_classes = parameter in limits_for("river") and target in CLASSES
    basis = CLASSES[target].numeral if has_classes else say("spill_source_limit", language)
    return say("spill_limit", language, limit=number_text(limit), basis=basis)


def _question(told: SpillTold, start: datetime, now: datetime, language: str) -> list[Line]:
    duration = told["duration_h"]
    lasted = say("spill_over_time", language, span=span_text(duration * 3600, language)) if duration else ""
    rows = {
        "what": f"{substance_of(told, language)} {amount_of(told, language)}",
        "where": say("spill_point", language, reach=told["reach_name"], chainage=f"{told['chainage_m'] / 1000:.2f}"),
        "when": time_text(start, now, language) + (lasted or say("spill_instant", language)),
        "flow": flow_of(told, language),
    }
    return [Line(label=say(f"spill_label_{key}", language), text=text) for key, text in rows.items()]


def flow_of(told: SpillTold, language: str) -> str:
    """What flow was taken."""
    if told["flow"] == MEASURED:
        return say("spill_flow_by_gauges", language, share=figure_text(float(f"{told['flow_share']:.2g}")))
    return flow_conditions()[told["flow"]].name(language)


def _assumptions(run: Run, question: SpillInputs, language: str) -> list[str]:
    told = told_of(run)
    decay = told["decay_per_d"]
    said = [
        say("spill_assume_decay" if decay else "spill_assume_no_decay", language, decay=figure_text(decay)),
        say("spill_assume_background", language, background=number_text(told["background_mg_l"])),
    ]
    for quantity, code, reaches in question["basis"]:
        method = find_method(code)
        name = say(f"spill_quantity_{quantity}", language)
        error = f"{100 * method.log_sd:.0f}"
        said.append(say("spill_basis", language, quantity=name, method=method.name(language), n=reaches, error=error))
    said.append(say("spill_assume_mixed", language))
    said.append(
        say(
            "spill_computed_by",
            language,
            members=question["members"],
            seed=run.seed,
            version=run.version or "—",
            hash=run.fingerprint[:12],
        )
    )
    return said


def _unreached(answer: KeptAnswer | None, question: SpillInputs, language: str) -> str:
    names = {row["id"]: row["name"] for row in question["places"]}
    if answer is None:
        return ""
    above = [names[name] for name in answer["unreached"] if name in names]
    return say("spill_unreached", language, names=say("list_comma", language).join(above)) if above else ""


def _notices(run: Run, question: SpillInputs, answer: KeptAnswer, start: datetime) -> list[Notice]:
    """To the neighbour at the border first, then to those who take water."""
    forecast = forecast_of(question, answer, run.seed)
    told = told_of(run)
    basis = [(quantity, find_method(code), count) for quantity, code, count in question["basis"]]
    addressed = sorted(
        (place for place in forecast.places if place.resolved),
        key=lambda place: (place.watch.kind != "border", place.watch.kind not in DRUNK_FROM),
    )
    return [
        Notice(
            place=place.watch.id,
            name=place.watch.name,
            **{
                language: write_notice(
                    forecast,
                    place,
                    language,
                    start=local(start),
                    parameter=told["parameter"] or None,
                    substance=told["substance"],
                    where=told["reach_name"],
                    basis=basis,
                )
                for language in ("zh", "en")
            },
        )
        for place in addressed
    ]


def _repeats(run: Run, language: str) -> str:
    if run.repeats is None or not Result.objects.filter(run=run).exists():
        return ""
    same = same_answer(run, run.repeats)
    return "" if same is None else say("run_same" if same else "run_not_same", language)


def _case_href(told: SpillTold, title: str, answer: KeptAnswer, now: datetime, language: str) -> str:
    query = {"reach": told["reach"], "title": title, "what": sentence_of(answer["places"], told, now, language)}
    return f"/desk/report?{urlencode(query)}"


def _as_query(told: SpillTold) -> dict[str, str]:
    """The same question for the form, to be changed; the words of the form's fields are those of the question."""
    kept = {name: value for name, value in told.items() if name in OF_THE_FORM and value not in (None, "", 0)}
    query = {name: number_text(value) if isinstance(value, float) else str(value) for name, value in kept.items()}
    return query if told["parameter"] else {**query, "parameter": OTHER}


def _is_mass(unit: str) -> bool:
    return find_unit(unit).dimension == "concentration"


def point_text(reach: Reach, chainage_m: float, language: str) -> str:
    """A point on a reach in words."""
    return say("spill_point", language, reach=reach.name, chainage=f"{chainage_m / 1000:.2f}")
