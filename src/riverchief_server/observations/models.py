"""Rows of observations. Readings themselves are not here: they live in the narrow table of ``store``."""

from __future__ import annotations

from uuid import uuid4

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
    sha256 = models.CharField(max_length=64)
    state = models.CharField(max_length=10, choices=State.choices, default=State.RECEIVED)
    summary = models.JSONField(default=dict)
    instrument = models.ForeignKey(
        "Instrument", null=True, blank=True, on_delete=models.SET_NULL, related_name="messages"
    )

    class Meta:
        ordering = ["-received_at", "-id"]
        # Nearly every message is parsed a second after it came: only the few others need to be found.
        indexes = [
            models.Index(fields=["id"], name="message_received", condition=models.Q(state="received")),
            models.Index(fields=["received_at"], name="message_refused", condition=models.Q(state="refused")),
        ]


class JournalPosition(models.Model):
    """How far the journal of a gateway has been taken into the inbox; changed in the transaction that takes from it."""

    journal = models.CharField(max_length=32, unique=True)
    segment = models.BigIntegerField(default=0)
    at = models.BigIntegerField(default=0)


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


class Retention(models.Model):
    """How long the readings and the raw messages of one source stay in the database; empty: for ever."""

    source = models.CharField(max_length=120, unique=True)
    readings_days = models.IntegerField(null=True, blank=True)
    raw_days = models.IntegerField(null=True, blank=True)

    class Meta:
        ordering = ["source"]


class Instrument(models.Model):
    """What sends for a station: a data logger (数采仪), a gateway, an uploader; who it says it is, and how it speaks.

    ``identity`` is the MN of HJ 212, the station address of SL 651, the user name of MQTT or of an upload. ``setup``
    holds what its frames do not say: units, its own factor codes, its zone, a mapping of columns. Nothing that is not
    enabled here is listened to.
    """

    place = models.ForeignKey(Place, on_delete=models.PROTECT, related_name="instruments")
    protocol = models.CharField(max_length=8)
    identity = models.CharField(max_length=64)
    password_hash = models.CharField(max_length=128, blank=True)
    setup = models.JSONField(default=dict, blank=True)
    is_enabled = models.BooleanField(default=True)
    is_simulated = models.BooleanField(default=False)
    interval_s = models.IntegerField(default=3600, help_text="seconds between two samples")
    silent_after_s = models.IntegerField(default=10_800, help_text="seconds without a sample until the alarm")
    last_seen_at = models.DateTimeField(null=True, blank=True)
    last_address = models.CharField(max_length=120, blank=True)
    clock_offset_s = models.FloatField(null=True, blank=True, help_text="its clock less ours, of its newest message")

    class Meta:
        ordering = ["place", "protocol", "identity"]
        constraints = [models.UniqueConstraint(fields=["protocol", "identity"], name="one_instrument")]

    def __str__(self) -> str:
        return f"{self.protocol} {self.identity}"


class Order(models.Model):
    """A command to an instrument (set the clock, send history again): asked for, sent, answered."""

    instrument = models.ForeignKey(Instrument, on_delete=models.CASCADE, related_name="orders")
    command = models.CharField(max_length=16)
    arguments = models.JSONField(default=dict, blank=True)
    asked_at = models.DateTimeField()
    asked_by = models.CharField(max_length=120, blank=True)
    number = models.CharField(max_length=20, blank=True, db_index=True, help_text="QN of the request")
    sent_at = models.DateTimeField(null=True, blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)
    answer = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["asked_at", "id"]


class Picture(models.Model):
    """A picture that a station took and sent. ``missing`` counts the packets that never came: it ends or breaks there.

    Its bytes are here and not in a file: they become durable with the state of the messages that brought them.
    """

    uuid = models.UUIDField(unique=True, default=uuid4)
    place = models.ForeignKey(Place, on_delete=models.PROTECT, related_name="pictures")
    instrument = models.ForeignKey(Instrument, null=True, on_delete=models.SET_NULL, related_name="pictures")
    taken_at = models.DateTimeField()
    received_at = models.DateTimeField()
    media_type = models.CharField(max_length=40)
    content = models.BinaryField()
    size = models.IntegerField()
    sha256 = models.CharField(max_length=64)
    missing = models.IntegerField(default=0)

    class Meta:
        ordering = ["-taken_at", "-id"]
        constraints = [models.UniqueConstraint(fields=["place", "taken_at", "sha256"], name="one_picture")]


class Upkeep(models.Model):
    """A calibration, cleaning, check or other work at a station, as whoever did it wrote it down.

    An entry is never changed: what was wrong is withdrawn with the reason and stays readable, and is entered anew.
    ``uuid`` is the sender's own, so that an entry sent twice is one.
    """

    uuid = models.UUIDField(unique=True, default=uuid4)
    place = models.ForeignKey(Place, on_delete=models.PROTECT, related_name="upkeep")
    kind = models.CharField(max_length=16)
    began_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    parameter = models.CharField(max_length=32, blank=True)
    done_by = models.CharField(max_length=120, blank=True)
    note = models.CharField(max_length=1000, blank=True)
    entered_at = models.DateTimeField(null=True, blank=True)
    entered_by = models.CharField(max_length=120, blank=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdrawn_by = models.CharField(max_length=120, blank=True)
    withdrawn_because = models.CharField(max_length=400, blank=True)

    class Meta:
        ordering = ["-began_at", "-id"]


class CheckSetting(models.Model):
    """What holds at a station in place of the shipped rules of quality control: thresholds of one parameter, or the
    kind of the station (parameter empty). Appended: the newest is in force, the others say what held before."""

    place = models.ForeignKey(Place, on_delete=models.PROTECT, related_name="check_settings")
    parameter = models.CharField(max_length=32, blank=True)
    content = models.JSONField(default=dict)
    because = models.CharField(max_length=400)
    set_by = models.CharField(max_length=120)
    set_at = models.DateTimeField()

    class Meta:
        ordering = ["-id"]


class FlaggedPeriod(models.Model):
    """What a person said of all readings of a period: a flag and why, or that it is taken back (``flag`` empty).

    Appended and never changed; of several that hold for one reading the newest counts. It holds for what arrives
    later too.
    """

    place = models.ForeignKey(Place, on_delete=models.PROTECT, related_name="flagged_periods")
    parameter = models.CharField(max_length=32, blank=True, help_text="empty: all of the station")
    begin = models.DateTimeField()
    end = models.DateTimeField()
    flag = models.CharField(max_length=16, blank=True)
    because = models.CharField(max_length=400)
    flagged_by = models.CharField(max_length=120)
    flagged_at = models.DateTimeField()

    class Meta:
        ordering = ["-id"]
