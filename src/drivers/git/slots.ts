/** Waiting in line inside one process: one at a time for a key, a bounded number for all. */

/** Takes a place, waiting for it; the returned function gives it back. Rejects when aborted. */
export interface Slots {
  take(signal: AbortSignal): Promise<() => void>;
}

/** At most `max` holders at once, first come first served. */
export function createSlots(max: number): Slots {
  const waiting: (() => void)[] = [];
  let taken = 0;
  const release = () => {
    const next = waiting.shift();
    if (next === undefined) taken -= 1;
    else next();
  };
  const once = () => {
    let isHeld = true;
    return () => {
      if (isHeld) release();
      isHeld = false;
    };
  };
  return {
    async take(signal) {
      signal.throwIfAborted();
      if (taken < max) {
        taken += 1;
        return once();
      }
      await new Promise<void>((resolve, reject) => {
        const go = () => {
          signal.removeEventListener("abort", leave);
          resolve();
        };
        const leave = () => {
          waiting.splice(waiting.indexOf(go), 1);
          reject(signal.reason);
        };
        waiting.push(go);
        signal.addEventListener("abort", leave, { once: true });
      });
      return once();
    },
  };
}

/** One holder per key. A key without holders costs nothing. */
export function createKeyedSlots(): {
  take(key: string, signal: AbortSignal): Promise<() => void>;
} {
  const keys = new Map<string, { readonly slots: Slots; users: number }>();
  return {
    async take(key, signal) {
      const entry = keys.get(key) ?? { slots: createSlots(1), users: 0 };
      keys.set(key, entry);
      entry.users += 1;
      const leave = () => {
        entry.users -= 1;
        if (entry.users === 0) keys.delete(key);
      };
      try {
        const release = await entry.slots.take(signal);
        return () => {
          release();
          leave();
        };
      } catch (error) {
        leave();
        throw error;
      }
    },
  };
}

/**
 * Shares one answer among those who asked before it was begun: while a round runs, all newcomers wait
 * for the next one, so that nobody gets an answer older than the question. A round that everybody left
 * is aborted.
 */
export function createRounds<T>(): {
  join(key: string, signal: AbortSignal, run: (signal: AbortSignal) => Promise<T>): Promise<T>;
} {
  interface Round {
    readonly controller: AbortController;
    readonly answer: Promise<T>;
    waiting: number;
  }
  const keys = new Map<string, { current: Round; next: Round | null }>();

  function begin(run: (signal: AbortSignal) => Promise<T>, after: Promise<unknown>): Round {
    const controller = new AbortController();
    const answer = after.then(() => run(controller.signal));
    // Those who wait hear of it; a round that all have left may fail unheard.
    answer.catch(() => undefined);
    return { controller, answer, waiting: 0 };
  }

  function follow(key: string, round: Round): void {
    const done = () => {
      const state = keys.get(key);
      if (state?.current !== round) return;
      if (state.next === null) keys.delete(key);
      else keys.set(key, { current: state.next, next: null });
    };
    void round.answer.finally(done).catch(() => undefined);
  }

  return {
    async join(key, signal, run) {
      signal.throwIfAborted();
      const state = keys.get(key);
      let round: Round;
      if (state === undefined) {
        round = begin(run, Promise.resolve());
        keys.set(key, { current: round, next: null });
        follow(key, round);
      } else if (state.next === null || state.next.controller.signal.aborted) {
        round = begin(
          run,
          state.current.answer.catch(() => undefined),
        );
        state.next = round;
        follow(key, round);
      } else round = state.next;
      return await waitFor(round, signal);
    },
  };

  async function waitFor(round: Round, signal: AbortSignal): Promise<T> {
    round.waiting += 1;
    const left = Promise.withResolvers<never>();
    const leave = () => left.reject(signal.reason);
    signal.addEventListener("abort", leave, { once: true });
    try {
      return await Promise.race([round.answer, left.promise]);
    } finally {
      signal.removeEventListener("abort", leave);
      round.waiting -= 1;
      if (round.waiting === 0) round.controller.abort();
    }
  }
}
