import type { AnyCategory } from './any-category.js';
import type { CategoryName } from './cache-policy.js';
import { type CategoryControls, type ControlsInForce, defaultControls } from './controls/category-controls.js';
import type { InvalidationMessage } from './invalidation/messages.js';
import { categoryTag, EVERYTHING } from './invalidation/tag-space.js';

/** The categories of this process, with the controls in force for each, whether it is registered yet or not. */
export class CategoryRegistry {
  private readonly byName = new Map<string, AnyCategory>();
  private readonly controls = new Map<CategoryName, ControlsInForce>();

  add(category: AnyCategory): void {
    this.byName.set(category.name, category);
  }

  get(name: string): AnyCategory | undefined {
    return this.byName.get(name);
  }

  all(): AnyCategory[] {
    return [...this.byName.values()];
  }

  controlsOf(name: CategoryName): ControlsInForce {
    const known = this.controls.get(name);
    if (known) return known;
    const controls = { ...defaultControls };
    this.controls.set(name, controls);
    return controls;
  }

  control(name: CategoryName, controls: CategoryControls): void {
    Object.assign(this.controlsOf(name), controls);
    if (!controls.memory) this.byName.get(name)?.dropAll();
  }

  /** Applies an invalidation to this process. Entries that other tags make void are found void at their next read. */
  drop({ keys, tags }: InvalidationMessage): number {
    let dropped = 0;
    for (const [category, key] of keys) dropped += this.byName.get(category)?.drop([key]) ?? 0;
    for (const category of this.byName.values()) {
      if (tags.includes(EVERYTHING) || tags.includes(categoryTag(category.name))) dropped += category.dropAll();
    }
    return dropped;
  }

  dropAll(): void {
    for (const category of this.byName.values()) category.dropAll();
  }
}
