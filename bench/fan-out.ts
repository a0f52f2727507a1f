/**
 * The server on loopback: 200 websocket clients in a process of their own, each of which gets every one of 5,000 trades a
 * second, a million messages a second together; then the same beside ten clients that stop reading. So many clients share
 * one core here: they take frames apart by hand, and check the number of each. Latency is from the
 * moment at which the server numbers a record to the one at which a client has it. Run alone, `node bench/fan-out.ts
 * --seconds 60`, it takes as long as it is told.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { WebSocket } from 'ws';
import type { TradeRecord } from '../src/model/records.ts';
import { serveRecords } from '../src/streaming/server/server.ts';
import { quantile } from './median.ts';
import { courseText, MemoryCourse } from './memory.ts';

const CLIENTS = 200;
const RATE = 5000;
const STOPPED = 10;
/** Records are written so often, ms: what a market brings comes in bursts. */
const EVERY_MS = 1;
/** Of so many messages of a client one is timed. */
const TIMED = 50;
const MOST_TIMES = 2_000_000;

export interface FanOutRow {
  readonly stopped: number;
  readonly seconds: number;
  /** Records a second that were written. */
  readonly published: number;
  /** Messages a second that clients took, all together. */
  readonly delivered: number;
  /** Messages that did not come. */
  readonly missing: number;
  /** ms. */
  readonly p50: number;
  readonly p99: number;
  readonly p999: number;
  /** Shares of a core. */
  readonly serverCpu: number;
  readonly clientCpu: number;
  /** Of the server. */
  readonly memory: MemoryCourse;
}

/** What the process of the clients says when it is over. */
interface ClientsReport {
  readonly received: number;
  readonly missing: number;
  readonly p50: number;
  readonly p99: number;
  readonly p999: number;
  readonly cpu: number;
}

const microseconds = () => (performance.timeOrigin + performance.now()) * 1000;

/** By JSON: the engine remembers texts that it makes of numbers otherwise, which would count as the server's memory. */
const textOf = (id: number) => JSON.stringify(id);

function trade(id: number): TradeRecord {
  const time = Math.round(microseconds());
  return {
    ...{ kind: 'trade', venue: 'okx', symbol: 'BTC-USDT', native: 'BTC-USDT', sequence: null },
    ...{ exchangeTime: time - 20_000, receiveTime: time, publishTime: time, id: textOf(id), side: 'buy' },
    ...{ price: 61_837.6, priceText: '61837.6', size: 0.00231, sizeText: '0.00231' },
    ...{ isHistory: false, isLate: false, fills: null },
  };
}

async function measure(seconds: number, stopped: number): Promise<FanOutRow> {
  const server = await serveRecords({ port: 0 });
  const still: WebSocket[] = [];
  for (let at = 0; at < stopped; at++) {
    const socket = new WebSocket(server.url);
    await once(socket, 'open');
    socket.send('sub');
    await once(socket, 'message');
    socket.pause();
    still.push(socket);
  }
  const clients = fork(import.meta.filename, ['--clients', server.url]);
  await once(clients, 'message');
  let id = 0;
  const began = performance.now();
  const cpu = process.cpuUsage();
  const memory = new MemoryCourse();
  while (performance.now() - began < seconds * 1000) {
    const due = Math.floor(((performance.now() - began) / 1000) * RATE);
    const records: TradeRecord[] = [];
    while (id < due) records.push(trade(++id));
    if (records.length > 0) await server.sink.write(records);
    memory.look();
    await pause(EVERY_MS);
  }
  const took = (performance.now() - began) / 1000;
  const { system, user } = process.cpuUsage(cpu);
  await pause(500);
  clients.send({ published: id });
  const [report] = (await once(clients, 'message')) as [ClientsReport];
  clients.disconnect();
  await once(clients, 'exit');
  for (const socket of still) socket.terminate();
  await server.close();
  return {
    ...{ stopped, seconds: took, published: id / took, delivered: report.received / took },
    ...{ missing: report.missing, p50: report.p50, p99: report.p99, p999: report.p999 },
    serverCpu: (user + system) / 1e6 / took,
    clientCpu: report.cpu / took,
    memory,
  };
}

export async function benchFanOut(seconds = 8): Promise<FanOutRow[]> {
  return [await measure(seconds, 0), await measure(seconds, STOPPED)];
}

