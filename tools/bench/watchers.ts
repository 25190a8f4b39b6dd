/** A thousand people watch one build: how soon each has an event, and what each costs. */
import { connect } from "node:net";
import { MINUTE_MS, SECOND_MS } from "#base/units.ts";
import type { GitRepository } from "../../test/fixtures/git-repository.ts";
import { startGitServer } from "../../test/fixtures/git-server.ts";
import { freePort } from "./harness/bare-lab.ts";
import type { Bench, Row, Stage, Table } from "./harness/bench.ts";
import { type Bindery, startBindery } from "./harness/bindery.ts";
import { openWatchers } from "./harness/event-watchers.ts";
import { percentile } from "./harness/figures.ts";
import { proxyArguments, startNode } from "./harness/node-program.ts";
import { cpuMs, weightOf } from "./harness/processes.ts";
import { until } from "./harness/until.ts";

const PEOPLE = 1_000;
const PEOPLE_BEFORE = 200;
const REPOSITORY = "bench/watched";
const FIRST_EVENT_TIMEOUT_MS = 60 * SECOND_MS;
const KB_PER_MB = 1_024;

export const watchersBench: Bench = {
  name: "watchers",
  summary: `${PEOPLE} people watch one build: the first event of each, and memory`,
  limitMs: 10 * MINUTE_MS,
  run,
};

/** One crowd of readers. */
interface Round {
  readonly firstEventMs: readonly number[];
  readonly gatewayKb: number;
  readonly controlKb: number;
  readonly cpuMs: number;
}

type Way = "one launch" | "a launch each" | "Node alone" | "Node behind CHP";

async function run(stage: Stage): Promise<readonly Table[]> {
  const git = await startGitServer();
  stage.defer(() => git.stop());
  const repository = await git.repository(REPOSITORY);
  const taken: Record<Way, Round[]> = {
    "one launch": [],
    "a launch each": [],
    "Node alone": [],
    "Node behind CHP": [],
  };
  const floor = await startFloor(stage);
  for (let round = 1; round <= stage.rounds; round += 1) {
    for (const way of ["one launch", "a launch each"] as const) {
      taken[way].push(await watchBuild({ stage, way, repository, repo: git.url(REPOSITORY) }));
      const p50 = percentile(taken[way].at(-1)?.firstEventMs ?? [], 0.5);
      stage.say(`${round}: ${way}: p50 ${p50.toFixed(0)} ms`);
    }
    taken["Node alone"].push(await watchFloor(stage, floor.port));
    taken["Node behind CHP"].push(await watchFloor(stage, floor.proxyPort));
  }
  return tables(taken);
}

function tables(taken: Readonly<Record<Way, readonly Round[]>>): readonly Table[] {
  const rows = (pick: (round: Round) => number, aim?: string, ways = WAYS): readonly Row[] =>
    ways.map((way) => {
      const isOurs = OURS.includes(way);
      const hasAim = isOurs && aim !== undefined;
      const what = isOurs ? `Bindery, ${way}` : `beside it: ${way}`;
      return { what, samples: taken[way].map(pick), ...(hasAim ? { aim } : {}) };
    });
  const common = { better: "less", against: "beside it: Node behind CHP" } as const;
  const alone = { better: "less", against: null } as const;
  const first = (share: number) => (round: Round) => percentile(round.firstEventMs, share);
  return [
    { ...common, title: `First event of ${PEOPLE}, p50`, unit: "ms", rows: rows(first(0.5)) },
    {
      ...common,
      title: `First event of ${PEOPLE}, p95`,
      unit: "ms",
      rows: rows(first(0.95), "≤ 300"),
    },
    {
      ...alone,
      title: "Memory for each reader",
      unit: "kB",
      rows: [
        ...rows((round) => round.gatewayKb, undefined, OURS).map(named("gateway")),
        ...rows((round) => round.controlKb, "≤ 8", OURS).map(named("control")),
      ],
    },
    {
      ...alone,
      title: "CPU of gateway and control for each reader",
      unit: "ms",
      rows: rows((round) => round.cpuMs / PEOPLE, undefined, OURS),
    },
  ];
}

const OURS: readonly Way[] = ["one launch", "a launch each"];
const WAYS: readonly Way[] = [...OURS, "Node alone", "Node behind CHP"];

