"""Draws the pictures that stand for photos in the demonstration's cases: flat drawings, each marked 示意.

    python -m tools.chengkou.photos FONT.ttc

``FONT`` is any font with Chinese glyphs; the drawings that it made are committed, so only who changes one needs it.
"""

import random
import sys
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

OUT = Path(__file__).parents[2] / "src/riverchief/example/chengkou/photos"
WIDE, HIGH = 800, 560
SKY, FAR, NEAR = "#e8efed", "#b9cbbf", "#8fab97"
WATER, FOAM, SHORE, STONE, MUD = "#7fb7b5", "#c9e2e0", "#cfc7b4", "#a9a595", "#8a7350"


def hills(draw, rng, base, height, colour):
    points, x = [(0, base)], 0
    while x < WIDE + 260:
        points.append((x, base - height * rng.uniform(0.45, 1.0)))
        x += rng.randint(70, 130)
    draw.polygon([*points, (points[-1][0], base)], fill=colour)


def valley(rng, water=WATER, foam=FOAM):
    """Sky, two rows of hills, a river that comes towards the viewer, two banks with stones."""
    image = Image.new("RGB", (WIDE, HIGH), SKY)
    draw = ImageDraw.Draw(image)
    hills(draw, rng, 250, 150, FAR)
    hills(draw, rng, 270, 80, NEAR)
    draw.rectangle([0, 262, WIDE, HIGH], fill=SHORE)
    draw.polygon(
        [(395, 262), (425, 262), (500, 340), (470, 420), (690, HIGH), (150, HIGH), (300, 420), (380, 330)], fill=water
    )
    for _ in range(26):
        y = rng.randint(300, 545)
        half = 30 + (y - 262) * 0.55
        x = 420 + rng.uniform(-half, half) * 0.75
        long = 8 + (y - 262) * 0.08
        draw.line([(x, y), (x + long, y)], fill=foam, width=3)
    for _ in range(60):
        y = rng.randint(290, 545)
        half = 60 + (y - 262) * 1.02
        x = 420 + rng.choice((-1, 1)) * rng.uniform(half, half + 160)
        size = 3 + (y - 262) * 0.035
        draw.ellipse([x - size * 1.5, y - size, x + size * 1.5, y + size], fill=STONE)
    return image, draw


def litter(rng):
    image, draw = valley(rng)
    for _ in range(22):
        x, y = rng.randint(40, 210), rng.randint(400, 500)
        colour = rng.choice(("#3d6fa5", "#d9d9d9", "#c2483e", "#e0b53c", "#f2f2f2", "#2f2f2f"))
        draw.rounded_rectangle([x, y, x + rng.randint(18, 46), y + rng.randint(16, 34)], 8, fill=colour)
    return image


def seepage(rng):
    image, draw = valley(rng)
    draw.polygon([(0, 330), (150, 330), (190, 400), (0, 410)], fill="#9c9a94")
    draw.polygon([(120, 345), (165, 372), (330, 470), (300, 500), (110, 392)], fill="#4a3a2a")
    draw.polygon([(300, 470), (420, 500), (400, HIGH), (230, HIGH)], fill="#6d6a4e")
    return image


def pipe(rng):
    image, draw = valley(rng)
    draw.rectangle([560, 330, 800, 470], fill="#b5b0a6")
    draw.ellipse([548, 372, 600, 432], fill="#5c5a55")
    draw.polygon([(556, 400), (596, 400), (560, 480), (430, HIGH), (310, HIGH), (500, 470)], fill="#7a7554")
    return image


def dry_pipe(rng):
    image, draw = valley(rng)
    draw.rectangle([560, 330, 800, 470], fill="#b5b0a6")
    draw.ellipse([548, 372, 600, 432], fill="#5c5a55")
    draw.rectangle([556, 368, 608, 376], fill="#0b6e74")
    return image


