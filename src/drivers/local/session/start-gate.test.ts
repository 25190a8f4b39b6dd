/** Few at a time, in the order of asking, and nobody waits for ever. */
import { availableParallelism } from "node:os";
import { expect, it } from "vitest";
import { StartGate } from "./start-gate.ts";

const slots = 2 * availableParallelism();

/** Lets everything that waits for nothing but promises run. */
const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

it("lets as many begin as there are slots, and the next when one is up", async () => {
  const gate = new StartGate();
  const begun: number[] = [];
  const up = new Set<number>();
  const passes = Array.from({ length: slots + 2 }, (_, index) =>
    gate.pass(
      async () => void begun.push(index),
      () => up.has(index),
    ),
  );
  await settle();
  expect(begun).toEqual(Array.from({ length: slots }, (_, index) => index));
  up.add(1);
  await passes[slots];
  expect(begun).toContain(slots);
  for (let index = 0; index <= slots; index += 1) up.add(index);
  await Promise.all(passes);
  expect(begun).toEqual(Array.from({ length: slots + 2 }, (_, index) => index));
});

it("gives the slot on when a start fails", async () => {
  const gate = new StartGate();
  const failures = Array.from({ length: slots }, () =>
    gate.pass(
      () => Promise.reject(new Error("no")),
      () => false,
    ),
  );
  const last = gate.pass(
    async () => undefined,
    () => true,
  );
  expect((await Promise.allSettled(failures)).map(({ status }) => status)).toEqual(
    Array.from({ length: slots }, () => "rejected"),
  );
  await expect(last).resolves.toBeUndefined();
});
