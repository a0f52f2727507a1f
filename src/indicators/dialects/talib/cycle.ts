import { cyclePeriod, cyclePhase, cycleTrendline, phasor, sineWave } from '../../cycle/cycle.ts';
import { mama } from '../../cycle/mama.ts';
import { trendMode } from '../../cycle/trend-mode.ts';
import { dialect } from '../dialect.ts';

/** With the rounding errors of TA-Lib's running sums, which show where a component is near 0. */
const SUMS = { parameters: {}, fixed: { convention: 'talib' } } as const;

/** TA-Lib's functions of the Hilbert transform. */
export const CYCLE = {
  HT_DCPERIOD: dialect(cyclePeriod, { ...SUMS, lines: { real: 'period' } }),
  HT_DCPHASE: dialect(cyclePhase, { ...SUMS, lines: { real: 'phase' } }),
  HT_PHASOR: dialect(phasor, { ...SUMS, lines: { inphase: 'inPhase', quadrature: 'quadrature' } }),
  HT_SINE: dialect(sineWave, { ...SUMS, lines: { sine: 'sine', leadsine: 'lead' } }),
  HT_TRENDLINE: dialect(cycleTrendline, { ...SUMS, lines: { real: 'trendline' } }),
  HT_TRENDMODE: dialect(trendMode, { ...SUMS, lines: { integer: 'trend' } }),
  MAMA: dialect(mama, {
    ...SUMS,
    parameters: { fastlimit: 'fast', slowlimit: 'slow' },
    lines: { mama: 'mama', fama: 'fama' },
  }),
} as const;
