import fc from 'fast-check';
import { expect, test } from 'vitest';
import { VENUES } from '../../../src/venues/market-data/index.ts';
import { VenueRun } from '../../support/venue-run.ts';

/** Frames of each protocol, of which parts are exchanged for anything. */
const FRAMES: Readonly<Record<string, readonly string[]>> = {
  kraken: [
    '{"channel":"book","type":"snapshot","data":[{"symbol":"BTC/USD","bids":[{"price":1.5,"qty":2}],"asks":[{"price":2,"qty":1}],"checksum":1,"timestamp":"2026-08-12T19:28:44.084233Z"}]}',
    '{"channel":"book","type":"update","data":[{"symbol":"BTC/USD","bids":[],"asks":[{"price":3,"qty":0}],"checksum":2}]}',
    '{"channel":"trade","type":"update","data":[{"symbol":"BTC/USD","side":"buy","price":1,"qty":2,"trade_id":5,"timestamp":"2026-08-12T19:28:44Z"}]}',
    '{"channel":"ohlc","type":"update","data":[{"symbol":"BTC/USD","open":1,"high":1,"low":1,"close":1,"trades":1,"volume":1,"interval_begin":"2026-08-12T19:28:00Z","interval":1}]}',
    '{"channel":"ticker","type":"update","data":[{"symbol":"BTC/USD","bid":1,"ask":2,"last":1}]}',
    '{"channel":"level3","type":"snapshot","data":[{"symbol":"BTC/USD","bids":[{"order_id":"A","limit_price":1,"order_qty":1}],"asks":[],"checksum":1}]}',
    '{"channel":"instrument","type":"snapshot","data":{"pairs":[{"symbol":"BTC/USD","price_precision":1,"qty_precision":8}]}}',
    '{"method":"subscribe","result":{"channel":"book","symbol":"BTC/USD","depth":10},"success":true}',
  ],
  'kraken-v1': [
    '[7,{"as":[["13.2","1396.0","1618678133.1"]],"bs":[["13.1","185.1","1618678132.5"]]},"book-10","XBT/USD"]',
    '[7,{"a":[["13.3","0.0","1618678133.1"]],"c":"12"},"book-10","XBT/USD"]',
    '[1,[["5541.2","0.15","1534614057.321597","s","l",""]],"trade","XBT/USD"]',
    '[2,["1542057314.7","1542057360.4","1","1","1","1","1","0.03",2],"ohlc-5","XBT/USD"]',
    '[3,{"c":["5525.1","0.003"],"a":["5525.4",1,"1.0"],"b":["5525.0",2,"2.5"]},"ticker","XBT/USD"]',
    '{"event":"subscriptionStatus","status":"subscribed","channelName":"book-10","pair":"XBT/USD","subscription":{"name":"book"}}',
  ],
  okx: [
    '{"arg":{"channel":"books","instId":"A-B"},"action":"snapshot","data":[{"asks":[["2","1"]],"bids":[["1","1"]],"ts":"1652459225464","checksum":3,"seqId":5,"prevSeqId":-1}]}',
    '{"arg":{"channel":"books","instId":"A-B"},"action":"update","data":[{"asks":[["2","0"]],"bids":[],"ts":"1652459225464","seqId":6,"prevSeqId":5}]}',
    '{"arg":{"channel":"trades","instId":"A-B"},"data":[{"instId":"A-B","tradeId":"7","px":"1","sz":"1","side":"buy","ts":"1","count":"2"}]}',
    '{"arg":{"channel":"candle1m","instId":"A-B"},"data":[["60000","1","1","1","1","1","1","1","0"]]}',
    '{"arg":{"channel":"tickers","instId":"A-B"},"data":[{"instId":"A-B","last":"1","askPx":"","ts":"1"}]}',
    '{"event":"subscribe","arg":{"channel":"books","instId":"A-B"}}',
  ],
  bitfinex: [
    '{"event":"info","version":2,"code":20061}',
    '{"event":"conf","status":"OK","flags":537100288}',
    '{"event":"subscribed","channel":"book","chanId":1,"symbol":"tBTCUSD","prec":"P0"}',
    '{"event":"subscribed","channel":"book","chanId":2,"symbol":"tBTCUSD","prec":"R0"}',
    '{"event":"subscribed","channel":"trades","chanId":3,"symbol":"tBTCUSD"}',
    '{"event":"subscribed","channel":"candles","chanId":4,"key":"trade:1m:tBTCUSD"}',
    '{"event":"unsubscribed","status":"OK","chanId":1}',
    '[1,[[100,1,0.5],[101,1,-2]]]',
    '[1,[100,0,1]]',
    '[2,[[11,100,0.5],[21,101,-2]]]',
    '[2,[11,99,0.25],7,1564617600541]',
    '[2,"cs",-12]',
    '[3,[[1,1564617600709,1,100]]]',
    '[3,"te",[2,1564617600709,-1,100]]',
    '[4,[[1786563000000,3,4,5,2,10]]]',
  ],
  coinbase: [
    '{"channel":"l2_data","timestamp":"2026-08-09T21:05:48.5Z","sequence_num":0,"events":[{"type":"snapshot","product_id":"A-B","updates":[{"side":"bid","price_level":"1","new_quantity":"2"},{"side":"offer","price_level":"2","new_quantity":"2"}]}]}',
    '{"channel":"l2_data","sequence_num":1,"events":[{"type":"update","product_id":"A-B","updates":[{"side":"bid","price_level":"1","new_quantity":"0"}]}]}',
    '{"channel":"market_trades","sequence_num":2,"events":[{"type":"update","trades":[{"product_id":"A-B","trade_id":"1","price":"1","size":"1","time":"2026-08-09T21:05:48Z","side":"BUY"}]}]}',
    '{"channel":"candles","events":[{"type":"snapshot","candles":[{"start":"1786309500","high":"1","low":"1","open":"1","close":"1","volume":"1","product_id":"A-B"}]}]}',
    '{"channel":"ticker","events":[{"type":"update","tickers":[{"product_id":"A-B","price":"1"}]}]}',
  ],
  'independent-reserve': [
    '{"Event":"Subscriptions","Data":["orderbook-eth"],"Time":1689718230428}',
    '{"Event":"Heartbeat","Time":1689718999999}',
    '{"Channel":"orderbook-eth","Nonce":28,"Data":{"OrderType":"LimitBid","OrderGuid":"a","Price":{"aud":2500,"usd":1},"Volume":1},"Time":1689718320139,"Event":"NewOrder"}',
    '{"Channel":"orderbook-eth","Nonce":29,"Data":{"OrderType":"LimitBid","OrderGuid":"a","Volume":0.5},"Time":1689718320139,"Event":"OrderChanged"}',
    '{"Channel":"orderbook-eth","Nonce":30,"Data":{"OrderType":"LimitBid","OrderGuid":"a"},"Time":1689718320139,"Event":"OrderCanceled"}',
    '{"Channel":"ticker-eth-aud","Nonce":1,"Time":1,"Event":"Trade","Data":{"TradeGuid":"c","TradeDate":"2009-01-03T18:15:05.9321664+00:00","Volume":50.0,"Price":{"Aud":1},"Side":"Buy"}}',
  ],
  ftx: [
    '{"channel":"orderbook","market":"A/B","type":"partial","data":{"time":1,"checksum":2,"bids":[[1,1]],"asks":[[2,1]]}}',
    '{"channel":"orderbook","market":"A-0924","type":"update","data":{"time":1.5,"checksum":2,"bids":[[1,0]],"asks":[]}}',
    '{"channel":"trades","market":"A/B","type":"update","data":[{"id":1,"price":1,"size":1,"side":"sell","time":"2022-04-29T13:01:38+00:00"}]}',
    '{"channel":"ticker","market":"A/B","type":"update","data":{"bid":1,"ask":null,"time":1}}',
  ],
};

