"""backtrader: its own SMA and CrossOver, indicators computed ahead (runonce, the default), value kept by the Broker observer."""

import gc
import time

import backtrader as bt
from common import JOB, TERMS, frame, peak, report

EPOCH = 719163  # backtrader's times are days since 0001-01-01, as date.toordinal counts them


class Cross(bt.Strategy):
    params = dict(fast=TERMS["fast"], slow=TERMS["slow"])

    def __init__(self):
        # cerebro.run() has read the data by now, and has run nothing.
        self.began = time.perf_counter()
        close = self.data.close
        self.cross = bt.ind.CrossOver(bt.ind.SMA(close, period=self.p.fast), bt.ind.SMA(close, period=self.p.slow))

    def next(self):
        if self.cross[0] > 0:
            self.buy()
        elif self.cross[0] < 0 and self.position:
            self.close()


class Noted(Cross):
    """Writes the trades down; for the comparison, not for the clock."""

    def __init__(self):
        super().__init__()
        self.noted = []

    def notify_order(self, order):
        if order.status == order.Completed:
            minutes = round((order.executed.dt - EPOCH) * 1440)
            self.noted.append((minutes * 60000, order.executed.price))


def run(data, strategy):
    cerebro = bt.Cerebro(stdstats=False)
    cerebro.addobserver(bt.observers.Broker)
    cerebro.adddata(bt.feeds.PandasData(dataname=data))
    cerebro.addstrategy(strategy)
    cerebro.addsizer(bt.sizers.FixedSize, stake=TERMS["size"])
    cerebro.broker.setcash(TERMS["cash"])
    cerebro.broker.setcommission(commission=TERMS["fee"])
    ran = cerebro.run()[0]
    return time.perf_counter() - ran.began, ran, cerebro


data = frame()
seconds = []
for _ in range(JOB["runs"]):
    gc.collect()
    seconds.append(run(data, Cross)[0])
used = peak()
_, ran, cerebro = run(data, Noted)
rows = [(*ran.noted[i], *ran.noted[i + 1]) for i in range(0, len(ran.noted) - 1, 2)]
report(bt.__version__, seconds, cerebro.broker.getvalue(), rows, used)
