"""Store first, then parse: what arrives is kept, what is refused says why, and twice is once."""

from datetime import UTC, datetime

import pytest

from riverchief.errors import BadInput
from riverchief_server.cli.importing import import_files
from riverchief_server.observations import store
from riverchief_server.observations.actions import ingest_file, receive
from riverchief_server.observations.models import RawMessage, Series
from tests.server.conftest import NOW

HEADER = "station,time,parameter,value,source\n"
TWO = HEADER + "W1,2026-11-20T08:00:00+08:00,NH3N,0.12,甲\nW1,2026-11-20T08:00:00+08:00,TP,0.05,甲\n"
AT = datetime(2026, 11, 20, 0, 0, tzinfo=UTC)


def ingest(text: str, **more: object):
    return ingest_file(receive("file", "r.csv", text.encode(), "test", NOW), **more)


def in_force(parameter: str) -> store.StoredReading:
    return store.latest([Series.objects.get(parameter=parameter).pk]).popitem()[1]


@pytest.mark.usefixtures("county")
class TestIngest:
    def test_readings_are_kept_in_utc_with_their_origin(self):
        report = ingest(TWO)
        assert (report.new, report.same, report.changed, report.refused) == (2, 0, 0, 0)
        row = in_force("NH3N")
        assert (store.from_ms(row.t), row.v, row.message) == (AT, 0.12, report.message)

    def test_the_same_file_twice_is_one_set_of_readings(self):
        ingest(TWO)
        again = ingest(TWO)
        assert (again.new, again.same, again.changed) == (0, 2, 0)
        assert store.count() == 2

    def test_a_correction_is_a_new_version_and_the_old_one_stays(self):
        ingest(TWO)
        report = ingest(TWO.replace("0.12", "0.21"))
        assert (report.new, report.same, report.changed) == (0, 1, 1)
        row = in_force("NH3N")
        assert row.v == 0.21
        assert [old.v for old in store.versions(row.series, row.t)] == [0.12]

    def test_a_value_below_detection_stays_censored(self):
        ingest(HEADER + "W1,2026-11-20T08:00:00+08:00,NH3N,<0.025,甲\n")
        row = in_force("NH3N")
        assert (row.v, row.operator, row.bound) == (None, "<", 0.025)

    def test_a_file_with_faults_writes_no_reading_but_stays_in_the_inbox(self):
        bad = (
            HEADER
            + "W1,2026-11-20T08:00:00+08:00,NH3N,lots,甲\nX9,2026-11-20T08:00:00+08:00,NH3N,0.1,甲\n"
            + TWO[len(HEADER) :]
        )
        with pytest.raises(BadInput) as refused:
            ingest(bad)
        assert [fault.kind for fault in refused.value.faults] == ["bad_number", "unknown_station"]
        assert store.count() == 0
        message = RawMessage.objects.get()
        assert message.state == "refused" and bytes(message.content) == bad.encode()
        assert message.refusals.count() == 2
        assert message.refusals.get(kind="bad_number").line == 2

    def test_the_good_rows_can_be_kept_and_the_refusals_listed(self):
        bad = HEADER + "W1,2026-11-20T08:00:00+08:00,NH3N,lots,甲\n" + TWO[len(HEADER) :]
        report = ingest(bad, keep_good=True)
        assert (report.new, report.refused) == (2, 1)

    def test_a_message_can_be_replayed_after_its_place_was_added(self):
        text = HEADER + "新断面,2026-11-20T08:00:00+08:00,NH3N,0.1,甲\n"
        message = receive("file", "r.csv", text.encode(), "test", NOW)
        with pytest.raises(BadInput):
            ingest_file(message)
        import_files("places", [("p.csv", "id,kind,name,reach,chainage_m\nN1,section,新断面,C,10\n".encode())], NOW)
        assert ingest_file(message).new == 1
        assert message.refusals.count() == 0

    def test_published_under_the_sections_name_it_is_the_real_stations(self):
        ingest(HEADER + "出口断面,2026-11-20T08:00:00+08:00,NH3N,0.1,甲\n")
        assert Series.objects.get().place.code == "W1"

    def test_latest_is_the_latest_measured_not_the_latest_arrived(self):
        ingest(HEADER + "W1,2026-11-20T08:00:00+08:00,NH3N,0.2,甲\n")
        ingest(HEADER + "W1,2026-11-19T08:00:00+08:00,NH3N,0.1,甲\n")
        assert in_force("NH3N").v == 0.2

    def test_a_time_without_a_year_names_the_remedy(self):
        with pytest.raises(BadInput) as refused:
            ingest("断面名称,监测时间,氨氮(mg/L)\n出口断面,04-01 04:00,0.025\n")
        assert refused.value.faults[0].kind == "needs_year"
