"""Rows of runs. The question and the answer are written once; only how far the work is changes in between."""

from __future__ import annotations

from django.db import models

from riverchief_server.parties.models import Account

WAITING, RUNNING, DONE, FAILED, CANCELLED = "waiting", "running", "done", "failed", "cancelled"
OVER = (DONE, FAILED, CANCELLED)


class Run(models.Model):
    """One question to the engines: ``inputs`` hold all that the answer depends on, whatever the county becomes later.

    ``fingerprint`` is the hash of kind, inputs and seed; ``summary`` is what a list shows without reading the inputs.
    ``failure`` are faults (rows of ``faults.csv``), told in the reader's language.
    """

    uuid = models.UUIDField(unique=True)
    kind = models.CharField(max_length=12)
    inputs = models.JSONField()
    seed = models.BigIntegerField(default=0)
    fingerprint = models.CharField(max_length=64, db_index=True)
    summary = models.JSONField(default=dict)
    version = models.CharField(max_length=40, blank=True)
    asked_by = models.ForeignKey(Account, null=True, on_delete=models.PROTECT, related_name="runs")
    asked_at = models.DateTimeField()
    repeats = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="repeated")
    state = models.CharField(max_length=12, default=WAITING)
    progress = models.FloatField(default=0.0)
    attempts = models.IntegerField(default=0)
    worker = models.CharField(max_length=120, blank=True)
    began_at = models.DateTimeField(null=True)
    seen_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    failure = models.JSONField(default=list)

    class Meta:
        ordering = ["-asked_at", "-id"]
        indexes = [
            models.Index(fields=["state", "asked_at"], name="run_next"),
            models.Index(fields=["kind", "-asked_at"], name="run_newest"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.uuid}"


class Result(models.Model):
    """The answer to one run, written once and never changed; ``sha256`` is the hash of ``content``."""

    run = models.OneToOneField(Run, on_delete=models.PROTECT, primary_key=True, related_name="result")
    content = models.JSONField()
    sha256 = models.CharField(max_length=64)
    made_at = models.DateTimeField()
