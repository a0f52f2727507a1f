import type { LiveEvent } from '../../live/events.ts';
import type { TerminalStyle } from '../../report/console/format.ts';
import { type EventText, eventLine, eventText } from '../../report/console/live-lines.ts';
import { type LiveView, liveViewLines } from '../../report/console/live-view.ts';
import { styleOf } from '../output/terminal.ts';

/** What the screen is told to show; it adds the messages, which it keeps from the events. */
export type LiveState = Omit<LiveView, 'messages'>;

/** Where people and programs see what runs live. */
export interface LiveScreen {
  event(event: LiveEvent): void;
  /** How things stand; a function is called when the screen is next drawn. */
  view(state: LiveState | (() => LiveState)): void;
  /** Gives the terminal back as it was. */
  close(): void;
}

export interface LiveScreenOptions {
  /** `screen` redraws a terminal in place, `lines` prints a line an event, `json` an object a line. */
  readonly mode: 'screen' | 'lines' | 'json';
  readonly out: NodeJS.WriteStream;
  readonly env?: NodeJS.ProcessEnv;
}

/** The screen is drawn at most this often, ms. */
const FRAME_MS = 250;
/** Messages that the screen keeps. */
const MESSAGES = 100;
/** What a reader that is behind may leave waiting, bytes; lines beyond it are left out and counted. */
const WAITING_LIMIT = 16 * 2 ** 20;

export function createLiveScreen({ mode, out, env = process.env }: LiveScreenOptions): LiveScreen {
  if (mode === 'screen') return new TerminalScreen(out, env);
  const lines = new LineOutput(out);
  const style = styleOf(out, env);
  return {
    event: event => {
      if (mode === 'json') lines.write(JSON.stringify(event), json);
      else {
        const text = eventText(event);
        if (text !== undefined)
          lines.write(eventLine(text, style), warning => eventLine(eventText(warning)!, style));
      }
    },
    view: () => {},
    close: () => {},
  };
}

const json = (event: LiveEvent) => JSON.stringify(event);

/** Lines for a reader that may be slow: trading does not wait for it. */
class LineOutput {
  readonly #out: NodeJS.WriteStream;
  #dropped = 0;

  constructor(out: NodeJS.WriteStream) {
    this.#out = out;
  }

  write(line: string, format: (warning: LiveEvent) => string): void {
    if (this.#out.writableLength > WAITING_LIMIT) {
      this.#dropped++;
      return;
    }
    if (this.#dropped > 0) {
      const message = `${this.#dropped} lines were left out, because their reader was behind`;
      this.#dropped = 0;
      this.#out.write(`${format({ type: 'warning', time: Number.NaN, code: 'LINES_DROPPED', message })}\n`);
    }
    this.#out.write(`${line}\n`);
  }
}

function isPlainReport(event: LiveEvent): boolean {
  return event.type === 'report' && event.message === '';
}

const ESCAPE = '\u001b';
/** A second page of the terminal, without cursor: the first one stays as it was. */
const ENTER = `${ESCAPE}[?1049h${ESCAPE}[?25l`;
const LEAVE = `${ESCAPE}[?25h${ESCAPE}[?1049l`;
/** Terminals that know it show what stands between the two at once. */
const BEGIN = `${ESCAPE}[?2026h`;
const END = `${ESCAPE}[?2026l`;
const HOME = `${ESCAPE}[H`;
const REST_OF_LINE = `${ESCAPE}[K`;
const REST_OF_SCREEN = `${ESCAPE}[J`;

/** Every frame overwrites the one before, line by line: nothing is cleared first, so nothing flickers. */
class TerminalScreen implements LiveScreen {
  readonly #out: NodeJS.WriteStream;
  readonly #env: NodeJS.ProcessEnv;
  readonly #messages: EventText[] = [];
  readonly #resized = () => this.#draw();
  readonly #leave = () => this.close();
  #state: LiveState | (() => LiveState) | undefined;
  #timer: NodeJS.Timeout | undefined;
  #drawnAt = Number.NEGATIVE_INFINITY;
  #open = false;
  /** Set once the screen could not be drawn. */
  #lines: LineOutput | undefined;

  constructor(out: NodeJS.WriteStream, env: NodeJS.ProcessEnv) {
    this.#out = out;
    this.#env = env;
  }

  event(event: LiveEvent): void {
    // Bars have their own place on the screen; of orders and fills the strategy's own say more.
    const isQuiet = event.type === 'bar' || event.type === 'command' || isPlainReport(event);
    const text = isQuiet ? undefined : eventText(event);
    if (text === undefined) return;
    if (this.#lines !== undefined) {
      const style = styleOf(this.#out, this.#env);
      this.#lines.write(eventLine(text, style), warning => eventLine(eventText(warning)!, style));
      return;
    }
    this.#messages.push(text);
    if (this.#messages.length > MESSAGES) this.#messages.shift();
    this.#changed();
  }

  view(state: LiveState | (() => LiveState)): void {
    if (this.#lines !== undefined) return;
    this.#state = state;
    this.#changed();
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#state = undefined;
    if (!this.#open) return;
    this.#open = false;
    this.#out.off('resize', this.#resized);
    process.off('exit', this.#leave);
    this.#out.write(LEAVE);
  }

  #changed(): void {
    if (this.#timer !== undefined || this.#state === undefined) return;
    const wait = this.#drawnAt + FRAME_MS - performance.now();
    this.#timer = setTimeout(() => this.#draw(), Math.max(0, wait));
  }

  #draw(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#state === undefined) return;
    this.#drawnAt = performance.now();
    // A terminal that is behind gets the next frame instead.
    if (this.#out.writableNeedDrain) {
      this.#changed();
      return;
    }
    this.#enter();
    try {
      this.#out.write(this.#frame(this.#state));
    } catch (error) {
      // Whatever is wrong with the picture, what runs behind it goes on.
      this.close();
      this.#lines = new LineOutput(this.#out);
      const reason = error instanceof Error ? error.message : String(error);
      this.event({
        type: 'warning',
        time: Date.now(),
        code: 'SCREEN_FAILED',
        message: `${reason}; lines follow`,
      });
    }
  }

  #frame(current: LiveState | (() => LiveState)): string {
    const state = typeof current === 'function' ? current() : current;
    const rows = this.#out.rows > 0 ? this.#out.rows : 24;
    const style: TerminalStyle = styleOf(this.#out, this.#env);
    const lines = liveViewLines({ ...state, messages: this.#messages }, style, rows);
    const frame = lines.map(line => line + REST_OF_LINE).join('\r\n');
    return `${BEGIN}${HOME}${frame}${REST_OF_SCREEN}${END}`;
  }

  #enter(): void {
    if (this.#open) return;
    this.#open = true;
    this.#out.on('resize', this.#resized);
    process.on('exit', this.#leave);
    this.#out.write(ENTER);
  }
}
