/** Something that a strategy was shown live and that no backtest shows. */
export interface Incident {
  readonly cause: 'barrier' | 'late bar' | 'gap' | 'connection' | 'fill within a bar' | 'late report';
  /** The moment of the bar on which the strategy knew of it, epoch ms UTC. */
  readonly time: number;
  readonly detail: string;
}

/** To the second where that says it all: `2024-01-31T12:00Z`. */
export function iso(time: number): string {
  return new Date(time)
    .toISOString()
    .replace(/:00\.000Z$/, 'Z')
    .replace(/\.000Z$/, 'Z');
}