function named(part: string) {
  return (row: Row): Row => ({ ...row, what: `${row.what}: ${part}` });
}

/** A fresh Bindery each time, so that memory is what this crowd took. */
async function watchBuild(parts: {
  readonly stage: Stage;
  readonly way: Way;
  readonly repository: GitRepository;
  readonly repo: string;
}): Promise<Round> {
  const { repo, repository, stage, way } = parts;
  await repository.commit({ postBuild: { executable: SLOW_BUILD } });
  const settings = { queueMax: 2 * PEOPLE, warmServersMax: 0, launchesPerClientMax: 2 * PEOPLE };
  const bindery = await startBindery(stage, settings);
  try {
    const { id } = await bindery.client.launch({ repo, buildOnly: true });
    await untilBuilding(bindery, id);
    const own = `/build/git/${encodeURIComponent(repo)}/main?build_only=true`;
    const path = way === "one launch" ? `/api/v1/launches/${id}/events` : own;
    // A few came before: the code has run.
    await watchOnce(stage, bindery, { path, count: PEOPLE_BEFORE });
    return await watchOnce(stage, bindery, { path, count: PEOPLE });
  } finally {
    await bindery.stop();
  }
}

/** It says something now and then, and goes on longer than anybody looks. */
const SLOW_BUILD = "#!/bin/sh\nfor n in $(seq 240); do echo working $n; sleep 0.25; done\n";

async function untilBuilding({ client }: Bindery, id: string): Promise<void> {
  for await (const event of client.watchLaunch({ id })) {
    if (event.failure !== undefined) throw new Error(event.failure.message);
    if (event.message.startsWith("working")) return;
  }
  throw new Error("the build ended too soon");
}

async function watchOnce(
  stage: Stage,
  bindery: Bindery,
  { count, path }: { readonly count: number; readonly path: string },
): Promise<Round> {
  const pids = [bindery.pid("gateway"), bindery.pid("control")];
  const before = pids.map((pid) => ({ memory: weightOf([pid]).rssMb, cpu: cpuMs(pid) }));
  const watchers = await openWatchers({
    port: Number(new URL(bindery.url).port),
    path: () => path,
    count,
    token: bindery.token,
    deadlineMs: FIRST_EVENT_TIMEOUT_MS,
    signal: stage.signal,
  });
  const [gatewayKb = 0, controlKb = 0] = pids.map(
    (pid, n) => ((weightOf([pid]).rssMb - (before[n]?.memory ?? 0)) * KB_PER_MB) / count,
  );
  const spent = pids.map((pid, n) => cpuMs(pid) - (before[n]?.cpu ?? 0));
  watchers.close();
  return {
    firstEventMs: watchers.firstEventMs,
    gatewayKb,
    controlKb,
    cpuMs: spent.reduce((sum, each) => sum + each, 0),
  };
}

/** An event stream with nothing behind it: what a thousand connections cost Node, and a proxy. */
async function startFloor(stage: Stage): Promise<{ port: number; proxyPort: number }> {
  const [port, proxyPort, apiPort] = [await freePort(), await freePort(), await freePort()];
  const script = `require("node:http").createServer((_, response) => {
    response.writeHead(200, { "content-type": "text/event-stream" });
    response.write("id: 1\\ndata: {}\\n\\n");
  }).listen(${port}, "127.0.0.1")`;
  const target = `http://127.0.0.1:${port}`;
  startNode(stage, ["-e", script]);
  startNode(stage, proxyArguments({ port: proxyPort, apiPort, target }));
  const isUp = async () => (await Promise.all([port, apiPort].map(opens))).every(Boolean);
  await until(isUp, {
    what: "the floor is there",
    deadlineMs: SECOND_MS * 10,
    signal: stage.signal,
  });
  return { port, proxyPort };
}

async function opens(port: number): Promise<boolean> {
  return await new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", () => resolve(false));
  });
}

async function watchFloor(stage: Stage, port: number): Promise<Round> {
  const watchers = await openWatchers({
    port,
    path: () => "/",
    count: PEOPLE,
    token: "none",
    deadlineMs: FIRST_EVENT_TIMEOUT_MS,
    signal: stage.signal,
  });
  watchers.close();
  return { firstEventMs: watchers.firstEventMs, gatewayKb: 0, controlKb: 0, cpuMs: 0 };
}
