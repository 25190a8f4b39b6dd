/** Time that passes only when told to: events in order of time and then of sequence. */
import type { Clock } from "#ports/clock.ts";

interface Event {
  readonly atMs: number;
  readonly sequence: number;
  callback: (() => void) | null;
}

/** Captured before a run forbids real timers. */
// oxlint-disable-next-line no-restricted-globals -- a turn of the event loop, for signals, messages and promises that nobody caught
const nextTurn = setImmediate;
// oxlint-disable-next-line no-restricted-globals -- a tenth of the price of a turn
const tick = process.nextTick.bind(process);
/** Ticks go after all promises have settled, whatever they start; one from a tick would go before. */
const SETTLED = Promise.resolve();
const STEPS_PER_TURN = 64;
/** Timers that were given up are thrown out when they are most of at least so many. */
const SWEPT_MIN = 256;

export class VirtualClock implements Clock {
  #nowMs: number;
  #jumpedMs = 0;
  #sequence = 0;
  #steps = 0;
  readonly #heap: Event[] = [];
  /** In the heap, and given up. */
  #dead = 0;

  constructor(startMs = 0) {
    this.#nowMs = startMs;
  }

  nowMs(): number {
    return this.#nowMs + this.#jumpedMs;
  }

  monotonicMs(): number {
    return this.#nowMs;
  }

  /** Events that ran so far. */
  get steps(): number {
    return this.#steps;
  }

  setTimer(delayMs: number, callback: () => void): () => void {
    // For ever is never, and costs no place in the heap.
    if (delayMs === Number.POSITIVE_INFINITY) return () => undefined;
    // Whole milliseconds, as everywhere: a rest that is too small to be added would never pass.
    const atMs = this.#nowMs + Math.ceil(Math.max(0, delayMs));
    const event: Event = { atMs, sequence: this.#sequence, callback };
    this.#sequence += 1;
    this.#push(event);
    return () => {
      if (event.callback === null) return;
      event.callback = null;
      this.#dead += 1;
      if (this.#dead >= SWEPT_MIN && this.#dead * 2 > this.#heap.length) this.#sweep();
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
  run(forMs: number): Promise<void> {
    const untilMs = this.#nowMs + forMs;
    return new Promise((resolve, reject) => {
      const stepLater = () => tick(step);
      const step = () => {
        const callback = this.#next(untilMs);
        if (callback === null) {
          this.#nowMs = untilMs;
          resolve();
          return;
        }
        try {
          callback();
        } catch (error) {
          reject(error as Error);
          return;
        }
        if (this.#steps % STEPS_PER_TURN === 0) nextTurn(step);
        else void SETTLED.then(stepLater);
      };
      nextTurn(step);
    });
  }

  /** The next event that is due by then; the clock stands at its time. */
  #next(untilMs: number): (() => void) | null {
    for (;;) {
      const event = this.#heap[0];
      if (event === undefined || event.atMs > untilMs) return null;
      this.#pop();
      const { callback } = event;
      if (callback === null) {
        this.#dead -= 1;
        continue;
      }
      this.#nowMs = Math.max(this.#nowMs, event.atMs);
      this.#steps += 1;
      event.callback = null;
      return callback;
    }
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

  /** What lives stays in its order: the order of a heap says nothing. */
  #sweep(): void {
    const heap = this.#heap;
    let alive = 0;
    for (const event of heap) {
      if (event.callback === null) continue;
      heap[alive] = event;
      alive += 1;
    }
    heap.length = alive;
    this.#dead = 0;
    for (let index = (alive >> 1) - 1; index >= 0; index -= 1) {
      this.#sink(heap[index] as Event, index);
    }
  }

  #pop(): void {
    const heap = this.#heap;
    const last = heap.pop();
    if (last !== undefined && heap.length > 0) this.#sink(last, 0);
  }

  /** Puts the event where it belongs, from `from` downwards. */
  #sink(last: Event, from: number): void {
    const heap = this.#heap;
    let index = from;
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
