import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { createInterface, type Interface } from 'node:readline';
import { QtError } from '../../model/errors.ts';
import type { RecordClient } from '../../streaming/client/client.ts';
import type { StreamInfo, Topic } from '../../streaming/protocol.ts';
import { type ClientCommand, completions, HELP, parseCommand } from './commands.ts';

/** Where typed lines are kept, below the current folder as all else that is. */
const HISTORY = '.qt/client-history';
const MOST_LINES = 500;
/** Levels that `book` shows. */
const LEVELS = 10;

/** What is typed, with completion and a history that outlives the run; lines of a pipe are commands as well. */
export class Prompt {
  readonly #client: RecordClient;
  readonly #end: () => void;
  readonly #reader: Interface;
  readonly #isTerminal = process.stdin.isTTY === true && process.stdout.isTTY === true;
  #streams: readonly StreamInfo[] = [];
  #isClosed = false;

  constructor(client: RecordClient, end: () => void) {
    this.#client = client;
    this.#end = end;
    this.#reader = createInterface({
      input: process.stdin,
      output: process.stdout,
      terminal: this.#isTerminal,
      prompt: '> ',
      history: this.#isTerminal ? history() : [],
      historySize: MOST_LINES,
      removeHistoryDuplicates: true,
      completer: (line: string) => this.#complete(line),
    });
    this.#reader.on('history', lines => keep(lines));
    let last = Promise.resolve();
    // One after the other, as they were typed.
    this.#reader.on('line', line => {
      last = last.then(() => this.#run(line));
    });
    // In raw mode Ctrl-C is a key.
    this.#reader.on('SIGINT', () => end());
    // The end of a pipe ends nothing: what was subscribed to goes on.
    if (this.#isTerminal) this.#reader.on('close', () => end());
    this.#ask();
  }

  /** A line above what is being typed. */
  print(line: string): void {
    if (!this.#isTerminal || this.#isClosed) {
      process.stdout.write(`${line}\n`);
      return;
    }
    process.stdout.write(`\r\u001b[K${line}\n`);
    this.#reader.prompt(true);
  }

  close(): void {
    this.#isClosed = true;
    if (this.#isTerminal) process.stdout.write('\r\u001b[K');
    this.#reader.close();
  }

  #ask(): void {
    if (this.#isTerminal && !this.#isClosed) this.#reader.prompt();
  }

  async #run(line: string): Promise<void> {
    try {
      const command = parseCommand(line);
      if (command !== undefined) await this.#do(command);
    } catch (error) {
      if (!(error instanceof QtError)) throw error;
      this.print(`${error.code}: ${error.message}`);
    }
    this.#ask();
  }

  async #do(command: ClientCommand): Promise<void> {
    switch (command.name) {
      case 'sub':
        this.#client.subscribe(command.topic ?? {});
        return;
      case 'dc':
        this.#client.unsubscribe(command.topic);
        return;
      case 'list':
        await this.#list();
        return;
      case 'book':
        this.#book(command.venue, command.topic);
        return;
      case 'ping':
        this.print(`${await this.#client.ping()} ms`);
        return;
      case 'help':
        this.print(HELP);
        return;
      case 'exit':
        this.#isClosed = true;
        this.#end();
    }
  }

  async #list(): Promise<void> {
    this.#streams = await this.#client.list();
    for (const { channel, seq, topic, venue } of this.#streams)
      this.print(`${venue} ${topic === '' ? '*' : topic} ${channel} #${seq}`);
    const topics = this.#client.subscriptions.map(wordsOf);
    this.print(topics.length === 0 ? 'subscribed to nothing' : `subscribed to: ${topics.join('; ')}`);
  }

  #book(venue: string, topic: string): void {
    const book = this.#client.book(venue, topic);
    if (book === undefined) {
      this.print(`there is no such book yet: sub ${topic} book ${venue}`);
      return;
    }
    this.print(
      `${venue} ${topic} #${book.seq}${book.isValid ? '' : ', not to be used: something is missing'}`,
    );
    for (const [price, size] of book.asks.slice(0, LEVELS).reverse()) this.print(`  ask ${price}  ${size}`);
    for (const [price, size] of book.bids.slice(0, LEVELS)) this.print(`  bid ${price}  ${size}`);
  }

  #complete(line: string): [string[], string] {
    // Asked for in the background: the next Tab knows more.
    this.#client.list().then(
      streams => {
        this.#streams = streams;
      },
      () => {},
    );
    const topics = new Set(this.#streams.map(({ topic }) => topic).filter(topic => topic !== ''));
    const venues = new Set(this.#streams.map(({ venue }) => venue));
    return completions(line, { topics, venues });
  }
}

function wordsOf({ channel, topic, venue }: Topic): string {
  return `${topic ?? '*'} ${channel ?? '*'} ${venue ?? '*'}`;
}

/** Newest first, as readline wants them. */
function history(): string[] {
  try {
    return existsSync(HISTORY)
      ? readFileSync(HISTORY, 'utf8')
          .split('\n')
          .filter(line => line !== '')
      : [];
  } catch {
    // A history that cannot be read is none.
    return [];
  }
}

function keep(lines: readonly string[]): void {
  try {
    mkdirSync(dirname(HISTORY), { recursive: true });
    writeFileSync(`${HISTORY}.part`, `${lines.slice(0, MOST_LINES).join('\n')}\n`);
    renameSync(`${HISTORY}.part`, HISTORY);
  } catch {
    // Nobody loses anything but a convenience.
  }
}
