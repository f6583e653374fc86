"""Photos of cases: checked, bounded, durable before they are acknowledged, named by what is in them."""

from __future__ import annotations

import hashlib
import io
import os
import tempfile
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

from django.conf import settings
from PIL import Image, UnidentifiedImageError

from riverchief.errors import BadInput, Fault
from riverchief_server.cases.models import Attachment
from riverchief_server.parties.models import Account

MEDIA_TYPES = {"JPEG": ("image/jpeg", "jpg"), "PNG": ("image/png", "png"), "WEBP": ("image/webp", "webp")}
KINDS = ("photo", "photo_before", "photo_after")
LARGEST_SIDE = 12_000
UNBOUND_KEPT = timedelta(days=7)  # a phone that was long without signal sends its photos first
UNKNOWN_KEPT = timedelta(days=1)


def keep_photo(
    uuid: UUID,
    content: bytes,
    by: Account | None,
    now: datetime,
    *,
    kind: str = "photo",
    taken_at: datetime | None = None,
    lon: float | None = None,
    lat: float | None = None,
) -> Attachment:
    """Keep a photo; the same ``uuid`` by the same person again is the same photo.

    Raises :class:`~riverchief.errors.BadInput`: too large, not a photo, unknown kind, or a ``uuid`` that is taken.
    """
    there = Attachment.objects.filter(uuid=uuid).first()
    if there is not None:
        if there.uploaded_by_id == (by.pk if by else None) and there.sha256 == hashlib.sha256(content).hexdigest():
            return there
        raise BadInput([Fault("duplicate", column="uuid", details={"given": str(uuid), "allowed": "attachments"})])
    faults = []
    if len(content) > settings.UPLOAD_BYTES:
        size, limit = f"{len(content) / 1e6:.1f} MB", f"≤ {settings.UPLOAD_BYTES / 1e6:.0f} MB"
        faults.append(Fault("out_of_range", column="file", details={"given": size, "allowed": limit}))
    if kind not in KINDS:
        faults.append(Fault("not_one_of", column="kind", details={"given": kind, "allowed": "、".join(KINDS)}))
    form = _image_format(content) if not faults else None
    if form is None and not faults:
        faults.append(Fault("unreadable", column="file", details={"given": "?", "allowed": "JPEG、PNG、WebP"}))
    if faults:
        raise BadInput(faults)
    media_type, ending = MEDIA_TYPES[form or "JPEG"]
    digest = hashlib.sha256(content).hexdigest()
    path = f"{digest[:2]}/{digest}.{ending}"
    _write(Path(settings.MEDIA_ROOT) / path, content)
    return Attachment.objects.create(
        uuid=uuid,
        kind=kind,
        media_type=media_type,
        path=path,
        sha256=digest,
        size=len(content),
        taken_at=taken_at,
        lon=lon,
        lat=lat,
        uploaded_by=by,
        uploaded_at=now,
    )


def file_of(attachment: Attachment) -> Path:
    """Where the bytes of an attachment lie."""
    return Path(settings.MEDIA_ROOT) / attachment.path


def let_go_of_orphans(now: datetime) -> int:
    """Delete photos that belong to no case a week after they came, and files that no row speaks of after a day; how
    many files that were.

    A report that was refused half-way leaves such files: the photo is on the disk before the report is in the database.
    """
    Attachment.objects.filter(case=None, uploaded_at__lt=now - UNBOUND_KEPT).delete()
    spoken_of = set(Attachment.objects.values_list("path", flat=True))
    root, gone = Path(settings.MEDIA_ROOT), 0
    for file in root.glob("*/*"):
        is_old = file.stat().st_mtime < (now - UNKNOWN_KEPT).timestamp()
        if is_old and file.relative_to(root).as_posix() not in spoken_of:
            file.unlink(missing_ok=True)
            gone += 1
    return gone


def _image_format(content: bytes) -> str | None:
    """The image format of ``content`` by its bytes, never by its name; ``None`` if it is no photo we take."""
    try:
        with Image.open(io.BytesIO(content)) as image:
            if image.format not in MEDIA_TYPES or max(image.size) > LARGEST_SIDE:
                return None
            image.verify()
            return image.format
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, Image.DecompressionBombError):
        return None


def _write(path: Path, content: bytes) -> None:
    """Write so that a crash leaves either no file or the whole file, and what is acknowledged is on disk."""
    if path.exists():
        os.utime(path)  # the same bytes may lie here as an orphan: it must not be swept before a row speaks of it
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, temporary = tempfile.mkstemp(dir=path.parent)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
