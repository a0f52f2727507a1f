import type { RecordedClass } from '../recorded.ts';
import { SizerCross, SmaCross, SmaCrossCoo } from './crosses.ts';
import { Script, ScriptCoo } from './script.ts';
import { Mtf, PairSpread, Rotate } from './several.ts';
import { DonchianTrail, Grid, Hold, RecOhlc, RsiBracket } from './single.ts';
import { TimerReb } from './timer.ts';

const KINDS: readonly RecordedClass[] = [
  ...[Hold, SmaCross, SmaCrossCoo, SizerCross, Script, ScriptCoo, RsiBracket, DonchianTrail, Grid],
  ...[Mtf, Rotate, PairSpread, RecOhlc, TimerReb],
];

/** The kind of strategy that a case names. */
export function kindOf(name: string): RecordedClass {
  const found = KINDS.find(kind => kind.name === name);
  if (found === undefined) throw new Error(`the strategy ${name} is not known`);
  return found;
}
