/** The builds that run or wait: one per key, any number of launches that want it. */
import type { BuildOutcome, BuildView } from "#core/build/build.ts";
import { type BuildNow, decideBuilds } from "#core/build/decide-builds.ts";
import type { Plan } from "#core/environment/plan.ts";
import { failure, failureOf } from "#core/errors.ts";
import type { Policy } from "#core/policy.ts";
import type { ResolvedRepo } from "#core/repo/repo.ts";
import type { Clock } from "#ports/clock.ts";
import type { EnvironmentBuilder } from "#ports/environment-builder.ts";
import type { History } from "#ports/history.ts";
import type { Log } from "#ports/log.ts";
import type { Machine } from "#ports/machine.ts";
import type { BuildLine } from "./launch-log.ts";

/** Somebody who wants a build: told of each line, and once of the end. */
export interface BuildWatcher {
  readonly attach: (lines: readonly BuildLine[]) => void;
  readonly lineAdded: () => void;
  readonly ended: (outcome: BuildOutcome) => void;
}

interface Build {
  readonly request: { readonly plan: Plan; readonly repo: ResolvedRepo };
  readonly sinceMs: number;
  readonly watchers: Map<string, BuildWatcher>;
  readonly lines: BuildLine[];
  readonly abort: AbortController;
  bytes: number;
  startedAtMs: number | null;
  unwatchedSinceMs: number | null;
  /** The place that its watchers were told last. */
  position: number | null;
}

export interface BuildsDeps {
  readonly builder: EnvironmentBuilder;
  readonly machine: Machine;
  readonly history: History;
  readonly clock: Clock;
  readonly log: Log;
  readonly policy: Policy;
}

export class Builds {
  readonly #builds = new Map<string, Build>();
  readonly #deps: BuildsDeps;
  #cancelTimer: (() => void) | null = null;
  #isStopped = false;

  constructor(deps: BuildsDeps) {
    this.#deps = deps;
  }

  /** Wants the environment of `plan`; the returned function says that it is not wanted any more. */
  join(
    wanted: { readonly plan: Plan; readonly repo: ResolvedRepo },
    watcherId: string,
    watcher: BuildWatcher,
  ): () => void {
    const { key } = wanted.plan;
    const build = this.#builds.get(key) ?? this.#add(wanted);
    build.watchers.set(watcherId, watcher);
    build.unwatchedSinceMs = null;
    watcher.attach(build.lines);
    this.#decide();
    return () => this.#leave(key, watcherId);
  }

  /** How many build or wait to be built: people who wait for them go before warm servers. */
  get size(): number {
    return this.#builds.size;
  }

  view(): readonly BuildView[] {
    return [...this.#builds].map(([key, build]) => ({
      key,
      state: build.startedAtMs === null ? "queued" : "running",
      startedAtMs: build.startedAtMs,
      watchers: build.watchers.size,
      repoUrl: build.request.repo.url,
    }));
  }

  /** Ends the running builds; whoever waits is told nothing, so that it submits again later. */
  stop(): void {
    this.#isStopped = true;
    this.#cancelTimer?.();
    for (const build of this.#builds.values()) build.abort.abort();
  }

  #add(request: Build["request"]): Build {
    const build: Build = {
      request,
      sinceMs: this.#deps.clock.nowMs(),
      watchers: new Map(),
      lines: [],
      abort: new AbortController(),
      bytes: 0,
      startedAtMs: null,
      unwatchedSinceMs: null,
      position: null,
    };
    this.#builds.set(request.plan.key, build);
    return build;
  }

  #leave(key: string, watcherId: string): void {
    const build = this.#builds.get(key);
    if (build === undefined || !build.watchers.delete(watcherId)) return;
    if (build.watchers.size > 0) return;
    build.unwatchedSinceMs = this.#deps.clock.nowMs();
    this.#decide();
  }

  #decide(): void {
    const { clock, policy } = this.#deps;
    const now: BuildNow[] = [...this.#builds].map(([key, build]) => ({
      key,
      state: build.startedAtMs === null ? "queued" : "running",
      sinceMs: build.sinceMs,
      watchers: build.watchers.size,
      unwatchedSinceMs: build.unwatchedSinceMs,
    }));
    const decision = decideBuilds(now, policy, clock.nowMs());
    for (const key of decision.cancel) this.#cancel(key);
    for (const key of decision.start) void this.#run(key);
    for (const [key, position] of decision.positions) this.#tellPosition(key, position);
    this.#cancelTimer?.();
    this.#cancelTimer = null;
    if (decision.againAtMs !== null) {
      const delayMs = Math.max(0, decision.againAtMs - clock.nowMs());
      this.#cancelTimer = clock.setTimer(delayMs, () => this.#decide());
    }
  }

  #cancel(key: string): void {
    const build = this.#builds.get(key);
    if (build === undefined) return;
    this.#deps.log.info("a build is cancelled: nobody wants it any more", { key });
    build.abort.abort();
    if (build.startedAtMs === null) this.#builds.delete(key);
  }

  #tellPosition(key: string, position: number): void {
    const build = this.#builds.get(key);
    if (build === undefined || build.position === position) return;
    build.position = position;
    this.#addLine(build, "building", `Waiting for a free build slot: place ${position}.`);
  }

  async #run(key: string): Promise<void> {
    const build = this.#builds.get(key);
    if (build === undefined) return;
    const { builder, clock, history, machine, policy } = this.#deps;
    build.startedAtMs = clock.nowMs();
    let outcome: BuildOutcome;
    try {
      const isFull = (await machine.freeDiskBytes()) < policy.freeDiskMinBytes;
      outcome = isFull
        ? { kind: "failed", failure: failure("disk-full") }
        : await builder.build(build.request, {
            signal: build.abort.signal,
            onEvent: (event) => this.#addLine(build, event.phase, event.line),
          });
    } catch (error) {
      this.#deps.log.error("a build failed by our fault", { key, error });
      outcome = { kind: "failed", failure: failureOf(error) };
    }
    if (this.#isStopped) return;
    this.#builds.delete(key);
    const durationMs = clock.nowMs() - build.startedAtMs;
    const code = outcome.kind === "failed" ? outcome.failure.code : null;
    history.append({
      kind: "build",
      atMs: clock.nowMs(),
      key,
      outcome: outcome.kind,
      code,
      durationMs,
    });
    const isWantedAgain = build.abort.signal.aborted && outcome.kind === "failed";
    for (const [id, watcher] of build.watchers) {
      if (isWantedAgain) this.join(build.request, id, watcher);
      else watcher.ended(outcome);
    }
    this.#decide();
  }

  #addLine(build: Build, phase: BuildLine["phase"], text: string): void {
    const { clock, policy } = this.#deps;
    if (build.lines.length >= policy.buildLogLinesMax || build.bytes >= policy.buildLogBytes)
      return;
    const isLast =
      build.lines.length === policy.buildLogLinesMax - 1 ||
      build.bytes + text.length >= policy.buildLogBytes;
    const message = isLast
      ? "The rest of the log is not shown here; it is kept with the environment."
      : text.slice(0, policy.buildLogLineMax);
    build.bytes += message.length;
    build.lines.push({ atMs: clock.nowMs(), phase, message });
    for (const watcher of build.watchers.values()) watcher.lineAdded();
  }
}
