import { readFileSync } from 'node:fs';
import { expect, onTestFinished, test } from 'vitest';
import type { MarketRecord } from '../../src/model/records.ts';
import { serveRecords } from '../../src/streaming/server/server.ts';
import { PlainClient } from '../support/plain-client.ts';
import { book, trade } from '../support/records.ts';

const DOCUMENT = readFileSync(new URL('../../docs/server.md', import.meta.url), 'utf8');

const HAPPENINGS: Readonly<Record<string, MarketRecord>> = {
  trade: trade(2, { price: 61837.6, size: 0.002 }),
  delta: book('delta', [[61836, 0]], []),
};

test('the examples of docs/server.md are what happens', async () => {
  const server = await serveRecords({ port: 0 });
  onTestFinished(() => server.close());
  server.sink.write([
    trade(1),
    book('snapshot', [[61837, 2]], [[61838, 3]]),
    book('delta', [[61836, 1]], []),
  ]);
  const client = await PlainClient.open(server.url);
  // Times, and the name of the server, are of the run.
  const steady = (message: object) => {
    const { server, time, ...rest } = { server: '', time: 0, ...message };
    return rest;
  };
  let examples = 0;
  let before = '';
  const steps = DOCUMENT.matchAll(/<!-- (?:happens: (\w+)|(sends|gets)) -->\n+(?:```json\n([\s\S]*?)```)?/g);
  for (const [, happening, way, text = ''] of steps) {
    if (happening !== undefined) {
      // What was asked before is answered before.
      if (before === 'sends')
        await expect.poll(() => client.messages.length, { timeout: 20_000 }).toBeGreaterThan(1);
      server.sink.write([HAPPENINGS[happening]]);
      continue;
    }
    before = way;
    for (const line of text.trim().split('\n')) {
      examples++;
      if (way === 'sends') client.send(line);
      else expect(steady(await client.next())).toEqual(steady(JSON.parse(line)));
    }
  }
  expect(examples).toBeGreaterThan(10);
  expect(client.messages).toEqual([]);
});
