/** Builds of the pretend world: they take time, memory and hosts, and leave environments. */
import { formatBytes, HOUR_MS, SECOND_MS } from "#base/units.ts";
import type { Prng } from "#base/prng.ts";
import type { BuildOutcome } from "#core/build/build.ts";
import type { Environment } from "#core/environment/environment.ts";
import { failure } from "#core/errors.ts";
import type { Policy } from "#core/policy.ts";
import type { BuildRequest, EnvironmentBuilder } from "#ports/environment-builder.ts";
import type { Distribution, RepoSpec, WorldSpec } from "../drill/drill.ts";
import type { WorldContext } from "./context.ts";
import { GROWTH_MS } from "./memory-pressure.ts";
import { repoName } from "./repos.ts";

const NO_SPEC: RepoSpec = {
  isBuilt: true,
  buildLength: null,
  pullMs: null,
  upstream: "",
  isBroken: false,
};
/** A build that asks for ever more memory. */
interface Hunger {
  readonly bytes: number;
  /** Nothing limits it: what it takes is missing on its machine, until the returned function is called. */
  readonly press: () => () => void;
}

/** A build says something at least so often. */
const LINE_MS = 10 * SECOND_MS;
/** A host that is gone says so soon. */
const REFUSAL_MS = 8 * SECOND_MS;

export class PretendBuilds {
  readonly environments = new Map<string, Environment>();
  readonly missingHosts = new Set<string>();
  /** Hosts that another place stands in for. */
  readonly fallbacks = new Set<string>();
  readonly slow = new Map<string, { readonly lengthMs: number; readonly linesPerHour: number }>();
  readonly hungry = new Map<string, Hunger>();
  /** False: what a build says reaches nobody. */
  areLogsRead: () => boolean = () => true;
  /** Called when an environment is asked for that is not there. */
  missed: () => void = () => undefined;
  /** Called when an environment was made. */
  made: (key: string) => void = () => undefined;
  /** Called when a build begins or ends. */
  changed: (isSecondOfKey: boolean) => void = () => undefined;
  started = 0;
  readonly running = new Set<string>();
  readonly startedByRepo = new Map<string, number>();
  /** Repositories that were built by an earlier version of the builder. */
  readonly #oldByRepo = new Map<string, Environment>();
  readonly #context: WorldContext;
  readonly #spec: WorldSpec;
  readonly #prng: Prng;
  readonly #limits: Pick<Policy, "buildMemoryBytes" | "buildTimeoutMs">;
  /** One for each build that runs. */
  readonly #kills = new Set<AbortController>();
  #isBumped = false;

  constructor(
    context: WorldContext,
    spec: WorldSpec,
    limits: Pick<Policy, "buildMemoryBytes" | "buildTimeoutMs">,
  ) {
    this.#context = context;
    this.#limits = limits;
    this.#spec = spec;
    this.#prng = context.prng.fork("builds");
  }

  readonly builder: EnvironmentBuilder = {
    list: async () => [...this.environments.values()],
    inspect: async (key) => {
      const found = this.environments.get(key) ?? null;
      if (found === null) this.missed();
      return found;
    },
    stale: async (plan, repoUrl) => {
      const wanted = plan.steps.length;
      return wanted === 0 ? null : (this.#oldByRepo.get(repoUrl) ?? null);
    },
    build: (request, { onEvent, signal }) =>
      this.#build(request, signal, (line) => {
        if (this.areLogsRead()) onEvent({ phase: "building", line });
      }),
    lock: async () => null,
    log: async () => null,
    touch: async () => undefined,
    remove: async (key) => void this.environments.delete(key),
    // A control plane that starts knows nothing of the builds of the one before.
    cleanUp: async () => {
      for (const kill of this.#kills) kill.abort();
      this.running.clear();
    },
  };

  /** `rest-17` is as `rest` when nothing is said of itself. */
  specOf(name: string): RepoSpec {
    const { repos } = this.#spec;
    return repos[name] ?? repos[name.replace(/-\d+$/, "")] ?? NO_SPEC;
  }

  /** Null: as long as any image. */
  pullMsOf(key: string): number | null {
    const environment = this.environments.get(key);
    return environment === undefined ? null : this.specOf(repoName(environment.builtFor)).pullMs;
  }

