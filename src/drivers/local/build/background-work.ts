/** What is done when nobody waits for a build: byte-compiling, and dropping what no environment uses. */
import { GIB, MINUTE_MS } from "#base/units.ts";
import type { EnvironmentKey } from "#core/environment/environment.ts";
import type { Clock } from "#ports/clock.ts";
import type { Log } from "#ports/log.ts";
import type { SandboxRequest } from "../sandbox/request.ts";
import type { Sandbox } from "../sandbox/sandbox.ts";
import { type BuilderPlaces, CACHE_NAME, INSIDE } from "./build-places.ts";
import { type StoredEnvironment, readRecord, writeRecord } from "./environment-record.ts";

export interface BackgroundParts {
  readonly places: BuilderPlaces;
  readonly sandbox: Sandbox;
  readonly clock: Clock;
  readonly log: Log;
}

const CACHE = `${INSIDE.building}/${CACHE_NAME}`;
const CONDA_CACHE = `${INSIDE.building}/.conda-cache`;
const TIMEOUT_MS = 20 * MINUTE_MS;
/** Builds may stop it again and again; then Python compiles what it imports. */
const ATTEMPTS_MAX = 20;
const LINES_MAX = 20;

interface Job {
  /** Null for tidying. */
  readonly key: EnvironmentKey | null;
  readonly abort: AbortController;
  readonly ended: Promise<void>;
}

export class BackgroundWork {
  readonly #parts: BackgroundParts;
  /** How often each was begun. */
  readonly #waiting = new Map<EnvironmentKey, number>();
  #isTidyWanted = false;
  #running: Job | null = null;
  #holds = 0;
  #isClosed = false;

  constructor(parts: BackgroundParts) {
    this.#parts = parts;
  }

  add(key: EnvironmentKey): void {
    this.#waiting.set(key, 0);
    this.#next();
  }

  /** An environment is gone: what only it had in the shared cache can go too. */
  tidy(): void {
    this.#isTidyWanted = true;
    this.#next();
  }

  /** What runs is stopped, and nothing begins until the returned function was called. */
  hold(): () => void {
    this.#holds += 1;
    this.#running?.abort.abort();
    let isHeld = true;
    return () => {
      if (isHeld) this.#holds -= 1;
      isHeld = false;
      this.#next();
    };
  }

