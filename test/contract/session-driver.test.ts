/** The contract of the session driver, kept by the local one with real processes. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { readFile, rm, stat, symlink, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { KIB, MIB } from "#base/units.ts";
import { DEFAULT_POLICY } from "#core/policy.ts";
import { identify } from "#drivers/local/session/process-identity.ts";
import { systemClock } from "#drivers/system/clock.ts";
import type { SessionDriver, SessionStart } from "#ports/session-driver.ts";
import {
  ask,
  bubblewrapPaths,
  eventually,
  makeSessionWorld,
  PLAN,
  type SessionWorld,
  sessionStart,
  untilRunning,
} from "../fixtures/session-world.ts";

const policy = {
  ...DEFAULT_POLICY,
  sessionMemoryBytes: 128 * MIB,
  sessionLogBytes: 64 * KIB,
  sessionDiskBytes: 64 * MIB,
};

let world: SessionWorld;
let driver: SessionDriver;
beforeAll(async () => {
  world = await makeSessionWorld({ policy, keeperIntervalSeconds: 0.05 });
  driver = world.driver;
});
afterAll(() => world.close());

const placeOf = (id: string, name: string): string => join(world.dataDir, "sessions", id, name);

async function started(wish: Partial<SessionStart> = {}): Promise<SessionStart> {
  const request = sessionStart(wish);
  await driver.start(request);
  await untilRunning(driver, request.id);
  return request;
}

/** A session whose `start` script is this, before it becomes the server. */
async function startedWith(script: string): Promise<SessionStart> {
  world.content.set("start", script);
  return started({ plan: { ...PLAN, start: "start" } });
}

async function ended(id: string): Promise<unknown> {
  return eventually(async () => {
    const state = (await driver.inspect(id))?.state;
    return state?.kind === "ended" ? state : null;
  }, "the session ends");
}

function keeperPid(id: string): number {
  return Number(readFileSync(placeOf(id, "keeper"), "utf8").split(" ")[0]);
}

/** Numbers of all processes below this one. */
function below(pid: number): readonly number[] {
  const path = `/proc/${pid}/task/${pid}/children`;
  if (!existsSync(path)) return [];
  const children = readFileSync(path, "utf8").split(" ").filter(Boolean).map(Number);
  return [...children, ...children.flatMap(below)];
}

function readCommandLine(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8");
  } catch {
    // It ended while we looked.
    return "";
  }
}

