"""The instruments of the demonstration: what sends for each simulated station, one that has fallen silent, one whose
clock is wrong, one with a camera, what was refused and why, and what was done at the stations."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID, uuid5

from riverchief.example.chengkou.simulation import SOURCE
from riverchief.observation.reading import Reading
from riverchief.telemetry.hj212 import encode
from riverchief.telemetry.hj212.encode import Group
from riverchief.telemetry.protocol import Picture
from riverchief_server.cli.demo_camera import past_pictures
from riverchief_server.observations.inbox.instruments import known_of, register
from riverchief_server.observations.inbox.journal import Raw
from riverchief_server.observations.inbox.parsing import Parser
from riverchief_server.observations.models import Instrument, Order
from riverchief_server.observations.pictures import keep_picture
from riverchief_server.observations.upkeep import NewUpkeep, enter
from riverchief_server.places.models import Place

STEP_S = 4 * 3600
PASSWORD, SL651_PASSWORD = "123456", "1234"
SILENT, SILENT_FOR = "M-SH", timedelta(hours=28)
#: Beside its analysers this station has a telemetry unit with a camera.
CAMERA, ADDRESS = "M-GY", "5002290001"
OFF_CLOCK, OFF_S = "M-XQ", -410.0
#: A new probe of this station sends a factor that nobody has told us the meaning of.
NEW_PROBE, NEW_FACTOR = "M-GG", "w99321"
NAMES = UUID("6f1d9a52-5a0e-4a0c-9d8b-2b6f3c1e7a10")
# what, station, days before now, hours, parameter, by whom, note
DONE = (
    ("calibration", "M-TBZ", 13.2, 2.0, "CODMN", "运维公司 甲组", "仪器报故障后更换比色管并重新标定"),
    ("repair", "M-TBZ", 13.8, 0.7, "CODMN", "运维公司 甲组", "比色管破裂"),
    ("cleaning", "M-HJK", 19.6, 1.0, "DO", "运维公司 乙组", "探头结垢，读数不变，清洗后恢复"),
    ("standard_check", "M-GY", 6.1, 0.8, "NH3N", "运维公司 甲组", "标准溶液 0.50 mg/L，测得 0.51 mg/L"),
    ("inspection", "M-XQ", 4.3, 0.4, "", "运维公司 乙组", "时钟偏慢，已申请校时"),
    ("reagents", "M-GY", 27.0, 0.5, "TP", "运维公司 甲组", ""),
)


def without_the_silent(readings: Iterable[Reading], now: datetime) -> list[Reading]:
    """``readings`` without those that the silent station did not send."""
    since = now - SILENT_FOR
    return [one for one in readings if one.station != SILENT or one.time < since]


def make_instruments(now: datetime) -> None:
    """Register an instrument for each simulated station, and give the inbox and the logs a past."""
    for place in Place.objects.filter(kind="station", operator="simulated"):
        heard = now - (SILENT_FOR if place.code == SILENT else timedelta(minutes=6))
        register(
            place,
            "hj212",
            f"500229{place.pk:08d}",
            PASSWORD,
            setup={"source": SOURCE},  # what it sends goes on with the series that are there
            is_simulated=True,
            interval_s=STEP_S,
            silent_after_s=3 * STEP_S,
            last_seen_at=heard,
            last_address="127.0.0.1",
            clock_offset_s=OFF_S if place.code == OFF_CLOCK else (place.pk % 5) - 2.0,
        )
    register(
        Place.objects.get(code="M-TBZ"),
        "http",
        "lab",
        "a demonstration",
        setup={"timezone": "Asia/Shanghai"},
        is_simulated=True,
    )
    _camera(now)
    _refused(now)
    _done(now)


def _camera(now: datetime) -> None:
    unit = register(
        Place.objects.get(code=CAMERA),
        "sl651",
        ADDRESS,
        SL651_PASSWORD,
        setup={"source": SOURCE},
        is_simulated=True,
        interval_s=STEP_S,
        silent_after_s=3 * STEP_S,
        last_seen_at=now - timedelta(minutes=6),
        last_address="127.0.0.1",
        clock_offset_s=1.0,
    )
    for at, content in past_pictures(now):
        keep_picture(Picture(at, "image/jpeg", content), unit.place_id, unit.pk, at + timedelta(seconds=20))


def _refused(now: datetime) -> None:
    probe = Instrument.objects.select_related("place").get(place__code=NEW_PROBE)
    late = Instrument.objects.select_related("place").get(place__code=OFF_CLOCK)
    messages = []
    for back in range(5, -1, -1):
        at = now - back * timedelta(seconds=STEP_S)
        (raw,) = encode.upload(
            "2061",
            mn=probe.identity,
            st="21",
            time=at.astimezone(known_of(probe).zone),
            groups=[Group(NEW_FACTOR, {"Avg": f"{3.1 + back / 10:.1f}"})],
        )
        messages.append(Raw("hj212", probe.identity, "127.0.0.1:41822", at, raw, probe.pk))
    broken = b"##0062QN=20261124080000000;ST=21;CN=2061;PW=123456;MN=5002290000;\xff\xfe\x00\x1b\r\n"
    messages.append(Raw("hj212", late.identity, "127.0.0.1:41830", now - timedelta(hours=9), broken, late.pk))
    sheet = (
        "站点,时间,氨氮(mg/L),总磷(mg/L)\n土堡,2026-11-20 09:00,0.21,0.05\n高燕,2026-11-20 10:00,0.19,<0.01\n".encode(
            "gb18030"
        )
    )
    lab = Instrument.objects.get(protocol="http", identity="lab")
    messages.append(Raw("http", "化验室11月.csv", "127.0.0.1", now - timedelta(days=3), sheet, lab.pk))
    parser = Parser()
    parser.take(messages)
    parser.run_once(now)


def _done(now: datetime) -> None:
    for kind, station, days, hours, parameter, by, note in DONE:
        began = now - timedelta(days=days)
        place = Place.objects.get(code=station)
        enter(
            NewUpkeep(
                uuid=uuid5(NAMES, f"{kind} {station}"),
                place=place,
                kind=kind,
                began_at=began,
                ended_at=began + timedelta(hours=hours),
                parameter=parameter,
                done_by=by,
                note=note,
            ),
            by,
            began + timedelta(hours=hours),
        )
    Order.objects.create(
        instrument=Instrument.objects.get(place__code="M-GY", protocol="hj212"),
        command="set-clock",
        asked_at=now - timedelta(days=6),
        asked_by="监测工程师",
        sent_at=now - timedelta(days=6) + timedelta(minutes=3),
        answered_at=now - timedelta(days=6) + timedelta(minutes=3),
        answer="ExeRtn=1 执行成功 success",
    )
