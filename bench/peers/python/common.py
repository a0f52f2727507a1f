"""What the Python peers share: reading the columns, timing, reporting. The counterpart of ../measure.ts."""

import gc
import json
import os
import resource
import sys
import time

import numpy as np

JOB = json.loads(sys.argv[1])
TERMS = JOB["terms"]
COLUMNS = ("time", "open", "high", "low", "close", "volume")


def columns():
    read = {}
    for name in COLUMNS:
        path = os.path.join(JOB["dir"], name + ".f64")
        read[name] = np.fromfile(path, dtype="<f8", count=JOB["bars"])
    return read


def frame(names=("Open", "High", "Low", "Close", "Volume")):
    """A DataFrame indexed by open time, as pandas users have it."""
    import pandas as pd

    read = columns()
    index = pd.DatetimeIndex(read["time"].astype("int64").astype("datetime64[ms]").astype("datetime64[ns]"))
    return pd.DataFrame({name: read[name.lower()] for name in names}, index=index)


def measure(version, run, read, prepare=lambda: None):
    """Times `run(prepare())` as often as the job says, `run` only; `read(result)` gives the final equity and the trades."""
    seconds = []
    result = None
    for _ in range(JOB["runs"]):
        result = None
        state = prepare()
        gc.collect()
        before = time.perf_counter()
        result = run(state)
        seconds.append(time.perf_counter() - before)
    report(version, seconds, *read(result))


def report(version, seconds, equity, trades, peak_mb=None):
    """`trades`: rows of entry time, entry price, exit time, exit price; times in epoch ms."""
    peak_mb = peak() if peak_mb is None else peak_mb
    np.asarray(trades, dtype="<f8").tofile(JOB["trades"])
    print(json.dumps({"version": version, "seconds": seconds, "equity": float(equity), "peakMb": peak_mb}))


def peak():
    """Linux counts in ru_maxrss what the parent occupied when it forked; VmHWM begins with the program."""
    try:
        with open("/proc/self/status") as status:
            for line in status:
                if line.startswith("VmHWM:"):
                    return int(line.split()[1]) / 1024
    except OSError:
        pass
    unit = 1024 * 1024 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit
