"""What arrives is checked, at every door: what cannot be is never judged or averaged, and each flag names its check."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from riverchief.errors import BadInput
from riverchief.observation.reading import Reading
from riverchief_server.jobs.clock import look
from riverchief_server.observations import store
from riverchief_server.observations.actions import ingest_file, keep_readings, receive
from riverchief_server.observations.check_settings import set_kind, set_thresholds
from riverchief_server.observations.checking import check_written, flag_period
from riverchief_server.observations.models import CheckSetting, FlaggedPeriod, Series
from riverchief_server.places.models import Place
from riverchief_server.standards.models import Judgement
from tests.server.conftest import NOW

pytestmark = pytest.mark.usefixtures("county")
MONTH = NOW.replace(day=1, hour=0, minute=0, second=0, microsecond=0) - timedelta(days=32)
MONTH = MONTH.replace(day=3)
UNITS = {"PH": "", "DO": "mg/L", "NH3N": "mg/L", "WT": "°C", "TURB": "NTU", "LEVEL": "m", "TP": "mg/L", "CODMN": "mg/L"}


def reading(parameter: str, value: float | None, at: datetime, **more: object) -> Reading:
    return Reading("W1", parameter, at, value, UNITS[parameter], **more)


def every(parameter: str, values: list[float], step: timedelta, begin: datetime = MONTH) -> list[Reading]:
    return [reading(parameter, value, begin + place * step) for place, value in enumerate(values)]


def flags(parameter: str) -> list[tuple[str, str]]:
    series = Series.objects.get(place__code="W1", parameter=parameter)
    return [(row.flag, row.flag_by) for row in store.between(series.pk, -store.EVER, store.EVER)]


def keep(readings: list[Reading]) -> None:
    keep_readings(readings, NOW)


def station() -> Place:
    return Place.objects.get(code="W1")


class TestOnArrival:
    def test_what_no_instrument_can_give_is_bad_at_once_and_says_so(self):
        keep([reading("PH", 83.0, MONTH), reading("DO", 45.0, MONTH), reading("PH", 7.8, MONTH + timedelta(hours=4))])
        assert flags("PH") == [("bad", "range"), ("good", "")]
        assert flags("DO") == [("bad", "range")]

    def test_what_no_river_gives_is_suspect_and_stays_judged(self):
        keep([reading("PH", 10.4, MONTH)])
        assert flags("PH") == [("suspect", "range")]

    def test_what_the_source_says_stays_unless_the_check_says_more(self):
        later = MONTH + timedelta(hours=4)
        keep([reading("PH", 10.4, MONTH, flag="maintenance"), reading("PH", 83.0, later, flag="by_hand")])
        assert flags("PH") == [("maintenance", ""), ("bad", "range")]

    def test_a_file_with_ph_83_does_not_reach_the_months_mean(self):
        days = [MONTH + timedelta(days=day) for day in range(8)]
        rows = [
            f"W1,{day.isoformat()},{code},{value}"
            for day in days
            for code, value in (("PH", 7.8), ("DO", 9.0), ("NH3N", 0.1))
        ]
        rows += [f"W1,{(days[3] + timedelta(hours=6)).isoformat()},{code}" for code in ("DO,45", "PH,83", "NH3N,0.1")]
        text = "station,time,parameter,value\n" + "\n".join(rows) + "\n"
        ingest_file(receive("file", "a.csv", text.encode(), "laboratory", NOW))
        look(NOW)
        month = Judgement.objects.get(place__code="S1", period="month", is_current=True)
        items = {item["item"]: item["value"] for item in month.content["evidence"]}
        # (8 × 9.0) / 8 and not (8 × 9.0 + 45) / 9 = 13
        assert items["DO"] == pytest.approx(9.0) and items["PH"] == pytest.approx(8.0)  # 7.8, rounded as the law says

    def test_the_same_again_is_the_same_however_it_was_flagged(self):
        twice = [reading("PH", 83.0, MONTH), reading("DO", 9.0, MONTH)]
        assert keep_readings(twice, NOW).new == 2
        assert keep_readings(twice, NOW) == store.PutReport(0, 2, 0)
        check_written(store.touched().since, NOW)
        assert keep_readings(twice, NOW) == store.PutReport(0, 2, 0)

    def test_a_time_ahead_is_refused_in_a_file(self):
        ahead, past = NOW + timedelta(days=40), MONTH
        text = f"station,time,parameter,value\nW1,{ahead.isoformat()},PH,7.8\nW1,{past.isoformat()},PH,7.9\n"
        with pytest.raises(BadInput) as refused:
            ingest_file(receive("file", "a.csv", text.encode(), "laboratory", NOW))
        assert [fault.kind for fault in refused.value.faults] == ["from_the_future"]
        report = ingest_file(receive("file", "b.csv", text.encode(), "laboratory", NOW), keep_good=True)
        assert (report.new, report.refused) == (1, 1)


class TestBesideItsNeighbours:
    STEP = timedelta(minutes=15)

    def test_a_spike_and_a_dead_probe_are_seen_when_the_clock_looks(self):
        calm = [7.8 + 0.02 * (place % 3) for place in range(200)]
        calm[50] = 12.0
        keep(every("PH", calm, self.STEP) + every("DO", [9.0] * 400, self.STEP))
        look(NOW)
        assert flags("PH")[50] == ("bad", "spike")
        assert {flag for place, flag in enumerate(flags("PH")) if not 49 <= place <= 52} == {("good", "")}
        assert set(flags("DO")) == {("bad", "stuck")}, "four days without a move"

    def test_looking_twice_changes_nothing(self):
        keep(every("PH", [7.8, 7.9, 12.0, 7.8, 7.9, 7.8, 7.7, 7.8], self.STEP))
        written = store.touched().since
        assert check_written(written, NOW) > 0
        assert check_written(written, NOW) == 0

    def test_in_pieces_it_comes_to_the_same_as_at_once(self):
        values = [7.8 + 0.03 * (place % 4) for place in range(300)]
        values[100], values[200:] = 11.5, [7.9] * 100
        for start in range(0, 300, 7):
            keep(every("PH", values, self.STEP)[start : start + 7])
            look(NOW)
        found = flags("PH")
        set_thresholds(station(), "PH", {}, "look again", "engineer", NOW)
        look(NOW)
        assert flags("PH") == found
        assert found[100] == ("bad", "spike") and found[-1] == ("suspect", "stuck")

    def test_grab_samples_neither_spike_nor_stand_still(self):
        values = [0.10, 0.10, 2.60, 0.10, *[0.10] * 8]
        keep(every("NH3N", values, timedelta(days=7), MONTH - timedelta(days=100)))
        look(NOW)
        assert set(flags("NH3N")) == {("good", "")}

    def test_the_kind_is_the_stations_to_say(self):
        values = [7.8, 7.9, 12.0, 7.8, 7.9, 7.8, 7.7, 7.8]
        keep(every("PH", values, self.STEP))
        set_kind(station(), "grab", "a person with a cup", "engineer", NOW)
        look(NOW)
        assert flags("PH")[2] == ("suspect", "range"), "12 is more than a river has, and that is all"
        set_kind(station(), "", "no longer", "engineer", NOW)
        look(NOW)
        assert flags("PH")[2] == ("bad", "spike")

    def test_more_oxygen_than_the_water_holds_needs_the_temperature_beside_it(self):
        keep(every("DO", [9.0, 9.1, 9.2, 19.5, 9.3], timedelta(hours=4)) + every("WT", [20.0] * 5, timedelta(hours=4)))
        look(NOW)
        assert flags("DO")[3][0] in ("suspect", "bad")


class TestAStationsOwnRules:
    def test_they_are_in_force_when_the_clock_looks_next_for_what_was_there_and_what_comes(self):
        keep(every("TURB", [900.0, 910.0], timedelta(hours=4)))
        set_thresholds(station(), "TURB", {"hard_high": 500.0}, "the probe ends at 500", "engineer", NOW)
        look(NOW)
        assert set(flags("TURB")) == {("bad", "range")}
        keep([reading("TURB", 950.0, MONTH + timedelta(hours=8))])
        assert flags("TURB")[-1] == ("bad", "range")
        set_thresholds(station(), "TURB", {"hard_high": 4000.0}, "a new probe", "engineer", NOW)
        look(NOW)
        assert {flag for flag, _ in flags("TURB")} == {"good"}
        assert [row.content["sets"]["hard_high"] for row in CheckSetting.objects.order_by("id")] == [500.0, 4000.0]

    def test_everything_that_is_wrong_is_said_at_once(self):
        with pytest.raises(BadInput) as refused:
            set_thresholds(station(), "XYZ", {"hard_low": 9.0, "hard_high": 1.0, "tallest": 3.0}, " ", "me", NOW)
        assert sorted(fault.kind for fault in refused.value.faults) == [
            "missing_value",
            "out_of_range",
            "unknown_column",
            "unknown_parameter",
        ]


class TestAPersonsWord:
    def test_a_period_is_flagged_and_taken_back_with_a_reason_and_nothing_is_lost(self):
        keep(every("NH3N", [0.1, 0.2, 0.3, 0.2], timedelta(hours=4)))
        begin, end = MONTH + timedelta(hours=4), MONTH + timedelta(hours=12)
        flag_period(station(), "NH3N", begin, end, "bad", "ammonia electrode was dry", "engineer", NOW)
        look(NOW)
        assert flags("NH3N") == [("good", ""), *[("bad", "person:engineer")] * 2, ("good", "")]
        # what arrives later in the period is under the same word
        keep([reading("NH3N", 0.25, MONTH + timedelta(hours=10))])
        look(NOW)
        assert flags("NH3N")[3] == ("bad", "person:engineer")
        flag_period(station(), "", begin, end, "", "it was another probe", "chief", NOW)
        look(NOW)
        assert set(flags("NH3N")) == {("good", "")}
        series = Series.objects.get(parameter="NH3N")
        before = store.versions(series.pk, store.to_ms(begin))
        assert [row.flag for row in before] == ["good", "bad"] and {row.v for row in before} == {0.2}
        assert FlaggedPeriod.objects.count() == 2

    def test_a_person_may_stand_up_for_a_spike(self):
        values = [0.1, 0.1, 0.12, 6.0, 0.1, 0.11, 0.1, 0.12]
        keep(every("NH3N", values, timedelta(hours=4)))
        look(NOW)
        assert flags("NH3N")[3] == ("bad", "spike")
        at = MONTH + timedelta(hours=12)
        flag_period(station(), "NH3N", at, at + timedelta(minutes=1), "good", "a spill, seen", "engineer", NOW)
        look(NOW)
        assert flags("NH3N")[3] == ("good", "person:engineer")

    def test_what_is_wrong_is_said_at_once(self):
        with pytest.raises(BadInput) as refused:
            flag_period(station(), "XYZ", NOW, MONTH, "awful", "", "engineer", NOW)
        assert len(refused.value.faults) == 4


def test_no_door_goes_round_the_checks():
    """Only :mod:`.arrival` writes readings into the store."""
    from pathlib import Path

    import riverchief_server

    root = Path(riverchief_server.__file__).parent
    wrong = [
        str(path.relative_to(root))
        for path in root.rglob("*.py")
        if ("store.put(" in (text := path.read_text(encoding="utf-8")) or "store.put_columns(" in text)
    ]
    assert wrong == ["observations/arrival.py"]


def test_columns_of_series_nobody_has_rules_for_stay_as_they_are():
    batch = store.columns(
        np.array([900_001], np.int32),
        np.array([store.to_ms(datetime(2026, 1, 1, tzinfo=UTC))]),
        np.array([5.0]),
        arrived=1,
    )
    from riverchief_server.observations.arrival import take_in

    assert take_in(batch).new == 1
    assert store.between(900_001, 0, store.EVER)[0].flag == "unchecked"
