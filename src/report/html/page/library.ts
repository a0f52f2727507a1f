import type * as Library from 'lightweight-charts';

declare const LightweightCharts: typeof Library;

/** The charts library, which the report embeds as a script of its own ahead of this one. */
export const charts = LightweightCharts;
