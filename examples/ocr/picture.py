#!/usr/bin/env python3
"""Draws picture.png: lines of different lengths, one upside down, one slanted.

Needs Debian's python3-pil and fonts-dejavu-core; the picture is committed, so
the demo does not need them."""
import pathlib

from PIL import Image, ImageDraw, ImageFont

FONTS = "/usr/share/fonts/truetype/dejavu/"
PAPER, INK, RED, BLUE = (250, 248, 240), (30, 30, 40), (170, 30, 30), (20, 60, 140)

# text, font, size, colour, turned by (degrees), left, top
LINES = [
    ("NACRE", "DejaVuSans-Bold.ttf", 56, BLUE, 0, 40, 24),
    ("compiles ONNX models into native code", "DejaVuSerif.ttf", 32, INK, 0, 40, 112),
    ("Paid on 31 May 2025", "DejaVuSans.ttf", 28, INK, 0, 40, 180),
    ("1234.56", "DejaVuSans-Bold.ttf", 34, RED, 0, 560, 178),
    ("This line is upside down", "DejaVuSans.ttf", 32, INK, 180, 150, 244),
    ("Slanted text is read as well", "DejaVuSans.ttf", 32, BLUE, 4, 60, 300),
    ("One binary reads lines of any width, short ones and long ones", "DejaVuSans.ttf", 22, INK, 0, 40, 396),
]


def main():
    picture = Image.new("RGB", (800, 460), PAPER)
    for text, font, size, colour, angle, left, top in LINES:
        font = ImageFont.truetype(FONTS + font, size)
        _, _, right, bottom = font.getbbox(text)
        mask = Image.new("L", (right, bottom + 4))
        ImageDraw.Draw(mask).text((0, 0), text, 255, font)
        mask = mask.rotate(angle, Image.BICUBIC, expand=True)
        picture.paste(colour, (left, top), mask)
    folder = pathlib.Path(__file__).parent
    picture.quantize(64).save(folder / "picture.png", optimize=True)
    (folder / "expected.txt").write_text("".join(line[0] + "\n" for line in LINES))


main()