describe("starting", () => {
  it("runs the server with the repository's content, variables and environment", async () => {
    world.content.set("folder/data.txt", "from the repository");
    const request = await startedWith(
      '#!/bin/sh\ncat folder/data.txt; id -un; pwd; readlink -f /srv/env; ls /srv/store; exec "$@"\n',
    );
    const answer = await ask(world, request.id, "environment");
    expect(JSON.parse(answer.body)).toMatchObject({
      BINDER_REPO_URL: "https://example.org/x",
      USER: "jovyan",
      NB_UID: "1000",
      HOME: "/home/jovyan",
      REPO_DIR: "/home/jovyan",
      VIRTUAL_ENV: "/srv/env",
      PATH: expect.stringMatching(/^\/home\/jovyan\/\.local\/bin:\/srv\/env\/bin:/),
      HTTPS_PROXY: "http://127.0.0.1:3128",
    });
    const log = await driver.logs(request.id, 10_000);
    const key = "a".repeat(64);
    const seen = ["from the repository", "jovyan", "/home/jovyan", `/srv/store/${key}`, key];
    expect(log?.replaceAll("\n", "")).toContain(seen.join(""));
    expect(log).not.toContain("b".repeat(64));
    expect(log).toContain("stub server starts");
    expect(await driver.inspect(request.id)).toMatchObject({
      record: {
        id: request.id,
        token: request.token,
        purpose: request.purpose,
        idleLimitMs: 600_000,
      },
      state: { kind: "running" },
      outOfMemoryKills: 0,
    });
  });

  it("lays over the content what the environment's build changed in it, cold and warm", async () => {
    const world = await makeSessionWorld({ policy });
    const environment = join(world.dataDir, "store", "a".repeat(64));
    mkdirSync(join(environment, "home-layer", "made"), { recursive: true });
    writeFileSync(join(environment, "home-layer", "made", "by-post-build"), "");
    writeFileSync(join(environment, "home-layer-removed"), "./gone\0");
    world.content.set("gone", "").set("kept", "");
    const request = sessionStart();
    await world.driver.start(request);
    const warm = { id: "warm-with-a-layer", token: "t", endsAtMs: Date.now() + 60_000 };
    await world.driver.startWarm(warm);
    await untilRunning(world.driver, warm.id);
    const claim = await world.driver.claim(warm.id, sessionStart());
    expect(claim).toEqual({ kind: "claimed" });
    for (const id of [request.id, warm.id]) {
      const home = join(world.dataDir, "sessions", id, "home");
      const seen = ["made/by-post-build", "gone", "kept"].map((name) =>
        existsSync(join(home, name)),
      );
      expect(seen).toEqual([true, false, true]);
    }
    await world.close();
  }, 30_000);

  it("is once, however often it is asked for", async () => {
    const request = sessionStart();
    await Promise.all([driver.start(request), driver.start(request)]);
    await untilRunning(driver, request.id);
    const pid = keeperPid(request.id);
    await driver.start(request);
    await world.anotherDriver().start(request);
    expect(keeperPid(request.id)).toBe(pid);
    expect((await driver.list()).filter(({ record }) => record.id === request.id)).toHaveLength(1);
  });

  it("leaves nothing when the content cannot be had", async () => {
    const failing = await makeSessionWorld({
      policy,
      checkout: () => Promise.reject(new Error("no such commit")),
    });
    const request = sessionStart();
    await expect(failing.driver.start(request)).rejects.toThrow("no such commit");
    expect(await failing.driver.inspect(request.id)).toBeNull();
    expect(readdirSync(join(failing.dataDir, "sessions"))).toEqual([]);
    await failing.close();
  });

  it("runs a start script that is not executable and names no interpreter", async () => {
    const request = await startedWith('echo a plain script; exec "$@"\n');
    expect(await driver.logs(request.id, 1_000)).toContain("a plain script");
  });

  it("tells its listeners when the server is there and when it is gone", async () => {
    const told: string[] = [];
    const stopListening = driver.onHint((id) => told.push(id));
    const request = sessionStart();
    await driver.start(request);
    await driver.inspect(request.id);
    await eventually(
      () => existsSync(placeOf(request.id, "run/server.sock")),
      "the socket is there",
    );
    await eventually(() => told.length > 0, "a hint comes");
    await untilRunning(driver, request.id);
    told.length = 0;
    process.kill(keeperPid(request.id), "SIGTERM");
    await eventually(() => told.includes(request.id), "a second hint comes");
    expect((await driver.inspect(request.id))?.state).toMatchObject({ kind: "ended" });
    stopListening();
  });
});
describe("ending", () => {
  it("says how the server ended by itself", async () => {
    world.content.set("start", "echo it broke; exit 3\n");
    const request = sessionStart({ plan: { ...PLAN, start: "start" } });
    await driver.start(request);
    expect(await ended(request.id)).toEqual({ kind: "ended", end: "exited", exitCode: 3 });
    expect(await driver.logs(request.id, 1_000)).toBe("it broke\n");
  });

  it("leaves no process when it is stopped, also not of a server that will not listen", async () => {
    const request = await startedWith(
      'trap "" TERM; setsid -f sh -c \'trap "" TERM; sleep 300\'; "$@" & sleep 300\n',
    );
    const processes = [keeperPid(request.id), ...below(keeperPid(request.id))];
    expect(processes.length).toBeGreaterThan(5);
    await driver.stop(request.id, "idle");
    expect(processes.filter((pid) => identify(pid) !== null)).toEqual([]);
    expect((await driver.inspect(request.id))?.state).toMatchObject({ kind: "ended", end: "idle" });
    await driver.stop(request.id, "stopped");
    expect((await driver.inspect(request.id))?.state).toMatchObject({ end: "idle" });
    await driver.stop("no-such-session", "stopped");
  });

  it("is noticed when the keeper was killed, and nothing outlives it", async () => {
    const request = await started();
    const processes = below(keeperPid(request.id));
    process.kill(keeperPid(request.id), "SIGKILL");
    expect(await ended(request.id)).toEqual({ kind: "ended", end: "killed", exitCode: null });
    await eventually(
      () => processes.every((pid) => identify(pid) === null),
      "all are gone",
      10_000,
    );
    await driver.remove(request.id);
    expect(await driver.inspect(request.id)).toBeNull();
  });

  it("never touches a stranger who got the keeper's number", async () => {
    const request = await started();
    process.kill(keeperPid(request.id), "SIGKILL");
    await ended(request.id);
    const stranger = spawn("sleep", ["300"]);
    await once(stranger, "spawn");
    await writeFile(placeOf(request.id, "keeper"), `${stranger.pid} 12345\n`);
    const another = world.anotherDriver();
    expect((await another.inspect(request.id))?.state).toMatchObject({ end: "killed" });
    await another.stop(request.id, "stopped");
    await another.remove(request.id);
    expect(stranger.exitCode).toBeNull();
    stranger.kill("SIGKILL");
  });

  it("comes at the hard end without anybody's help, and moves when it is extended", async () => {
    const [short, extended] = await Promise.all([
      started({ endsAtMs: Date.now() + 2_000 }),
      started({ endsAtMs: Date.now() + 2_000 }),
    ]);
    await driver.extend(extended.id, Date.now() + 3_600_000);
    expect(await ended(short.id)).toMatchObject({ end: "age" });
    expect((await driver.inspect(extended.id))?.state).toEqual({ kind: "running" });
    expect((await driver.inspect(extended.id))?.record.endsAtMs).toBeGreaterThan(
      Date.now() + 3_000_000,
    );
  });

  it("comes after twice the idle time without anybody's help, not while somebody works", async () => {
    const [idle, active] = await Promise.all([
      started({ idleLimitMs: 1_000 }),
      started({ idleLimitMs: 1_000 }),
    ]);
    await ask(world, active.id, "busy", { method: "POST" });
    const working = setInterval(() => void driver.isBusy(active.id), 100);
    try {
      expect(await ended(idle.id)).toMatchObject({ end: "idle" });
      expect((await driver.inspect(active.id))?.state).toEqual({ kind: "running" });
    } finally {
      clearInterval(working);
    }
  });

  it("removes trees that their owner closed, and the cgroups", async () => {
    const request = await startedWith('mkdir -p a/b/c; touch a/b/c/d; chmod 000 a/b; exec "$@"\n');
    const record = JSON.parse(await readFile(placeOf(request.id, "record.json"), "utf8"));
    await driver.remove(request.id);
    expect(existsSync(placeOf(request.id, ""))).toBe(false);
    for (const directory of record.cgroupDirectories) expect(existsSync(directory)).toBe(false);
    expect(await driver.logs(request.id, 10)).toBeNull();
    await driver.remove(request.id);
  });
});

