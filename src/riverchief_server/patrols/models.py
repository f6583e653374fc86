"""Rows of patrols. A patrol is always saved; whether it counts is said beside it, with the reason."""

from __future__ import annotations

from django.db import models

from riverchief_server.parties.models import Account
from riverchief_server.places.models import Reach


class Patrol(models.Model):
    """Somebody walked a reach."""

    uuid = models.UUIDField(unique=True)
    reach = models.ForeignKey(Reach, on_delete=models.PROTECT, related_name="patrols")
    bank = models.CharField(max_length=5, default="both")
    account = models.ForeignKey(Account, null=True, blank=True, on_delete=models.PROTECT, related_name="patrols")
    holder = models.CharField(max_length=80)
    began_at = models.DateTimeField()
    ended_at = models.DateTimeField()
    found = models.CharField(max_length=400, blank=True)
    counts = models.BooleanField(default=True)
    why_not = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["-ended_at"]
        indexes = [models.Index(fields=["reach", "-ended_at"], name="patrol_latest")]
