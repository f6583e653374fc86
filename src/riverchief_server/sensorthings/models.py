"""What this face keeps for itself: entities as clients describe them. Readings are never here, but in the store.

A row with ``place`` or ``series`` mirrors the county's own register (see ``mirror``) and follows it; the others were
made by clients. Times are whole milliseconds since 1970 UTC, as in the store.
"""

from __future__ import annotations

from django.db import models

from riverchief_server.observations.models import Series
from riverchief_server.places.models import Place

# Series numbers from here on belong to datastreams that only this face knows.
FIRST_OWN_SERIES = 1_000_000_000


class Described(models.Model):
    """What has a name, a description and properties."""

    name = models.TextField()
    description = models.TextField()
    properties = models.JSONField(null=True)

    class Meta:
        abstract = True


class Feature(Described):
    """A feature of interest: for a place of ours the place on the river, else what a client said or a location."""

    encoding_type = models.TextField()
    geometry = models.JSONField()
    place = models.OneToOneField(Place, null=True, on_delete=models.CASCADE, related_name="+")

    class Meta:
        db_table = "sta_feature"


class Location(Described):
    """Where things are. ``feature`` is the feature of interest that was made of it for observations without one."""

    encoding_type = models.TextField()
    geometry = models.JSONField()
    feature = models.ForeignKey(Feature, null=True, on_delete=models.SET_NULL, related_name="+")
    place = models.ForeignKey(Place, null=True, on_delete=models.CASCADE, related_name="+")

    class Meta:
        db_table = "sta_location"


class Thing(Described):
    """A thing: one of our stations or sections, or what a client made."""

    place = models.OneToOneField(Place, null=True, on_delete=models.CASCADE, related_name="+")
    locations = models.ManyToManyField(Location, through="ThingLocation", related_name="things")

    class Meta:
        db_table = "sta_thing"


class ThingLocation(models.Model):
    """A thing is at a location now."""

    thing = models.ForeignKey(Thing, on_delete=models.CASCADE)
    location = models.ForeignKey(Location, on_delete=models.CASCADE)

    class Meta:
        db_table = "sta_thing_location"
        constraints = [models.UniqueConstraint(fields=["thing", "location"], name="sta_once_there")]


class History(models.Model):
    """From ``time`` on a thing was at some locations."""

    thing = models.ForeignKey(Thing, on_delete=models.CASCADE, related_name="histories")
    time = models.BigIntegerField()
    locations = models.ManyToManyField(Location, through="HistoryLocation", related_name="histories")

    class Meta:
        db_table = "sta_history"


class HistoryLocation(models.Model):
    """A location in the history of a thing."""

    history = models.ForeignKey(History, on_delete=models.CASCADE)
    location = models.ForeignKey(Location, on_delete=models.CASCADE)

    class Meta:
        db_table = "sta_history_location"
        constraints = [models.UniqueConstraint(fields=["history", "location"], name="sta_once_then")]


class Sensor(Described):
    """What measured: for a series of ours the source it comes by. ``source`` is that of mirrored ones."""

    encoding_type = models.TextField()
    metadata = models.JSONField()
    source = models.CharField(max_length=140, null=True, unique=True)

    class Meta:
        db_table = "sta_sensor"


class ObservedProperty(Described):
    """What is measured: for a series of ours one of our parameters."""

    definition = models.TextField()
    parameter = models.CharField(max_length=32, null=True, unique=True)

    class Meta:
        db_table = "sta_property"


class SeriesNumber(models.Model):
    """Gives each datastream that only this face knows a series number that was never used before."""

    class Meta:
        db_table = "sta_series_number"


class Datastream(Described):
    """A series of readings. Its id is the number of the series in the store.

    ``lag_ms`` and ``feature`` are what its observations have in common and are settled by the first: how long after the
    phenomenon the result was there (``None``: no result time is told), and of what. What differs is a ``Particular``.
    """

    id = models.BigIntegerField(primary_key=True)
    series = models.OneToOneField(Series, null=True, on_delete=models.CASCADE, related_name="+")
    thing = models.ForeignKey(Thing, on_delete=models.CASCADE, related_name="datastreams")
    sensor = models.ForeignKey(Sensor, on_delete=models.CASCADE, related_name="datastreams")
    observed_property = models.ForeignKey(ObservedProperty, on_delete=models.CASCADE, related_name="datastreams")
    observation_type = models.TextField()
    unit = models.JSONField()
    geometry = models.JSONField(null=True)
    lag_ms = models.BigIntegerField(null=True)
    feature = models.ForeignKey(Feature, null=True, on_delete=models.SET_NULL, related_name="datastreams")
    is_settled = models.BooleanField(default=False)

    class Meta:
        db_table = "sta_datastream"


class Particular(models.Model):
    """What one observation has that the store has no column for and its datastream does not say for all of them."""

    pk = models.CompositePrimaryKey("series", "t")
    series = models.BigIntegerField()
    t = models.BigIntegerField()
    phenomenon_end = models.BigIntegerField(null=True)
    result_time = models.BigIntegerField(null=True)
    valid_begin = models.BigIntegerField(null=True)
    valid_end = models.BigIntegerField(null=True)
    result = models.JSONField(null=True)
    quality = models.JSONField(null=True)
    parameters = models.JSONField(null=True)
    feature = models.ForeignKey(Feature, null=True, on_delete=models.CASCADE, related_name="particulars")

    class Meta:
        db_table = "sta_particular"


class Listened(models.Model):
    """A topic that somebody subscribed to at the broker, and when [s since 1970 UTC] that was last heard."""

    topic = models.CharField(max_length=1000, primary_key=True)
    heard_s = models.BigIntegerField()

    class Meta:
        db_table = "sta_listened"
