import { cyclePeriod, cyclePhase, cycleTrendline, phasor, sineWave } from './cycle.ts';
import { mama } from './mama.ts';
import { trendMode } from './trend-mode.ts';

/** What is computed by Hilbert transforms. */
export const CYCLE = [mama, cyclePeriod, cyclePhase, cycleTrendline, phasor, sineWave, trendMode] as const;
