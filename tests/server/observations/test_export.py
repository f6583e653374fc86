"""What leaves the house says what it is: zone, unit, flag, limit; and other people's programs read it."""

import csv
import io
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import polars as pl
import pytest
from lxml import etree
from openpyxl import load_workbook
from owslib.swe.observation.waterml2 import MeasurementTimeseriesObservation

from riverchief.errors import BadInput
from riverchief_server.observations import store
from riverchief_server.observations.export import FORMATS, export
from riverchief_server.observations.models import Series
from riverchief_server.places.models import Place
from tests.server.conftest import NOW
from tests.shared_data import shared

CHINA = ZoneInfo("Asia/Shanghai")
T0 = store.to_ms(datetime(2026, 11, 20, 0, 0, tzinfo=UTC))
HOUR = 3_600_000
WML = "{http://www.opengis.net/waterml/2.0}"


@pytest.fixture
def series(county: None) -> list[Series]:
    """Ammonia with a value, a censored, a missing and a flagged one; and three hourly means of phosphorus."""
    place = Place.objects.select_related("reach").get(code="W1")
    ammonia = Series.objects.create(place=place, parameter="NH3N", source="=甲&<乙>")
    phosphorus = Series.objects.create(place=place, parameter="TP", statistic="mean", period_s=3600, source="hj212")
    stored = store.StoredReading
    store.put(
        [
            stored(ammonia.pk, T0, 0.12, "good", arrived=T0 + 5000),
            stored(ammonia.pk, T0 + HOUR, None, "unchecked", "<", 0.025, T0 + HOUR),
            stored(ammonia.pk, T0 + 2 * HOUR, None, "missing", arrived=T0 + 2 * HOUR),
            stored(ammonia.pk, T0 + 3 * HOUR, 9.9, "suspect", arrived=T0 + 3 * HOUR, flag_by="spike"),
        ]
    )
    t = T0 + HOUR * np.arange(3)
    store.put_columns(store.columns(phosphorus.pk, t, np.array([0.05, 0.06, 0.07]), arrived=t))
    return [ammonia, phosphorus]


def exported(series: list[Series], form: str) -> bytes:
    return export(series, T0, T0 + 24 * HOUR, form, CHINA, NOW)


class TestTables:
    def test_csv_says_zone_unit_and_limit(self, series: list[Series]):
        raw = exported(series, "csv")
        rows = list(csv.DictReader(io.StringIO(raw.decode("utf-8-sig"))))
        assert len(rows) == 7
        assert {name: rows[0][name] for name in ("station", "parameter", "time", "zone", "value", "unit", "flag")} == {
            "station": "W1",
            "parameter": "NH3N",
            "time": "2026-11-20T08:00:00+08:00",
            "zone": "Asia/Shanghai",
            "value": "0.12",
            "unit": "mg/L",
            "flag": "good",
        }
        assert (rows[1]["value"], rows[1]["operator"], rows[1]["bound"]) == ("", "<", "0.025")
        assert (rows[3]["flag"], rows[3]["flag_by"]) == ("suspect", "spike")
        assert {row["period_s"] for row in rows[4:]} == {"3600"}

    def test_xlsx_has_local_times_under_a_heading_with_the_zone_and_no_formula(self, series: list[Series]):
        sheet = load_workbook(io.BytesIO(exported(series, "xlsx")))["readings"]
        rows = list(sheet.iter_rows(values_only=True))
        at = rows[0].index("time (Asia/Shanghai)")
        assert rows[1][at] == datetime(2026, 11, 20, 8, 0)  # noqa: DTZ001 - a spreadsheet has no zone
        assert rows[1][rows[0].index("source")] == "'=甲&<乙>"
        assert len(rows) == 8

    def test_parquet_keeps_the_zone_in_its_type(self, series: list[Series]):
        table = pl.read_parquet(io.BytesIO(exported(series, "parquet")))
        assert table.schema["time"] == pl.Datetime("ms", "Asia/Shanghai")
        assert table["time"][0] == datetime(2026, 11, 20, 0, 0, tzinfo=UTC)
        assert table["value"].to_list()[:4] == [0.12, None, None, 9.9]

    @pytest.mark.parametrize("form", FORMATS)
    def test_nothing_to_export_is_an_empty_file(self, series: list[Series], form: str):
        assert export([], T0, T0 + 1, form, CHINA, NOW)
        assert export(series, 0, 1, form, CHINA, NOW)

    def test_another_format_names_the_known_ones(self, series: list[Series]):
        with pytest.raises(BadInput, match="waterml2"):
            exported(series, "pdf")


class TestWaterMl:
    def observations(self, raw: bytes) -> Iterator[MeasurementTimeseriesObservation]:
        tree = etree.fromstring(raw)
        for member in tree.iter(f"{WML}observationMember"):
            yield MeasurementTimeseriesObservation(member[0])

    def test_owslib_reads_times_values_and_units(self, series: list[Series]):
        ammonia, phosphorus = self.observations(exported(series, "waterml2"))
        values = [point.value for point in ammonia.get_result()]
        assert values[0] == 0.12 and values[3] == 9.9 and np.isnan(values[1:3]).all()
        first = next(iter(ammonia.get_result())).datetime
        assert first == datetime(2026, 11, 20, 0, 0, tzinfo=UTC)
        assert first.utcoffset() == timedelta(hours=8)
        default = phosphorus.get_result().defaultTVPMetadata
        assert default.uom == "mg/L"
        assert default.interpolationType.endswith("AveragePrec")

    def test_quality_and_censoring_stand_at_the_point(self, series: list[Series]):
        tree = etree.fromstring(exported(series, "waterml2"))
        href = "{http://www.w3.org/1999/xlink}href"
        points = list(tree.iter(f"{WML}point"))[:4]
        assert [point.find(f".//{WML}quality").get(href).rpartition("/")[2] for point in points] == [
            "good",
            "unchecked",
            "missing",
            "suspect",
        ]
        assert points[1].find(f".//{WML}censoredReason").get(href).endswith("BelowDetectionRange")
        assert points[1].find(f".//{WML}comment").text == "unchecked; < 0.025"
        assert points[3].find(f".//{WML}comment").text == "suspect by spike"

    def test_it_is_valid_by_the_schema_of_the_standard(self, series: list[Series]):
        folder = shared("standards/waterml2/waterml/2.0/waterml2.xsd").parents[2]

        class Local(etree.Resolver):
            """Every address of a schema is a file of the folder: nothing is fetched."""

            def resolve(self, url: str, public_id: str, context: object):
                for start in ("http://schemas.opengis.net/", "http://www.w3.org/", "http://www.isotc211.org/2005/"):
                    if url.startswith(start):
                        inside = url.removeprefix(start)
                        inside = f"iso/19139/20070417/{inside}" if "isotc211" in start else inside
                        return self.resolve_filename(str(folder / inside), context)
                return None

        parser = etree.XMLParser(no_network=True)
        parser.resolvers.add(Local())
        schema = etree.XMLSchema(etree.parse(str(folder / "waterml/2.0/waterml2.xsd"), parser))
        document = etree.fromstring(exported(series, "waterml2"))
        assert schema.validate(document), schema.error_log
        broken = etree.fromstring(exported(series, "waterml2").replace(b"<wml2:uom code", b"<wml2:unit code"))
        assert not schema.validate(broken)