const ANSWERS: Readonly<Record<string, readonly (readonly [url: string, body: string])[]>> = {
  kraken: [
    ['/0/public/AssetPairs', '{"result":{"X":{"wsname":"XBT/USD","pair_decimals":1,"lot_decimals":8}}}'],
    ['/0/public/Trades?pair=XBTUSD', '{"result":{"X":[["1","2",3.5,"b","l","",9]],"last":"1"}}'],
    ['/0/public/OHLC?pair=XBTUSD&interval=1', '{"result":{"X":[[60,"1","1","1","1","1","1",2]],"last":1}}'],
  ],
  bitfinex: [
    ['/v2/conf/pub:map:currency:sym', '[[["UST","USDt"],["QQQ","QqqCoin"]]]'],
    ['/v2/conf/pub:list:pair:exchange', '[["BTCUSD","DOGE:USD"]]'],
  ],
  coinbase: [
    [
      '/api/v3/brokerage/market/products',
      '{"products":[{"product_id":"A-B","base_currency_id":"A","quote_currency_id":"B"}]}',
    ],
  ],
  'independent-reserve': [
    ['/Public/GetValidPrimaryCurrencyCodes', '["Xbt","Eth"]'],
    ['/Public/GetValidSecondaryCurrencyCodes', '["Aud"]'],
    [
      '/Public/GetAllOrders?primaryCurrencyCode=eth&secondaryCurrencyCode=aud',
      '{"BuyOrders":[{"Guid":"b","Price":1.0,"Volume":1.5}],"SellOrders":[],"CreatedTimestampUtc":"2023-07-18T22:12:05Z"}',
    ],
    [
      '/Public/GetMarketSummary?primaryCurrencyCode=eth&secondaryCurrencyCode=aud',
      '{"LastPrice":1,"CreatedTimestampUtc":"2023-07-18T22:12:05Z"}',
    ],
  ],
  okx: [
    ['/api/v5/public/instruments', '{"data":[{"instId":"A-B","ctVal":"10","ctMult":"1"}]}'],
    [
      '/api/v5/market/history-trades?instId=A-B&after=9',
      '{"data":[{"tradeId":"7","px":"1","sz":"1","side":"buy","ts":"1"}]}',
    ],
    [
      '/api/v5/market/history-candles?instId=A-B&bar=1m',
      '{"data":[["60000","1","1","1","1","1","1","1","1"]]}',
    ],
  ],
};

