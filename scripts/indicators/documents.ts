import { INDICATORS } from '../../src/indicators/registry.ts';
import { compute } from './compute.ts';
import { patternPictures } from './occurrence.ts';
import { pageOf, type Told } from './page.ts';
import { pictureOf } from './picture.ts';
import { prices } from './series.ts';

/** docs/indicators.md and its pictures, by their paths in docs/. */
export async function documents(): Promise<ReadonlyMap<string, string>> {
  const files = new Map<string, string>();
  const price = prices();
  const candles = await patternPictures();
  const told: Told[] = [];
  for (const one of INDICATORS) {
    const { definition } = one;
    const pattern = candles.get(definition.name);
    if (definition.group === 'candlestick patterns' && pattern !== undefined) {
      const { minPeriods } = await compute(price, data => one.linesOf([data]));
      told.push({ definition, colors: [], minPeriods });
      files.set(`images/indicators/${definition.name}.svg`, pattern);
      continue;
    }
    const { svg, colors, minPeriods } = await pictureOf(one, price);
    told.push({ definition, colors, minPeriods });
    files.set(`images/indicators/${definition.name}.svg`, svg);
  }
  files.set('indicators.md', pageOf(told));
  return files;
}
