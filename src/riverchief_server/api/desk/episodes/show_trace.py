"""A trace in the reader's words: who it may have been, the curves over the samples, the next sample to take."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from riverchief.parameter import find_parameter
from riverchief.tracing.advice import LEAST_SHARE
from riverchief.tracing.candidate import kind_name
from riverchief_server.api.desk.episodes.schema import (
    Trace,
    TraceCandidate,
    TraceCurve,
    TracePoint,
    TraceSample,
    Travel,
)
from riverchief_server.api.desk.episodes.show import show_trace_brief
from riverchief_server.api.desk.figures import clock_text, figure_text, span_text
from riverchief_server.api.desk.spills.schema import Line, Ranged
from riverchief_server.api.words import local, say, time_text
from riverchief_server.cases.queries import visible_to
from riverchief_server.cases.tracing import SOURCE
from riverchief_server.parties.models import Account
from riverchief_server.places.actions import point_on_line
from riverchief_server.places.models import Place, Reach
from riverchief_server.runs.models import DONE, FAILED, RUNNING, WAITING, Run
from riverchief_server.runs.permissions import may_ask, may_stop
from riverchief_server.runs.queries import failure_of, result_of, same_answer, time_left
from riverchief_server.runs.traces import told_of

#: Verdicts that say more than the headline does.
FURTHER = ("several", "cannot_tell")
#: Candidates shown: the 90 % set, and further ones that are not negligible.
MOST_CANDIDATES, LEAST_PROBABILITY = 20, 0.01
#: A station whose samples the background leaves so much unexplained shows the pollution [nats].
SHOWS = 5.0
KINDS = {0: "measured", -1: "below", 1: "above"}
Row = Mapping[str, Any]


def show_trace(run: Run, account: Account, now: datetime, language: str) -> Trace:
    """One trace, whole."""
    answer = result_of(run) if run.state == DONE else None
    inputs: Row = Run.objects.values_list("inputs", flat=True).get(pk=run.pk)
    named = Named.of(answer) if answer else None
    left = time_left(run, now)
    spoken = "zh" if language == "zh" else "en"
    return Trace(
        brief=show_trace_brief(run, now, language),
        episode=told_of(run)["episode"],
        progress=run.progress,
        progress_text=say("run_left", language, span=span_text(left.total_seconds(), language)) if left else "",
        verdict=answer["statement"][spoken] if answer and answer["verdict"] in FURTHER else "",
        notes=[note[spoken] for note in answer["notes"]] if answer else [],
        question=_question(run, inputs, now, language),
        candidates=_candidates(run, answer, named, account, now, language) if answer and named else [],
        curves=_curves(inputs, answer, named, language) if answer and named else [],
        next_samples=_samples(answer, named, now, language) if answer and named else [],
        next_sentence=_next(answer, language) if answer else "",
        failure=failure_of(run, language) if run.state == FAILED else "",
        may_cancel=run.state in (WAITING, RUNNING) and may_stop(account, run),
        may_repeat=run.state not in (WAITING, RUNNING) and may_ask(account),
        may_open_case=answer is not None and "report" in account.the_role.may,
        repeats_text=_repeats(run, language),
        basis=say("trace_basis", language, version=run.version, seed=run.seed, print=run.fingerprint[:12]),
    )


class Named(NamedTuple):
    """What an answer names, as the county knows it now; what it no longer has goes by its code."""

    reaches: Mapping[str, Reach]
    places: Mapping[str, Place]

    @classmethod
    def of(cls, answer: Row) -> Named:
        located = [*answer["candidates"], *answer["next_samples"]]
        codes = {one["id"] for one in answer["candidates"]} | {one["site"] for one in answer["next_samples"]}
        codes |= {one["station"] for one in answer["stations"]}
        reaches = Reach.objects.filter(code__in={one["location"]["reach"] for one in located})
        places = Place.objects.filter(code__in=codes)
        return cls({reach.code: reach for reach in reaches}, {place.code: place for place in places})

    def station(self, code: str) -> str:
        return self.places[code].name if code in self.places else code

    def reach(self, code: str) -> str:
        return self.reaches[code].name if code in self.reaches else code

    def suspect(self, one: Row, language: str) -> str:
        """The name of a candidate; one on no list goes by its reach."""
        if one["name"] or one["kind"] != "reach":
            return str(one["name"] or one["id"])
        return say("trace_unlisted", language, name=self.reach(one["location"]["reach"]))

    def site(self, one: Row, language: str) -> str:
        """The name of a place to sample at."""
        if one["site"] in self.places:
            return self.places[one["site"]].name
        return say("trace_reach_foot", language, name=self.reach(one["location"]["reach"]))

    def point(self, code: str, location: Row) -> tuple[float, float] | tuple[None, None]:
        """Where a place, or a point of a reach, is drawn."""
        if code in self.places:
            return self.places[code].lon, self.places[code].lat
        reach = self.reaches.get(location["reach"])
        return point_on_line(reach.line, location["chainage_m"] / reach.length_m) if reach else (None, None)


def _candidates(
    run: Run, answer: Row, named: Named, account: Account, now: datetime, language: str
) -> list[TraceCandidate]:
    cases = visible_to(account).filter(source=SOURCE, transitions__details__run=str(run.uuid))
    opened = {
        entry["place__code"] or f"reach:{entry['reach__code']}": entry["number"]
        for entry in cases.values("number", "place__code", "reach__code")
    }
    shown = [
        one for one in answer["candidates"] if one["id"] in answer["set90"] or one["probability"] >= LEAST_PROBABILITY
    ]
    names = {one["id"]: named.suspect(one, language) for one in answer["candidates"]}
    found = []
    for one in shown[:MOST_CANDIDATES]:
        lon, lat = named.point(one["id"], one["location"])
        found.append(
            TraceCandidate(
                id=one["id"],
                name=names[one["id"]],
                kind_name=kind_name(one["kind"], language),
                reach=one["location"]["reach"],
                reach_name=named.reach(one["location"]["reach"]),
                lon=lon,
                lat=lat,
                probability=one["probability"],
                probability_text=_percent(one["probability"]),
                in_set=one["id"] in answer["set90"],
                began=_times(one["time"], one["time_range"], now, language),
                mass=_masses(one["mass_kg"], one["mass_range"]),
                lasted=_spans(one["duration_s"], one["duration_range"], language),
                travel=[
                    Travel(station=named.station(code), text=span_text(way["median"], language))
                    for code, way in one["travel_s"].items()
                    if way["median"] is not None
                ],
                alike=[names[other] for other in one["alike"] if other in names],
                case=opened.get(one["id"]),
            )
        )
    return found


def _curves(inputs: Row, answer: Row, named: Named, language: str) -> list[TraceCurve]:
    """The stations that show most, first; each with its samples."""
    samples = {one["station"]: one for one in inputs["samples"]}
    found = []
    for one in sorted(answer["stations"], key=lambda one: -(one["shows"] or 0.0)):
        measured = samples[one["station"]]
        points = [
            TracePoint(t=t, value=value, kind=KINDS[kind])
            for t, value, kind in zip(measured["time_s"], measured["value_mg_l"], measured["censor"], strict=True)
            if value is not None
        ]
        seen = (one["shows"] or 0.0) > SHOWS
        found.append(
            TraceCurve(
                station=one["station"],
                name=named.station(one["station"]),
                unit="mg/L",
                sentence=say(
                    "trace_seen" if seen else "trace_clean", language, level=figure_text(one["background_mg_l"] or 0.0)
                ),
                points=points,
                t=[datetime.fromisoformat(time).timestamp() for time in one["times"]],
                median=one["median_mg_l"],
                low=one["p05_mg_l"],
                high=one["p95_mg_l"],
            )
        )
    return found


def _samples(answer: Row, named: Named, now: datetime, language: str) -> list[TraceSample]:
    found = []
    for one in answer["next_samples"]:
        if not (one["share"] or 0.0) >= LEAST_SHARE:
            continue
        lon, lat = named.point(one["site"], one["location"])
        low, high = (figure_text(value or 0.0) for value in one["expected_mg_l"][1:])
        found.append(
            TraceSample(
                name=named.site(one, language),
                lon=lon,
                lat=lat,
                when=clock_text(datetime.fromisoformat(one["time"]), now, language),
                gain=_percent(one["share"]),
                expected=f"{low}–{high} mg/L",
            )
        )
    return found


def _next(answer: Row, language: str) -> str:
    if len(answer["set90"]) <= len(answer["sources"]):
        return ""
    if any((one["share"] or 0.0) >= LEAST_SHARE for one in answer["next_samples"]):
        return say("trace_next", language)
    return say("trace_next_none", language)


def _question(run: Run, inputs: Row, now: datetime, language: str) -> list[Line]:
    told = told_of(run)
    since, until = (time_text(datetime.fromisoformat(told[name]), now, language) for name in ("since", "until"))
    count = sum(1 for one in inputs["samples"] for value in one["value_mg_l"] if value is not None)
    lines = [
        ("trace_line_item", find_parameter(told["parameter"]).name(language)),
        ("trace_line_time", say("trace_span", language, since=since, until=until)),
        ("trace_line_data", say("trace_data", language, stations=len(inputs["samples"]), samples=count)),
        ("trace_line_suspects", say("trace_suspects", language, n=len(inputs["candidates"]))),
        ("trace_line_flow", say(f"trace_flow_{told['flow']}", language, share=f"{100 * told['flow_share']:.0f} %")),
    ]
    return [Line(label=say(key, language), text=text) for key, text in lines]


def _repeats(run: Run, language: str) -> str:
    same = same_answer(run, run.repeats) if run.repeats else None
    return "" if same is None else say("run_same" if same else "run_not_same", language)


def _times(middle: str, ends: Sequence[str], now: datetime, language: str) -> Ranged:
    low, high = (datetime.fromisoformat(end) for end in ends)
    same_day = local(low).date() == local(high).date()
    until = local(high).strftime("%H:%M") if same_day else time_text(high, now, language)
    return Ranged(
        text=time_text(datetime.fromisoformat(middle), now, language), range=f"{time_text(low, now, language)}–{until}"
    )


def _masses(middle: float, ends: Sequence[float]) -> Ranged:
    text, low, high = (figure_text(float(f"{value:.2g}")) for value in (middle, *ends))
    return Ranged(text=text, range=f"{low}–{high}")


def _spans(middle: float, ends: Sequence[float], language: str) -> Ranged:
    text, first, last = (span_text(span, language) for span in (middle, *ends))
    return Ranged(text=text, range="" if first == last == text else f"{first}–{last}")


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %" if share >= 0.005 else "< 1 %"
