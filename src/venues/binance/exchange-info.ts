import { type Instrument, instrument } from '../../model/instrument.ts';

interface WireSymbol {
  readonly symbol: string;
  readonly baseAsset: string;
  readonly quoteAsset: string;
  readonly filters?: readonly Readonly<Record<string, unknown>>[];
}

/** The instruments of an exchangeInfo document by symbol. */
export function exchangeInfoInstruments(document: unknown): Map<string, Instrument> {
  const symbols = (document as { symbols?: unknown } | null)?.symbols;
  const instruments = new Map<string, Instrument>();
  if (!Array.isArray(symbols)) return instruments;
  for (const { symbol, baseAsset, quoteAsset, filters = [] } of symbols as WireSymbol[]) {
    const value = (type: string, name: string) =>
      Number(filters.find(({ filterType }) => filterType === type)?.[name] ?? 0);
    instruments.set(
      symbol,
      instrument(symbol, {
        base: baseAsset,
        quote: quoteAsset,
        tickSize: value('PRICE_FILTER', 'tickSize'),
        lotStep: value('LOT_SIZE', 'stepSize'),
        minNotional: value('NOTIONAL', 'minNotional') || value('MIN_NOTIONAL', 'minNotional'),
      }),
    );
  }
  return instruments;
}
