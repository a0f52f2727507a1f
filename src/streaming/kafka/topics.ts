import { InputError, suggestion } from '../../model/errors.ts';
import type { MarketRecord } from '../../model/records.ts';

const PLACES = ['symbol', 'venue', 'channel', 'native'] as const;
type Place = (typeof PLACES)[number];

/** What Kafka allows in the name of a topic. */
const FORBIDDEN = /[^A-Za-z0-9._-]/g;
const MOST_CHARACTERS = 249;
/** Topics of one sink: a template with something in it that never repeats would fill a cluster. */
const MOST_TOPICS = 10_000;

const CHANNEL_OF: { readonly [Kind in MarketRecord['kind']]: string } = {
  trade: 'trades',
  book: 'book',
  order: 'l3',
  kline: 'klines',
  ticker: 'tickers',
  gap: 'gaps',
  metrics: 'metrics',
};

/** What a record that concerns a whole venue has in place of its symbol. */
const NO_SYMBOL = 'all-symbols';

/**
 * The topic of each record by a template: `{symbol}` (`BTC-USDT`), `{venue}`, `{channel}` (`trades`, `book`, `l3`, `klines`,
 * `tickers`, `gaps`, `metrics`), `{native}`, and any text between. What Kafka forbids in names becomes `_`.
 */
export class TopicNames {
  readonly template: string;
  readonly #known = new Map<string, string>();

  /** Throws InputError `KAFKA_TOPIC`. */
  constructor(template = '{symbol}') {
    this.template = template;
    for (const [, name] of template.matchAll(/\{([^}]*)\}/g)) {
      if (PLACES.includes(name as Place)) continue;
      throw wrong(template, `there is no {${name}}`, suggestion(name, PLACES));
    }
    checkTopic(template.replace(/\{[^}]*\}/g, 'x'));
  }

  /** Throws InputError `KAFKA_TOPIC`, `KAFKA_TOPICS`. */
  of(record: MarketRecord): string {
    const key = `${record.venue} ${record.native} ${record.symbol} ${record.kind}`;
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    if (this.#known.size >= MOST_TOPICS) {
      throw new InputError(
        'KAFKA_TOPICS',
        `the template "${this.template}" makes more than ${MOST_TOPICS} topics`,
        {
          value: this.template,
          limit: MOST_TOPICS,
          fix: 'use a template with fewer different names',
        },
      );
    }
    const topic = this.#name(record);
    this.#known.set(key, topic);
    return topic;
  }

  #name(record: MarketRecord): string {
    const values: Record<Place, string> = {
      symbol: record.symbol === '' ? NO_SYMBOL : record.symbol,
      native: record.native === '' ? NO_SYMBOL : record.native,
      venue: record.venue,
      channel: CHANNEL_OF[record.kind],
    };
    const topic = this.template.replace(/\{([^}]*)\}/g, (_, name: Place) =>
      values[name].replace(FORBIDDEN, '_'),
    );
    checkTopic(topic);
    return topic;
  }
}

/** Throws InputError `KAFKA_TOPIC` for what Kafka would not take. */
export function checkTopic(topic: string): void {
  const bad = topic.match(FORBIDDEN);
  if (bad !== null) throw wrong(topic, `"${bad[0]}" may not be in it`, 'use letters, digits, dots, _ and -');
  if (topic === '' || topic === '.' || topic === '..')
    throw wrong(topic, 'it is no name', 'name it, such as BTC-USDT');
  if (topic.length > MOST_CHARACTERS) {
    throw wrong(
      `${topic.slice(0, 40)}…`,
      `it has ${topic.length} characters`,
      `use ${MOST_CHARACTERS} at most`,
    );
  }
}

function wrong(topic: string, problem: string, fix: string): InputError {
  return new InputError('KAFKA_TOPIC', `the topic "${topic}" cannot be: ${problem}`, { value: topic, fix });
}
