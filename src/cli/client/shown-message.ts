import type { DataMessage } from '../../streaming/protocol.ts';

/** A message as a line for people. */
export function shownMessage({ channel, data, seq, topic, type, venue }: DataMessage): string {
  const mark = type === 'snapshot' ? '=' : ' ';
  const head = `${clock(data)} ${venue} ${topic === '' ? '*' : topic} ${channel}${mark}#${seq}`;
  return `${head} ${said(data)}`;
}

function clock(data: DataMessage['data']): string {
  const time = data.receiveTime;
  const date = new Date(time / 1000);
  return Number.isNaN(date.getTime()) ? '--:--:--.---' : date.toISOString().slice(11, 23);
}

function said(data: DataMessage['data']): string {
  switch (data.kind) {
    case 'trade':
      return `${data.side ?? '?'} ${data.sizeText} @ ${data.priceText}`;
    case 'book': {
      const [bid] = data.bids;
      const [ask] = data.asks;
      const counts = `${data.bids.length} bids, ${data.asks.length} asks`;
      if (data.type === 'delta') return counts;
      return `whole: ${counts}, best ${bid?.[0] ?? '-'} / ${ask?.[0] ?? '-'}`;
    }
    case 'order':
      return `${data.action} ${data.side} ${data.orderId} ${data.sizeText ?? ''} @ ${data.priceText ?? ''}`;
    case 'kline':
      return `${data.interval} ${data.texts.slice(0, 4).join(' ')} volume ${data.texts[4]}`;
    case 'ticker':
      return `${data.bid ?? '-'} / ${data.ask ?? '-'} last ${data.last ?? '-'}`;
    case 'gap':
      return `GAP ${data.state} ${data.cause} ${data.channel ?? 'all'} ${data.detail}`;
    case 'metrics':
      return `mid ${data.mid ?? '-'} spread ${data.spread ?? '-'} trades ${data.trades ?? '-'}`;
    case 'raw':
      return `${data.event} ${data.text.slice(0, 200)}`;
  }
}
