/** What a column is to a bar. `date` and `clock` are a stamp in two columns. */
export type Role = 'datetime' | 'date' | 'clock' | 'open' | 'high' | 'low' | 'close' | 'volume';

/** Names by which a whole stamp goes, the surest first. `` is the index column of a pandas file. */
const STAMP = [
  'datetime',
  'opentime',
  'timestamp',
  'date',
  'time',
  'unix',
  'unixtime',
  'unixtimestamp',
  'epoch',
  'gmttime',
  'localtime',
  'datetimeutc',
  'timestamputc',
  'dateutc',
  'timeutc',
  'timestampms',
  'starttime',
  'startedat',
  'windowstart',
  'start',
  'begin',
  'dt',
  'ts',
  't',
  'dtyyyymmdd',
  '',
];

const SYNONYMS: Readonly<Record<'open' | 'high' | 'low' | 'close' | 'volume', readonly string[]>> = {
  open: ['open', 'openprice', 'priceopen', 'o'],
  high: ['high', 'highprice', 'pricehigh', 'max', 'h'],
  low: ['low', 'lowprice', 'pricelow', 'min', 'l'],
  close: ['close', 'closeprice', 'priceclose', 'last', 'closelast', 'c'],
  volume: ['volume', 'vol', 'v', 'volumebase', 'basevolume', 'tickvol', 'tickvolume'],
};

/** Extra columns that go by one name here, whatever their file calls them. */
const EXTRAS: Readonly<Record<string, string>> = {
  quotevolume: 'quoteVolume',
  quoteassetvolume: 'quoteVolume',
  volumequote: 'quoteVolume',
  trades: 'trades',
  tradecount: 'trades',
  numberoftrades: 'trades',
  takerbuybase: 'takerBuyBase',
  takerbuyvolume: 'takerBuyBase',
  takerbuybasevolume: 'takerBuyBase',
  takerbuybaseassetvolume: 'takerBuyBase',
  takerbuyquote: 'takerBuyQuote',
  takerbuyquotevolume: 'takerBuyQuote',
  takerbuyquoteassetvolume: 'takerBuyQuote',
  adjclose: 'adjClose',
};

/** The header of Binance's dump calls its columns so; `close_time` and `ignore` say nothing about a bar. */
const BINANCE_ONLY: Readonly<Record<string, string>> = { count: 'trades', closetime: '', ignore: '' };

/** A header's name without case, blanks, punctuation and numbering: `1. Open`, `<OPEN>` → `open`. */
export function plainName(name: string): string {
  return name
    .toLowerCase()
    .replace(/^\s*\d+\.\s*/, '')
    .replace(/[^\p{L}\p{N}]/gu, '');
}

/** How many of the names are known as a part of a bar. */
export function knownNames(names: readonly string[]): number {
  const known = new Set([...STAMP.filter(name => name !== ''), ...Object.values(SYNONYMS).flat()]);
  return names.filter(name => known.has(plainName(name))).length;
}

/** The fields that may hold `role`, the surest first. `base` is the instrument's: `Volume BTC` is its volume. */
export function fieldsFor(role: keyof typeof SYNONYMS, names: readonly string[], base: string): number[] {
  const synonyms = role === 'volume' ? [...SYNONYMS.volume, `volume${base.toLowerCase()}`] : SYNONYMS[role];
  return fieldsNamed(names, synonyms);
}

/** The fields that may hold a stamp or a part of it, the surest first. */
export function stampFields(names: readonly string[]): number[] {
  return fieldsNamed(names, STAMP);
}

function fieldsNamed(names: readonly string[], wanted: readonly string[]): number[] {
  const plain = names.map(plainName);
  return wanted.flatMap(name => plain.flatMap((own, field) => (own === name ? [field] : [])));
}

/** The name of an extra column; empty for one that is left out without a word. */
export function extraName(name: string, names: readonly string[]): string {
  const plain = plainName(name);
  const isBinance = names.some(other => plainName(other) === 'opentime');
  if (isBinance && Object.hasOwn(BINANCE_ONLY, plain)) return BINANCE_ONLY[plain];
  return Object.hasOwn(EXTRAS, plain) ? EXTRAS[plain] : name.trim();
}
