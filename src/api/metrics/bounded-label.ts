/** A label whose number of values is bounded: a metric's series never grow without end. */

const OTHER = "other";

export class BoundedLabel {
  readonly #max: number;
  readonly #values = new Set<string>();

  constructor(max: number) {
    this.#max = max;
  }

  /** The value itself for the first ones that come, `other` for all later ones. */
  of(value: string): string {
    if (this.#values.has(value)) return value;
    if (this.#values.size >= this.#max) return OTHER;
    this.#values.add(value);
    return value;
  }
}
