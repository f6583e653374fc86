"""The gallery runs: each example by itself, as a reader would run it, says its sentence and draws its figure."""

import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

ROOT = Path(__file__).resolve().parents[2]
EXAMPLES = sorted((ROOT / "examples").glob("plot_*.py"))


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.stem)
def test_an_example_says_its_sentence_and_draws_its_figure(example: Path, tmp_path: Path):
    # every warning is an error: a missing Chinese glyph is one
    done = subprocess.run(
        [sys.executable, "-W", "error::UserWarning", str(example), str(tmp_path)],
        env=os.environ | {"MPLBACKEND": "Agg"},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    said = done.stdout.strip()
    assert said.endswith(".") and len(said.split()) > 10 and "nan" not in said.lower().split()
    (picture,) = tmp_path.glob("*.png")
    with Image.open(picture) as image:
        pixels = np.asarray(image.convert("L"))
    assert pixels.shape[1] >= 1000 and pixels.shape[0] >= 400
    # something is drawn, above and below, left and right
    for half in (*np.array_split(pixels, 2), *np.array_split(pixels, 2, axis=1)):
        assert half.std() > 5
    assert 0.005 < (pixels < 245).mean() < 0.9


def test_the_gallery_lists_every_example_and_each_begins_with_its_question():
    listed = set(re.findall(r"`examples/(plot_\w+)\.py`", (ROOT / "examples" / "README.md").read_text("utf-8")))
    assert listed == {path.stem for path in EXAMPLES}
    for path in EXAMPLES:
        lines = path.read_text("utf-8").splitlines()
        assert lines[0] == '"""' and set(lines[2]) == {"="} and len(lines[2]) == len(lines[1]), path.stem
