"""Whatever a file holds, it comes in whole or not at all: five dozen files of odd cells, some good, most not."""

import random

import pytest

from riverchief.errors import BadInput
from riverchief_server.observations import store
from riverchief_server.observations.actions import FileOptions, IngestReport, ingest_file, receive
from riverchief_server.observations.models import RawMessage
from tests.server.conftest import NOW

HEADS = ["氨氮(mg/L)", "总磷", "总鳞", "汞", "汞(μg/L)", "pH", "状态", "审核状态", "检出限", "备注"]
CELLS = [
    "0.2",
    "1,234",
    "<0.01",
    "ND",
    "--",
    "*",
    "",
    "abc",
    "500 µg/L",
    "未检出(0.01)",
    "维护",
    "睡觉",
    "9e999",
    "-9999",
]
TIMES = ["2026-11-20 08:00", "2026-11-20 09:00", "2026年11月20日10时", "", "soon", "2027-01-01 08:00"]
PLACES = ["W1", "出口断面", "W9", "平均值", ""]


def odd_file(chance: random.Random) -> bytes:
    heads = chance.sample(HEADS, chance.randint(1, 4))
    good = chance.random() < 0.4
    rows = [["断面", "时间", *heads]]
    for _ in range(chance.randint(1, 4)):
        place, time = (PLACES[0], TIMES[len(rows) % 3]) if good else (chance.choice(PLACES), chance.choice(TIMES))
        rows.append([place, time, *(chance.choice(CELLS[:7] if good else CELLS) for _ in heads)])
    text = "\n".join(",".join(f'"{cell}"' for cell in row) for row in rows)
    return text.encode() if chance.random() < 0.9 else text.encode()[: chance.randint(0, 80)]


def taken(message: RawMessage) -> IngestReport | None:
    """What became of a file; None where it was refused."""
    try:
        return ingest_file(message, options=FileOptions(timezone="Asia/Shanghai"))
    except BadInput:
        return None


@pytest.mark.usefixtures("county")
def test_a_file_comes_in_whole_or_not_at_all():
    chance = random.Random(10)
    came = refused = 0
    for number in range(60):
        before = store.count()
        message = receive("file", f"{number}.csv", odd_file(chance), "test", NOW)
        report = taken(message)
        state = RawMessage.objects.get(pk=message.pk).state
        if report is None:
            refused += 1
            assert (store.count(), state) == (before, "refused")
        else:
            came += 1
            assert (store.count(), report.refused, state) == (before + report.new, 0, "parsed")
    assert came > 5 and refused > 20
