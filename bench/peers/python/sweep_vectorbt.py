"""vectorbt: many parameter windows as columns of one portfolio, so many at a time as memory bears."""

import time

import numpy as np
import vectorbt as vbt
from common import JOB, TERMS, frame, peak

import json

# All columns of a chunk are in memory at once, in some twenty arrays.
CHUNK = 100


def run(data, fasts, slows):
    close = data["Close"]
    fast = vbt.MA.run(close, fasts, short_name="fast")
    slow = vbt.MA.run(close, slows, short_name="slow")
    portfolio = vbt.Portfolio.from_signals(
        close,
        entries=fast.ma_crossed_above(slow).vbt.signals.fshift(1),
        exits=fast.ma_crossed_below(slow).vbt.signals.fshift(1),
        price=data["Open"],
        size=TERMS["size"],
        size_type="amount",
        direction="longonly",
        init_cash=TERMS["cash"],
        fees=TERMS["fee"],
        freq="1min",
    )
    return portfolio.final_value().to_numpy(), portfolio.sharpe_ratio().to_numpy()


data = frame()
pairs = np.array(JOB["combinations"])
# Numba compiles at the first call.
run(data, pairs[:2, 0].tolist(), pairs[:2, 1].tolist())
before = time.perf_counter()
values = []
for at in range(0, len(pairs), CHUNK):
    part = pairs[at : at + CHUNK]
    final, _ = run(data, part[:, 0].tolist(), part[:, 1].tolist())
    values.extend(final.tolist())
seconds = time.perf_counter() - before
print(json.dumps({"version": vbt.__version__, "seconds": seconds, "values": values, "peakMb": peak()}))
