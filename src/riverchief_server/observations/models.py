"""Rows of observations. Readings themselves are not here: they live in the narrow table of ``store``."""

from __future__ import annotations

from django.db import models

from riverchief_server.places.models import Place


class RawMessage(models.Model):
    """Bytes as they arrived, kept before anybody tried to understand them."""

    class State(models.TextChoices):
        RECEIVED = "received"
        PARSED = "parsed"
        REFUSED = "refused"

    kind = models.CharField(max_length=16)
    name = models.CharField(max_length=255)
    sender = models.CharField(max_length=120, blank=True)
    received_at = models.DateTimeField()
    content = models.BinaryField()
    sha256 = models.CharField(max_length=64, db_index=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.RECEIVED, db_index=True)
    summary = models.JSONField(default=dict)

    class Meta:
        ordering = ["-received_at", "-id"]


class Refusal(models.Model):
    """One thing in a message that was not taken in, and why."""

    message = models.ForeignKey(RawMessage, on_delete=models.CASCADE, related_name="refusals")
    line = models.IntegerField(null=True)
    column = models.CharField(max_length=120, blank=True)
    value = models.CharField(max_length=200, blank=True)
    kind = models.CharField(max_length=40)
    why_zh = models.CharField(max_length=400)
    why_en = models.CharField(max_length=400)


class Series(models.Model):
    """One parameter measured at one place in one way; a mean over ten minutes and one over an hour are two."""

    place = models.ForeignKey(Place, on_delete=models.PROTECT, related_name="series")
    parameter = models.CharField(max_length=32)
    statistic = models.CharField(max_length=24, default="instant")
    period_s = models.IntegerField(default=0)
    source = models.CharField(max_length=120, blank=True)
    is_simulated = models.BooleanField(default=False)

    class Meta:
        ordering = ["place", "parameter"]
        constraints = [
            models.UniqueConstraint(fields=["place", "parameter", "statistic", "period_s", "source"], name="one_series")
        ]


class PublishedClass(models.Model):
    """A water class printed beside the values: it judges nothing, but tells how a rounded value was meant."""

    place = models.ForeignKey(Place, on_delete=models.PROTECT, related_name="published_classes")
    at = models.DateTimeField()
    water_class = models.CharField(max_length=4)
    source = models.CharField(max_length=120, blank=True)

    class Meta:
        ordering = ["place", "at"]
        constraints = [models.UniqueConstraint(fields=["place", "at", "source"], name="one_published_class")]
