"""
nautilus_trader: its low-level engine, a cash account, its compiled SimpleMovingAverage.

Two modes. In `bars` the venue trades on the bars themselves, as its guides do; a market order sent on a bar's close is
then filled at that close. In `opens` the venue trades on a quote at every bar's open instead, and orders take a
nanosecond to arrive, so that they are filled at the next open as everywhere else; that is a second event a bar.
"""

from decimal import Decimal

import nautilus_trader
import numpy as np
from common import JOB, TERMS, columns, measure
from nautilus_trader.backtest.engine import BacktestEngine
from nautilus_trader.backtest.models import LatencyModel
from nautilus_trader.config import BacktestEngineConfig, LoggingConfig, StrategyConfig
from nautilus_trader.indicators import SimpleMovingAverage
from nautilus_trader.model.currencies import BTC, USDT
from nautilus_trader.model.data import Bar, BarType, QuoteTick
from nautilus_trader.model.enums import AccountType, OmsType, OrderSide
from nautilus_trader.model.identifiers import InstrumentId, Symbol, Venue
from nautilus_trader.model.instruments import CurrencyPair
from nautilus_trader.model.objects import Money, Price, Quantity
from nautilus_trader.trading.strategy import Strategy

OPENS = JOB["mode"] == "opens"
VENUE = Venue("SIM")
ID = InstrumentId(Symbol("BTCUSDT"), VENUE)
BAR_TYPE = BarType.from_str(f"{ID}-1-MINUTE-LAST-EXTERNAL")
MINUTE = 60_000_000_000


class CrossConfig(StrategyConfig, frozen=True):
    fast: int
    slow: int
    size: Decimal


class Cross(Strategy):
    def __init__(self, config):
        super().__init__(config)
        self.fast = SimpleMovingAverage(config.fast)
        self.slow = SimpleMovingAverage(config.slow)
        self.side = 0
        self.held = False

    def on_start(self):
        self.instrument = self.cache.instrument(ID)
        self.size = self.instrument.make_qty(self.config.size)
        self.register_indicator_for_bars(BAR_TYPE, self.fast)
        self.register_indicator_for_bars(BAR_TYPE, self.slow)
        self.subscribe_bars(BAR_TYPE)

    def on_bar(self, bar):
        if not self.slow.initialized:
            return
        difference = self.fast.value - self.slow.value
        if difference > 0:
            if self.side < 0:
                self.trade(OrderSide.BUY)
                self.held = True
            self.side = 1
        elif difference < 0:
            if self.side > 0 and self.held:
                self.trade(OrderSide.SELL)
                self.held = False
            self.side = -1

    def trade(self, side):
        self.submit_order(self.order_factory.market(ID, side, self.size))

    def on_reset(self):
        self.fast.reset()
        self.slow.reset()
        self.side = 0
        self.held = False


def instrument():
    fee = Decimal(str(TERMS["fee"]))
    return CurrencyPair(
        instrument_id=ID,
        raw_symbol=Symbol("BTCUSDT"),
        base_currency=BTC,
        quote_currency=USDT,
        price_precision=2,
        size_precision=0,
        price_increment=Price.from_str("0.01"),
        size_increment=Quantity.from_int(1),
        lot_size=None,
        max_quantity=None,
        min_quantity=None,
        max_notional=None,
        min_notional=None,
        max_price=None,
        min_price=None,
        margin_init=Decimal(0),
        margin_maint=Decimal(0),
        maker_fee=fee,
        taker_fee=fee,
        ts_event=0,
        ts_init=0,
    )


def events():
    read = columns()
    rows = zip(*(read[name].tolist() for name in ("time", "open", "high", "low", "close", "volume")))
    one = Quantity.from_int(1_000)
    found = []
    for time, open_, high, low, close, volume in rows:
        begin = int(time) * 1_000_000
        end = begin + MINUTE
        if OPENS:
            # After orders that were sent at this very moment, on the close of the bar before, have arrived.
            price = Price(open_, 2)
            found.append(QuoteTick(ID, price, price, one, one, begin + 2, begin + 2))
        prices = [Price(value, 2) for value in (open_, high, low, close)]
        found.append(Bar(BAR_TYPE, *prices, Quantity(volume, 0), end, end))
    return found, read["close"][-1]


data, last = events()
# Neither logging nor the statistics after the run, which cost a quarter of it and which not all peers have.
engine = BacktestEngine(BacktestEngineConfig(logging=LoggingConfig(bypass_logging=True), run_analysis=False))
engine.add_venue(
    venue=VENUE,
    oms_type=OmsType.NETTING,
    account_type=AccountType.CASH,
    base_currency=None,
    starting_balances=[Money(TERMS["cash"], USDT), Money(0, BTC)],
    bar_execution=not OPENS,
    latency_model=LatencyModel(base_latency_nanos=1) if OPENS else None,
)
engine.add_instrument(instrument())
engine.add_data(data)
engine.add_strategy(Cross(CrossConfig(fast=TERMS["fast"], slow=TERMS["slow"], size=Decimal(TERMS["size"]))))


def run(_):
    engine.run()


def read(_):
    account = engine.cache.account_for_venue(VENUE)
    equity = account.balance_total(USDT).as_double() + account.balance_total(BTC).as_double() * last
    orders = sorted(engine.cache.orders_closed(), key=lambda order: order.ts_init)
    fills = [(order.ts_last // MINUTE * 60_000, float(order.avg_px)) for order in orders]
    rows = [(*fills[i], *fills[i + 1]) for i in range(0, len(fills) - 1, 2)]
    return equity, np.array(rows)


measure(nautilus_trader.__version__, run, read, engine.reset)
