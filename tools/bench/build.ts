/** An environment with numpy, pandas and matplotlib: built cold and warm, beside venv and pip. */
import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { MINUTE_MS } from "#base/units.ts";
import type { GitRepository } from "../../test/fixtures/git-repository.ts";
import { startGitServer } from "../../test/fixtures/git-server.ts";
import type { Bench, Stage, Table } from "./harness/bench.ts";
import { type Bindery, startBindery } from "./harness/bindery.ts";
import { type Launched, launch } from "./harness/launch.ts";
import { descendants } from "./harness/processes.ts";
import { until } from "./harness/until.ts";

const PACKAGES = ["numpy", "pandas", "matplotlib"];
/** What every environment of Bindery holds besides; pip gets it as well. */
const ALWAYS = ["ipykernel"];
const REPOSITORY = "bench/build";
const CROWD = Array.from({ length: 10 }, (_, index) => `bench/crowd-${index}`);
/** They bring it anyway: another environment, and nothing that is not in the cache. */
const BROUGHT = "python-dateutil";
/** It takes most of a minute each time. */
const PIP_RUNS_MAX = 3;
const QUIET_TIMEOUT_MS = 5 * MINUTE_MS;
const SMALL = "packaging";
/** Small, without dependencies, many versions: each one is a new environment. */
const SIX_VERSIONS = ["1.10.0", "1.11.0", "1.12.0", "1.13.0", "1.14.0", "1.15.0", "1.16.0"];

export const buildBench: Bench = {
  name: "build",
  summary: "numpy, pandas and matplotlib, cold and warm, beside venv + pip; README-only commits",
  limitMs: 25 * MINUTE_MS,
  run,
};

interface Origin {
  readonly repository: GitRepository;
  readonly repo: string;
}

interface Place extends Origin {
  readonly stage: Stage;
  readonly bindery: Bindery;
  readonly crowd: readonly Origin[];
}

async function run(stage: Stage): Promise<readonly Table[]> {
  const git = await startGitServer();
  stage.defer(() => git.stop());
  const origin = async (name: string): Promise<Origin> => ({
    repository: await git.repository(name),
    repo: git.url(name),
  });
  const origins = { ...(await origin(REPOSITORY)), crowd: await Promise.all(CROWD.map(origin)) };
  const builds: Builds = { cold: [], warm: [], added: [] };
  let place = await freshPlace(stage, origins);
  for (let round = 1; round <= stage.rounds; round += 1) {
    await measureBuilds(place, builds, round);
    if (round === stage.rounds) break;
    await place.bindery.stop();
    place = await freshPlace(stage, origins);
  }
  const readme = await measureReadme(place);
  const crowd = await measureCrowd(place);
  const pip = await measurePip(stage);
  return [
    {
      title: `${PACKAGES.join(", ")}: from the click to \`built\``,
      unit: "ms",
      better: "less",
      against: PIP_WARM,
      rows: [
        { what: "Bindery, cold cache", samples: builds.cold },
        { what: "Bindery, warm cache", samples: builds.warm, aim: "≥ 10× pip" },
        { what: "Bindery, one added package", samples: builds.added },
        { what: "README-only commit", samples: readme.builtMs, aim: "< 300 ms" },
        { what: "same commit again", samples: readme.againMs },
        { what: "venv + pip, no cache", samples: pip.cold },
        { what: PIP_WARM, samples: pip.warm },
        { what: "venv + pip, one added package", samples: pip.added },
      ],
    },
    {
      title: `Two small packages; ${CROWD.length} repositories with the same ones at once`,
      unit: "ms",
      better: "less",
      against: PIP_CROWD,
      rows: [
        { what: "Bindery, one repository", samples: crowd.aloneMs },
        { what: "Bindery, the last of ten", samples: crowd.lastMs },
        { what: PIP_CROWD, samples: pip.crowd },
      ],
    },
    {
      title: "What was made",
      unit: "builds",
      better: "less",
      against: null,
      rows: [
        {
          what: `for ${CROWD.length} repositories with the same requirements at once`,
          samples: crowd.builds,
          aim: "1",
        },
        { what: "for a README-only commit", samples: readme.builds, aim: "0" },
      ],
    },
  ];
}

const PIP_WARM = "venv + pip, warm cache";
const PIP_CROWD = "venv + pip, the last of ten";

interface Builds {
  readonly cold: number[];
  readonly warm: number[];
  readonly added: number[];
}

/** Nothing was ever built there, and no package is in its cache. */
async function freshPlace(stage: Stage, at: Origin & Pick<Place, "crowd">): Promise<Place> {
  return { stage, ...at, bindery: await startBindery(stage, { warmServersMax: 0 }) };
}

async function measureBuilds(place: Place, builds: Builds, round: number): Promise<void> {
  const { stage } = place;
  const { cold, warm, added } = builds;
  cold.push(await measureBuild(place, PACKAGES));
  // Another environment with the same packages: what rebuilding after pruning or an upgrade is.
  warm.push(await measureBuild(place, [...PACKAGES, BROUGHT]));
  added.push(await measureBuild(place, [...PACKAGES, six(round)]));
  const last = builds.added.at(-1)?.toFixed(0);
  stage.say(
    `${round}: cold ${cold.at(-1)?.toFixed(0)} ms, warm ${warm.at(-1)?.toFixed(0)}, added ${last}`,
  );
}