describe("what cannot be", () => {
  it("stops a session that is still on its way, and leaves it ended", async () => {
    let bring = (): void => undefined;
    const brought = new Promise<void>((resolve) => {
      bring = resolve;
    });
    const slow = await makeSessionWorld({ policy, checkout: () => brought });
    const request = sessionStart();
    const starting = slow.driver.start(request);
    const stopping = slow.driver.stop(request.id, "stopped");
    bring();
    await Promise.all([starting, stopping]);
    expect((await slow.driver.inspect(request.id))?.state).toMatchObject({ kind: "ended" });
    await slow.close();
  });

  it("leaves no process when it is removed in the middle of its birth", async () => {
    const requests = Array.from({ length: 12 }, () => sessionStart());
    const births = requests.map(async (request, index) => {
      await driver.start(request);
      // One after the other, so that each is caught a little later.
      await new Promise((resolve) => setTimeout(resolve, 3 * index));
      const record = JSON.parse(await readFile(placeOf(request.id, "record.json"), "utf8"));
      await driver.remove(request.id);
      return record.cgroupDirectories as string[];
    });
    const directories = (await Promise.all(births)).flat();
    expect(directories.filter((path) => existsSync(path))).toEqual([]);
    const ids = requests.map(({ id }) => id);
    const isLeft = (pid: string) => ids.some((id) => readCommandLine(pid).includes(id));
    // A watcher that was being made when its keeper was ended sees that at its first look.
    await eventually(
      () => !readdirSync("/proc").some((name) => /^[0-9]+$/.test(name) && isLeft(name)),
      "nothing of the sessions is left",
    );
  });

  it("refuses variables that would become options of the sandbox", async () => {
    const variables = { BINDER_REF_URL: "x\0--bind\0/\0/host" };
    const request = sessionStart({ variables });
    await expect(driver.start(request)).rejects.toThrow("zero byte");
    expect(await driver.inspect(request.id)).toBeNull();
  });
});

