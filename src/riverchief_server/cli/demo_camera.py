"""What the camera of the demonstration sees: a drawing of the bank, lighter and darker with the hour, stamped."""

from __future__ import annotations

import io
import math
from datetime import datetime, timedelta

from PIL import Image, ImageDraw, ImageEnhance, ImageFont

from riverchief.example.chengkou import past
from riverchief.example.chengkou.discharge import CHINA

SIZE = (640, 404)
BAR = 26
UNCAPTIONED = (0, 0, 800, 505)  # the drawing is a photo of a case too, and says so below
NOON_H, DARKEST = 12.5, 0.5


def photograph(at: datetime, level_m: float) -> bytes:
    """The JPEG taken at ``at``: the bank, a staff gauge that shows ``level_m`` [m, 0 to 2], date and time below."""
    local = at.astimezone(CHINA)
    hour = local.hour + local.minute / 60
    light = max(DARKEST, min(1.0, 0.65 + 0.55 * math.cos(2 * math.pi * (hour - NOON_H) / 24.0)))
    image = Image.open(past.photo_path("clean_bank")).convert("RGB").crop(UNCAPTIONED).resize(SIZE)
    draw = ImageDraw.Draw(image)
    _gauge(draw, level_m)
    image = ImageEnhance.Brightness(image).enhance(light)
    stamped = Image.new("RGB", (SIZE[0], SIZE[1] + BAR), "#16211f")
    stamped.paste(image)
    words = f"{local:%Y-%m-%d %H:%M} UTC+8   SIMULATED"
    ImageDraw.Draw(stamped).text((10, SIZE[1] + 3), words, fill="#ffffff", font=_font(17))
    kept = io.BytesIO()
    stamped.save(kept, "JPEG", quality=70)
    return kept.getvalue()


def _gauge(draw: ImageDraw.ImageDraw, level_m: float) -> None:
    left, top, foot = 300, 200, 380
    draw.rectangle([left, top, left + 26, foot], fill="#ffffff", outline="#16211f")
    for tenth in range(20):
        y = foot - (foot - top) * tenth / 20
        draw.line([(left, y), (left + (26 if tenth % 10 == 0 else 12), y)], fill="#a3211a", width=2)
    y = foot - (foot - top) * min(max(level_m, 0.0), 2.0) / 2.0
    draw.rectangle([left - 4, y, left + 30, foot + 2], fill="#7fb7b5")


def _font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(size)


def past_pictures(now: datetime) -> list[tuple[datetime, bytes]]:
    """What the camera took in the two days before ``now``, every four hours, the oldest first."""
    last = now.replace(minute=0, second=0, microsecond=0)
    taken = [last - timedelta(hours=4 * back) for back in range(12, 0, -1)]
    return [(at, photograph(at, 0.9 + 0.02 * (at.hour % 5))) for at in taken]
