// Tags as they are declared: `product:<id>` is one for each product, `products` one for all.

/** How a kind is written as a tag. */
export interface TagForm {
  readonly kind: string;
  /** The text before the id; the tag itself, when there is one for all. */
  readonly prefix: string;
  readonly named: boolean;
}

export const isNamed = (tag: string): boolean => tag.includes('<');

export function tagForm(kind: string, tag: string): TagForm {
  return { kind, prefix: tag.replace(/<.*$/, ''), named: isNamed(tag) };
}

/** Whether the tag is one of this form. */
export function hasForm(tag: string, { prefix, named }: TagForm): boolean {
  return named ? tag.startsWith(prefix) : tag === prefix;
}

/** Whether a tag declared as `tag` could be one that is declared as `other`. */
export function mayBeMistaken(tag: string, other: string): boolean {
  return isNamed(other) ? hasForm(tag, tagForm('', other)) : tag === other;
}