export function fanOutTable(rows: readonly FanOutRow[]): string {
  const whole = (value: number) => Math.round(value).toLocaleString('en-US');
  return [
    `| ${CLIENTS} clients × ${whole(RATE)} a second | seconds | messages a second | not come | latency p50 / p99 / p99.9, ms | CPU of server / clients, cores | memory of the server: after 1 s / median / at the end, MB, MB a minute | of these in buffers |`,
    '|---|---:|---:|---:|---:|---:|---:|---:|',
    ...rows.map(row =>
      [
        `| ${row.stopped === 0 ? 'all read' : `and ${row.stopped} that stop reading`}`,
        row.seconds.toFixed(0),
        whole(row.delivered),
        whole(row.missing),
        [row.p50, row.p99, row.p999].map(ms => ms.toFixed(1)).join(' / '),
        `${row.serverCpu.toFixed(2)} / ${row.clientCpu.toFixed(2)}`,
        courseText(row.memory.rss),
        `${courseText(row.memory.external)} |`,
      ].join(' | '),
    ),
  ].join('\n');
}

/** The other process. */
async function runClients(url: string): Promise<void> {
  const times = new Float64Array(MOST_TIMES);
  let [timed, received, missing] = [0, 0, 0];
  const last = new Int32Array(CLIENTS);
  const sockets: Socket[] = [];
  for (let at = 0; at < CLIENTS; at++) {
    const socket = await openClient(url, (data, from) => {
      // A client that was too slow is told so; what it did not get shows in the numbers.
      if (data[from + 2] !== CHANNEL) return;
      received++;
      const place = data.indexOf(SEQUENCE, from) + SEQUENCE.length;
      let seq = 0;
      let end = place;
      for (; data[end] !== COMMA; end++) seq = seq * 10 + data[end] - 48;
      missing += seq - last[at] - 1;
      last[at] = seq;
      if (seq % TIMED !== at % TIMED || timed >= MOST_TIMES) return;
      const time = end + TIME.length;
      times[timed++] = (microseconds() - Number(data.toString('latin1', time, time + 16))) / 1000;
    });
    sockets.push(socket);
  }
  const cpu = process.cpuUsage();
  process.send!('ready');
  const [{ published }] = (await once(process, 'message')) as [{ readonly published: number }];
  const { system, user } = process.cpuUsage(cpu);
  const all = times.subarray(0, timed);
  const report: ClientsReport = {
    received,
    missing: missing + last.reduce((sum, seq) => sum + published - seq, 0),
    ...{ p50: quantile(all, 0.5), p99: quantile(all, 0.99), p999: quantile(all, 0.999) },
    cpu: (user + system) / 1e6,
  };
  process.send!(report);
  await once(process, 'disconnect');
  for (const socket of sockets) socket.destroy();
}

/** Of `{"channel":`; answers begin with `{"event":`. */
const CHANNEL = 0x63;
const SEQUENCE = '"seq":';
const TIME = ',"time":';
const COMMA = 0x2c;
const REQUEST = '{"op":"subscribe","topic":"BTC-USDT","channel":"trades","venue":"okx"}';
/** All clients read into the same memory: what is in it is seen before the next one reads. */
const MEMORY = Buffer.allocUnsafe(512 * 1024);

/** A client that has subscribed; `see` gets where the payload of each data message begins. */
async function openClient(url: string, see: (data: Buffer, from: number) => void): Promise<Socket> {
  const { hostname, port } = new URL(url);
  let rest = Buffer.alloc(0);
  let heard = '';
  const { promise: subscribed, resolve } = Promise.withResolvers<void>();
  const take = (data: Buffer): void => {
    let at = 0;
    while (at + 4 <= data.length) {
      const short = data[at + 1];
      const header = short === 126 ? 4 : 2;
      const length = short === 126 ? data.readUInt16BE(at + 2) : short;
      if (at + header + length > data.length) break;
      see(data, at + header);
      at += header + length;
    }
    rest = at < data.length ? Buffer.from(data.subarray(at)) : EMPTY;
  };
  const socket = connect({
    ...{ port: Number(port), host: hostname },
    onread: {
      buffer: MEMORY,
      callback: bytes => {
        const data = MEMORY.subarray(0, bytes);
        if (heard !== DONE) {
          // The answer to the handshake, then the one to the subscription: nothing is written until all are here.
          heard += data.toString('latin1');
          if (heard.includes('"subscribed"')) {
            heard = DONE;
            resolve();
          }
        } else take(rest.length === 0 ? data : Buffer.concat([rest, data]));
        return true;
      },
    },
  });
  await once(socket, 'connect');
  socket.write(
    `GET / HTTP/1.1\r\nHost: ${hostname}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n`,
  );
  const payload = Buffer.from(REQUEST);
  // A mask of zeroes leaves the payload as it is.
  socket.write(Buffer.concat([Buffer.from([0x81, 0x80 | payload.length, 0, 0, 0, 0]), payload]));
  await subscribed;
  return socket;
}

const EMPTY = Buffer.alloc(0);
const DONE = 'subscribed';

if (import.meta.main) {
  const [name, value] = process.argv.slice(2);
  if (name === '--clients') await runClients(value);
  else console.log(fanOutTable(await benchFanOut(name === '--seconds' ? Number(value) : undefined)));
}
