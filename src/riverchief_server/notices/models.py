"""Rows of notices. A notice is written in the transaction of what it tells of, so that none is lost."""

from __future__ import annotations

from django.db import models

from riverchief_server.parties.models import Account


class Notice(models.Model):
    """One thing told to one account. ``cause`` names what happened, once; the same cause is never told twice."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="notices")
    kind = models.CharField(max_length=24)
    cause = models.CharField(max_length=80)
    href = models.CharField(max_length=200)
    details = models.JSONField(default=dict)
    made_at = models.DateTimeField()
    read_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-made_at", "-id"]
        constraints = [models.UniqueConstraint(fields=["account", "cause"], name="told_once")]
        indexes = [models.Index(fields=["account", "read_at"], name="notice_unread")]

    def __str__(self) -> str:
        return f"{self.kind} {self.cause}"