def soil(rng):
    image, draw = valley(rng)
    draw.polygon([(520, 470), (590, 360), (650, 335), (720, 350), (800, 400), (800, 520), (560, 520)], fill=MUD)
    for _ in range(60):
        x, y = rng.randint(570, 790), rng.randint(400, 510)
        draw.ellipse([x, y, x + 7, y + 5], fill="#6f5a3b")
    return image


def digging(rng):
    image, draw = valley(rng, water="#9fae94", foam="#c5ccb4")
    draw.ellipse([520, 400, 760, 520], fill="#8d8871")
    draw.ellipse([545, 418, 735, 505], fill="#9fae94")
    draw.rectangle([585, 330, 665, 385], fill="#d9a521")
    draw.rectangle([575, 385, 680, 402], fill="#3b3b3b")
    draw.line([(590, 345), (520, 300), (480, 390)], fill="#b98c17", width=12)
    draw.polygon([(462, 388), (500, 384), (494, 416)], fill="#3b3b3b")
    return image


def platform(rng):
    image, draw = valley(rng)
    draw.polygon([(470, 400), (720, 400), (790, 450), (520, 450)], fill="#d7d4cc")
    for x in (530, 610, 700, 770):
        draw.rectangle([x, 450, x + 14, 505], fill="#b5b0a6")
    draw.rectangle([640, 320, 690, 400], fill="#f3f3f0", outline="#7d7a73", width=3)
    return image


def fish(rng):
    image, draw = valley(rng, water="#8f8c63", foam="#b9b68e")
    for _ in range(7):
        x, y = rng.randint(260, 560), rng.randint(440, 540)
        draw.ellipse([x, y, x + 46, y + 16], fill="#e8e6dc")
        draw.polygon([(x + 42, y + 8), (x + 62, y), (x + 62, y + 16)], fill="#e8e6dc")
        draw.ellipse([x + 7, y + 5, x + 11, y + 9], fill="#333333")
    return image


def weir(rng):
    image, draw = valley(rng)
    draw.line([(60, 300), (740, 300)], fill="#8d8a83", width=16)
    for x in range(90, 740, 130):
        draw.line([(x, 300), (x, 345)], fill="#8d8a83", width=10)
    for _ in range(34):
        x, y = rng.randint(250, 560), rng.randint(430, 470)
        draw.rounded_rectangle([x, y, x + 44, y + 22], 9, fill=rng.choice(("#d8cfae", "#cbbf97", "#e3dcc2")))
    return image


def clean_bank(rng):
    image, draw = valley(rng)
    for x in (90, 130):
        draw.rectangle([x, 400, x + 28, 446], fill="#4a7c59")
        draw.rectangle([x - 3, 394, x + 31, 402], fill="#3a6347")
    return image


PICTURES = {
    "litter": ("岸边垃圾", litter),
    "seepage": ("渗滤液外溢", seepage),
    "pipe": ("排口有污水流出", pipe),
    "soil": ("河岸弃土", soil),
    "digging": ("河滩开挖", digging),
    "platform": ("河边平台", platform),
    "fish": ("死鱼、水色异常", fish),
    "weir": ("围堰未拆除", weir),
    "clean_bank": ("整改后：岸坡已清理", clean_bank),
    "dry_pipe": ("整改后：排口无外溢", dry_pipe),
}


def mark(image, words, font):
    """A band at the foot that says what it shows and that it is a drawing."""
    draw = ImageDraw.Draw(image)
    draw.rectangle([0, HIGH - 52, WIDE, HIGH], fill="#16211f")
    draw.text((18, HIGH - 44), f"示意图（非实景照片） {words}", font=font, fill="#ffffff")
    return image


def main():
    OUT.mkdir(exist_ok=True)
    font = ImageFont.truetype(sys.argv[1], 28)
    for name, (words, picture) in PICTURES.items():
        image = mark(picture(random.Random(name)), words, font)
        image.save(OUT / f"{name}.jpg", quality=80, optimize=True)


if __name__ == "__main__":
    main()
