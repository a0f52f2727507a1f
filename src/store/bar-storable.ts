import { type Bars, OHLCV } from '../model/bars.ts';
import { DataError } from '../model/errors.ts';

/** Throws `COLUMN_RESERVED`, `TIME_NOT_ASCENDING` or `VALUE_NOT_FINITE` for bars that no series can have; `name`: of the series. */
export function checkStorable(bars: Bars, name: string): void {
  for (const column of Object.keys(bars.extra)) {
    if (column !== 'time' && !(OHLCV as readonly string[]).includes(column)) continue;
    throw new DataError('COLUMN_RESERVED', `${name} has a further column of this name`, {
      ...{ column, value: column },
      fix: 'give it another name',
    });
  }
  let before = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < bars.length; i++) {
    const time = bars.time[i];
    if (!Number.isSafeInteger(time) || time <= before) {
      throw new DataError(
        'TIME_NOT_ASCENDING',
        `row ${i} of ${name} is stamped ${time}, the row before it ${before}`,
        {
          ...{ column: 'time', value: time, limit: before },
          fix: 'give open times in whole epoch milliseconds, sorted, each once',
        },
      );
    }
    before = time;
  }
  for (const column of OHLCV) {
    const values = bars[column];
    for (let i = 0; i < bars.length; i++) {
      if (Number.isFinite(values[i])) continue;
      throw new DataError('VALUE_NOT_FINITE', `row ${i} of ${name} is ${values[i]}`, {
        ...{ column, value: values[i] },
        fix: 'give finite numbers; leave out bars that do not exist',
      });
    }
  }
}
