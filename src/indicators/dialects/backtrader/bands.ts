import { bollinger, bollingerPercent, envelope } from '../../bands/bands.ts';
import { parabolicSarByClose } from '../../trend/parabolic-sar.ts';
import { dialect } from '../dialect.ts';
import { MOVAVS } from './movavs.ts';

const BOLLINGER = {
  parameters: { period: 'bars', devfactor: 'width', movav: 'average' },
  values: { movav: MOVAVS },
  fixed: { convention: 'backtrader' },
} as const;

/** backtrader's bands and stops. */
export const BANDS = {
  BollingerBands: dialect(bollinger, {
    ...BOLLINGER,
    aliases: ['BBands'],
    lines: { mid: 'middle', top: 'upper', bot: 'lower' },
  }),
  BollingerBandsPct: dialect(bollingerPercent, {
    ...BOLLINGER,
    lines: { mid: 'middle', top: 'upper', bot: 'lower', pctb: 'percent' },
  }),
  Envelope: dialect(envelope, {
    parameters: { perc: 'percent' },
    lines: { src: 'middle', top: 'upper', bot: 'lower' },
  }),
  ParabolicSAR: dialect(parabolicSarByClose, {
    aliases: ['PSAR'],
    parameters: { period: 'bars', af: 'step', afmax: 'most' },
    lines: { psar: 'sar' },
  }),
} as const;