  /** The environment of a repository that was built before the drill began; the planner's key names it. */
  keep(key: string, url: string): void {
    this.environments.set(key, environmentOf(key, url, this.#context.clock.nowMs()));
  }

  /** Another builder makes other environments: every old one is of the old generation. */
  bump(): void {
    for (const environment of this.environments.values()) {
      this.#oldByRepo.set(environment.builtFor, environment);
    }
    this.environments.clear();
    this.#isBumped = true;
  }

  get isBumped(): boolean {
    return this.#isBumped;
  }

  async #build(
    { plan, repo }: BuildRequest,
    signal: AbortSignal,
    write: (line: string) => void,
  ): Promise<BuildOutcome> {
    const name = repoName(repo.url);
    this.started += 1;
    this.startedByRepo.set(name, (this.startedByRepo.get(name) ?? 0) + 1);
    const isSecondOfKey = this.running.has(plan.key);
    this.running.add(plan.key);
    this.changed(isSecondOfKey);
    const { clock, recorder } = this.#context;
    const of = { repo: name, key: plan.key };
    recorder.add({ kind: "build-started", atMs: clock.nowMs(), ...of });
    write("Resolving packages");
    const kill = new AbortController();
    this.#kills.add(kill);
    const outcome = await this.#work(name, AbortSignal.any([signal, kill.signal]), write);
    this.#kills.delete(kill);
    this.running.delete(plan.key);
    const message = outcome?.kind === "failed" ? outcome.failure.message : null;
    recorder.add({
      kind: "build-ended",
      atMs: clock.nowMs(),
      ...of,
      isGood: outcome === null,
      message,
    });
    if (outcome !== null) return outcome;
    const environment = environmentOf(plan.key, repo.url, this.#context.clock.nowMs());
    this.environments.set(plan.key, environment);
    this.made(plan.key);
    return { kind: "built", environment };
  }

  /** Null when all went well. */
  async #work(
    name: string,
    signal: AbortSignal,
    write: (line: string) => void,
  ): Promise<BuildOutcome | null> {
    const { clock } = this.#context;
    const spec = this.specOf(name);
    if (this.missingHosts.has(spec.upstream) && !this.fallbacks.has(spec.upstream)) {
      await clock.sleep(REFUSAL_MS);
      const message = `${spec.upstream} answered 404 for what the build needs.`;
      return {
        kind: "failed",
        failure: failure("upstream-unavailable", message, { host: spec.upstream }),
      };
    }
    const hunger = this.hungry.get(name);
    const { buildMemoryBytes, buildTimeoutMs } = this.#limits;
    if (hunger !== undefined && hunger.bytes > buildMemoryBytes) {
      await clock.sleep(Math.round((GROWTH_MS * buildMemoryBytes) / hunger.bytes));
      const message = `The build needed more than ${formatBytes(buildMemoryBytes)} of memory.`;
      return { kind: "failed", failure: failure("build-out-of-memory", message) };
    }
    const relieve = hunger?.press();
    const slow = this.slow.get(name);
    const lengthMs =
      slow?.lengthMs ?? draw(spec.buildLength ?? this.#spec.builds.length, this.#prng);
    const lineMs = Math.min(LINE_MS, HOUR_MS / Math.max(1, slow?.linesPerHour ?? 0));
    const stop = this.#writeEach(lineMs, write);
    await aborted(signal, clock.sleep(Math.min(lengthMs, buildTimeoutMs)));
    stop();
    relieve?.();
    if (signal.aborted) return { kind: "failed", failure: failure("build-interrupted") };
    return lengthMs <= buildTimeoutMs
      ? null
      : { kind: "failed", failure: failure("build-too-long") };
  }

  /** Writes until the returned function is called. */
  #writeEach(intervalMs: number, write: (line: string) => void): () => void {
    const { clock } = this.#context;
    let line = 0;
    const next = () => {
      line += 1;
      write(`line ${line}`);
      cancel = clock.setTimer(intervalMs, next);
    };
    let cancel = clock.setTimer(intervalMs, next);
    return () => cancel();
  }
}

/** Resolves when the work is done or not wanted any more. */
function aborted(signal: AbortSignal, work: Promise<void>): Promise<void> {
  return new Promise((resolve) => {
    void work.then(resolve);
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
}

export function draw(distribution: Distribution, prng: Prng): number {
  switch (distribution.kind) {
    case "fixed":
      return distribution.valueMs;
    case "exp":
      return Math.round(prng.exponential(distribution.meanMs));
    case "uniform":
      return prng.integer(distribution.fromMs, distribution.toMs);
  }
}

function environmentOf(key: string, builtFor: string, nowMs: number): Environment {
  return {
    key,
    builtAtMs: nowMs,
    lastUsedAtMs: nowMs,
    sizeBytes: 1_000_000,
    buildDurationMs: 1,
    pythonVersion: "3.12.0",
    server: "generic",
    serverBecause: "",
    builtFor,
  };
}
