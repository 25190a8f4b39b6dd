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
const PEOPLE = 10;
/** It takes most of a minute each time. */
const PIP_RUNS_MAX = 3;
const QUIET_TIMEOUT_MS = MINUTE_MS;
/** Small, without dependencies, many versions: each one is a new environment. */
const SIX_VERSIONS = ["1.10.0", "1.11.0", "1.12.0", "1.13.0", "1.14.0", "1.15.0", "1.16.0"];

export const buildBench: Bench = {
  name: "build",
  summary: "numpy, pandas and matplotlib, cold and warm, beside venv + pip; README-only commits",
  limitMs: 15 * MINUTE_MS,
  run,
};

interface Place {
  readonly stage: Stage;
  readonly bindery: Bindery;
  readonly repository: GitRepository;
  readonly repo: string;
}

async function run(stage: Stage): Promise<readonly Table[]> {
  const git = await startGitServer();
  stage.defer(() => git.stop());
  const repository = await git.repository(REPOSITORY);
  const repo = git.url(REPOSITORY);
  const builds: Builds = { cold: [], warm: [] };
  let place = await freshPlace(stage, { repository, repo });
  for (let round = 1; round <= stage.rounds; round += 1) {
    await measureBuilds(place, builds, round);
    if (round === stage.rounds) break;
    await place.bindery.stop();
    place = await freshPlace(stage, { repository, repo });
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
        { what: "README-only commit, nothing installed", samples: readme.builtMs },
        { what: "same commit again", samples: readme.againMs },
        { what: "venv + pip, no cache", samples: pip.cold },
        { what: PIP_WARM, samples: pip.warm },
      ],
    },
    {
      title: `One package; ${PEOPLE} people at once`,
      unit: "ms",
      better: "less",
      against: null,
      rows: [
        { what: "one person", samples: crowd.aloneMs },
        { what: `${PEOPLE} people, the last one`, samples: crowd.lastMs },
      ],
    },
    {
      title: "What was made",
      unit: "builds",
      better: "less",
      against: null,
      rows: [
        { what: `for ${PEOPLE} people at once`, samples: crowd.builds, aim: "1" },
        { what: "for a README-only commit", samples: readme.builds, aim: "0" },
      ],
    },
  ];
}

const PIP_WARM = "venv + pip, warm cache";

interface Builds {
  readonly cold: number[];
  readonly warm: number[];
}

/** Nothing was ever built there, and no package is in its cache. */
async function freshPlace(stage: Stage, at: Pick<Place, "repository" | "repo">): Promise<Place> {
  return { stage, ...at, bindery: await startBindery(stage, { warmServersMax: 0 }) };
}

async function measureBuilds(place: Place, { cold, warm }: Builds, round: number): Promise<void> {
  const { bindery, repo, repository, stage } = place;
  await repository.commit({ "requirements.txt": PACKAGES.join("\n") });
  cold.push(builtMs(await launch(bindery, { repo, buildOnly: true })));
  await untilQuiet(stage, bindery);
  // Another environment with the same packages: only what is small is new.
  const six = `six==${SIX_VERSIONS[round % SIX_VERSIONS.length]}`;
  await repository.commit({ "requirements.txt": [...PACKAGES, six].join("\n") });
  warm.push(builtMs(await launch(bindery, { repo, buildOnly: true })));
  await untilQuiet(stage, bindery);
  stage.say(`${round}: cold ${cold.at(-1)?.toFixed(0)} ms, warm ${warm.at(-1)?.toFixed(0)} ms`);
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

async function measureCrowd({ bindery, repo, repository, stage }: Place) {
  const [aloneMs, lastMs, builds]: [number[], number[], number[]] = [[], [], []];
  for (let round = 0; round < stage.rounds; round += 1) {
    const six = `six==${SIX_VERSIONS[round % SIX_VERSIONS.length]}`;
    await repository.commit({ "requirements.txt": six });
    aloneMs.push(builtMs(await launch(bindery, { repo, buildOnly: true })));
    await untilQuiet(stage, bindery);
    await repository.commit({ "requirements.txt": `${six}\npackaging\n` });
    const before = await countBuilds(bindery);
    const launches = await Promise.all(
      Array.from({ length: PEOPLE }, () => launch(bindery, { repo, buildOnly: true })),
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
  const [cold, warm]: [number[], number[]] = [[], []];
  const directory = await mkdtemp(join(tmpdir(), "bindery-bench-pip-"));
  stage.defer(() => rm(directory, { recursive: true, force: true }));
  const cache = join(directory, "cache");
  const runs = Math.min(stage.rounds, PIP_RUNS_MAX);
  // The first one fills the cache; it is a cold one, too.
  for (let round = 0; round < runs; round += 1) {
    await rm(cache, { recursive: true, force: true });
    cold.push(await installByPip(stage, directory, cache));
    stage.say(`venv + pip, cold: ${cold.at(-1)?.toFixed(0)} ms`);
    warm.push(await installByPip(stage, directory, cache));
    stage.say(`venv + pip, warm: ${warm.at(-1)?.toFixed(0)} ms`);
  }
  return { cold, warm };
}

async function installByPip(stage: Stage, directory: string, cache: string): Promise<number> {
  const environment = join(directory, "env");
  await rm(environment, { recursive: true, force: true });
  const startedMs = performance.now();
  await program(stage, ["/usr/bin/python3", "-m", "venv", environment]);
  const pip = [join(environment, "bin/pip"), "install", "--quiet", "--cache-dir", cache];
  const quiet = ["--disable-pip-version-check", "--no-input"];
  await program(stage, [...pip, ...quiet, ...PACKAGES, ...ALWAYS]);
  return performance.now() - startedMs;
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
