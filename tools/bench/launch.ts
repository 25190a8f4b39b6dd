/** A known environment: from the click to JupyterLab and to a kernel's reply, beside JupyterLab alone. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { MINUTE_MS } from "#base/units.ts";
import { startGitServer } from "../../test/fixtures/git-server.ts";
import { runInKernel } from "../../test/fixtures/jupyter-client.ts";
import { startServer } from "../../test/fixtures/jupyter-server.ts";
import { createJupyterWorld, type JupyterWorld } from "../../test/fixtures/jupyter-world.ts";
import { type Started, startBareLab } from "./harness/bare-lab.ts";
import type { Bench, Row, Stage, Table } from "./harness/bench.ts";
import { type Bindery, startBindery } from "./harness/bindery.ts";
import { firstKernelReply } from "./harness/kernel.ts";
import { launch, openPage } from "./harness/launch.ts";
import { untilCalm, untilWarm } from "./harness/sessions.ts";

const REQUIREMENTS = ["numpy", "pandas", "matplotlib"];
const REPOSITORY = "bench/known";

export const launchBench: Bench = {
  name: "launch",
  summary: "Click to JupyterLab and to the first kernel reply, warm and cold, beside `jupyter lab`",
  limitMs: 10 * MINUTE_MS,
  run,
};

interface Way {
  readonly name: string;
  readonly once: () => Promise<Launch>;
}

interface Launch extends Started {
  readonly firstEventMs?: number;
  readonly readyMs?: number;
}

async function run(stage: Stage): Promise<readonly Table[]> {
  const ways = await prepare(stage);
  const taken = new Map<string, Launch[]>(ways.map(({ name }) => [name, []]));
  // The first of each is not counted: what is read from the disk then is in memory afterwards.
  for (let round = 0; round <= stage.rounds; round += 1) {
    for (const { name, once } of ways) {
      const measured = await once();
      stage.say(`${round}: ${name}: ${Math.round(measured.labMs)} ms`);
      if (round > 0) taken.get(name)?.push(measured);
    }
  }
  const rows = (
    pick: (launch: Launch) => number | undefined,
    aims: Record<string, string>,
  ): Row[] =>
    [...taken].flatMap(([what, launches]) => {
      const samples = launches.map(pick).filter((sample) => sample !== undefined);
      const aim = aims[what] === undefined ? {} : { aim: aims[what] };
      return samples.length === 0 ? [] : [{ what, samples, ...aim }];
    });
  const common = { unit: "ms", better: "less", against: SHIPPED } as const;
  return [
    {
      ...common,
      title: "Click to the last byte of /lab",
      rows: rows(({ labMs }) => labMs, { [WARM]: "≤ 150", [COLD]: "≤ 1200" }),
    },
    { ...common, title: "Click to the first reply of a kernel", rows: rows((l) => l.kernelMs, {}) },
    {
      ...common,
      against: null,
      title: "Click to the first event",
      rows: rows((l) => l.firstEventMs, { [WARM]: "≤ 5" }),
    },
    { ...common, against: null, title: "Click to `ready`", rows: rows((l) => l.readyMs, {}) },
  ];
}

const WARM = "Bindery, warm pool";
const COLD = "Bindery, cold";
const SHIPPED = "jupyter lab as shipped";
const OPTIMISED = "Bindery's server, no sandbox";

async function prepare(stage: Stage): Promise<readonly Way[]> {
  const git = await startGitServer();
  stage.defer(() => git.stop());
  const repository = await git.repository(REPOSITORY);
  await repository.commit({ "requirements.txt": REQUIREMENTS.join("\n"), "notebook.ipynb": "{}" });
  const repo = git.url(REPOSITORY);

  stage.say("starting two Binderys, and building the environment in each");
  const [warm, cold] = [
    await startBindery(stage, { warmServersMax: 1 }),
    await startBindery(stage, { warmServersMax: 0 }),
  ];
  for (const bindery of [warm, cold]) await launch(bindery, { repo, buildOnly: true });

  stage.say("making an environment with JupyterLab in it, for the alternative");
  const world = await createJupyterWorld();
  stage.defer(() => world.close());
  const bare = await world.environmentWith(["jupyterlab", "notebook", ...REQUIREMENTS]);
  const kernelOnly = await world.environmentWith(["ipykernel", ...REQUIREMENTS]);
  const directory = await mkdtemp(join(tmpdir(), "bindery-bench-lab-"));
  stage.defer(() => rm(directory, { recursive: true, force: true }));
  return [
    { name: WARM, once: () => launchOnce(stage, warm, repo) },
    { name: COLD, once: () => launchOnce(stage, cold, repo) },
    { name: SHIPPED, once: () => startBareLab(stage, bare, directory) },
    { name: OPTIMISED, once: () => startOwnServer(world, kernelOnly) },
  ];
}

async function launchOnce(stage: Stage, bindery: Bindery, repo: string): Promise<Launch> {
  await untilWarm(stage, bindery);
  const launched = await launch(bindery, { repo });
  await openPage(bindery, launched, "lab");
  const labMs = performance.now() - launched.startedMs;
  await firstKernelReply(`${bindery.url}${launched.path}`, launched.token);
  const kernelMs = performance.now() - launched.startedMs;
  await bindery.client.stopSession(launched.sessionId);
  await untilCalm(stage, bindery);
  const { firstEventMs, readyMs } = launched;
  return { labMs, kernelMs, firstEventMs, readyMs };
}

/** The server that Bindery starts, without a sandbox, a keeper or a gateway. */
async function startOwnServer(world: JupyterWorld, environment: string): Promise<Started> {
  const startedMs = performance.now();
  const server = await startServer(world, { isolation: "none", environment });
  try {
    const page = await server.get("lab");
    if (page.status !== 200) throw new Error(`/lab answered with ${page.status}`);
    const labMs = performance.now() - startedMs;
    const { text } = await server.post("api/kernels", { name: "python3" });
    const { id } = JSON.parse(text) as { readonly id: string };
    await runInKernel(server, id, "1 + 1");
    return { labMs, kernelMs: performance.now() - startedMs };
  } finally {
    await server.stop();
  }
}
