/** Fifty people at ten seats: never an eleventh session, and everybody knows their place. */
import { afterAll, beforeAll, expect, test } from "vitest";
import type { LaunchEvent } from "#core/launch/launch.ts";
import {
  type Bindery,
  type Followed,
  follow,
  keepersIn,
  makeServedDir,
  removeServedDir,
  startBindery,
} from "../fixtures/e2e-bindery.ts";
import { STUB_TREE } from "../fixtures/e2e-repositories.ts";
import { type GitServer, startGitServer } from "../fixtures/git-server.ts";
import { eventually } from "../fixtures/session-world.ts";

const PEOPLE = 50;
const SEATS = 10;

let git: GitServer;
let dataDir: string;
let bindery: Bindery;
let launches: readonly Followed[];
/** The most that was ever seen at once, by the API and by the processes themselves. */
const most = { listed: 0, running: 0, used: 0 };

beforeAll(async () => {
  git = await startGitServer();
  await (await git.repository("stub")).commit(STUB_TREE);
  dataDir = await makeServedDir();
  bindery = await startBindery(dataDir, { sessionsMax: SEATS });
  await follow(bindery, { repo: git.url("stub"), buildOnly: true }).ready;
});
afterAll(async () => {
  await bindery?.stop();
  await git?.stop();
  await removeServedDir(dataDir);
});

async function look(): Promise<{ readonly used: number; readonly waiting: number }> {
  const [sessions, limits] = await Promise.all([
    bindery.client.listSessions(),
    bindery.client.limits(),
  ]);
  const listed = sessions.filter(({ state }) => state.kind !== "ended").length;
  const running = keepersIn(dataDir).length;
  most.listed = Math.max(most.listed, listed);
  most.running = Math.max(most.running, running);
  most.used = Math.max(most.used, limits.sessions.used);
  return { used: limits.sessions.used, waiting: limits.queue.used };
}

const positionOf = ({ events }: Followed): number | null => events.at(-1)?.queue?.position ?? null;
const isReady = ({ events }: Followed): boolean => events.at(-1)?.phase === "ready";
const waiting = (): readonly Followed[] =>
  launches
    .filter((launch) => positionOf(launch) !== null)
    .toSorted((a, b) => (positionOf(a) ?? 0) - (positionOf(b) ?? 0));
const positions = (): readonly (number | null)[] => waiting().map(positionOf);
const upTo = (count: number): readonly number[] => Array.from({ length: count }, (_, n) => n + 1);

test("fifty at once: ten get a session, forty wait at places 1 to 40", async () => {
  launches = Array.from({ length: PEOPLE }, () => follow(bindery, { repo: git.url("stub") }));
  await eventually(
    async () => {
      await look();
      return launches.filter(isReady).length >= SEATS && waiting().length >= PEOPLE - SEATS;
    },
    "ten are ready and forty wait",
    120_000,
  );
  expect(await look()).toEqual({ used: SEATS, waiting: PEOPLE - SEATS });
  expect(launches.filter(isReady)).toHaveLength(SEATS);
  await eventually(() => positions().length === new Set(positions()).size, "places are told");
  expect(positions()).toEqual(upTo(PEOPLE - SEATS));
  const ids = await Promise.all(
    launches.filter(isReady).map(async ({ ready }) => (await ready).sessionId),
  );
  expect(new Set(ids).size).toBe(SEATS);
});

test("a session that ends lets the first in, and all others move up by one", async () => {
  const [first, second, ...others] = waiting();
  const done = launches.find(isReady);
  const { sessionId } = (await done?.ready) ?? { sessionId: null };
  await bindery.client.stopSession(sessionId ?? "");
  await first?.ready;
  await eventually(() => positions().join() === upTo(PEOPLE - SEATS - 1).join(), "all move up");
  expect([second, ...others].map((launch) => launch && positionOf(launch))).toEqual(
    upTo(PEOPLE - SEATS - 1),
  );
  expect(await look()).toEqual({ used: SEATS, waiting: PEOPLE - SEATS - 1 });
});

test("who gives up leaves the queue, and those behind move up", async () => {
  const [first, second] = waiting();
  await bindery.client.cancelLaunch(first?.id ?? "");
  const last: LaunchEvent | undefined = await first?.ended;
  expect(last?.failure?.code).toBe("launch-cancelled");
  await eventually(() => second !== undefined && positionOf(second) === 1, "the second is first");
  expect(await look()).toEqual({ used: SEATS, waiting: PEOPLE - SEATS - 2 });
});

test("a control plane that is killed keeps the seats and the people in line", async () => {
  const waitingBefore = new Set(waiting());
  const readyBefore = (await bindery.client.listSessions()).filter(
    ({ state }) => state.kind === "running",
  );
  await bindery.kill("control");
  await eventually(
    async () => {
      const { waiting: count } = await look().catch(() => ({ waiting: -1 }));
      return count === waitingBefore.size;
    },
    "all are in line again",
    60_000,
  );
  const sessions = await bindery.client.listSessions();
  const running = sessions.filter(({ state }) => state.kind === "running").map(({ id }) => id);
  expect(running.toSorted()).toEqual(readyBefore.map(({ id }) => id).toSorted());
  await eventually(() => positions().join() === upTo(waitingBefore.size).join(), "places again");
});

test("everybody gets a turn, and there never were eleven", async () => {
  const left = launches.filter((launch) => positionOf(launch) !== null);
  const stopped = new Set<Followed>();
  await eventually(
    async () => {
      await look();
      const done = launches.filter((launch) => isReady(launch) && !stopped.has(launch));
      for (const launch of done) {
        stopped.add(launch);
        await bindery.client.stopSession((await launch.ready).sessionId ?? "");
      }
      return left.every(isReady);
    },
    "everybody was served",
    180_000,
  );
  expect(most).toEqual({ listed: SEATS, running: SEATS, used: SEATS });
});
