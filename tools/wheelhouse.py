"""Everything to install Riverchief where there is no internet, in one archive: ``make wheelhouse``.

The archive holds the wheel, the locked wheels it needs for this machine's kind and Python, their hashes, and
``install.sh``, which installs with no index and refuses a file whose hash is another.
"""

import hashlib
import platform
import shutil
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
INSTALL = """#!/bin/sh
# Installs Riverchief into the folder given (default: ./riverchief-env) out of the files beside this; needs no network.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
into=${1:-riverchief-env}
(cd "$here" && sha256sum --quiet --check SHA256SUMS)
python3 -c 'import sys; sys.exit(sys.version_info[:2] != (@VERSION@))' || {
    echo "these files are for Python @NAMED@; python3 is $(python3 --version)" >&2; exit 2; }
python3 -m venv "$into"
"$into/bin/python" -m pip install --quiet --disable-pip-version-check --no-index --find-links "$here/wheels" \\
    --require-hashes -r "$here/requirements.txt"
echo "$into/bin/riverchief is ready; try: $into/bin/riverchief demo"
"""


def main() -> int:
    """Build the archive in ``dist`` out of the wheel that is there, and print its name and hash."""
    (wheel,) = (ROOT / "dist").glob("riverchief-*.whl")
    named = f"{wheel.name.split('-py3')[0]}-offline-cp{sys.version_info[0]}{sys.version_info[1]}-{platform.machine()}"
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / named
        wheels = folder / "wheels"
        wheels.mkdir(parents=True)
        locked = ROOT / "requirements" / "run.txt"
        download = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps"]
        subprocess.run(
            [*download, "--only-binary", ":all:", "--require-hashes", "-r", str(locked), "-d", str(wheels)], check=True
        )
        shutil.copy(wheel, wheels)
        own = f"{wheel.name.split('-')[0]}=={wheel.name.split('-')[1]} --hash=sha256:{_sha256(wheel)}\n"
        (folder / "requirements.txt").write_text(own + locked.read_text(encoding="utf-8"), encoding="utf-8")
        version = sys.version_info[:2]
        script = INSTALL.replace("@VERSION@", "{}, {}".format(*version)).replace("@NAMED@", "{}.{}".format(*version))
        (folder / "install.sh").write_text(script, encoding="utf-8")
        (folder / "install.sh").chmod(0o755)
        files = sorted(path for path in folder.rglob("*") if path.is_file())
        sums = "".join(f"{_sha256(path)}  {path.relative_to(folder)}\n" for path in files)
        (folder / "SHA256SUMS").write_text(sums, encoding="utf-8")
        archive = ROOT / "dist" / f"{named}.tar"
        with tarfile.open(archive, "w") as target:
            target.add(folder, arcname=named)
    print(f"{archive.relative_to(ROOT)} {archive.stat().st_size / 1e6:.0f} MB, {len(files)} files")
    print(f"sha256 {_sha256(archive)}")
    return 0


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


if __name__ == "__main__":
    sys.exit(main())
