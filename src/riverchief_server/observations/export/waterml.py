"""WaterML 2.0 (OGC 10-126r4): a collection with one measurement time series for each series of ours."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from xml.sax.saxutils import escape, quoteattr
from zoneinfo import ZoneInfo

import numpy as np

from riverchief.observation.flag import find_flag
from riverchief.parameter import find_parameter
from riverchief_server.observations import store
from riverchief_server.observations.models import Series

DEFINITIONS = "http://www.opengis.net/def/waterml/2.0"
# QARTOD's codes in the words of WaterML's quality vocabulary
QUALITY = {1: "good", 2: "unchecked", 3: "suspect", 4: "poor", 9: "missing"}
CENSORED = {
    "<": "http://www.opengis.net/def/nil/OGC/0/BelowDetectionRange",
    ">": "http://www.opengis.net/def/nil/OGC/0/AboveDetectionRange",
}
INTERPOLATION = {
    "instant": "Continuous",
    "instant_reference": "Continuous",
    "mean": "AveragePrec",
    "mean_reference": "AveragePrec",
    "min": "MinPrec",
    "min_reference": "MinPrec",
    "max": "MaxPrec",
    "max_reference": "MaxPrec",
    "sum": "TotalPrec",
    "total": "Continuous",
}
HEAD = """<?xml version="1.0" encoding="UTF-8"?>
<wml2:Collection xmlns:wml2="http://www.opengis.net/waterml/2.0" xmlns:om="http://www.opengis.net/om/2.0" \
xmlns:gml="http://www.opengis.net/gml/3.2" xmlns:sf="http://www.opengis.net/sampling/2.0" \
xmlns:sams="http://www.opengis.net/samplingSpatial/2.0" xmlns:xlink="http://www.w3.org/1999/xlink" \
xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" \
xsi:schemaLocation="http://www.opengis.net/waterml/2.0 http://schemas.opengis.net/waterml/2.0/waterml2.xsd" \
gml:id="readings">
"""


def as_waterml(series: Sequence[Series], found: store.Columns, zone: ZoneInfo, now: datetime) -> bytes:
    """WaterML 2.0 of the series that have a reading; times in ISO 8601 with the offset of ``zone``.

    A value that is missing or censored is nil; a censored one has its reason and in a comment the limit. The quality
    of a point is its flag, told in the comment where a check set it.
    """
    return "".join(_document(series, found, zone, now)).encode("utf-8")


def _document(series: Sequence[Series], found: store.Columns, zone: ZoneInfo, now: datetime) -> Iterator[str]:
    sources = store.source_names() if found.flag_by.any() else {0: ""}
    yield HEAD
    yield (
        f'<wml2:metadata><wml2:DocumentMetadata gml:id="document">'
        f"<wml2:generationDate>{now.astimezone(zone).isoformat(timespec='seconds')}</wml2:generationDate>"
        f'<wml2:version xlink:href="http://www.opengis.net/waterml/2.0" xlink:title="WaterML 2.0"/>'
        f"<wml2:generationSystem>Riverchief</wml2:generationSystem></wml2:DocumentMetadata></wml2:metadata>\n"
    )
    present = set(np.unique(found.series).tolist())
    shown = [one for one in series if one.pk in present]
    for place in {one.place_id: one.place for one in shown}.values():
        yield (
            f'<wml2:samplingFeatureMember><wml2:MonitoringPoint gml:id="place-{place.pk}">'
            f'<gml:identifier codeSpace="urn:riverchief:place">{escape(place.code)}</gml:identifier>'
            f"<gml:name>{escape(place.name)}</gml:name>"
            f"<sf:sampledFeature xlink:href={quoteattr('urn:riverchief:reach:' + place.reach.code)} "
            f"xlink:title={quoteattr(place.reach.name)}/>"
            f'<sams:shape><gml:Point gml:id="point-{place.pk}">'
            f'<gml:pos srsName="http://www.opengis.net/def/crs/EPSG/0/4326">{place.lat} {place.lon}</gml:pos>'
            f"</gml:Point></sams:shape>"
            f"<wml2:timeZone><wml2:TimeZone><wml2:zoneOffset>{_offset(now, zone)}</wml2:zoneOffset>"
            f"<wml2:zoneAbbreviation>{escape(zone.key)}</wml2:zoneAbbreviation></wml2:TimeZone></wml2:timeZone>"
            f"</wml2:MonitoringPoint></wml2:samplingFeatureMember>\n"
        )
    for one in shown:
        yield from _observation(one, found.take(found.series == one.pk), zone, sources)
    yield "</wml2:Collection>\n"


def _observation(one: Series, mine: store.Columns, zone: ZoneInfo, sources: dict[int, str]) -> Iterator[str]:
    parameter = find_parameter(one.parameter)
    unit = "1" if parameter.unit == "-" else parameter.unit
    first, last = (_time(int(t), zone) for t in (mine.t[0], mine.t[-1]))
    period = f"<wml2:aggregationDuration>PT{one.period_s}S</wml2:aggregationDuration>" if one.period_s else ""
    interpolation = f"{DEFINITIONS}/interpolationType/{INTERPOLATION.get(one.statistic, 'Continuous')}"
    yield (
        f'<wml2:observationMember><om:OM_Observation gml:id="series-{one.pk}">'
        f'<om:type xlink:href="http://www.opengis.net/def/observationType/waterml/2.0/MeasurementTimeseriesTVPObservation"/>'
        f'<om:phenomenonTime><gml:TimePeriod gml:id="period-{one.pk}"><gml:beginPosition>{first}</gml:beginPosition>'
        f"<gml:endPosition>{last}</gml:endPosition></gml:TimePeriod></om:phenomenonTime>"
        f'<om:resultTime><gml:TimeInstant gml:id="result-{one.pk}"><gml:timePosition>'
        f"{_time(int(mine.arrived.max()), zone)}</gml:timePosition></gml:TimeInstant></om:resultTime>"
        f'<om:procedure><wml2:ObservationProcess gml:id="process-{one.pk}">'
        f'<wml2:processType xlink:href="{DEFINITIONS}/processType/Sensor"/>{period}'
        f"<wml2:comment>{escape(one.source or 'unknown')}</wml2:comment>"
        f"</wml2:ObservationProcess></om:procedure>"
        f"<om:observedProperty xlink:href={quoteattr('urn:riverchief:parameter:' + parameter.code)} "
        f"xlink:title={quoteattr(parameter.name_zh)}/>"
        f'<om:featureOfInterest xlink:href="#place-{one.place_id}" xlink:title={quoteattr(one.place.name)}/>'
        f'<om:result><wml2:MeasurementTimeseries gml:id="timeseries-{one.pk}">'
        f"<wml2:defaultPointMetadata><wml2:DefaultTVPMeasurementMetadata>"
        f"<wml2:uom code={quoteattr(unit)}/>"
        f'<wml2:interpolationType xlink:href="{interpolation}"/>'
        f"</wml2:DefaultTVPMeasurementMetadata></wml2:defaultPointMetadata>\n"
    )
    names = {number: escape(sources[number]) for number in set(mine.flag_by.tolist())}
    codes = store.flag_codes()
    known: dict[tuple[int, int, int, float], str] = {}
    columns = (mine.t, mine.v, mine.flag, mine.flag_by, mine.operator, mine.bound)
    for t, v, flag, by, operator, bound in zip(*(column.tolist() for column in columns), strict=True):
        key = (flag, by, operator, bound if bound == bound else -1.0)
        if key not in known:
            known[key] = _metadata(codes[flag], names[by], ("", "<", ">")[operator], bound)
        value = f"<wml2:value>{v!r}</wml2:value>" if v == v else '<wml2:value xsi:nil="true"/>'
        yield (
            f"<wml2:point><wml2:MeasurementTVP><wml2:time>{_time(t, zone)}</wml2:time>{value}{known[key]}"
            f"</wml2:MeasurementTVP></wml2:point>\n"
        )
    yield "</wml2:MeasurementTimeseries></om:result></om:OM_Observation></wml2:observationMember>\n"


def _metadata(flag: str, by: str, operator: str, bound: float) -> str:
    """What is said of a point, in the order of the schema: quality, comment, reason of censoring."""
    quality = QUALITY[find_flag(flag).qartod]
    said = [flag + (f" by {by}" if by else "")]
    reason = ""
    if operator:
        limit = f" {bound!r}" if bound == bound else ""
        said.append(f"{escape(operator)}{limit}")
        reason = f'<wml2:censoredReason xlink:href="{CENSORED[operator]}"/>'
    return (
        f"<wml2:metadata><wml2:TVPMeasurementMetadata>"
        f'<wml2:quality xlink:href="{DEFINITIONS}/quality/{quality}" xlink:title="{flag}"/>'
        f"<wml2:comment>{'; '.join(said)}</wml2:comment>{reason}"
        f"</wml2:TVPMeasurementMetadata></wml2:metadata>"
    )


def _time(t: int, zone: ZoneInfo) -> str:
    moment = store.from_ms(t).astimezone(zone)
    return moment.isoformat(timespec="milliseconds" if t % 1000 else "seconds")


def _offset(now: datetime, zone: ZoneInfo) -> str:
    return now.astimezone(zone).isoformat()[-6:]
