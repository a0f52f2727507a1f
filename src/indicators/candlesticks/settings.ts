import { InputError, suggestion } from '../../model/errors.ts';

/** Which length of a candle a setting measures: of its body, from low to high, or of both shadows. */
export const RANGES = ['body', 'range', 'shadows'] as const;

/** What "long", "short", "near" mean for candles. */
export interface CandleSetting {
  /** Which length of the candles before is averaged. */
  readonly of: (typeof RANGES)[number];
  /** How many candles before the measured one are averaged; 0 takes that candle's own length. */
  readonly bars: number;
  /** The limit as a multiple of the average. */
  readonly factor: number;
}

/** TA-Lib's settings: the limits that the words of the patterns stand for. */
export const CANDLE_SETTINGS = {
  /** A body is long above it. */
  bodyLong: { of: 'body', bars: 10, factor: 1 },
  /** A body is very long above it. */
  bodyVeryLong: { of: 'body', bars: 10, factor: 3 },
  /** A body is short below it. */
  bodyShort: { of: 'body', bars: 10, factor: 1 },
  /** A body is a doji's up to it. */
  bodyDoji: { of: 'range', bars: 10, factor: 0.1 },
  /** A shadow is long above it. */
  shadowLong: { of: 'body', bars: 0, factor: 1 },
  /** A shadow is very long above it. */
  shadowVeryLong: { of: 'body', bars: 0, factor: 2 },
  /** A shadow is short below it: half of both shadows' length on average. */
  shadowShort: { of: 'shadows', bars: 10, factor: 1 },
  /** A shadow is very short below it. */
  shadowVeryShort: { of: 'range', bars: 10, factor: 0.1 },
  /** Two prices are near each other up to it. */
  near: { of: 'range', bars: 5, factor: 0.2 },
  /** Two lengths are far from each other from it on. */
  far: { of: 'range', bars: 5, factor: 0.6 },
  /** Two prices are equal up to it. */
  equal: { of: 'range', bars: 5, factor: 0.05 },
} as const satisfies Readonly<Record<string, CandleSetting>>;

export type CandleSettingName = keyof typeof CANDLE_SETTINGS;

/** Settings of one's own; what is not named stays as TA-Lib has it. */
export type CandleSettings = { readonly [K in CandleSettingName]?: Partial<CandleSetting> };

export const SETTING_NAMES = Object.keys(CANDLE_SETTINGS) as CandleSettingName[];

/** All settings, as a kernel reads them: by the number of the setting. */
export interface SettingTable {
  readonly bars: Int32Array;
  readonly factor: Float64Array;
  /** Index in {@link RANGES}. */
  readonly of: Uint8Array;
}

/** The longest average, as for the windows of other indicators. */
const MOST = 10_000;

/** Throws `CANDLE_SETTING_UNKNOWN` and `CANDLE_SETTING_INVALID`. */
export function settingTable(own: CandleSettings): SettingTable {
  for (const name of Object.keys(own)) {
    if (Object.hasOwn(CANDLE_SETTINGS, name)) continue;
    throw new InputError('CANDLE_SETTING_UNKNOWN', `there is no candle setting "${name}"`, {
      value: name,
      limit: SETTING_NAMES,
      fix: suggestion(name, SETTING_NAMES),
    });
  }
  const all = SETTING_NAMES.map(name => checked(name, { ...CANDLE_SETTINGS[name], ...own[name] }));
  return Object.freeze({
    bars: Int32Array.from(all, one => one.bars),
    factor: Float64Array.from(all, one => one.factor),
    of: Uint8Array.from(all, one => RANGES.indexOf(one.of)),
  });
}

function checked(name: string, setting: CandleSetting): CandleSetting {
  const { of, bars, factor } = setting;
  const right =
    RANGES.includes(of) &&
    Number.isInteger(bars) &&
    bars >= 0 &&
    bars <= MOST &&
    Number.isFinite(factor) &&
    factor >= 0;
  if (right) return setting;
  throw new InputError('CANDLE_SETTING_INVALID', `the candle setting ${name} is ${JSON.stringify(setting)}`, {
    value: setting,
    limit: { of: RANGES, bars: [0, MOST], factor: 'a number of 0 or more' },
    fix: 'for instance { of: "range", bars: 10, factor: 0.1 }',
  });
}
