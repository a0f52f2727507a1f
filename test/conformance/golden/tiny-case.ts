/** The file of bars that {@link tinyCase} runs on. */
export const TINY_BARS = `datetime,open,high,low,close,volume,openinterest
2020-01-02,10,11,9,10,100,0
2020-01-03,10.5,12,10,11,100,0
2020-01-06,11,13,11,12.5,100,0
2020-01-07,12,12.5,11,11.5,100,0
2020-01-08,11.5,12,11,12,100,0
`;

const day = (date: string) => `${date}T23:59:59.999989`;

/** A case worked out by hand: ten units bought at the second bar's open, at 10.5, and sold at the fourth's, at 12. */
export function tinyCase() {
  const nothing = { exec_dt: null, exec_size: 0, exec_price: 0, comm: 0, exec_value: 0, pnl: 0 };
  const order = { data: 0, price: null, pricelimit: null, trailamount: null, trailpercent: null };
  const common = { exectype: 'Market', valid: null, tradeid: 0, parent: null, transmit: true };
  const buy = {
    ref: 1,
    ...order,
    side: 'Buy',
    size: 10,
    created_dt: day('2020-01-02'),
    created_price: 10,
    created_pricelimit: 10,
    created_pclose: 10,
    ...common,
    id: 'in',
    events: [
      { bar: 2, dt: day('2020-01-03'), status: 'Submitted', ...nothing, rem: 10 },
      { bar: 2, dt: day('2020-01-03'), status: 'Accepted', ...nothing, rem: 10 },
      {
        bar: 2,
        dt: day('2020-01-03'),
        status: 'Completed',
        exec_dt: day('2020-01-03'),
        exec_size: 10,
        exec_price: 10.5,
        comm: 1.05,
        exec_value: 105,
        pnl: 0,
        rem: 0,
        bits: [
          {
            dt: day('2020-01-03'),
            size: 10,
            price: 10.5,
            closed: 0,
            opened: 10,
            closedvalue: 0,
            openedvalue: 105,
            closedcomm: 0,
            openedcomm: 1.05,
            pnl: 0,
            psize: 10,
            pprice: 10.5,
          },
        ],
      },
    ],
  };
  const sell = {
    ref: 2,
    ...order,
    side: 'Sell',
    size: -10,
    created_dt: day('2020-01-06'),
    created_price: 12.5,
    created_pricelimit: 12.5,
    created_pclose: 12.5,
    ...common,
    id: 'out',
    events: [
      { bar: 4, dt: day('2020-01-07'), status: 'Submitted', ...nothing, rem: -10 },
      { bar: 4, dt: day('2020-01-07'), status: 'Accepted', ...nothing, rem: -10 },
      {
        bar: 4,
        dt: day('2020-01-07'),
        status: 'Completed',
        exec_dt: day('2020-01-07'),
        exec_size: -10,
        exec_price: 12,
        comm: 1.2,
        exec_value: 105,
        pnl: 15,
        rem: 0,
        bits: [
          {
            dt: day('2020-01-07'),
            size: -10,
            price: 12,
            closed: -10,
            opened: 0,
            closedvalue: 105,
            openedvalue: 0,
            closedcomm: 1.2,
            openedcomm: 0,
            pnl: 15,
            psize: 0,
            pprice: 0,
          },
        ],
      },
    ],
  };
  const trade = {
    ref: 1,
    data: 0,
    tradeid: 0,
    price: 10.5,
    baropen: 2,
    dtopen: day('2020-01-03'),
    long: true,
  };
  const cash = [1000, 893.95, 893.95, 1012.75, 1012.75];
  const value = [1000, 1003.95, 1018.95, 1012.75, 1012.75];
  const sum = (values: readonly number[]) => values.reduce((a, b) => a + b, 0);
  return {
    id: 'tiny',
    set: 'open',
    generator: 'by hand',
    description: 'one trade',
    data: [{ file: 'tiny.csv' }],
    config: { cash: 1000, commission: [{ commission: 0.01 }] },
    strategy: {
      name: 'Script',
      params: {
        actions: [
          { bar: 1, op: 'buy', size: 10, id: 'in' },
          { bar: 3, op: 'close', id: 'out' },
        ],
      },
    },
    analyzers_spec: [['drawdown', 'DrawDown', {}]],
    result: {
      orders: [buy, sell],
      trades: [
        {
          ...trade,
          bar: 4,
          status: 'Closed',
          size: 0,
          value: 0,
          commission: 2.25,
          pnl: 15,
          pnlcomm: 12.75,
          barclose: 4,
          dtclose: day('2020-01-07'),
          barlen: 2,
        },
      ],
      trade_events: [
        {
          ...trade,
          bar: 2,
          status: 'Open',
          size: 10,
          value: 105,
          commission: 1.05,
          pnl: 0,
          pnlcomm: -1.05,
          barclose: 0,
          dtclose: null,
          barlen: 0,
        },
      ],
      bars: {
        n: 5,
        stride: 1,
        index: null,
        dt: ['2020-01-02', '2020-01-03', '2020-01-06', '2020-01-07', '2020-01-08'].map(day),
        cash,
        value,
        pos: [[0], [10], [10], [0], [0]],
        len: [[1], [2], [3], [4], [5]],
        sum_value: sum(value),
        sum_cash: sum(cash),
      },
      final: { cash: 1012.75, value: 1012.75, positions: [{ size: 0, price: 0 }] },
      analyzers: {
        drawdown: {
          len: 2,
          drawdown: (100 * 6.2) / 1018.95,
          moneydown: 6.2,
          max: { len: 2, drawdown: (100 * 6.2) / 1018.95, moneydown: 6.2 },
        },
      },
      extra: {},
    },
  };
}
