/** Keeps what happened, and a hash of it: two runs of one seed must have the same. */
import type { WorldRecord } from "./records.ts";

export class Recorder {
  readonly records: WorldRecord[] = [];
  readonly #listeners: ((record: WorldRecord) => void)[] = [];
  #low = 0x811c9dc5;
  #high = 0x9747b28c;

  add(record: WorldRecord): void {
    this.records.push(record);
    this.#mixFields(record);
    for (const listener of this.#listeners) listener(record);
  }

  /** Told of each record. */
  onRecord(listener: (record: WorldRecord) => void): void {
    this.#listeners.push(listener);
  }

  /** 16 hex digits over every record in its order. */
  get hash(): string {
    const hex = (word: number) => (word >>> 0).toString(16).padStart(8, "0");
    return hex(this.#low) + hex(this.#high);
  }

  #mixFields(fields: object): void {
    // A list of the values would be made for each record only to be thrown away.
    for (const name in fields) {
      const value = (fields as Readonly<Record<string, unknown>>)[name];
      if (typeof value === "number") this.#mixNumber(value);
      else if (typeof value === "string") this.#mixText(value);
      else if (typeof value === "object" && value !== null) this.#mixFields(value);
      else this.#mixNumber(value === true ? 1 : 0);
    }
  }

  #mixText(text: string): void {
    let low = this.#low;
    let high = this.#high;
    for (let i = 0; i < text.length; i += 1) {
      const word = text.charCodeAt(i);
      low = Math.imul(low ^ word, 0x01000193);
      high = Math.imul(high ^ word ^ (low >>> 15), 0x85ebca6b);
    }
    this.#low = low;
    this.#high = high;
  }

  #mixNumber(value: number): void {
    const whole = Math.trunc(value);
    this.#mix(whole | 0);
    this.#mix(Math.trunc(whole / 0x1_0000_0000) ^ Math.trunc((value - whole) * 0x7fff_ffff));
  }

  #mix(word: number): void {
    this.#low = Math.imul(this.#low ^ word, 0x01000193);
    this.#high = Math.imul(this.#high ^ word ^ (this.#low >>> 15), 0x85ebca6b);
  }
}
