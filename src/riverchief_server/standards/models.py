"""Rows of judgements: never edited. New data or a new edition make a new version; the old one stays and says so."""

from __future__ import annotations

from django.db import models

from riverchief_server.places.models import Place


class Judgement(models.Model):
    """One verdict at one place for one sample (later: month, year), with everything it rests on."""

    place = models.ForeignKey(Place, on_delete=models.PROTECT, related_name="judgements")
    period = models.CharField(max_length=8, default="sample")
    at = models.DateTimeField()
    water_class = models.CharField(max_length=4, blank=True)
    target = models.CharField(max_length=4, blank=True)
    limiting = models.JSONField(default=list)
    content = models.JSONField()
    fingerprint = models.CharField(max_length=64)
    version = models.IntegerField(default=1)
    is_current = models.BooleanField(default=True)
    made_at = models.DateTimeField()

    class Meta:
        ordering = ["place", "at", "version"]
        constraints = [
            models.UniqueConstraint(fields=["place", "period", "at", "version"], name="one_judgement_version")
        ]
        indexes = [models.Index(fields=["place", "period", "is_current", "at"], name="judgement_now")]
