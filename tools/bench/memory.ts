/** What Bindery weighs: idle, after use, and with fifty sessions; what each session costs beside its server. */
import { basename } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { MINUTE_MS } from "#base/units.ts";
import { startGitServer } from "../../test/fixtures/git-server.ts";
import { freePort } from "./harness/bare-lab.ts";
import type { Bench, Row, Stage, Table } from "./harness/bench.ts";
import { type Bindery, keepersIn, startBindery } from "./harness/bindery.ts";
import { launch } from "./harness/launch.ts";
import { endNow, idleServerArguments, proxyArguments, startNode } from "./harness/node-program.ts";
import { commandLine, descendants, type Weight, weightOf } from "./harness/processes.ts";
import { STUB_TREE } from "./harness/stub-repository.ts";

const SESSIONS = 50;
const SESSIONS_AT_ONCE = 10;
const REPOSITORY = "bench/stub";
/** Long enough for a young process to be done with what it does at first. */
const SETTLE_MS = 3_000;

export const memoryBench: Bench = {
  name: "memory",
  summary: `Bindery idle and with ${SESSIONS} sessions; keeper, bubblewrap and init of each`,
  limitMs: 10 * MINUTE_MS,
  run,
};

type Weighed = Record<string, Weight>;

async function run(stage: Stage): Promise<readonly Table[]> {
  const git = await startGitServer();
  stage.defer(() => git.stop());
  const repository = await git.repository(REPOSITORY);
  await repository.commit(STUB_TREE);
  const taken: Weighed[] = [];
  // Once, uncounted: the compiled code is kept on the disk when a process ends.
  await (await startBindery(stage, { warmServersMax: 0 })).stop();
  for (let round = 1; round <= stage.rounds; round += 1) {
    taken.push(await weighOnce(stage, git.url(REPOSITORY)));
    const total = taken.at(-1)?.["idle: Bindery"];
    stage.say(
      `${round}: idle ${total?.rssMb.toFixed(0)} MB, programs once ${total?.onceMb.toFixed(0)} MB`,
    );
  }
  const table = (title: string, pick: (weight: Weight) => number): Table => ({
    title,
    unit: "MB",
    better: "less",
    against: null,
    rows: rowsOf(taken, pick),
  });
  return [
    table("Memory; what processes share is counted once", ({ onceMb }) => onceMb),
    table("Memory; what processes share is counted for each (RSS)", ({ rssMb }) => rssMb),
    table("Memory without the files of programs (anonymous)", ({ ownMb }) => ownMb),
  ];
}

function rowsOf(taken: readonly Weighed[], pick: (weight: Weight) => number): readonly Row[] {
  return Object.keys(taken[0] ?? {}).map((what) => {
    const samples = taken.map((weighed) => pick(weighed[what] ?? weightOf([])));
    return { what, samples, ...(what === "idle: Bindery" ? { aim: "≤ 150" } : {}) };
  });
}

async function weighOnce(stage: Stage, repo: string): Promise<Weighed> {
  const bindery = await startBindery(stage, { warmServersMax: 0, sessionsMax: 2 * SESSIONS });
  await pause(SETTLE_MS);
  const idle = weighBindery("idle", bindery);
  await launch(bindery, { repo, buildOnly: true });
  for (let started = 0; started < SESSIONS; started += SESSIONS_AT_ONCE) {
    const some = Array.from({ length: SESSIONS_AT_ONCE }, () => launch(bindery, { repo }));
    await Promise.all(some);
  }
  await pause(SETTLE_MS);
  const busy = weighBindery(`${SESSIONS} sessions`, bindery);
  const sessions = weighSessions(bindery);
  await endAll(bindery);
  await bindery.stop();
  return { ...idle, ...busy, ...sessions, ...(await weighOthers(stage)) };
}

function weighBindery(when: string, bindery: Bindery): Weighed {
  const pids = {
    supervisor: bindery.supervisorPid,
    gateway: bindery.pid("gateway"),
    control: bindery.pid("control"),
  };
  const parts = Object.entries(pids).map(([name, pid]) => [`${when}: ${name}`, weightOf([pid])]);
  return { [`${when}: Bindery`]: weightOf(Object.values(pids)), ...Object.fromEntries(parts) };
}

/** Per session: all processes below its keeper, and the keeper. */
function weighSessions({ dataDir }: Bindery): Weighed {
  const keepers = keepersIn(dataDir);
  const kinds = new Map<string, number[]>();
  for (const pid of keepers.flatMap((keeper) => [keeper, ...descendants(keeper)])) {
    const kind = `per session: ${kindOf(pid)}`;
    kinds.set(kind, [...(kinds.get(kind) ?? []), pid]);
  }
  const count = keepers.length;
  const weighed = [...kinds].map(([kind, pids]): [string, Weight] => {
    const { onceMb, ownMb, rssMb } = weightOf(pids);
    return [kind, { onceMb: onceMb / count, ownMb: ownMb / count, rssMb: rssMb / count }];
  });
  return Object.fromEntries(weighed.toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

function kindOf(pid: number): string {
  const words = commandLine(pid);
  const program = basename(words[0] ?? "");
  if (program === "bwrap") return "bubblewrap";
  if (words.some((word) => word.endsWith("stub.py"))) return "the stub itself";
  return program.startsWith("python") ? "init" : "keeper";
}

async function endAll({ client }: Bindery): Promise<void> {
  const sessions = await client.listSessions();
  await Promise.all(sessions.map(({ id }) => client.stopSession(id)));
}

/** What the same machine needs for other things, as a measure. */
async function weighOthers(stage: Stage): Promise<Weighed> {
  const proxy = proxyArguments({ port: await freePort(), apiPort: await freePort() });
  const programs = {
    "beside it: configurable-http-proxy, no routes": proxy,
    "beside it: a Node server that does nothing": idleServerArguments(0),
  };
  const weighed: Weighed = {};
  for (const [name, args] of Object.entries(programs)) {
    const child = startNode(stage, args);
    await pause(SETTLE_MS);
    weighed[name] = weightOf([child.pid ?? 0]);
    await endNow(child);
  }
  return weighed;
}
