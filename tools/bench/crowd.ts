/** Fifty people at once, a known environment, servers that are ready at once: what Bindery itself costs. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { MINUTE_MS } from "#base/units.ts";
import { startGitServer } from "../../test/fixtures/git-server.ts";
import { ok } from "./harness/ask.ts";
import type { Bench, Stage, Table } from "./harness/bench.ts";
import { type Bindery, startBindery } from "./harness/bindery.ts";
import { percentile } from "./harness/figures.ts";
import { type Launched, launch } from "./harness/launch.ts";
import { endNow } from "./harness/node-program.ts";
import { cpuMs } from "./harness/processes.ts";
import { stopAll, untilCalm, untilWarm } from "./harness/sessions.ts";
import { STUB_TREE, startBareStub } from "./harness/stub-repository.ts";
import { until } from "./harness/until.ts";

const PEOPLE = 50;
const REPOSITORY = "bench/stub";
const START_TIMEOUT_MS = 10_000;

export const crowdBench: Bench = {
  name: "crowd",
  summary: `${PEOPLE} launches at once of a known environment, stub servers`,
  limitMs: 5 * MINUTE_MS,
  run,
};

interface Round {
  readonly p50Ms: number;
  readonly p95Ms: number;
  readonly lastMs: number;
  readonly firstEventMs: number;
  readonly controlCpuMs: number;
  readonly gatewayCpuMs: number;
}

async function run(stage: Stage): Promise<readonly Table[]> {
  const git = await startGitServer();
  stage.defer(() => git.stop());
  const repository = await git.repository(REPOSITORY);
  await repository.commit(STUB_TREE);
  const bindery = await startBindery(stage, { warmServersMax: 0, sessionsMax: 2 * PEOPLE });
  const repo = git.url(REPOSITORY);
  await launch(bindery, { repo, buildOnly: true });

  const [alone, crowds, bare, bareAtOnce]: [number[], Round[], number[], number[]] = [
    [],
    [],
    [],
    [],
  ];
  for (let round = 0; round <= stage.rounds; round += 1) {
    const one = await launch(bindery, { repo });
    await clear(stage, bindery);
    const crowd = await crowdOnce(bindery, repo);
    await clear(stage, bindery);
    const sequential = await bareStarts(stage);
    const together = await bareStartsAtOnce(stage);
    stage.say(
      `${round}: alone ${one.readyMs.toFixed(0)} ms, crowd p50 ${crowd.p50Ms.toFixed(0)} ms`,
    );
    if (round === 0) continue;
    alone.push(one.readyMs);
    crowds.push(crowd);
    bare.push(percentile(sequential, 0.5));
    bareAtOnce.push(percentile(together, 0.5));
  }
  return tables({ alone, crowds, bare, bareAtOnce });
}

const BARE = "bare stub, one after the other";

function tables(taken: {
  readonly alone: readonly number[];
  readonly crowds: readonly Round[];
  readonly bare: readonly number[];
  readonly bareAtOnce: readonly number[];
}): readonly Table[] {
  const { alone, bare, bareAtOnce, crowds } = taken;
  const of = (pick: (round: Round) => number) => crowds.map(pick);
  return [
    {
      title: `${PEOPLE} launches at once, to \`ready\``,
      unit: "ms",
      better: "less",
      against: BARE,
      rows: [
        { what: `${PEOPLE} at once, p50`, samples: of((round) => round.p50Ms), aim: "≤ 400" },
        { what: `${PEOPLE} at once, p95`, samples: of((round) => round.p95Ms) },
        { what: `${PEOPLE} at once, all`, samples: of((round) => round.lastMs) },
        { what: `${PEOPLE} at once, first event p50`, samples: of((round) => round.firstEventMs) },
        { what: "one alone", samples: alone },
        { what: BARE, samples: bare },
        { what: `bare stub, ${PEOPLE} at once, p50`, samples: bareAtOnce },
      ],
    },
    {
      title: "CPU of Bindery for one launch of the crowd",
      unit: "ms",
      better: "less",
      against: null,
      rows: [
        { what: "control", samples: of((round) => round.controlCpuMs / PEOPLE) },
        { what: "gateway", samples: of((round) => round.gatewayCpuMs / PEOPLE) },
      ],
    },
  ];
}

async function crowdOnce(bindery: Bindery, repo: string): Promise<Round> {
  const pids = [bindery.pid("control"), bindery.pid("gateway")] as const;
  const before = pids.map(cpuMs);
  const launches = await Promise.all(
    Array.from({ length: PEOPLE }, (): Promise<Launched> => launch(bindery, { repo })),
  );
  const spent = pids.map((pid, index) => cpuMs(pid) - (before[index] ?? 0));
  const readyMs = launches.map((each) => each.readyMs);
  return {
    p50Ms: percentile(readyMs, 0.5),
    p95Ms: percentile(readyMs, 0.95),
    lastMs: Math.max(...readyMs),
    firstEventMs: percentile(
      launches.map((each) => each.firstEventMs),
      0.5,
    ),
    controlCpuMs: spent[0] ?? 0,
    gatewayCpuMs: spent[1] ?? 0,
  };
}

async function clear(stage: Stage, bindery: Bindery): Promise<void> {
  await stopAll(bindery);
  await untilCalm(stage, bindery);
  await untilWarm(stage, bindery);
}

async function bareStarts(stage: Stage): Promise<readonly number[]> {
  const taken: number[] = [];
  for (let n = 0; n < PEOPLE; n += 1) taken.push(await bareStart(stage));
  return taken;
}

async function bareStartsAtOnce(stage: Stage): Promise<readonly number[]> {
  return await Promise.all(Array.from({ length: PEOPLE }, () => bareStart(stage)));
}

async function bareStart(stage: Stage): Promise<number> {
  const directory = await mkdtemp(join(tmpdir(), "bindery-bench-stub-"));
  const socketPath = join(directory, "server.sock");
  const startedMs = performance.now();
  const child = startBareStub(socketPath);
  try {
    await until(() => ok({ url: "/user/bare/", socketPath }), {
      what: "the stub answers",
      deadlineMs: START_TIMEOUT_MS,
      signal: stage.signal,
    });
    return performance.now() - startedMs;
  } finally {
    await endNow(child);
    await rm(directory, { recursive: true, force: true });
  }
}
