"""Rows of parties. A responsibility is never edited away: it ends, and another begins."""

from __future__ import annotations

from django.contrib.auth.models import AbstractUser
from django.db import models
from simple_history.models import HistoricalRecords

from riverchief.party.role import Role, find_role
from riverchief_server.places.models import Place, Reach, Region


class Unit(models.Model):
    """An organisation that answers for something: office, department, township, village."""

    code = models.CharField(max_length=64, unique=True)
    name = models.CharField(max_length=120)
    kind = models.CharField(max_length=16)
    level = models.CharField(max_length=12)
    region = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="units")
    parent = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="children")
    phone = models.CharField(max_length=40, blank=True)
    history = HistoricalRecords()

    class Meta:
        ordering = ["level", "code"]

    def __str__(self) -> str:
        return self.name


class Account(AbstractUser):
    """Somebody who can log in: a role of ``roles.csv``, a unit, and through it a region."""

    name = models.CharField(max_length=80, blank=True)
    role = models.CharField(max_length=24, default="patroller")
    unit = models.ForeignKey(Unit, null=True, blank=True, on_delete=models.PROTECT, related_name="accounts")
    region = models.ForeignKey(Region, null=True, blank=True, on_delete=models.PROTECT, related_name="accounts")
    is_demonstration = models.BooleanField(default=False)

    @property
    def the_role(self) -> Role:
        """The account's role with what it may do."""
        return find_role(self.role)

    @property
    def shown_name(self) -> str:
        """The name other people see."""
        return self.name or self.username


class Responsibility(models.Model):
    """A post's duty for a bank (or both) of some reaches, from a day to a day."""

    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="responsibilities")
    post = models.CharField(max_length=12, default="chief")
    holder = models.CharField(max_length=80)
    level = models.CharField(max_length=12)
    reaches = models.ManyToManyField(Reach, related_name="responsibilities")
    reach_from = models.ForeignKey(Reach, on_delete=models.PROTECT, related_name="+")
    reach_to = models.ForeignKey(Reach, on_delete=models.PROTECT, related_name="+")
    bank = models.CharField(max_length=5)
    begins = models.DateField()
    ends = models.DateField(null=True, blank=True)
    phone = models.CharField(max_length=40, blank=True)

    class Meta:
        ordering = ["level", "unit__code", "begins"]
        constraints = [
            models.UniqueConstraint(
                fields=["unit", "post", "holder", "reach_from", "reach_to", "bank", "begins"], name="one_responsibility"
            )
        ]

    def __str__(self) -> str:
        return f"{self.holder} {self.begins}"


class AccessToken(models.Model):
    """What a program shows to be taken for ``account``; only the hash is kept.

    With ``place`` it is an instrument's: it may only bring measurements, and only of that station.
    """

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="tokens")
    name = models.CharField(max_length=120)
    place = models.ForeignKey(Place, null=True, blank=True, on_delete=models.CASCADE, related_name="tokens")
    sha256 = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["account", "name"]

    def __str__(self) -> str:
        return self.name
