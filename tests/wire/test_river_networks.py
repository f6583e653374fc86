"""Four published river networks load by their declared conventions, and our answers equal the columns they bring.

NHDPlus HR (Soquee River, USGS), SSN (Middle Fork Salmon River, US EPA), MERIT-Basins (north-east Iceland) and the
National Water Model's RouteLink (Lower Colorado River, NOAA).
"""

import csv
import json

import numpy as np
import pytest

from riverchief.place import ReachKind, strahler_order, trace_upstream
from riverchief.place.reading import read_network
from tests.shared_data import shared


def load(path):
    file = shared(f"data/{path}")
    return read_network(file.read_bytes(), file.name)


@pytest.fixture(scope="module")
def soque():
    return load("soque_nhdplus_hr/soque_links.geojson")


@pytest.fixture(scope="module")
def salmon():
    return load("middlefork_ssn/edges.geojson")


@pytest.fixture(scope="module")
def iceland():
    return load("iceland_merit_basins/merit_rivers_one_basin.geojson")


@pytest.fixture(scope="module")
def colorado():
    return load("lower_colorado_nwm/routelink.csv.gz")


def numbers(river, name):
    return np.array(river.column(name), float)


def totals(river):
    network = river.network
    return (
        river.columns.convention,
        network.n,
        int((network.down < 0).sum()),
        round(network.length_m.sum() / 1000, 3),
        int(strahler_order(network).max()),
        len(network.secondary),
    )


def test_totals(soque, salmon, iceland, colorado):
    # 317 flowlines, two of them end in the outlet node; 296 km of channel (README of the set)
    assert totals(soque) == ("nhdplus_hr", 317, 2, 296.066, 5, 0)
    assert totals(salmon) == ("ssn", 163, 2, 260.943, 4, 0)
    assert totals(iceland) == ("merit_basins", 183, 1, 1744.740, 5, 0)
    assert totals(colorado) == ("nwm_routelink", 11248, 1, 38896.371, 6, 0)


def test_nhdplus_brings_the_same_orders_lengths_and_areas(soque):
    network = soque.network
    assert strahler_order(network).tolist() == [int(order) for order in soque.column("StreamOrde")]
    # PathLength [km]: to the terminal flowline's end; ArbolateSu [km]: all flowlines upstream, itself included
    path_m = 1000 * numbers(soque, "PathLength")
    below = network.distance_to_outlet_m + path_m[network.outlet]
    assert below == pytest.approx(path_m, abs=0.01)
    assert network.accumulate(network.length_m) == pytest.approx(1000 * numbers(soque, "ArbolateSu"), abs=1.0)
    assert network.accumulate(numbers(soque, "AreaSqKm")) == pytest.approx(numbers(soque, "TotDASqKm"), abs=1e-3)


def test_nhdplus_hydroseq_falls_with_the_water(soque):
    hydroseq = np.array([int(number) for number in soque.column("HydroSeq")])
    flows = soque.network.down >= 0
    assert (hydroseq[flows] > hydroseq[soque.network.down[flows]]).all()


def test_ssn_upstream_is_a_prefix_of_its_binary_ids(salmon):
    network = salmon.network
    code = {}
    for net in (1, 2):
        with shared(f"data/middlefork_ssn/netID{net}.dat").open(newline="") as lines:
            code |= {int(row["rid"]): (net, row["binaryID"]) for row in csv.DictReader(lines)}
    assert len(code) == network.n
    for i, reach in enumerate(network.ids.tolist()):
        net, prefix = code[reach]
        upstream = {rid for rid, (other, binary) in code.items() if other == net and binary.startswith(prefix)}
        assert set(network.ids[network.upstream(i)].tolist()) == upstream


def test_ssn_distances_to_the_mouth(salmon):
    # upDist: from the mouth to the upstream end of the reach
    network = salmon.network
    assert network.distance_to_outlet_m + network.length_m == pytest.approx(numbers(salmon, "upDist"), abs=0.01)


def test_ssn_sites_snap_to_their_reach_and_chainage(salmon):
    network = salmon.network
    sites = json.loads(shared("data/middlefork_ssn/sites.geojson").read_text())["features"]
    lon, lat = np.array([site["geometry"]["coordinates"] for site in sites]).T
    snapped = salmon.centrelines.snap(lon, lat, within_m=50)
    assert network.ids[snapped.position].tolist() == [site["properties"]["rid"] for site in sites]
    assert snapped.distance_m == pytest.approx(0, abs=1.0)
    # ratio: share of the reach's length from its downstream end
    ratio = np.array([site["properties"]["ratio"] for site in sites])
    length = network.length_m[snapped.position]
    assert snapped.chainage_m == pytest.approx((1 - ratio) * length, abs=5.0)
    to_mouth = network.distance_to_outlet_m[snapped.position] + length - snapped.chainage_m
    assert to_mouth == pytest.approx([site["properties"]["upDist"] for site in sites], abs=5.0)


def test_merit_lines_are_drawn_upstream_and_turned(iceland):
    assert [remark.kind for remark in iceland.remarks] == ["lines_drawn_upstream"]
    network, lines = iceland.network, iceland.centrelines.lines
    flows = np.flatnonzero(network.down >= 0)
    assert all(lines[i].coords[-1] == lines[network.down[i]].coords[0] for i in flows)


def test_merit_brings_the_same_orders_inflows_and_areas(iceland):
    network = iceland.network
    assert strahler_order(network).tolist() == [int(order) for order in iceland.column("sorder")]
    ids = network.ids.tolist()
    inflows = {reach: set() for reach in ids}
    for i, d in enumerate(network.down.tolist()):
        if d >= 0:
            inflows[ids[d]].add(ids[i])
    for k, reach in enumerate(ids):
        assert inflows[reach] == {int(iceland.column(f"up{u}")[k]) for u in (1, 2, 3, 4)} - {0}
    catchments = json.loads(shared("data/iceland_merit_basins/merit_catchments_one_basin.geojson").read_text())
    area = {c["properties"]["comid"]: c["properties"]["area_km2"] for c in catchments["features"]}
    total = network.accumulate([area[reach] for reach in ids])
    # areas are printed to 0.01 km²; the basin has 183 of them
    assert total == pytest.approx(numbers(iceland, "uparea"), abs=1.0)


def test_routelink_orders_and_size(colorado):
    network = colorado.network
    ours, theirs = strahler_order(network), numbers(colorado, "order")
    # RouteLink inherits NHDPlus orders, in which a minor path of a division does not raise the order: 44 of 11,248
    # reaches are below Strahler's rule there, never above it
    assert (ours >= theirs).all() and np.count_nonzero(ours > theirs) == 44
    assert network.ids[-1] == 3766342 and network.size[-1] == 11248
    assert colorado.centrelines is None
    assert (network.kind == ReachKind.RIVER).all()
    assert len(trace_upstream(network, network.n - 1, within_m=100_000)) < 11248
