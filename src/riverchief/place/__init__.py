"""Where things are on a river: the network, places on it, banks and coordinates."""

from riverchief.place.bank import Bank
from riverchief.place.event import Event, Events
from riverchief.place.location import Location, locate, river_distance_m
from riverchief.place.network import Network, ReachKind, SecondaryEdges, stem_level, strahler_order
from riverchief.place.trace import Trace, between, trace_downstream, trace_upstream
from riverchief.place.travel import TravelTimes

__all__ = [
    "Bank",
    "Event",
    "Events",
    "Location",
    "Network",
    "ReachKind",
    "SecondaryEdges",
    "Trace",
    "TravelTimes",
    "between",
    "locate",
    "river_distance_m",
    "stem_level",
    "strahler_order",
    "trace_downstream",
    "trace_upstream",
]
