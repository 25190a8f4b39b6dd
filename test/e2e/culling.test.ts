/** Sessions end in time, with Bindery and without it; and memory that ran out ends only what took it. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { MIB, MINUTE_MS } from "#base/units.ts";
import type { SessionView } from "#client/views.ts";
import type { SessionNotice } from "#core/session/session.ts";
import {
  type Bindery,
  follow,
  keepersIn,
  makeServedDir,
  removeServedDir,
  type Settings,
  startBindery,
} from "../fixtures/e2e-bindery.ts";
import { PLAIN_TREE, STUB_TREE } from "../fixtures/e2e-repositories.ts";
import { type Session, sessionOf } from "../fixtures/e2e-session.ts";
import { type GitServer, startGitServer } from "../fixtures/git-server.ts";
import { askServer, NoAnswer } from "../fixtures/jupyter-client.ts";
import { eventually, makeSandbox } from "../fixtures/session-world.ts";

const IDLE_MS = 3_000;
const QUICK: Settings = { cullIntervalMs: 300, resyncIntervalMs: 300 };

let git: GitServer;
let dataDir: string;
let bindery: Bindery;

beforeAll(async () => {
  git = await startGitServer();
  await (await git.repository("stub")).commit(STUB_TREE);
  await (await git.repository("plain")).commit(PLAIN_TREE);
  dataDir = await makeServedDir();
});
afterEach(async () => await bindery?.stop());
afterAll(async () => {
  await git?.stop();
  await removeServedDir(dataDir);
});

async function open(name: string): Promise<Session> {
  return sessionOf(bindery, await follow(bindery, { repo: git.url(name) }).ready);
}

const stateOf = async ({ id }: Session): Promise<SessionView["state"]> =>
  (await bindery.client.getSession(id)).state;

/** What the keeper wrote down when the session ended. */
function exitOf({ id }: Session): object {
  return JSON.parse(readFileSync(join(dataDir, "sessions", id, "exit.json"), "utf8"));
}

describe("a session that nobody uses", () => {
  test("ends, while those that are used or compute go on; asking for its status is no use", async () => {
    bindery = await startBindery(dataDir, { ...QUICK, sessionIdleMs: IDLE_MS });
    const [quiet, used, busy] = [await open("stub"), await open("stub"), await open("stub")];
    await askServer(busy, { method: "POST", path: "busy" });
    const openedMs = performance.now();
    await eventually(async () => {
      // A page in the background polls; a person who works loads something.
      await quiet.get("api/status");
      expect((await used.get("files/something")).status).toBe(200);
      return (await stateOf(quiet)).kind === "ended";
    }, "the idle session ends");
    expect(performance.now() - openedMs).toBeGreaterThan(IDLE_MS / 2);
    expect(await stateOf(quiet)).toMatchObject({ kind: "ended", end: "idle" });
    expect((await quiet.get("lab")).status).toBe(424);
    for (const session of [used, busy]) {
      expect(await stateOf(session)).toEqual({ kind: "running" });
      await bindery.client.stopSession(session.id);
    }
  });

  test("ends by itself when all of Bindery is dead, and the next one knows why", async () => {
    bindery = await startBindery(dataDir, { ...QUICK, sessionIdleMs: IDLE_MS });
    const session = await open("stub");
    expect(keepersIn(dataDir)).toHaveLength(1);
    await bindery.killAll();
    await eventually(() => keepersIn(dataDir).length === 0, "the keeper ends", MINUTE_MS);
    expect(exitOf(session)).toMatchObject({ end: "idle" });
    bindery = await startBindery(dataDir, QUICK);
    expect(await stateOf(session)).toMatchObject({ kind: "ended", end: "idle" });
    expect((await session.get("lab").catch(() => ({ status: 0 }))).status).not.toBe(200);
  });
});

describe("a session that is as old as it may get", () => {
  const settings = { ...QUICK, sessionAgeMs: 4_000 };

  test("ends although it is used, and its person was told before", async () => {
    bindery = await startBindery(dataDir, { ...settings, noticeBeforeEndMs: 3_500 });
    const session = await open("plain");
    const [notice] = await eventually(async () => {
      const notices = await noticesOf(session);
      return notices.length > 0 && notices;
    }, "a notice");
    expect(notice).toMatchObject({ level: "warning", message: expect.stringContaining("ends in") });
    await eventually(async () => {
      await session.get("lab");
      return (await stateOf(session)).kind === "ended";
    }, "the old session ends");
    expect(await stateOf(session)).toMatchObject({ kind: "ended", end: "age" });
  });

  test("ends by itself when all of Bindery is dead", async () => {
    bindery = await startBindery(dataDir, settings);
    const session = await open("stub");
    await bindery.killAll();
    await eventually(() => keepersIn(dataDir).length === 0, "the keeper ends", MINUTE_MS);
    expect(exitOf(session)).toMatchObject({ end: "age" });
  });
});

test("memory that runs out ends the kernel that took it, and the person is told", async (context) => {
  if ((await makeSandbox(dataDir)).cgroups.kind === "none") {
    context.skip("no cgroup may be made here: a process gets a MemoryError instead");
  }
  bindery = await startBindery(dataDir, { ...QUICK, sessionMemoryBytes: 400 * MIB });
  const [session, neighbour] = await Promise.all([open("plain"), open("plain")]);
  const [kernel, other] = await Promise.all([session.startKernel(), neighbour.startKernel()]);
  await Promise.all([session.run(kernel, "kept = 1"), neighbour.run(other, "kept = 2")]);
  // Nothing comes back: who would answer is gone.
  session.run(kernel, "x = bytearray(2 ** 30)").catch(() => undefined);

  const [notice] = await eventually(async () => {
    const notices = await noticesOf(session);
    return notices.length > 0 && notices;
  }, "a notice");
  expect(notice).toMatchObject({
    level: "error",
    message: expect.stringMatching(/ran out of memory \(limit 400 MiB\)/),
  });
  expect((await bindery.client.getSession(session.id)).outOfMemoryKills).toBe(1);
  expect((await session.get("api/status")).status).toBe(200);
  // The server has started the kernel anew: it works, and its variables are gone.
  const asks = "try:\n    print(kept)\nexcept NameError:\n    print('a new kernel')";
  // What it is asked while it comes up may be lost with the sockets of the old one: then it is asked again.
  const said = await eventually(
    async () => {
      try {
        return await session.run(kernel, asks, 5_000);
      } catch (error) {
        if (error instanceof NoAnswer) return null;
        throw error;
      }
    },
    "the new kernel answers",
    MINUTE_MS,
  );
  expect(said).toBe("a new kernel\n");
  expect(await neighbour.run(other, "print(kept)")).toBe("2\n");
  expect(await noticesOf(neighbour)).toEqual([]);
  for (const { id } of [session, neighbour]) await bindery.client.stopSession(id);
});

async function noticesOf(session: Session): Promise<readonly SessionNotice[]> {
  const { status, text } = await session.get("api/bindery/notices");
  if (status !== 200) throw new Error(`no notices: ${status} ${text}`);
  return (JSON.parse(text) as { readonly notices: readonly SessionNotice[] }).notices;
}
