"""Rows of places. The order numbers of a reach are those of ``riverchief.place.Network``: upstream is one interval."""

from __future__ import annotations

from typing import Any, Literal

from django.db import models
from simple_history.models import HistoricalRecords


def _no_account(row: Any) -> None:
    """Places lie below parties: their history keeps the number of the account and not a link to it."""


def _keep_number(row: Any, account: Any) -> None:
    row.history_user_id = account.pk if account else None


def _history(**more: Any) -> Any:
    return HistoricalRecords(
        history_user_id_field=models.IntegerField(null=True),
        history_user_getter=_no_account,
        history_user_setter=_keep_number,
        **more,
    )


class Region(models.Model):
    """An administrative region by its 12-digit statistics code."""

    code = models.CharField(max_length=12, primary_key=True)
    name = models.CharField(max_length=80)
    kind = models.CharField(max_length=12)
    level = models.CharField(max_length=12)
    parent = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="children")
    outline = models.JSONField(null=True, blank=True)

    class Meta:
        ordering = ["code"]

    def __str__(self) -> str:
        return self.name


class Reach(models.Model):
    """A reach of a river. ``order``, ``first``, ``outlet`` and ``also_upstream`` are renumbered together at each import
    of a network."""

    code = models.CharField(max_length=64, unique=True)
    name = models.CharField(max_length=120)
    river = models.CharField(max_length=80, db_index=True)
    river_code = models.CharField(max_length=24, blank=True)
    kind = models.CharField(max_length=8, default="river")
    level = models.CharField(max_length=12, default="township")
    down = models.ForeignKey("self", null=True, blank=True, on_delete=models.SET_NULL, related_name="up")
    length_m = models.FloatField()
    lateral_m3_s = models.FloatField(null=True, blank=True)
    flow_m3_s = models.FloatField(null=True, blank=True)
    velocity_m_s = models.FloatField(null=True, blank=True)
    width_m = models.FloatField(null=True, blank=True)
    slope = models.FloatField(null=True, blank=True)
    storage_m3 = models.FloatField(null=True, blank=True)
    region = models.ForeignKey(Region, null=True, blank=True, on_delete=models.PROTECT, related_name="reaches")
    left_region = models.ForeignKey(Region, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    right_region = models.ForeignKey(Region, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    line = models.JSONField(help_text="[[lon, lat], ...] from upstream to downstream, WGS-84")
    is_schematic = models.BooleanField(default=False)
    order = models.IntegerField(default=0)
    first = models.IntegerField(default=0)
    outlet = models.IntegerField(default=0)
    strahler = models.IntegerField(default=1)
    distance_to_outlet_m = models.FloatField(default=0)
    also_upstream = models.JSONField(
        default=list,
        help_text="[[first, last, offset_m], ...]: further slices of orders whose water comes here by side branches; a "
        "reach of such a slice is distance_to_outlet_m - offset_m away",
    )
    history = _history(
        excluded_fields=["order", "first", "outlet", "strahler", "distance_to_outlet_m", "also_upstream"]
    )

    class Meta:
        ordering = ["order"]
        indexes = [models.Index(fields=["order", "distance_to_outlet_m"], name="reach_upstream")]

    def __str__(self) -> str:
        return self.name

    @property
    def water(self) -> Literal["river", "lake"]:
        """Which column of the law's table applies."""
        return "river" if self.kind == "river" else "lake"


class SecondaryEdge(models.Model):
    """A second branch where a river divides, with the share of the flow that takes it."""

    source = models.ForeignKey(Reach, on_delete=models.CASCADE, related_name="secondary_down")
    target = models.ForeignKey(Reach, on_delete=models.CASCADE, related_name="secondary_up")
    fraction = models.FloatField()


class Place(models.Model):
    """What lies on a river at (reach, chainage, bank): section, station, outfall, intake or drinking-water source."""

    code = models.CharField(max_length=64, unique=True)
    kind = models.CharField(max_length=12, db_index=True)
    name = models.CharField(max_length=120, db_index=True)
    reach = models.ForeignKey(Reach, on_delete=models.PROTECT, related_name="places")
    chainage_m = models.FloatField()
    bank = models.CharField(max_length=5, default="both")
    lon = models.FloatField()
    lat = models.FloatField()
    region = models.ForeignKey(Region, null=True, blank=True, on_delete=models.PROTECT, related_name="places")
    part_of = models.ForeignKey("self", null=True, blank=True, on_delete=models.SET_NULL, related_name="parts")
    subkind = models.CharField(max_length=16, blank=True)
    class_target = models.CharField(max_length=4, blank=True)
    control = models.CharField(max_length=40, blank=True)  # levels that count a section (国考、市考), joined by 、
    zone = models.CharField(max_length=80, blank=True)  # functional zone (水功能区)
    is_border = models.BooleanField(default=False)
    operator = models.CharField(max_length=16, blank=True)
    people = models.IntegerField(null=True, blank=True)
    permit = models.CharField(max_length=64, blank=True)
    permit_flow_m3_s = models.FloatField(null=True, blank=True)
    note = models.CharField(max_length=400, blank=True)
    history = _history()

    class Meta:
        ordering = ["reach__order", "chainage_m", "code"]

    def __str__(self) -> str:
        return self.name
