/** Environments on this machine: built by uv in sandboxes, kept by key, shared read-only. */
import { randomBytes } from "node:crypto";
import { readdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { AppError, type Failure } from "#core/errors.ts";
import type { BuildOutcome } from "#core/build/build.ts";
import { earlierKeys } from "#core/environment/environment-key.ts";
import type { EnvironmentBuilder } from "#ports/environment-builder.ts";
import { removeTree } from "../session/home-content.ts";
import type { LocalBuilderOptions } from "./builder-options.ts";
import { createBuildLog } from "./build-log.ts";
import { type BuilderPlaces, builderPlaces, preparePlaces } from "./build-places.ts";
import { BackgroundWork } from "./background-work.ts";
import {
  besidePath,
  environmentOf,
  listEnvironments,
  listKeys,
  readBeside,
  readEnvironment,
  readRecord,
  removeRecord,
  type StoredEnvironment,
  touchRecord,
} from "./environment-record.ts";
import { readHostIndex } from "./host-index.ts";
import { runBuild } from "./run-build.ts";

export interface LocalBuilder extends EnvironmentBuilder {
  /** Resolves when nothing is left to do in the background. */
  settled(): Promise<void>;
  /** Ends background work. Builds end by their own signals. */
  close(): Promise<void>;
}

/** Logs of builds that failed are kept beside those of environments, the newest of them. */
const FAILED_LOGS_MAX = 200;

export function createLocalBuilder(options: LocalBuilderOptions): LocalBuilder {
  const { clock, sandbox } = options;
  const places = builderPlaces(options.dataDir);
  preparePlaces(places, sandbox);
  const background = new BackgroundWork({ ...options, places });

  const build: EnvironmentBuilder["build"] = async (request, { signal, onEvent }) => {
    const { key } = request.plan;
    const existing = await readEnvironment(places.records, key);
    if (existing !== null) return { kind: "built", environment: existing };
    const release = background.hold();
    try {
      // What it writes beside modules in the cache must not vanish while the installer copies them.
      await background.settled();
      const index = await readHostIndex(options.env);
      const log = createBuildLog({
        bytesMax: options.policy.buildLogBytes,
        secrets: index.secrets,
        onEvent,
      });
      const nonce = randomBytes(6).toString("hex");
      const parts = { options, places, index, log, signal, nonce };
      const outcome = await outcomeOf(runBuild(request, parts));
      if (outcome.kind === "failed") log.say(`Failed: ${outcome.failure.message}`);
      await log.keep(besidePath(places.records, key, "log"));
      if (outcome.kind === "built") background.add(key);
      return outcome;
    } finally {
      release();
    }
  };

  return {
    build,
    list: () => listEnvironments(places.records),
    inspect: (key) => readEnvironment(places.records, key),
    stale: async (plan) => {
      for (const key of earlierKeys(plan)) {
        const environment = await readEnvironment(places.records, key);
        if (environment !== null) return environment;
      }
      return null;
    },
    lock: (key) => readBeside(places.records, key, "lock.txt"),
    log: (key) => readBeside(places.records, key, "log"),
    touch: (key) => touchRecord(places.records, key, clock.nowMs()),
    remove: async (key) => {
      if (!/^[0-9a-f]{64}$/.test(key)) return;
      await background.forget(key);
      await removeRecord(places.records, key);
      await removeTree(places.environment(key));
      await rm(besidePath(places.records, key, "lock.txt"), { force: true });
      await rm(besidePath(places.records, key, "log"), { force: true });
      background.tidy();
    },
    cleanUp: async () => {
      const release = background.hold();
      await background.settled();
      for (const key of await cleanUp(places)) background.add(key);
      release();
    },
    settled: () => background.settled(),
    close: () => background.close(),
  };
}

/** A thrown `AppError` is an expected failure; a full disk is one too, whoever met it. */
async function outcomeOf(building: Promise<StoredEnvironment>): Promise<BuildOutcome> {
  try {
    const stored = await building;
    return { kind: "built", environment: environmentOf(stored, stored.builtAtMs) };
  } catch (error) {
    if (error instanceof AppError) return { kind: "failed", failure: error.failure };
    if ((error as NodeJS.ErrnoException).code === "ENOSPC") {
      return { kind: "failed", failure: new AppError("disk-full").failure satisfies Failure };
    }
    throw error;
  }
}

/** Removes what killed builds left; returns the environments that are not byte-compiled yet. */
async function cleanUp(places: BuilderPlaces): Promise<readonly string[]> {
  for (const name of await readdir(places.building)) {
    // What begins with a dot is kept between builds.
    if (!name.startsWith(".")) await removeTree(join(places.building, name));
  }
  const known = new Set(await listKeys(places.records));
  for (const name of await readdir(places.store)) {
    if (!known.has(name)) await removeTree(join(places.store, name));
  }
  const uncompiled: string[] = [];
  for (const key of [...known]) {
    const stored = await readRecord(places.records, key);
    const isThere = (await stat(places.environment(key)).catch(() => null)) !== null;
    if (stored !== null && isThere && !stored.isCompiled) uncompiled.push(key);
    if (isThere) continue;
    await removeRecord(places.records, key);
    known.delete(key);
  }
  await forgetOldLogs(places, known);
  return uncompiled;
}

async function forgetOldLogs(places: BuilderPlaces, known: ReadonlySet<string>): Promise<void> {
  const names = await readdir(places.records);
  const stray = names.filter(
    (name) => !known.has(name.split(".")[0] ?? "") || name.endsWith(".new"),
  );
  const dated = await Promise.all(
    stray.map(async (name) => {
      const path = join(places.records, name);
      return { path, name, mtimeMs: (await stat(path)).mtimeMs };
    }),
  );
  const logs = dated.filter(({ name }) => name.endsWith(".log"));
  const old = logs.sort((a, b) => b.mtimeMs - a.mtimeMs).slice(FAILED_LOGS_MAX);
  for (const { path } of [...dated.filter((one) => !logs.includes(one)), ...old]) {
    await rm(path, { force: true });
  }
}
