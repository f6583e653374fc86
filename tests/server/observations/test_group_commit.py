"""Many callers share a commit, and each gets its own answer."""

import threading
from collections.abc import Sequence

import numpy as np
import pytest
from django.db import OperationalError, connections

from riverchief_server.observations import store
from riverchief_server.observations.group_commit import GroupCommit, readings_writer
from tests.server.databases import postgresql_url as postgresql_url
from tests.server.databases import using as using


def batch(series: int, n: int = 5, v: float = 1.0) -> store.Columns:
    t = 1_700_000_000_000 + 1000 * np.arange(n)
    return store.columns(series, t, np.full(n, v), arrived=t)


class TestReadingsWriter:
    def test_a_hundred_callers_at_once_are_all_durable(self, using: str):
        writer = readings_writer(using=using)
        futures = [writer.submit(batch(series)) for series in range(100)]
        assert {future.result(20) for future in futures} == {store.PutReport(5, 0, 0)}
        writer.close()
        assert store.count(using=using) == 500

    def test_each_caller_is_told_of_its_own_readings(self, using: str):
        writer = readings_writer(using=using)
        store.put_columns(batch(2), using=using)
        store.put_columns(batch(3), using=using)
        futures = [writer.submit(one) for one in (batch(1), batch(2), batch(3, v=2.0), batch(4))]
        assert [future.result(20) for future in futures] == [(5, 0, 0), (0, 5, 0), (0, 0, 5), (5, 0, 0)]
        writer.close()

    def test_one_bad_batch_fails_alone(self, using: str):
        writer = readings_writer(using=using)
        futures = [writer.submit(one) for one in (batch(1), batch(2, v=float("inf")), batch(3))]
        assert futures[0].result(20) == futures[2].result(20) == (5, 0, 0)
        with pytest.raises(Exception, match="inf"):
            futures[1].result(20)
        writer.close()
        assert store.count(using=using) == 10


def test_what_waits_while_a_commit_is_under_way_shares_the_next(using: str):
    groups: list[int] = []
    first_is_in, go_on = threading.Event(), threading.Event()

    def write(items: Sequence[int]) -> Sequence[int]:
        groups.append(len(items))
        first_is_in.set()
        go_on.wait(20)
        return items

    writer = GroupCommit(write, using=using)
    first = writer.submit(0)
    assert first_is_in.wait(20)
    rest = [writer.submit(k) for k in range(1, 50)]
    assert not first.done()
    go_on.set()
    assert [future.result(20) for future in (first, *rest)] == list(range(50))
    writer.close()
    assert groups == [1, 49]


def test_a_database_that_is_away_is_waited_for(using: str):
    tries: list[int] = []

    def write(items: Sequence[int]) -> Sequence[int]:
        tries.append(1)
        if len(tries) < 4:
            raise OperationalError("connection to server was lost")
        return items

    writer = GroupCommit(write, using=using)
    assert writer.submit(7).result(20) == 7
    writer.close()
    assert len(tries) == 4


def test_a_database_that_stays_away_is_said_to_be(using: str):
    def write(items: Sequence[int]) -> Sequence[int]:
        raise OperationalError("connection refused")

    writer = GroupCommit(write, using=using, patience_s=0.2)
    with pytest.raises(OperationalError):
        writer.submit(7).result(20)
    writer.close()
    connections[using].close()
