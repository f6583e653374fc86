"""README's promise about adding a protocol: a folder and a row, and nobody else knows a protocol by name."""

import ast
from pathlib import Path

from riverchief.telemetry.protocol import protocols

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "src"
TELEMETRY = SOURCE / "riverchief" / "telemetry"
#: Who plays a station of one protocol, and whoever reads MQTT's routes at a broker.
MAY_NAME = {
    "riverchief_server/cli/demo_camera.py",
    "riverchief_server/cli/demo_instruments.py",
    "riverchief_server/cli/demo_stations.py",
    "riverchief_server/gateway/broker.py",
    "riverchief_server/gateway/living.py",
    "riverchief_server/gateway/simulation.py",
    "riverchief_server/cli/simulate.py",
}


def imported(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module} | {f"{node.module}.{one.name}" for one in node.names}
        elif isinstance(node, ast.Import):
            found |= {one.name for one in node.names}
    return found


def test_every_row_has_its_folder_and_every_folder_of_frames_its_row():
    folders = {path.parent.name for path in TELEMETRY.glob("*/protocol.py")}
    assert folders == set(protocols())
    assert all(row.module == f"riverchief.telemetry.{name}.protocol" for name, row in protocols().items())


def test_nobody_outside_its_folder_imports_a_protocol():
    wrong = []
    for path in sorted(SOURCE.rglob("*.py")):
        name = str(path.relative_to(SOURCE))
        for protocol in protocols():
            inside = path.is_relative_to(TELEMETRY / protocol)
            if not inside and name not in MAY_NAME:
                wrong += [(name, one) for one in imported(path) if one.startswith(f"riverchief.telemetry.{protocol}.")]
    assert wrong == []


def test_a_listening_protocol_is_named_in_code_by_its_row_alone():
    """A name in quotes outside the folder is a place that has to be touched for the next protocol."""
    wrong = []
    for path in sorted(SOURCE.rglob("*.py")):
        name = str(path.relative_to(SOURCE))
        if name in MAY_NAME or path.is_relative_to(SOURCE / "riverchief" / "telemetry"):
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and node.value in {
                row for row in protocols() if protocols()[row].listens
            }:
                wrong.append((name, node.lineno, node.value))
    # the letters of HJ 212 stand in the table of flags; the load generator has a quick template of one
    assert {(name, value) for name, _, value in wrong} == {
        ("riverchief/observation/flag.py", "hj212"),
        ("riverchief_server/gateway/load.py", "hj212"),
    }
