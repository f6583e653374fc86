"""Rows of cases. Only ``actions`` writes them; transitions and attachments are never changed after they are written."""

from __future__ import annotations

from typing import Any

from django.db import models

from riverchief_server.parties.models import Account, Unit
from riverchief_server.places.models import Place, Reach, Region


class Episode(models.Model):
    """A run of exceeding samples at one section: one alarm, however many samples it has."""

    place = models.ForeignKey(Place, on_delete=models.PROTECT, related_name="episodes")
    started_at = models.DateTimeField()
    last_exceeding_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    worst_class = models.CharField(max_length=4)
    worst_at = models.DateTimeField()
    items = models.JSONField(default=list)
    samples = models.IntegerField()
    target = models.CharField(max_length=4)
    case = models.ForeignKey("Case", null=True, on_delete=models.PROTECT, related_name="episodes")

    class Meta:
        ordering = ["-started_at"]
        constraints = [models.UniqueConstraint(fields=["place", "started_at"], name="one_episode")]


class Case(models.Model):
    """A problem, as it stands now. ``version`` counts the entries of its history."""

    number = models.CharField(max_length=24, unique=True)
    uuid = models.UUIDField(unique=True)
    title = models.CharField(max_length=120)
    description = models.TextField(blank=True)
    source = models.CharField(max_length=12)
    state = models.CharField(max_length=24, db_index=True)
    severity = models.CharField(max_length=12, default="ordinary")
    categories = models.JSONField(default=list)
    reach = models.ForeignKey(Reach, null=True, on_delete=models.PROTECT, related_name="cases")
    bank = models.CharField(max_length=5, default="both")
    lon = models.FloatField(null=True)
    lat = models.FloatField(null=True)
    region = models.ForeignKey(Region, null=True, on_delete=models.PROTECT, related_name="cases")
    reporter = models.ForeignKey(Account, null=True, on_delete=models.PROTECT, related_name="reported_cases")
    reporter_name = models.CharField(max_length=80, blank=True)
    reporter_contact = models.CharField(max_length=80, blank=True)
    tracking_code = models.CharField(max_length=16, blank=True, db_index=True)
    suggested_unit = models.ForeignKey(Unit, null=True, on_delete=models.PROTECT, related_name="+")
    assignee = models.ForeignKey(Unit, null=True, on_delete=models.PROTECT, related_name="cases")
    due_at = models.DateTimeField(null=True)
    suspended_until = models.DateTimeField(null=True)
    merged_into = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="merged")
    place = models.ForeignKey(Place, null=True, on_delete=models.PROTECT, related_name="cases")
    opened_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)
    times_returned = models.IntegerField(default=0)
    times_refused = models.IntegerField(default=0)
    version = models.IntegerField(default=0)
    # What the clock of its state counts from, as the history says it; a due time is computed of these and never kept.
    clock_since = models.DateTimeField(null=True)
    decided_at = models.DateTimeField(null=True)
    pauses = models.JSONField(default=list)
    has_pauses = models.BooleanField(default=False)
    allowed = models.CharField(max_length=24, blank=True)
    clock_version = models.CharField(max_length=12, blank=True)
    supervised_at = models.DateTimeField(null=True)
    occurred_at = models.DateTimeField(null=True)
    recurs = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="recurrences")
    told_rung = models.CharField(max_length=80, blank=True)

    class Meta:
        ordering = ["-opened_at", "-id"]
        indexes = [
            models.Index(fields=["reach", "state"], name="case_of_reach"),
            models.Index(fields=["state", "allowed", "clock_since"], name="case_by_clock"),
            models.Index(fields=["-opened_at", "-id"], name="case_newest_first"),
            models.Index(fields=["assignee", "state"], name="case_of_unit"),
        ]

    def __str__(self) -> str:
        return self.number


class Appended(models.Model):
    """A row that may be written once and never changed or deleted."""

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        if self.pk is not None and type(self).objects.filter(pk=self.pk).exists():  # type: ignore[attr-defined]
            raise TypeError(f"{type(self).__name__} is appended, never edited")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> Any:
        raise TypeError(f"{type(self).__name__} is appended, never deleted")


class Transition(Appended):
    """One fact of a case's history: a step taken, a note, or a step that came too late (``is_change`` false)."""

    uuid = models.UUIDField(unique=True)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="transitions")
    order = models.IntegerField()
    from_state = models.CharField(max_length=24, blank=True)
    to_state = models.CharField(max_length=24)
    is_change = models.BooleanField(default=True)
    actor = models.ForeignKey(Account, null=True, on_delete=models.PROTECT, related_name="transitions")
    actor_name = models.CharField(max_length=80)
    actor_role = models.CharField(max_length=24)
    actor_unit = models.ForeignKey(Unit, null=True, on_delete=models.PROTECT, related_name="+")
    on_behalf_of = models.CharField(max_length=80, blank=True)
    at_server = models.DateTimeField()
    at_device = models.DateTimeField(null=True)
    lon = models.FloatField(null=True)
    lat = models.FloatField(null=True)
    accuracy_m = models.FloatField(null=True)
    reason = models.TextField(blank=True)
    details = models.JSONField(default=dict)
    hash = models.CharField(max_length=64)

    class Meta:
        ordering = ["case", "order"]
        constraints = [models.UniqueConstraint(fields=["case", "order"], name="one_transition_at_a_time")]


class Attachment(models.Model):
    """A photo or file. It is uploaded first and bound to a transition once; its bytes never change."""

    uuid = models.UUIDField(unique=True)
    case = models.ForeignKey(Case, null=True, on_delete=models.PROTECT, related_name="attachments")
    transition = models.ForeignKey(Transition, null=True, on_delete=models.PROTECT, related_name="attachments")
    kind = models.CharField(max_length=16, default="photo_before")
    media_type = models.CharField(max_length=40)
    path = models.CharField(max_length=120)
    sha256 = models.CharField(max_length=64)
    size = models.IntegerField()
    taken_at = models.DateTimeField(null=True)
    lon = models.FloatField(null=True)
    lat = models.FloatField(null=True)
    uploaded_by = models.ForeignKey(Account, null=True, on_delete=models.PROTECT, related_name="+")
    uploaded_at = models.DateTimeField()

    class Meta:
        ordering = ["uploaded_at", "id"]


class CalendarDay(Appended):
    """What somebody said about a day: holiday, make-up day, or as its weekday. The newest word about a day holds."""

    day = models.DateField(db_index=True)
    kind = models.CharField(max_length=8)
    name = models.CharField(max_length=40, blank=True)
    reason = models.CharField(max_length=200)
    noted_at = models.DateTimeField()
    noted_by = models.ForeignKey(Account, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["id"]


class DeadlineRow(Appended):
    """A row of the county's own beside ``deadlines.csv``; it holds for clocks that begin on ``begins`` or later."""

    state = models.CharField(max_length=24)
    category = models.CharField(max_length=40, blank=True)
    severity = models.CharField(max_length=12, blank=True)
    jurisdiction = models.CharField(max_length=12, blank=True)
    begins = models.DateField()
    amount = models.FloatField()
    unit = models.CharField(max_length=16)
    reason = models.CharField(max_length=200)
    noted_at = models.DateTimeField()
    noted_by = models.ForeignKey(Account, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["id"]
