"""TA-Lib's C functions: writes their lines, which values are held to, and times them whole. It has no state to stream."""

import json
import os
import sys
import time

import numpy as np
import talib

JOB = json.loads(sys.argv[1])


def column(name):
    return np.fromfile(os.path.join(JOB["dir"], name + ".f64"), dtype="<f8", count=JOB["bars"])


high, low, close = column("high"), column("low"), column("close")

WORKS = {
    "sma": (("sma",), lambda: talib.SMA(close, 30)),
    "ema": (("ema",), lambda: talib.EMA(close, 30)),
    "rsi": (("rsi",), lambda: talib.RSI(close, 14)),
    "atr": (("atr",), lambda: talib.ATR(high, low, close, 14)),
    "macd": (("macd", "signal", "histogram"), lambda: talib.MACD(close, 12, 26, 9)),
    "bollinger": (("upper", "middle", "lower"), lambda: talib.BBANDS(close, 20, 2, 2)),
    "adx": (("adx",), lambda: talib.ADX(high, low, close, 14)),
    "stochastic": (("k", "d"), lambda: talib.STOCH(high, low, close, 14, 3, 0, 3, 0)),
}

times = {}
for name, (lines, work) in WORKS.items():
    taken = []
    for _ in range(JOB["runs"] + 1):
        start = time.perf_counter()
        result = work()
        taken.append((time.perf_counter() - start) * 1000)
    times[name] = {"batch": taken[1:], "stream": []}
    for line, values in zip(lines, result if isinstance(result, tuple) else (result,)):
        np.asarray(values, dtype="<f8").tofile(os.path.join(JOB["dir"], f"{name}.{line}.f64"))

print(json.dumps({"version": talib.__version__, "times": times, "agrees": {}}))
