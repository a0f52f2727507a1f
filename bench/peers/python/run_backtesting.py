"""backtesting.py: averages and crosses declared with `I`, which computes them for all bars at once."""

import warnings

import backtesting
import numpy as np
import pandas as pd
from backtesting import Backtest, Strategy
from common import TERMS, frame, measure

# It warns of the trade still open at the end, which is left open on purpose.
warnings.filterwarnings("ignore")


def mean(values, n):
    return pd.Series(values).rolling(n).mean()


def crosses(fast, slow):
    """1 and -1 where the sign of the difference turns, ties passed over; `lib.crossover` would lose a cross at a tie."""
    sign = pd.Series(np.sign(fast - slow)).replace(0, np.nan).ffill()
    return (sign.diff() / 2).fillna(0)


class Cross(Strategy):
    def init(self):
        fast = self.I(mean, self.data.Close, TERMS["fast"])
        slow = self.I(mean, self.data.Close, TERMS["slow"])
        self.cross = self.I(crosses, fast, slow)

    def next(self):
        if self.cross[-1] > 0:
            self.buy(size=TERMS["size"])
        elif self.cross[-1] < 0:
            self.position.close()


def run(test):
    return test.run()


def read(stats):
    trades = stats._trades.sort_values("EntryBar")
    milliseconds = lambda column: trades[column].to_numpy().astype("datetime64[ms]").astype("int64")
    rows = np.column_stack(
        [milliseconds("EntryTime"), trades["EntryPrice"], milliseconds("ExitTime"), trades["ExitPrice"]]
    )
    return stats._equity_curve["Equity"].iloc[-1], rows


data = frame()
measure(
    backtesting.__version__,
    run,
    read,
    lambda: Backtest(data, Cross, cash=TERMS["cash"], commission=TERMS["fee"], finalize_trades=False),
)
