/** Trades and books of a venue: prints ten trades, each with the spread that it met, and says when the book cannot be trusted. */
import { collect } from 'qt-trader';

// Needs the venue: OKX by default; further arguments are other addresses of it, its stream's and its REST's.
const [venue = 'okx', symbol = 'BTC-USDT', stream, rest] = process.argv.slice(2);
const controller = new AbortController();
process.once('SIGINT', () => controller.abort());

let trades = 0;
await collect({
  venue,
  symbols: [symbol],
  channels: ['trades', 'book'],
  signal: controller.signal,
  addresses: { ...(stream && { stream }), ...(rest && { rest }) },
  onRecord(record, market) {
    if (record.kind === 'gap') console.log(`${record.state}: ${record.cause}, ${record.detail}`);
    if (record.kind !== 'trade' || record.isHistory) return;
    const state = market.book(record.native);
    if (!state?.isValid) return;
    if (++trades === 10) controller.abort();
    const { asks, bids } = state.book;
    const spread = asks.priceAt(0) - bids.priceAt(0);
    console.log(
      `${record.symbol} ${record.side} ${record.sizeText} at ${record.priceText}, spread ${spread.toPrecision(3)}`,
    );
  },
  onNotice({ level, message }) {
    if (level === 'warning') console.error(message);
  },
});