describe("a warm server", () => {
  async function warm(): Promise<string> {
    const { id, token, endsAtMs } = sessionStart();
    await driver.startWarm({ id, token, endsAtMs });
    await untilRunning(driver, id);
    return id;
  }

  it("belongs to nobody and does not end for want of activity", async () => {
    const id = await warm();
    expect((await driver.inspect(id))?.record).toMatchObject({ purpose: null, claimedAtMs: null });
    expect(await readFile(placeOf(id, "idle-seconds"), "utf8")).toBe("0\n");
  });

  it("is handed over with content, variables and environment, under its own id and token", async () => {
    const id = await warm();
    const before = await driver.inspect(id);
    world.content.set("notebook.ipynb", "{}");
    const {
      id: _id,
      token: _token,
      ...request
    } = sessionStart({ variables: { BINDER_REF_URL: "r" } });
    const outcomes = [driver.claim(id, request), driver.claim(id, request)];
    expect(await Promise.all(outcomes)).toEqual([{ kind: "claimed" }, { kind: "claimed" }]);
    expect(await driver.claim(id, request)).toEqual({ kind: "claimed" });
    const after = await driver.inspect(id);
    expect(after?.record).toEqual({
      ...before?.record,
      purpose: request.purpose,
      claimedAtMs: after?.record.claimedAtMs,
      endsAtMs: request.endsAtMs,
      idleLimitMs: request.idleLimitMs,
    });
    expect(JSON.parse((await ask(world, id, "environment")).body)).toMatchObject({
      BINDER_REF_URL: "r",
    });
    expect(await readFile(placeOf(id, "home/notebook.ipynb"), "utf8")).toBe("{}");
    expect(existsSync(placeOf(id, "content"))).toBe(false);
  });

  it("goes to one launch only", async () => {
    const id = await warm();
    const [first, second] = [sessionStart(), sessionStart()];
    const outcomes = await Promise.all([driver.claim(id, first), driver.claim(id, second)]);
    expect(outcomes.map(({ kind }) => kind).sort()).toEqual(["claimed", "gone"]);
  });

  it("is gone when it ended, when it never was, and when it does not answer", async () => {
    const id = await warm();
    await driver.stop(id, "stopped");
    expect(await driver.claim(id, sessionStart())).toEqual({ kind: "gone" });
    expect(await driver.claim("no-such-session", sessionStart())).toEqual({ kind: "gone" });
    const deaf = await warm();
    const record = JSON.parse(await readFile(placeOf(deaf, "record.json"), "utf8"));
    await writeFile(
      placeOf(deaf, "record.json"),
      JSON.stringify({ ...record, claimSecret: "wrong" }),
    );
    expect(await driver.claim(deaf, sessionStart())).toEqual({ kind: "gone" });
    expect((await driver.inspect(deaf))?.state).toMatchObject({ kind: "ended" });
  });
});

