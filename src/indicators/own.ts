import { indicator as define, isOwn } from './definition.ts';

/**
 * Makes an indicator of its declaration: `build` makes its lines of others (or of a kernel), `next` computes them bar by bar
 * from what `start` has begun. Everything else about the two is the same.
 */
export const indicator: typeof define = ((spec: Parameters<typeof define>[0]) =>
  define({ ...spec, [isOwn]: true } as typeof spec)) as typeof define;
