import { RecordClient } from '../../../../streaming/client/client.ts';
import type { StreamInfo } from '../../../../streaming/protocol.ts';
import { element, find, setText } from '../dom.ts';
import { BookTable } from './book.ts';
import { browserNetwork } from './network.ts';
import { Tape } from './tape.ts';

/** Drawn so often, ms: nobody reads faster. */
const DRAW_MS = 100;
/** Topics are asked for so often, ms; an answer also shows that the server is there. */
const LIST_MS = 2000;

interface Chosen {
  readonly venue: string;
  readonly topic: string;
}

const state = find<HTMLOutputElement>('.state');
const list = find<HTMLUListElement>('.topics ul');
const filter = find<HTMLInputElement>('.topics input');
const form = find<HTMLFormElement>('.token');
const input = find<HTMLInputElement>('.token input');
const book = new BookTable();
const tape = new Tape();
let chosen: Chosen | undefined;
let client: RecordClient | undefined;
let streams: readonly StreamInfo[] = [];

const keyOf = ({ topic, venue }: Chosen) => `${venue} ${topic}`;

function connect(token?: string): void {
  const address = new URL('/', location.href);
  address.protocol = location.protocol === 'https:' ? 'wss:' : 'ws:';
  client = new RecordClient({
    url: address.href,
    network: browserNetwork,
    ...(token === undefined ? {} : { token }),
    onMessage: ({ data, topic, venue }) => {
      if (data.kind === 'trade' && chosen?.venue === venue && chosen.topic === topic) tape.add(data);
    },
    onRefused: () => {
      client = undefined;
      form.hidden = false;
      input.focus();
    },
  });
  if (chosen !== undefined) subscribe(chosen);
}

function subscribe({ topic, venue }: Chosen): void {
  client?.subscribe({ venue, topic, channel: 'book' });
  client?.subscribe({ venue, topic, channel: 'trades' });
}

function choose(next: Chosen): void {
  if (chosen !== undefined && keyOf(chosen) === keyOf(next)) return;
  chosen = next;
  client?.unsubscribe();
  tape.clear();
  subscribe(next);
  drawTopics();
  draw();
}

function drawTopics(): void {
  const wanted = filter.value.trim().toLowerCase();
  const topics = new Map<string, Chosen>();
  for (const { channel, topic, venue } of streams) {
    if (topic === '' || (channel !== 'book' && channel !== 'trades')) continue;
    if (keyOf({ topic, venue }).toLowerCase().includes(wanted))
      topics.set(keyOf({ topic, venue }), { topic, venue });
  }
  const names = [...topics.keys()].sort();
  const shown = [...list.querySelectorAll('button')];
  if (names.join('\n') !== shown.map(button => button.dataset.key).join('\n')) {
    list.replaceChildren(
      ...names.map(name => {
        const { topic, venue } = topics.get(name)!;
        const button = element('button', '', element('b', '', topic), ' ', element('small', '', venue));
        button.type = 'button';
        button.dataset.key = name;
        button.onclick = () => choose({ topic, venue });
        return element('li', '', button);
      }),
    );
  }
  for (const button of list.querySelectorAll('button'))
    button.setAttribute('aria-pressed', String(chosen !== undefined && button.dataset.key === keyOf(chosen)));
  // Something to see from the beginning.
  const [first] = names;
  if (chosen === undefined && first !== undefined) choose(topics.get(first)!);
}

function draw(): void {
  const isUp = client?.isConnected === true;
  state.dataset.state = isUp ? 'open' : 'waiting';
  setText(state, isUp ? 'connected' : form.hidden ? 'not connected, trying again …' : 'wants a token');
  if (chosen === undefined) return;
  book.show(`${chosen.venue} ${chosen.topic}`, client?.book(chosen.venue, chosen.topic));
  tape.draw();
}

function ask(): void {
  client?.list().then(
    found => {
      streams = found;
      drawTopics();
    },
    () => {},
  );
}

form.onsubmit = event => {
  event.preventDefault();
  form.hidden = true;
  connect(input.value);
  // It stays in the memory of the page alone.
  input.value = '';
  setTimeout(ask, 500);
};
filter.oninput = drawTopics;
connect();
setInterval(draw, DRAW_MS);
setInterval(ask, LIST_MS);
setTimeout(ask, 300);