describe("a control plane that was killed", () => {
  async function startAndDie(id: string, moment: "checkout" | "started"): Promise<void> {
    const program = join(import.meta.dirname, "../fixtures/start-and-die.ts");
    const args = [program, world.dataDir, id, moment, ...(await bubblewrapPaths(world.dataDir))];
    const child = spawn(process.execPath, args, { stdio: "inherit" });
    expect(await once(child, "exit")).toEqual([null, "SIGKILL"]);
  }

  it("leaves a running session, which the next one finds", async () => {
    const { id } = sessionStart();
    await startAndDie(id, "started");
    await untilRunning(driver, id);
    expect((await ask(world, id, "")).status).toBe(200);
    await driver.stop(id, "stopped");
    expect((await driver.inspect(id))?.state).toMatchObject({ kind: "ended", end: "stopped" });
  });

  it("leaves a half-made session that counts as starting, later as killed, and can be started", async () => {
    const request = sessionStart();
    await startAndDie(request.id, "checkout");
    expect((await driver.inspect(request.id))?.state).toEqual({ kind: "starting" });
    const later = { ...systemClock, nowMs: () => Date.now() + 60_000 };
    const { createLocalSessionDriver } = await import("#drivers/local/session/session-driver.ts");
    const inAMinute = createLocalSessionDriver({ ...world.parts, clock: later });
    expect((await inAMinute.inspect(request.id))?.state).toMatchObject({
      kind: "ended",
      end: "killed",
    });
    await driver.start(request);
    await untilRunning(driver, request.id);
  });
});

describe("a session's use", () => {
  it("keeps the log small however much the server prints, and shows its end", async () => {
    const request = await startedWith('seq 1 200000; echo the end; exec "$@"\n');
    for (const name of ["log", "home/.jupyter-server-log.txt"]) {
      expect((await stat(placeOf(request.id, name))).size).toBeLessThanOrEqual(
        policy.sessionLogBytes,
      );
    }
    const log = await driver.logs(request.id, 200);
    expect(log).toMatch(/199999\n200000\nthe end\nstub server starts\n$/);
    expect(log?.length).toBeLessThanOrEqual(200);
  });

  it("does not follow a link that the repository put in the log's place", async () => {
    const request = await startedWith('ln -sf /tmp/elsewhere .jupyter-server-log.txt; exec "$@"\n');
    expect(await driver.logs(request.id, 1_000)).toContain("stub server starts");
  });

  it("counts processes that were killed for memory, and goes on", async () => {
    const request = await startedWith('(head -c 300M /dev/zero | tail >/dev/null); exec "$@"\n');
    const session = await driver.inspect(request.id);
    if (world.sandbox.cgroups.kind === "none") return;
    expect(session).toMatchObject({ state: { kind: "running" }, outOfMemoryKills: 1 });
    expect(session?.memoryBytes).toBeGreaterThan(0);
    expect(session?.memoryBytes).toBeLessThanOrEqual(policy.sessionMemoryBytes);
    await driver.stop(request.id, "stopped");
    expect((await driver.inspect(request.id))?.outOfMemoryKills).toBe(1);
  });

  it("ends when it fills the disk", async () => {
    const small = await makeSessionWorld({ policy: { ...policy, sessionDiskBytes: 8 * MIB } });
    small.content.set("start", 'for i in 1 2 3; do head -c 7M /dev/zero >$i; done; exec "$@"\n');
    const request = sessionStart({ plan: { ...PLAN, start: "start" } });
    await small.driver.start(request);
    const state = await eventually(async () => {
      const session = (await small.driver.list())[0];
      return session?.state.kind === "ended" ? session.state : null;
    }, "the session ends");
    expect(state).toMatchObject({ end: "out-of-disk" });
    await small.close();
  });

  it("is busy while a kernel computes, which counts as activity", async () => {
    const request = await started();
    expect(await driver.isBusy(request.id)).toBe(false);
    await ask(world, request.id, "busy", { method: "POST" });
    const before = (await driver.inspect(request.id))?.lastActivityAtMs ?? 0;
    expect(await driver.isBusy(request.id)).toBe(true);
    expect((await driver.inspect(request.id))?.lastActivityAtMs).toBeGreaterThanOrEqual(before);
    expect(await driver.isBusy("no-such-session")).toBe(false);
  });

  it("does not lead us to a socket of the machine that it put a link to", async () => {
    const request = await started();
    const visitors: string[] = [];
    const server = createServer((socket) => {
      visitors.push("we were led here");
      socket.end();
    });
    const elsewhere = join(world.dataDir, "elsewhere.sock");
    await new Promise<void>((resolve) => server.listen(elsewhere, resolve));
    await rm(placeOf(request.id, "run/server.sock"));
    await symlink(elsewhere, placeOf(request.id, "run/server.sock"));
    expect(await driver.isBusy(request.id)).toBe(false);
    server.close();
    expect(visitors).toEqual([]);
  });

  it("gets each notice once", async () => {
    const request = await started();
    const notice = { id: "memory-1", level: "error", message: "memory ran out", atMs: 1 } as const;
    await driver.notify(request.id, notice);
    await driver.notify(request.id, notice);
    await driver.notify(request.id, { ...notice, id: "memory-2" });
    const given = JSON.parse(await readFile(placeOf(request.id, "give/notices.json"), "utf8"));
    expect(given.map(({ id }: { id: string }) => id)).toEqual(["memory-1", "memory-2"]);
    await driver.notify("no-such-session", notice);
  });
});

