"""vectorbt: signals as arrays, moved on by one bar and filled at its open."""

import numpy as np
import vectorbt as vbt
from common import TERMS, frame, measure


def run(data):
    close = data["Close"]
    fast = vbt.MA.run(close, TERMS["fast"])
    slow = vbt.MA.run(close, TERMS["slow"])
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
    # Orders are simulated by from_signals; the curve and the trades come when they are asked for.
    return portfolio.value(), portfolio.trades.records, data.index


def read(result):
    value, trades, index = result
    closed = trades[trades["status"] == 1].sort_values("entry_idx")
    times = index.to_numpy().astype("datetime64[ms]").astype("int64")
    rows = np.column_stack(
        [times[closed["entry_idx"]], closed["entry_price"], times[closed["exit_idx"]], closed["exit_price"]]
    )
    return value.iloc[-1], rows


data = frame()
measure(vbt.__version__, run, read, lambda: data)
