/**
 * Books kept from the same depth frames by others and by us, in turn: `node bench/peers/books/run.ts [--setup] [--write]`; part
 * of `npm run bench:peers`. See ../README.md.
 */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { cpus, loadavg } from 'node:os';
import { join } from 'node:path';
import { type BookFrames, bookFrames } from '../../book-frames.ts';
import { pipelineOf } from '../../books.ts';
import { writeSection } from '../../document.ts';
import { median } from '../../median.ts';
import { attempt, once } from '../setup.ts';
import { openCcxt } from './ccxt.ts';
import type { OpenPeerBook } from './contract.ts';
import { openTardis } from './tardis.ts';

const HERE = import.meta.dirname;
const PEERS: Readonly<Record<string, OpenPeerBook>> = { 'tardis-dev': openTardis, ccxt: openCcxt };
const ROUNDS = 11;
const WARM = 3;

/** Measures all of them and returns the section of docs/benchmarks.md. */
export async function bookPeers(anew: boolean): Promise<string> {
  const reason = setup(anew);
  const [load] = loadavg();
  const lines = [
    '| frames | | version | messages a second | ours / it | best prices at the end |',
    '|---|---|---|--:|--:|---|',
  ];
  for (const frames of await bookFrames()) lines.push(...rowsOf(frames, reason));
  const busy =
    load > cpus().length / 2 ? ` The machine was busy (load ${load.toFixed(1)}): the ratios are rough.` : '';
  lines.push(
    '',
    `Measured ${new Date().toISOString().slice(0, 10)} with \`npm run bench:peers -- --write\` on ${cpus()[0].model.trim()} (${cpus().length} cores), Node ${process.versions.node}.${busy}`,
  );
  return lines.join('\n');
}

function rowsOf(frames: BookFrames, missing: string | undefined): string[] {
  const names = missing === undefined ? Object.keys(PEERS) : [];
  const times: Record<string, number[]> = Object.fromEntries(['own', ...names].map(name => [name, []]));
  let best: Readonly<Record<string, readonly number[]>> = {};
  for (let round = 0; round < ROUNDS + WARM; round++) {
    const ended: Record<string, readonly number[]> = {};
    const measured = (name: string, run: () => readonly number[]) => {
      const before = performance.now();
      ended[name] = run();
      if (round >= WARM) times[name].push(performance.now() - before);
    };
    const pipeline = pipelineOf(frames);
    measured('own', () => {
      for (let at = frames.snapshot.after; at < frames.frames.length; at++)
        pipeline.feed(at, decoder => decoder.text(0, frames.frames[at]));
      const [{ book }] = pipeline.decoder.books.values();
      return [book.bids.priceAt(0), book.asks.priceAt(0)];
    });
    for (const name of names) {
      const peer = PEERS[name](frames);
      measured(name, () => {
        for (let at = frames.snapshot.after; at < frames.frames.length; at++) peer.see(frames.frames[at]);
        return peer.best;
      });
    }
    best = ended;
  }
  const count = frames.frames.length - frames.snapshot.after;
  const own = median(times.own);
  const row = (name: string, title: string, version: string) => {
    const ms = median(times[name]);
    const same =
      String(best[name]) === String(best.own)
        ? 'the same'
        : `${best[name].join(' / ')}, ours ${best.own.join(' / ')}`;
    const rate = Math.round((count * 1000) / ms).toLocaleString('en');
    return `| ${frames.name} | ${title} | ${version} | ${rate} | ${(ms / own).toFixed(1)} × | ${same} |`;
  };
  if (missing !== undefined)
    return [row('own', '**qt-trader**', ''), `| ${frames.name} | others | not installed: ${missing} | | | |`];
  return [row('own', '**qt-trader**', ''), ...names.map(name => row(name, name, versionOf(name)))];
}

function versionOf(name: string): string {
  const entry = createRequire(import.meta.url).resolve(name);
  const folder = entry.slice(
    0,
    entry.lastIndexOf(join('node_modules', name)) + join('node_modules', name).length,
  );
  return (JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { version: string }).version;
}

/** Why they are not there, in a line. */
function setup(anew: boolean): string | undefined {
  const state = join(HERE, 'node_modules', '.setup.json');
  const failed = once(state, [join(HERE, 'package-lock.json')], anew, () => {
    const args = ['ci', '--no-audit', '--no-fund', '--ignore-scripts', '--prefix', HERE];
    const reason = attempt('the libraries that keep books', 'npm', args);
    return reason === undefined ? {} : { npm: reason };
  });
  return failed.npm;
}

if (import.meta.main) {
  const section = await bookPeers(process.argv.includes('--setup'));
  console.log(section);
  if (process.argv.includes('--write')) writeSection('book-peers', section);
}
