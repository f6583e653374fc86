"""Rows of forecasts. What was issued is never changed: only whether a watch was right is added when it is known."""

from __future__ import annotations

from django.db import models

from riverchief_server.places.models import Place

OPEN, RIGHT, WRONG, UNKNOWN = "", "right", "wrong", "unknown"


class Part(models.Model):
    """The part of one night that forecasts one parameter. One row a day and parameter: whoever makes it has the work.

    A part that was begun and not finished within ``nights.PATIENCE`` belongs to a process that is gone, and is taken up
    again.
    """

    day = models.DateField()
    parameter = models.CharField(max_length=32)
    worker = models.CharField(max_length=120)
    begun_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True)
    places = models.IntegerField(default=0)
    failure = models.TextField(blank=True)

    class Meta:
        ordering = ["-day", "parameter"]
        constraints = [models.UniqueConstraint(fields=["day", "parameter"], name="one_part_a_night")]


class Forecast(models.Model):
    """What was said of one parameter at one place on one day. ``lines`` hold time, lead, quantiles, base and skill."""

    place = models.ForeignKey(Place, on_delete=models.PROTECT, related_name="forecasts")
    parameter = models.CharField(max_length=32)
    day = models.DateField()
    issued_at = models.DateTimeField()
    origin_at = models.DateTimeField()
    step_s = models.IntegerField()
    unit = models.CharField(max_length=16)
    lines = models.JSONField()
    horizon_h = models.FloatField(null=True)
    lacks = models.JSONField(default=list)
    left_out = models.JSONField(default=dict)

    class Meta:
        ordering = ["place", "parameter", "-day"]
        constraints = [models.UniqueConstraint(fields=["place", "parameter", "day"], name="one_forecast_a_day")]


class Watch(models.Model):
    """A warning that a section will leave its target one to three days ahead; no case, but something to look at.

    ``outcome`` is empty while it is open, then ``right``, ``wrong``, or ``unknown`` where nothing was measured.
    """

    forecast = models.ForeignKey(Forecast, on_delete=models.PROTECT, related_name="watches")
    place = models.ForeignKey(Place, on_delete=models.PROTECT, related_name="watches")
    parameter = models.CharField(max_length=32)
    opened_at = models.DateTimeField()
    expected_at = models.DateTimeField()
    limit = models.FloatField()
    is_floor = models.BooleanField(default=False)
    chance = models.FloatField()
    outcome = models.CharField(max_length=8, blank=True, default=OPEN)
    judged_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-opened_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["place", "parameter"], condition=models.Q(outcome=OPEN), name="one_open_watch"
            )
        ]