async function measureBuild(place: Place, packages: readonly string[]): Promise<number> {
  const { bindery, repo, repository, stage } = place;
  await repository.commit({ "requirements.txt": packages.join("\n") });
  const tookMs = builtMs(await launch(bindery, { repo, buildOnly: true }));
  await untilQuiet(stage, bindery);
  return tookMs;
}

function six(round: number): string {
  return `six==${SIX_VERSIONS[round % SIX_VERSIONS.length]}`;
}

/** Bytecode is compiled in the background after a build: people do not wait for it. */
async function untilQuiet(stage: Stage, bindery: Bindery): Promise<void> {
  const isQuiet = () => descendants(bindery.pid("control")).length === 0;
  await until(isQuiet, {
    what: "the control plane has no children",
    deadlineMs: QUIET_TIMEOUT_MS,
    signal: stage.signal,
    everyMs: 100,
  });
}

function builtMs({ phasesMs }: Launched): number {
  return phasesMs["built"] ?? Number.NaN;
}

async function measureReadme({ bindery, repo, repository, stage }: Place) {
  const [readmeMs, againMs, builds]: [number[], number[], number[]] = [[], [], []];
  for (let round = 1; round <= stage.rounds; round += 1) {
    await repository.commit({ "README.md": `# ${round}\n` }, { keep: true });
    const before = await countBuilds(bindery);
    const launched = await launch(bindery, { repo, buildOnly: true });
    if (!launched.isReused) throw new Error("a README changed the environment");
    readmeMs.push(builtMs(launched));
    againMs.push(builtMs(await launch(bindery, { repo, buildOnly: true })));
    builds.push((await countBuilds(bindery)) - before);
  }
  return { builtMs: readmeMs, againMs, builds };
}

async function measureCrowd(place: Place) {
  const { bindery, crowd, stage } = place;
  const [aloneMs, lastMs, builds]: [number[], number[], number[]] = [[], [], []];
  for (let round = 0; round < stage.rounds; round += 1) {
    aloneMs.push(await measureBuild(place, [six(round)]));
    const requirements = `${six(round)}\n${SMALL}\n`;
    for (const { repository } of crowd) {
      await repository.commit({ "requirements.txt": requirements });
    }
    const before = await countBuilds(bindery);
    const launches = await Promise.all(
      crowd.map(({ repo }) => launch(bindery, { repo, buildOnly: true })),
    );
    lastMs.push(Math.max(...launches.map(builtMs)));
    builds.push((await countBuilds(bindery)) - before);
    await untilQuiet(stage, bindery);
  }
  return { aloneMs, lastMs, builds };
}

async function countBuilds({ client }: Bindery): Promise<number> {
  return (await client.history("build", 1_000)).length;
}

async function measurePip(stage: Stage) {
  const samples = { cold: [], warm: [], added: [], crowd: [] } as Record<
    "cold" | "warm" | "added" | "crowd",
    number[]
  >;
  const directory = await mkdtemp(join(tmpdir(), "bindery-bench-pip-"));
  stage.defer(() => rm(directory, { recursive: true, force: true }));
  const runs = Math.min(stage.rounds, PIP_RUNS_MAX);
  const measure = async (kind: keyof typeof samples, work: () => Promise<unknown>) => {
    const startedMs = performance.now();
    await work();
    samples[kind].push(performance.now() - startedMs);
    stage.say(`venv + pip, ${kind}: ${samples[kind].at(-1)?.toFixed(0)} ms`);
  };
  const install = (packages: readonly string[], name = "env") =>
    installByPip(stage, { directory, name, packages });
  for (let round = 0; round < runs; round += 1) {
    // The first one of a round fills the cache.
    await rm(join(directory, "cache"), { recursive: true, force: true });
    await measure("cold", () => install(PACKAGES));
    await measure("warm", () => install(PACKAGES));
    await measure("added", () => install([...PACKAGES, six(round)]));
    const all = CROWD.map((_, index) => `env-${index}`);
    await measure("crowd", () =>
      Promise.all(all.map((name) => install([six(round), SMALL], name))),
    );
  }
  return samples;
}

async function installByPip(
  stage: Stage,
  wish: { readonly directory: string; readonly name: string; readonly packages: readonly string[] },
): Promise<void> {
  const environment = join(wish.directory, wish.name);
  await rm(environment, { recursive: true, force: true });
  await program(stage, ["/usr/bin/python3", "-m", "venv", environment]);
  const cache = ["--cache-dir", join(wish.directory, "cache")];
  const quiet = ["--disable-pip-version-check", "--no-input", "--quiet"];
  const pip = [join(environment, "bin/pip"), "install", ...quiet, ...cache];
  await program(stage, [...pip, ...wish.packages, ...ALWAYS]);
}

async function program(stage: Stage, [file = "", ...args]: readonly string[]): Promise<void> {
  const child = spawn(file, args, {
    stdio: ["ignore", "ignore", "inherit"],
    signal: stage.signal,
  });
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", resolve);
  });
  if (code !== 0) throw new Error(`${file} ${args.join(" ")} ended with ${code}`);
}