const anything = fc.oneof(
  fc.jsonValue({ maxDepth: 2 }).map(value => JSON.stringify(value)),
  fc.constantFrom(
    'null',
    '-1',
    '1e400',
    '1e-400',
    '12345678901234567890.123',
    '""',
    '{}',
    '[]',
    '[[]]',
    '[{}]',
  ),
  fc.string({ maxLength: 12 }),
);

/** Exchanges a piece of a text, a value of JSON where it can, for another. */
const spoiled = (text: string) =>
  fc.tuple(fc.nat({ max: text.length }), fc.nat({ max: 24 }), anything).map(([at, length, other]) => {
    const value = /"[^"]*"|[-\d.]+|\[[^[\]]*\]|\{[^{}]*\}/g;
    value.lastIndex = at;
    const found = value.exec(text);
    if (found === null || length % 3 === 0) return text.slice(0, at) + other + text.slice(at + length);
    return text.slice(0, found.index) + other + text.slice(found.index + found[0].length);
  });

test.for(Object.keys(FRAMES))(
  'whatever %s sends, its decoder throws nothing, and no book is crossed',
  name => {
    const venue = VENUES.get(name)!;
    const frames = FRAMES[name];
    const frame = fc.constantFrom(...frames).chain(text => fc.oneof(fc.constant(text), spoiled(text)));
    fc.assert(
      fc.property(fc.array(frame, { maxLength: 12 }), texts => {
        const run = new VenueRun(venue).open();
        for (const text of texts) {
          run.recv(text);
          const { books, orderBooks } = run.pipeline.decoder;
          for (const { book, isValid } of [...books.values(), ...(orderBooks?.values() ?? [])]) {
            if (isValid) expect(book.bids.priceAt(0) >= book.asks.priceAt(0)).toBe(false);
          }
        }
        run.close();
      }),
      { numRuns: 300 },
    );
  },
);

test.for(Object.keys(ANSWERS))('whatever %s answers, its decoder throws nothing', name => {
  const venue = VENUES.get(name)!;
  const answer = fc
    .constantFrom(...ANSWERS[name])
    .chain(([url, body]) => fc.tuple(fc.constant(url), fc.oneof(fc.constant(body), spoiled(body))));
  fc.assert(
    fc.property(fc.array(answer, { maxLength: 6 }), answers => {
      const run = new VenueRun(venue).open().recv(...FRAMES[name]);
      for (const [url, body] of answers) run.answer(`https://venue.test${url}`, body);
    }),
    { numRuns: 200 },
  );
});
