/** The caches that can be measured. */
export type SideName = 'tiershop' | 'layered-loader' | 'bentocache' | 'cacheable' | 'cache-manager' | 'bare';

/** As they stand in a table. */
export const shownAs: Record<SideName, string> = {
  tiershop: 'tiershop',
  'layered-loader': 'layered-loader',
  bentocache: 'BentoCache',
  cacheable: 'cacheable',
  'cache-manager': 'cache-manager',
  bare: 'bare',
};
