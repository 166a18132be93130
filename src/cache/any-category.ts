import type { Category } from './category.js';
import type { CategoryCopies } from './category-copies.js';

type AnyCopies = CategoryCopies<unknown>;

/** What can be done with a category without knowing its values. */
export type AnyCategory = Pick<
  Category<unknown>,
  'name' | 'policy' | 'controls' | 'counters' | 'insight' | 'drop' | 'dropAll' | 'invalidate' | 'warm' | 'loadsInFlight'
> & { readonly copies: Pick<AnyCopies, keyof AnyCopies> };