  /** Resolves when nothing of it is compiled any more. */
  async forget(key: EnvironmentKey): Promise<void> {
    this.#waiting.delete(key);
    if (this.#running?.key !== key) return;
    const { abort, ended } = this.#running;
    abort.abort();
    await ended;
    this.#waiting.delete(key);
  }

  /** Resolves when nothing is left to do now. */
  async settled(): Promise<void> {
    while (this.#running !== null) await this.#running.ended;
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#running?.abort.abort();
    await this.settled();
  }

  #next(): void {
    if (this.#running !== null || this.#holds > 0 || this.#isClosed) return;
    const [first] = this.#waiting;
    const abort = new AbortController();
    if (first !== undefined) {
      const [key, attempts] = first;
      this.#waiting.delete(key);
      this.#running = { key, abort, ended: this.#compile(key, attempts, abort.signal) };
    } else if (this.#isTidyWanted) {
      this.#isTidyWanted = false;
      this.#running = { key: null, abort, ended: this.#tidy(abort.signal) };
    }
  }

  async #compile(key: EnvironmentKey, attempts: number, signal: AbortSignal): Promise<void> {
    try {
      const isDone = await compile(key, this.#parts, signal);
      if (!isDone && attempts + 1 < ATTEMPTS_MAX) this.#waiting.set(key, attempts + 1);
    } catch (error) {
      this.#parts.log.warn("an environment could not be byte-compiled", { key, error });
    }
    this.#running = null;
    this.#next();
  }

  async #tidy(signal: AbortSignal): Promise<void> {
    const { places, sandbox, log } = this.#parts;
    try {
      const options = { signal, timeoutMs: TIMEOUT_MS, onLine: () => undefined };
      const outcome = await sandbox.run(tidyRequest(places), options);
      if (outcome.aborted) this.#isTidyWanted = true;
    } catch (error) {
      log.warn("the package cache could not be tidied", { error });
    }
    this.#running = null;
    this.#next();
  }
}

/** False when it was stopped and should be taken up again. */
async function compile(
  key: EnvironmentKey,
  { clock, log, places, sandbox }: BackgroundParts,
  signal: AbortSignal,
): Promise<boolean> {
  const record = await readRecord(places.records, key);
  if (record === null || record.isCompiled) return true;
  const beganAtMs = clock.monotonicMs();
  const lines: string[] = [];
  const outcome = await sandbox.run(bytecodeRequest(record, places), {
    signal,
    timeoutMs: TIMEOUT_MS,
    onLine: (line) => {
      if (lines.length < LINES_MAX) lines.push(line);
    },
  });
  if (outcome.aborted) return false;
  const durationMs = clock.monotonicMs() - beganAtMs;
  log.debug("an environment is byte-compiled", { key, durationMs, ...outcome, lines });
  // It may have been removed meanwhile, and must not come back by this.
  if ((await readRecord(places.records, key)) === null) return true;
  await writeRecord(places.records, { ...record, isCompiled: true });
  return true;
}

/**
 * Where the environment is hard links, the cache is open too: nothing of the environment runs, it is
 * parsed by an isolated interpreter from outside it.
 */
function bytecodeRequest(record: StoredEnvironment, places: BuilderPlaces): SandboxRequest {
  const options = {
    environment: INSIDE.environment,
    cache: record.isLinked ? CACHE : null,
    notes: INSIDE.bytecode,
  };
  const writable = (source: string, target: string) =>
    ({ source, target, mode: "read-write" }) as const;
  return {
    ...backgroundRequest(places),
    name: `bytecode-${record.key.slice(0, 24)}`,
    command: programCommand(record.pythonPath, "bytecode.py", JSON.stringify(options)),
    binds: [
      writable(places.environment(record.key), INSIDE.environment),
      ...backgroundRequest(places).binds,
      ...(record.isLinked
        ? [writable(places.cache, CACHE), writable(places.bytecode, INSIDE.bytecode)]
        : []),
      ...record.interpreterDirectories.map(
        (path) => ({ source: path, target: path, mode: "read-only" }) as const,
      ),
    ],
  };
}

function tidyRequest(places: BuilderPlaces): SandboxRequest {
  const common = backgroundRequest(places);
  return {
    ...common,
    name: "tidy-cache",
    command: programCommand("/usr/bin/python3", "tidy.py", CACHE, CONDA_CACHE),
    binds: [
      ...common.binds,
      { source: places.cache, target: CACHE, mode: "read-write" },
      { source: places.conda, target: CONDA_CACHE, mode: "read-write" },
    ],
  };
}

/** After everything else on this machine. */
function programCommand(
  python: string,
  program: string,
  ...arguments_: readonly string[]
): readonly string[] {
  const nice = ["/usr/bin/nice", "-n", "19"];
  return [...nice, python, "-I", "-S", "-B", `${INSIDE.programs}/${program}`, ...arguments_];
}

function backgroundRequest(places: BuilderPlaces): Omit<SandboxRequest, "name" | "command"> {
  return {
    binds: [{ source: places.programs, target: INSIDE.programs, mode: "read-only" }],
    overlays: [],
    symlinks: [],
    network: { kind: "none" },
    variables: { PATH: "/usr/bin:/bin", LC_ALL: "C.UTF-8" },
    workingDirectory: "/tmp",
    limits: { memoryBytes: GIB, processesMax: 16, cpus: 1, fileBytes: GIB, tmpBytes: GIB / 16 },
  };
}
