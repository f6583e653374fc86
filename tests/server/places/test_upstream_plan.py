"""Upstream of a reach within 30 km is one indexed query, on SQLite and on PostgreSQL, and it is the domain's answer,
where rivers divide, too."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from django.db import connections
from django.test.utils import CaptureQueriesContext

from riverchief.example.rivers import random_rivers
from riverchief.place import Network, trace_downstream, trace_upstream
from riverchief_server.places.actions import also_upstream
from riverchief_server.places.models import Reach, Region, SecondaryEdge
from riverchief_server.places.queries import downstream_of, upstream_of
from riverchief_server.settings.database import database_settings
from tests.server.databases import ALIAS, postgresql_url

__all__ = ["postgresql_url"]

KM_30 = 30_000.0


@pytest.fixture(scope="module")
def network() -> Network:
    """20,000 reaches in three basins, a few of which divide: enough that no planner reads them all for a tributary's
    sake."""
    return random_rivers(20_000, 4, basins=3, divisions=0.001).network()


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
            editor.create_model(SecondaryEdge)
        Reach.objects.using(ALIAS).bulk_create(rows(network), batch_size=500)
        reaches = {reach.order: reach for reach in Reach.objects.using(ALIAS)}
        # all ways down from where the river divides, as an import leaves them: the main one as ``down``
        for order in set(network.secondary.source.tolist()):
            Reach.objects.using(ALIAS).filter(order=order).update(down=reaches[int(network.down[order])])
        edges = network.secondary
        SecondaryEdge.objects.using(ALIAS).bulk_create(
            SecondaryEdge(source=reaches[source], target=reaches[target], fraction=share)
            for source, target, share in zip(
                edges.source.tolist(), edges.target.tolist(), edges.fraction.tolist(), strict=True
            )
        )
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
        yield request.param
        connection.close()
        with connection.schema_editor() as editor:
            editor.delete_model(SecondaryEdge)
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
            also_upstream=also_upstream(network, i),
        )
        for i in np.random.default_rng(1).permutation(network.n).tolist()
    ]


def middling(network: Network) -> int:
    """A reach with some 600 upstream, most of them further away than 30 km, and none of them by a side branch."""
    alone = [i for i in range(network.n) if not also_upstream(network, i)]
    return alone[int(np.argmin(np.abs(network.size[alone] - 600)))]


def below_branches(network: Network) -> int:
    """A reach fed by two or three side branches from elsewhere, within 30 km."""
    for i in range(network.n):
        if (
            2 <= len(also_upstream(network, i)) <= 3
            and len(trace_upstream(network, i, within_m=KM_30)) > network.size[i]
        ):
            return i
    raise AssertionError("no such reach")


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


def test_downstream_is_the_domains_answer_by_every_branch(database: str, network: Network):
    for i in (middling(network), int(network.secondary.source[0]), 7):
        reach = Reach.objects.using(ALIAS).get(code=f"R{i}")
        found = [row.order for row in downstream_of(reach).using(ALIAS)]
        assert found == trace_downstream(network, i).positions.tolist()


def test_what_comes_by_side_branches_is_upstream_too_in_the_same_query(database: str, network: Network):
    i = below_branches(network)
    reach = Reach.objects.using(ALIAS).get(code=f"R{i}")
    for within_m in (KM_30, 100_000.0, None):
        with CaptureQueriesContext(connections[ALIAS]) as asked:
            found = [row.order for row in upstream_of(reach, within_m).using(ALIAS)]
        assert len(asked) == 1
        expected = trace_upstream(network, i, within_m=np.inf if within_m is None else within_m)
        assert found == expected.positions.tolist()
        assert any(order < reach.first for order in found)


def test_its_plan_is_a_search_for_each_slice(database: str, network: Network):
    i = below_branches(network)
    reach = Reach.objects.using(ALIAS).get(code=f"R{i}")
    plan = upstream_of(reach, KM_30).using(ALIAS).explain()
    slices = 1 + len(reach.also_upstream)
    if database == "sqlite":
        assert plan.count("SEARCH places_reach USING INDEX reach_upstream (order>? AND order<?)") == slices
        assert "SCAN" not in plan
    else:
        assert "Seq Scan" not in plan and plan.count("Index Cond") == slices
        assert "BitmapOr" in plan and "reach_upstream" in plan
