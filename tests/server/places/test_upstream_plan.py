"""Upstream of a reach within 30 km is one indexed query, on SQLite and on PostgreSQL, and it is the domain's answer."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from django.db import connections
from django.test.utils import CaptureQueriesContext

from riverchief.example.rivers import random_rivers
from riverchief.place import Network, trace_upstream
from riverchief_server.places.models import Reach, Region
from riverchief_server.places.queries import downstream_of, upstream_of
from riverchief_server.settings.database import database_settings
from tests.server.databases import ALIAS, postgresql_url

__all__ = ["postgresql_url"]

KM_30 = 30_000.0


@pytest.fixture(scope="module")
def network() -> Network:
    """20,000 reaches in three basins: enough that no planner reads them all for a tributary's sake."""
    return random_rivers(20_000, 4, basins=3).network()


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def database(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, django_db_blocker, network: Network
) -> Iterator[str]:
    """The kind of a throw-away database that holds the network and knows its statistics."""
    file = tmp_path_factory.mktemp("reaches") / "r.db"
    url = request.getfixturevalue("postgresql_url") if request.param == "postgresql" else f"sqlite://{file}"
    with django_db_blocker.unblock():
        everything = connections.configure_settings(
            {"default": connections.databases["default"], ALIAS: database_settings(url, Path("/nowhere"))}
        )
        connections.databases[ALIAS] = everything[ALIAS]
        connection = connections[ALIAS]
        with connection.schema_editor() as editor:
            editor.create_model(Region)
            editor.create_model(Reach)
        Reach.objects.using(ALIAS).bulk_create(rows(network), batch_size=500)
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
        yield request.param
        connection.close()
        with connection.schema_editor() as editor:
            editor.delete_model(Reach)
            editor.delete_model(Region)
        connection.close()
        if connection.vendor == "postgresql":
            connection.close_pool()
        del connections[ALIAS]
        del connections.databases[ALIAS]


def rows(network: Network) -> list[Reach]:
    """The network with its order numbers, as ``renumber`` writes them; rows in shuffled order."""
    return [
        Reach(
            code=f"R{i}",
            name=f"R{i}",
            river="river",
            length_m=float(network.length_m[i]),
            line=[[0, 0], [0, 1]],
            order=i,
            first=i - int(network.size[i]) + 1,
            outlet=int(network.outlet[i]),
            distance_to_outlet_m=float(network.distance_to_outlet_m[i]),
        )
        for i in np.random.default_rng(1).permutation(network.n).tolist()
    ]


def middling(network: Network) -> int:
    """A reach with some 600 upstream, most of them further away than 30 km."""
    return int(np.argmin(np.abs(network.size - 600)))


def test_upstream_within_30_km_is_the_domains_answer_in_one_query(database: str, network: Network):
    i = middling(network)
    reach = Reach.objects.using(ALIAS).get(code=f"R{i}")
    with CaptureQueriesContext(connections[ALIAS]) as asked:
        found = [row.order for row in upstream_of(reach, KM_30).using(ALIAS)]
    assert len(asked) == 1
    assert found == trace_upstream(network, i, within_m=KM_30).positions.tolist()
    assert 20 < len(found) < network.size[i] / 2


def test_its_plan_is_a_search_of_the_index(database: str, network: Network):
    reach = Reach.objects.using(ALIAS).get(code=f"R{middling(network)}")
    plan = upstream_of(reach, KM_30).using(ALIAS).explain()
    assert "reach_upstream" in plan
    if database == "sqlite":
        assert "SEARCH places_reach USING INDEX reach_upstream (order>? AND order<?)" in plan
        assert "SCAN" not in plan and "TEMP B-TREE" not in plan  # neither a walk of the table nor a sort
    else:
        assert "Seq Scan" not in plan
        condition = next(line for line in plan.splitlines() if "Index Cond" in line)
        # distance is in the index too: what lies too far is passed over without a look at its row
        assert '"order" >=' in condition and '"order" <=' in condition and "distance_to_outlet_m <=" in condition


def test_downstream_is_the_domains_answer(database: str, network: Network):
    i = middling(network)
    reach = Reach.objects.using(ALIAS).get(code=f"R{i}")
    way = []
    while i >= 0:
        way.append(i)
        i = int(network.down[i])
    assert [row.order for row in downstream_of(reach).using(ALIAS)] == way
