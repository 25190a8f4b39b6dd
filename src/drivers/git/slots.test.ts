/** Waiting in line: bounded, fair, and left without a trace. */
import { describe, expect, it } from "vitest";
import { createKeyedSlots, createRounds, createSlots } from "./slots.ts";

const NEVER = new AbortController().signal;
const turn = () => new Promise((resolve) => setImmediate(resolve));

describe("createSlots", () => {
  it("lets no more than the maximum in, first come first served", async () => {
    const slots = createSlots(2);
    const order: number[] = [];
    const releases = new Map<number, () => void>();
    for (const id of [1, 2, 3, 4]) {
      void slots.take(NEVER).then((release) => {
        order.push(id);
        releases.set(id, release);
      });
    }
    await turn();
    expect(order).toEqual([1, 2]);
    releases.get(1)?.();
    releases.get(1)?.();
    await turn();
    expect(order).toEqual([1, 2, 3]);
    releases.get(2)?.();
    releases.get(3)?.();
    await turn();
    expect(order).toEqual([1, 2, 3, 4]);
  });

  it("forgets who stopped waiting", async () => {
    const slots = createSlots(1);
    const release = await slots.take(NEVER);
    const controller = new AbortController();
    const waiting = slots.take(controller.signal);
    controller.abort(new Error("gone"));
    await expect(waiting).rejects.toThrow("gone");
    release();
    (await slots.take(NEVER))();
  });
});

describe("createKeyedSlots", () => {
  it("makes only the same key wait", async () => {
    const slots = createKeyedSlots();
    const release = await slots.take("a", NEVER);
    const other = await slots.take("b", NEVER);
    let isIn = false;
    const same = slots.take("a", NEVER).then((releaseSame) => {
      isIn = true;
      return releaseSame;
    });
    await turn();
    expect(isIn).toBe(false);
    release();
    (await same)();
    other();
  });
});

describe("createRounds", () => {
  /** A run that ends when it is told to, with its number. */
  function counted() {
    const runs: { readonly end: () => void; readonly signal: AbortSignal }[] = [];
    const run = (signal: AbortSignal) => {
      const number = runs.length + 1;
      const { promise, resolve, reject } = Promise.withResolvers<number>();
      signal.addEventListener("abort", () => reject(new Error("aborted")), { once: true });
      runs.push({ end: () => resolve(number), signal });
      return promise;
    };
    return { runs, run };
  }

  it("gives nobody an answer that was begun before the question", async () => {
    const rounds = createRounds<number>();
    const { runs, run } = counted();
    const first = rounds.join("key", NEVER, run);
    await turn();
    const later = [rounds.join("key", NEVER, run), rounds.join("key", NEVER, run)];
    await turn();
    expect(runs).toHaveLength(1);
    runs[0]?.end();
    expect(await first).toBe(1);
    await turn();
    expect(runs).toHaveLength(2);
    runs[1]?.end();
    expect(await Promise.all(later)).toEqual([2, 2]);
    const fresh = rounds.join("key", NEVER, run);
    await turn();
    runs[2]?.end();
    expect(await fresh).toBe(3);
  });

  it("ends a round that all have left, and begins anew for who comes then", async () => {
    const rounds = createRounds<number>();
    const { runs, run } = counted();
    const controller = new AbortController();
    const first = rounds.join("key", controller.signal, run);
    await turn();
    controller.abort(new Error("left"));
    const second = rounds.join("key", NEVER, run);
    await expect(first).rejects.toThrow("left");
    expect(runs[0]?.signal.aborted).toBe(true);
    await turn();
    runs[1]?.end();
    expect(await second).toBe(2);
  });

  it("goes on for those who stay", async () => {
    const rounds = createRounds<number>();
    const { runs, run } = counted();
    void rounds.join("key", NEVER, run).catch(() => undefined);
    await turn();
    const controller = new AbortController();
    const leaves = rounds.join("key", controller.signal, run);
    const stays = rounds.join("key", NEVER, run);
    controller.abort(new Error("left"));
    await expect(leaves).rejects.toThrow("left");
    runs[0]?.end();
    await turn();
    runs[1]?.end();
    expect(await stays).toBe(2);
  });
});
