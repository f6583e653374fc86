"""Reports in several packets (mode M3) put together again, and what kind of picture they hold."""

from __future__ import annotations

from collections.abc import Sequence

from riverchief.telemetry.sl651.frame import Frame


def joined(frames: Sequence[Frame]) -> Frame:
    """The packets ``frames`` of one report, in order of their numbers and the first among them, as one frame.

    Only the first packet's body begins as a body does; those of the others go on where the one before ended. A packet
    that is missing leaves a gap that nothing marks: of a JPEG what lies before it can be shown.
    """
    return frames[0]._replace(body=b"".join(frame.body for frame in frames), total=None, number=None)


def media_type_of(content: bytes) -> str:
    """What the first bytes of a picture say it is: ``image/jpeg``, as the standard has it, or bytes nobody knows."""
    return "image/jpeg" if content[:3] == b"\xff\xd8\xff" else "application/octet-stream"
