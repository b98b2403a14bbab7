import type { ReactElement } from "react";

/** Keeps the newest rendered texts, so that scrolling back does not parse Markdown again. Bounded by text length. */
export class RememberedElements {
  private readonly elements = new Map<string, ReactElement>();
  private units = 0;

  constructor(private readonly maxUnits: number) {}

  getOrRender(key: string, render: () => ReactElement): ReactElement {
    const known = this.elements.get(key);
    const element = known ?? render();
    if (known) this.elements.delete(key);
    else this.units += key.length;
    this.elements.set(key, element);
    this.dropOldest();
    return element;
  }

  private dropOldest(): void {
    for (const key of this.elements.keys()) {
      if (this.units <= this.maxUnits) return;
      this.elements.delete(key);
      this.units -= key.length;
    }
  }
}
