import { fixedSize, type RunPlan } from '../src/index.ts';
import { Cross } from './strategy.ts';
import { TERMS } from './workload.ts';

/** The workload's strategy and terms, for the threads of a sweep. */
export default function plan(): RunPlan {
  const { cash, fee, size } = TERMS;
  return { strategy: Cross, terms: { cash, commission: fee, sizer: fixedSize(size) } };
}