it("refuses ids that are not safe as a file name", async () => {
  for (const id of ["../x", "A", "", "a/b", ".removed-x", "x".repeat(64)]) {
    expect(await driver.inspect(id)).toBeNull();
    expect(await driver.logs(id, 10)).toBeNull();
    await driver.remove(id);
    await expect(driver.start(sessionStart({ id }))).rejects.toThrow("safe as a file name");
  }
});

it("starts ten sessions at once", async () => {
  const requests = Array.from({ length: 10 }, () => sessionStart());
  await Promise.all(requests.map((request) => driver.start(request)));
  await Promise.all(requests.map(({ id }) => untilRunning(driver, id)));
  const running = (await driver.list()).filter(({ state }) => state.kind === "running");
  const ids = running.map(({ record }) => record.id);
  expect(ids).toEqual(expect.arrayContaining(requests.map(({ id }) => id)));
  await Promise.all(requests.map(({ id }) => driver.remove(id)));
});

describe("without isolation", () => {
  it("the same session runs on the host's paths, and is ended as well", async () => {
    const plain = await makeSessionWorld({ policy, isolation: "none" });
    plain.content.set("start", '#!/bin/sh\nsetsid -f sleep 300; exec "$@"\n');
    const request = sessionStart({ plan: { ...PLAN, start: "start" } });
    await plain.driver.start(request);
    await untilRunning(plain.driver, request.id);
    const home = join(plain.dataDir, "sessions", request.id, "home");
    const seen = JSON.parse((await ask(plain, request.id, "environment")).body);
    expect(seen).toMatchObject({ HOME: home, REPO_DIR: home });
    expect(seen.HTTPS_PROXY).toBeUndefined();
    const keeper = readFileSync(join(plain.dataDir, "sessions", request.id, "keeper"), "utf8");
    const processes = below(Number(keeper.split(" ")[0]));
    await plain.driver.stop(request.id, "stopped");
    expect(processes.filter((pid) => identify(pid) !== null)).toEqual([]);
    await plain.close();
  });
});
