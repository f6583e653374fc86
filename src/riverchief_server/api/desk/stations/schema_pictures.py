"""Pictures that stations send, as the API says them."""

from datetime import datetime
from uuid import UUID

from ninja import Schema


class StationPicture(Schema):
    """A picture that a station took and sent; its bytes are at ``url``. ``missing`` counts the packets that never came:
    the picture ends or breaks there. ``is_shown``: a browser can show it."""

    uuid: UUID
    taken_at: datetime
    received_at: datetime
    media_type: str
    size: int
    missing: int
    is_shown: bool
    url: str


class PictureShown(Schema):
    """One picture for the eye. ``time`` is on the station's own clock, with its zone; ``alt`` is what is said to
    whoever does not see it; ``note`` says what is wrong with it (empty: nothing)."""

    uuid: UUID
    url: str
    time: str
    alt: str
    note: str
    is_shown: bool
    place: str
    size_text: str


class PictureLeaf(Schema):
    """The pictures of a station, one at a time. ``position`` 1 is the newest; ``newer`` and ``earlier`` name the
    neighbours, null at the ends; ``picture`` is null where there is none."""

    sentence: str
    is_old: bool
    total: int
    position: int
    picture: PictureShown | None
    newer: UUID | None
    earlier: UUID | None
