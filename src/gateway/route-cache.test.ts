/** Routes are known at once, found once, and forgotten when they lead nowhere. */
import { expect, test } from "vitest";
import type { Clock } from "#ports/clock.ts";
import type { Log } from "#ports/log.ts";
import type { Route, RouteSource } from "#ports/route-source.ts";
import { Activity, isActivity } from "./activity.ts";
import { RouteCache } from "./route-cache.ts";

function route(sessionId: string, port = 1): Route {
  return {
    sessionId,
    target: { kind: "tcp", host: "127.0.0.1", port },
    isStarting: false,
    egressSocket: null,
  };
}

/** Time that stands still until it is moved. */
class ManualClock implements Clock {
  #nowMs = 1_000;
  #timers: { atMs: number; callback: () => void }[] = [];

  nowMs = () => 1_700_000_000_000 + this.#nowMs;
  monotonicMs = () => this.#nowMs;

  setTimer(delayMs: number, callback: () => void): () => void {
    const timer = { atMs: this.#nowMs + delayMs, callback };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((one) => one !== timer);
    };
  }

  async advance(byMs: number): Promise<void> {
    this.#nowMs += byMs;
    const due = this.#timers.filter((timer) => timer.atMs <= this.#nowMs);
    this.#timers = this.#timers.filter((timer) => timer.atMs > this.#nowMs);
    for (const timer of due) timer.callback();
    // Whatever they started answers at once.
    for (let turn = 0; turn < 10; turn += 1) await Promise.resolve();
  }
}

function world(initial: readonly Route[]) {
  const clock = new ManualClock();
  const routes = new Map(initial.map((one) => [one.sessionId, one]));
  const calls = { list: 0, find: [] as string[], noted: [] as [string, number][] };
  const learnt: string[] = [];
  const warnings: string[] = [];
  let hint = () => undefined as void;
  const state = { isBroken: false };
  const source: RouteSource = {
    list: async () => {
      calls.list += 1;
      if (state.isBroken) throw new Error("the disk is gone");
      return [...routes.values()];
    },
    find: async (id) => {
      calls.find.push(id);
      return routes.get(id) ?? null;
    },
    noteActivity: (id, atMs) => calls.noted.push([id, atMs]),
    onHint: (listener) => {
      hint = listener;
      return () => {
        hint = () => undefined;
      };
    },
  };
  const silence = () => undefined;
  const log: Log = {
    debug: silence,
    info: silence,
    warn: (message) => warnings.push(message),
    error: silence,
  };
  const cache = new RouteCache({
    source,
    clock,
    log,
    limits: { routesResyncMs: 10_000, routesHintDelayMs: 50 },
    onLearnt: (one) => learnt.push(one.sessionId),
    onListed: silence,
  });
  return { cache, clock, routes, calls, learnt, warnings, state, source, hint: () => hint() };
}

test("what exists at the start is known without a look-up", async () => {
  const { cache, calls } = world([route("a"), route("b")]);
  await cache.start();
  expect(cache.get("a")?.route).toEqual(route("a"));
  expect(cache.size).toBe(2);
  expect(calls.find).toEqual([]);
});

test("many who ask for one unknown session at once cost one look", async () => {
  const { cache, routes, calls } = world([]);
  await cache.start();
  routes.set("a", route("a"));
  const found = await Promise.all([cache.find("a"), cache.find("a"), cache.find("a")]);
  expect(found.map((one) => one?.id)).toEqual(["a", "a", "a"]);
  expect(calls.find).toEqual(["a"]);
  expect(await cache.find("nobody")).toBeNull();
});

test("a session that is gone is forgotten when somebody looks again", async () => {
  const { cache, routes } = world([route("a")]);
  await cache.start();
  routes.delete("a");
  expect(await cache.find("a")).toBeNull();
  expect(cache.get("a")).toBeUndefined();
});

test("a hint leads to one look soon, and many hints to one look", async () => {
  const { cache, clock, routes, calls, hint } = world([]);
  await cache.start();
  routes.set("a", route("a"));
  for (let count = 0; count < 100; count += 1) hint();
  expect(calls.list).toBe(1);
  await clock.advance(50);
  expect(calls.list).toBe(2);
  expect(cache.get("a")).toBeDefined();
});

test("what a lost hint did not say is repaired by the next look", async () => {
  const { cache, clock, routes } = world([route("a")]);
  await cache.start();
  routes.delete("a");
  routes.set("b", route("b"));
  await clock.advance(10_000);
  expect(cache.get("a")).toBeUndefined();
  expect(cache.get("b")).toBeDefined();
});

test("a session keeps its counters when its route is learnt again", async () => {
  const { cache, clock, routes, learnt } = world([route("a", 1)]);
  await cache.start();
  const known = cache.get("a");
  if (known === undefined) throw new Error("it exists");
  known.tunnels = 3;
  routes.set("a", route("a", 2));
  await clock.advance(10_000);
  expect(cache.get("a")).toBe(known);
  expect(known).toMatchObject({ tunnels: 3, route: route("a", 2) });
  expect(learnt).toEqual(["a"]);
});

test("a source that fails takes nothing away, and is asked again", async () => {
  const { cache, clock, calls, warnings, state } = world([route("a")]);
  await cache.start();
  state.isBroken = true;
  await clock.advance(10_000);
  expect(cache.get("a")).toBeDefined();
  expect(warnings).toHaveLength(1);
  state.isBroken = false;
  await clock.advance(10_000);
  expect(calls.list).toBe(3);
});

test("nothing is asked any more after the end", async () => {
  const { cache, clock, calls, hint } = world([]);
  await cache.start();
  cache.stop();
  hint();
  await clock.advance(60_000);
  expect(calls.list).toBe(1);
});

test("activity is passed on at most once a second for each session, with the time of day", async () => {
  const { cache, clock, calls, source } = world([route("a"), route("b")]);
  await cache.start();
  const activity = new Activity(source, clock, 1_000);
  const [a, b] = [cache.get("a"), cache.get("b")];
  if (a === undefined || b === undefined) throw new Error("both exist");
  for (let count = 0; count < 10; count += 1) activity.note(a);
  activity.note(b);
  await clock.advance(999);
  activity.note(a);
  await clock.advance(1);
  activity.note(a);
  expect(calls.noted).toEqual([
    ["a", 1_700_000_001_000],
    ["b", 1_700_000_001_000],
    ["a", 1_700_000_002_000],
  ]);
});

test.each([
  ["GET", "lab", true],
  ["GET", "", true],
  ["GET", "files/data.csv", true],
  ["GET", "apiary", true],
  ["POST", "api/contents", true],
  ["PUT", "api/contents/x.ipynb", true],
  ["DELETE", "api/kernels/1", true],
  ["GET", "api/kernels", false],
  ["HEAD", "api/status", false],
  ["OPTIONS", "api/contents", false],
  ["GET", "api", false],
])("%s of %j counts as a person at work: %s", (method, rest, isWork) => {
  expect(isActivity(method, rest)).toBe(isWork);
});
