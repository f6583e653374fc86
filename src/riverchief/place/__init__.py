"""Where things are on a river: the network, places on it, banks and coordinates."""

from riverchief.place.bank import Bank
from riverchief.place.location import Location, locate, river_distance_m
from riverchief.place.network import Network, ReachKind, SecondaryEdges, stem_level, strahler_order

__all__ = [
    "Bank",
    "Location",
    "Network",
    "ReachKind",
    "SecondaryEdges",
    "locate",
    "river_distance_m",
    "stem_level",
    "strahler_order",
]
