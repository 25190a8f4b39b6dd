/** Time that passes only when told to: events in order of time and then of sequence. */
import type { Clock } from "#ports/clock.ts";

interface Event {
  readonly atMs: number;
  readonly sequence: number;
  readonly callback: () => void;
  isCancelled: boolean;
}

/** Captured before a run forbids real timers. */
// oxlint-disable-next-line no-restricted-globals -- the one turn of the event loop that lets promises settle
const nextTurn = setImmediate;

export class VirtualClock implements Clock {
  #nowMs: number;
  #jumpedMs = 0;
  #sequence = 0;
  readonly #heap: Event[] = [];

  constructor(startMs = 0) {
    this.#nowMs = startMs;
  }

  nowMs(): number {
    return this.#nowMs + this.#jumpedMs;
  }

  monotonicMs(): number {
    return this.#nowMs;
  }

  setTimer(delayMs: number, callback: () => void): () => void {
    const atMs = this.#nowMs + Math.max(0, delayMs);
    const event: Event = { atMs, sequence: this.#sequence, callback, isCancelled: false };
    this.#sequence += 1;
    this.#push(event);
    return () => {
      event.isCancelled = true;
    };
  }

  /** Resolves after `delayMs` of virtual time. */
  sleep(delayMs: number): Promise<void> {
    return new Promise((resolve) => void this.setTimer(delayMs, resolve));
  }

  /** The wall clock jumps; the monotonic one and the timers do not. */
  jump(byMs: number): void {
    this.#jumpedMs += byMs;
  }

  /** Runs every event up to `forMs` from now, letting promises settle after each. */
  async run(forMs: number): Promise<void> {
    const untilMs = this.#nowMs + forMs;
    await settle();
    for (
      let next = this.#heap[0];
      next !== undefined && next.atMs <= untilMs;
      next = this.#heap[0]
    ) {
      this.#pop();
      if (next.isCancelled) continue;
      this.#nowMs = Math.max(this.#nowMs, next.atMs);
      next.callback();
      await settle();
    }
    this.#nowMs = untilMs;
  }

  #push(event: Event): void {
    const heap = this.#heap;
    let index = heap.push(event) - 1;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      if (!isBefore(event, heap[parent] as Event)) break;
      heap[index] = heap[parent] as Event;
      index = parent;
    }
    heap[index] = event;
  }

  #pop(): void {
    const heap = this.#heap;
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return;
    let index = 0;
    for (;;) {
      let child = 2 * index + 1;
      if (child >= heap.length) break;
      const right = heap[child + 1];
      if (right !== undefined && isBefore(right, heap[child] as Event)) child += 1;
      if (!isBefore(heap[child] as Event, last)) break;
      heap[index] = heap[child] as Event;
      index = child;
    }
    heap[index] = last;
  }
}

function isBefore(a: Event, b: Event): boolean {
  return a.atMs < b.atMs || (a.atMs === b.atMs && a.sequence < b.sequence);
}

function settle(): Promise<void> {
  return new Promise((resolve) => void nextTurn(resolve));
}
