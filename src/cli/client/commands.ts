import { InputError, suggestion } from '../../model/errors.ts';
import { FEEDS, type Feed, type Topic } from '../../streaming/protocol.ts';

/** What can be typed. */
export type ClientCommand =
  | { readonly name: 'sub' | 'dc'; readonly topic: Topic | undefined }
  | { readonly name: 'book'; readonly venue: string; readonly topic: string }
  | { readonly name: 'list' | 'ping' | 'exit' | 'help' };

export const COMMANDS = ['sub', 'dc', 'list', 'book', 'ping', 'help', 'exit'] as const;

export const HELP = `sub                          everything
sub BTC-USDT                 all channels of a symbol; BTC-* for all that begin so
sub BTC-USDT trades okx      one channel, of one venue; * stands for all
dc [the same]                no more of it; of nothing without words
list                         what there is, and what is subscribed to
book okx BTC-USDT            the best levels of a book that is subscribed to
ping, help, exit`;

/** A line as it was typed; undefined for an empty one. Throws InputError `COMMAND_UNKNOWN`, `CHANNEL_UNKNOWN`. */
export function parseCommand(line: string): ClientCommand | undefined {
  const [first = '', ...words] = line.trim().replace(/^\//, '').split(/\s+/);
  if (first === '') return undefined;
  const name = { unsub: 'dc', subscribe: 'sub', unsubscribe: 'dc', quit: 'exit' }[first] ?? first;
  if (name === 'sub' || name === 'dc') {
    return { name, topic: words.length === 0 ? undefined : topicOf(words) };
  }
  if (name === 'book') {
    const [venue, topic] = words;
    if (topic !== undefined && words.length === 2) return { name, venue, topic };
    throw new InputError('COMMAND_INVALID', 'book needs a venue and a symbol', {
      value: line,
      fix: 'book okx BTC-USDT',
    });
  }
  const known = COMMANDS.find(one => one === name);
  if (known === undefined) {
    throw new InputError('COMMAND_UNKNOWN', `there is no command "${first}"`, {
      value: first,
      fix: suggestion(first, COMMANDS),
    });
  }
  return { name: known as 'list' };
}

/** `BTC-USDT trades okx`. Throws InputError. */
export function parseSubscription(text: string): Topic {
  return topicOf(text.trim().split(/\s+/));
}

function topicOf(words: readonly string[]): Topic {
  const [topic, channel, venue, ...rest] = words.map(word =>
    word === '*' || word === '' ? undefined : word,
  );
  if (rest.length > 0) {
    throw new InputError('COMMAND_INVALID', 'there are too many words', {
      value: words.join(' '),
      fix: 'give TOPIC CHANNEL VENUE',
    });
  }
  if (channel !== undefined && !FEEDS.includes(channel as Feed)) {
    throw new InputError('CHANNEL_UNKNOWN', `there is no channel "${channel}"`, {
      value: channel,
      fix: suggestion(channel, FEEDS),
    });
  }
  return {
    ...(topic === undefined ? {} : { topic }),
    ...(channel === undefined ? {} : { channel: channel as Feed }),
    ...(venue === undefined ? {} : { venue }),
  };
}

/** What a line may go on with, for completion: the candidates, and the part of the line that they stand for. */
export function completions(
  line: string,
  known: { readonly topics: Iterable<string>; readonly venues: Iterable<string> },
): [string[], string] {
  const words = line.trimStart().split(/\s+/);
  const last = words[words.length - 1];
  const [first] = words;
  const choices =
    words.length === 1
      ? COMMANDS
      : first === 'sub' || first === 'dc'
        ? [[...known.topics], FEEDS, [...known.venues]][words.length - 2]
        : first === 'book'
          ? [[...known.venues], [...known.topics]][words.length - 2]
          : [];
  const fitting = (choices ?? []).filter(choice => choice.toLowerCase().startsWith(last.toLowerCase()));
  return [fitting.map(choice => `${choice} `), last];
}
