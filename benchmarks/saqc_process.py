"""Runs saqc over arrays in a Python of its own: ``python saqc_process.py IN.npz OUT.npz``.

saqc is under the GPL, so it is no dependency of ours and runs in another process, found by RIVERCHIEF_SAQC_PYTHON.
"""

import sys
import time

import numpy as np
import pandas as pd
import saqc


def main(source: str, target: str) -> None:
    """Flags by saqc's own means: range, constants, and its universal outlier score; CPU seconds of each."""
    given = np.load(source)
    index = pd.to_datetime(given["times_s"].astype("int64"), unit="s")
    data = pd.DataFrame({"x": given["values"]}, index=index)
    low, high, hours = (float(given[name]) for name in ("low", "high", "hours"))
    found = {}
    for name, make in {
        "range": lambda qc: qc.flagRange("x", min=low, max=high),
        "stuck": lambda qc: qc.flagConstants("x", window=f"{hours:g}h", thresh=0),
        "spike": lambda qc: qc.flagUniLOF("x"),
    }.items():
        if name == "spike" and len(data) > 200_000:
            continue  # minutes
        start = time.process_time()
        flags = make(saqc.SaQC(data)).flags["x"].to_numpy()
        found[f"{name}_s"] = time.process_time() - start
        found[name] = flags > 0
    np.savez(target, **found)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
