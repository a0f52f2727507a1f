/**
 * `npm run bench [-- --write]`: the engine beside a loop by hand, and CSV beside other parsers, in one run. With
 * `--write` the tables go to docs/benchmarks.md. Nothing fails for being slow: look at the ratios.
 */
import { availableParallelism, cpus, loadavg } from 'node:os';
import { booksBench, booksTable } from './books.ts';
import { benchCsv, csvTable } from './csv.ts';
import { writeSection } from './document.ts';
import { engineBench, engineTable } from './engine.ts';
import { benchFanOut, fanOutTable } from './fan-out.ts';
import { indicatorsTable } from './indicators.ts';
import { liveBench, liveTable } from './live.ts';
import { ordersBench, ordersTable } from './orders.ts';
import { benchStore, storeTable } from './store.ts';
import { sweepBench, sweepTable } from './sweep.ts';

const [load] = loadavg();

console.log('Engine: one million one-minute bars, SMA 10/30, in turn with the loop by hand …');
const engine = engineTable(engineBench());
console.log(`\n${engine}\n`);
console.log('Orders: one filled, one placed and one cancelled at every of a million bars …');
const orders = ordersTable(ordersBench());
console.log(`\n${orders}\n`);
console.log('Sweep: a thousand combinations of the SMA cross over 100,000 bars …');
const sweep = sweepTable(sweepBench());
console.log(`\n${sweep}\n`);
console.log('Indicators: a million bars at once, and one after another …');
const indicators = indicatorsTable();
console.log(`\n${indicators}\n`);
console.log('CSV: one million rows of six columns, all parsed and checked …');
const csv = csvTable(await benchCsv());
console.log(`\n${csv}\n`);
console.log('Store: a million bars in and out …');
const store = storeTable(await benchStore());
console.log(`\n${store}\n`);
console.log('Live: 50 symbols with 10 indicators each, from the frame of a closed bar to the order …');
const live = liveTable(await liveBench());
console.log(`\n${live}\n`);
console.log('Books: depth frames to checked, updated books, in turn with JSON.parse alone …');
const books = booksTable(await booksBench());
console.log(`\n${books}\n`);
console.log('Fan-out: 200 websocket clients, 5,000 records a second to each …');
const fanOut = fanOutTable(await benchFanOut());
console.log(`\n${fanOut}\n`);

const busy =
  load > availableParallelism() / 2
    ? ` The machine was busy (load ${load.toFixed(1)}): the ratios are rough.`
    : '';
const footer = `Measured ${new Date().toISOString().slice(0, 10)} with \`npm run bench -- --write\` on ${cpus()[0].model.trim()} (${availableParallelism()} cores), Node ${process.versions.node}.${busy}`;
console.log(footer);

if (process.argv.includes('--write')) {
  const sections = { engine, orders, sweep, indicators, live, store, books, csv };
  for (const [name, table] of Object.entries(sections)) writeSection(name, `${table}\n\n${footer}`);
}
