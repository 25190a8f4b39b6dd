/** The builds that run or wait: one per key, any number of launches that want it. */
import type { BuildOutcome, BuildView } from "#core/build/build.ts";
import { type BuildCrowd, buildFindings } from "#core/build/build-findings.ts";
import { type BuildNow, decideBuilds, isForPeople } from "#core/build/decide-builds.ts";
import type { Plan } from "#core/environment/plan.ts";
import { failure, failureOf } from "#core/errors.ts";
import type { Finding } from "#core/incident/finding.ts";
import type { Policy } from "#core/policy.ts";
import type { ResolvedRepo } from "#core/repo/repo.ts";
import type { Clock } from "#ports/clock.ts";
import type { EnvironmentBuilder } from "#ports/environment-builder.ts";
import type { History } from "#ports/history.ts";
import type { Log } from "#ports/log.ts";
import type { Machine } from "#ports/machine.ts";
import { BuildFailures } from "./build-failures.ts";
import type { RepoKeys } from "./repo-keys.ts";
import type { BuildLine } from "./launch-log.ts";

/** Somebody who wants a build: told of each line, and once of the end. */
export interface BuildWatcher {
  readonly attach: (lines: readonly BuildLine[]) => void;
  readonly lineAdded: () => void;
  readonly ended: (outcome: BuildOutcome) => void;
}

interface BuildWish {
  readonly plan: Plan;
  readonly repo: ResolvedRepo;
}

interface Build {
  readonly request: BuildWish;
  readonly repoKey: string;
  readonly sinceMs: number;
  readonly watchers: Map<string, { readonly watcher: BuildWatcher; readonly isLive: boolean }>;
  readonly lines: BuildLine[];
  readonly abort: AbortController;
  bytes: number;
  startedAtMs: number | null;
  unwatchedSinceMs: number | null;
  /** The place that its watchers were told last. */
  position: number | null;
  /** Wanted for later also when nobody waits for it. */
  isBackground: boolean;
}

const QUIET_LINE =
  "Many people wait for this build, so that its log is not shown here; the launch goes on by itself when it has ended.";

export interface BuildsDeps {
  readonly repoKeys: RepoKeys;
  readonly builder: EnvironmentBuilder;
  readonly machine: Machine;
  readonly history: History;
  readonly clock: Clock;
  readonly log: Log;
  readonly policy: Policy;
}

export class Builds {
  readonly #builds = new Map<string, Build>();
  readonly #failures: BuildFailures;
  #forPeople = 0;
  readonly #deps: BuildsDeps;
  #cancelTimer: (() => void) | null = null;
  #isStopped = false;

  constructor(deps: BuildsDeps) {
    this.#deps = deps;
    this.#failures = new BuildFailures(deps.clock);
  }

  /** Wants the environment of `plan`; the returned function says that it is not wanted any more. */
  join(wanted: BuildWish, watcherId: string, watcher: BuildWatcher): () => void {
    const { key } = wanted.plan;
    const build = this.#builds.get(key) ?? this.#add(wanted, false);
    const isLive = this.#isHeard(build);
    build.watchers.set(watcherId, { watcher, isLive });
    build.unwatchedSinceMs = null;
    watcher.attach(isLive ? build.lines : this.#quietLines());
    // Another watcher changes nothing for a build that has its place.
    if (build.watchers.size === 1) this.#decide();
    return () => this.#leave(key, watcherId);
  }

  /** Wants the environment for later: it is built when no person waits for a slot. */
  buildLater(wanted: BuildWish): void {
    const { policy } = this.#deps;
    const { key } = wanted.plan;
    const known = this.#builds.get(key);
    if (known !== undefined) {
      known.isBackground = true;
      return;
    }
    const queued = this.#builds.size - this.#forPeople;
    if (policy.backgroundBuildsMax === 0 || queued >= policy.backgroundBuildsQueuedMax) return;
    if (this.#failures.isLeftAlone(key)) return;
    this.#add(wanted, true);
    this.#decide();
  }

  /** Builds and waiting builds that people wait for: they go before warm servers. */
  get size(): number {
    return this.#forPeople;
  }

  /** Failures by the fault of a host: host → different repositories of the last minutes. */
  failuresByHost(): Readonly<Record<string, number>> {
    return this.#failures.byHost();
  }

  findings(): readonly Finding[] {
    const { clock, policy } = this.#deps;
    const crowds: BuildCrowd[] = [];
    for (const { repoKey, startedAtMs, watchers } of this.#builds.values()) {
      if (startedAtMs === null || watchers.size < policy.buildCrowdMin) continue;
      crowds.push({ repoKey, watchers: watchers.size, sinceMs: startedAtMs });
    }
    const failures = this.#failures.outOfMemory;
    return buildFindings({ crowds, failures }, policy, clock.nowMs());
  }

  /** Those that run, those that people wait for in vain, and the largest crowd that watches one. */
  counts(): { readonly running: number; readonly queued: number; readonly watchersMax: number } {
    let running = 0;
    let queued = 0;
    let watchersMax = 0;
    for (const { isBackground, startedAtMs, watchers } of this.#builds.values()) {
      if (startedAtMs !== null) running += 1;
      else if (watchers.size > 0 || !isBackground) queued += 1;
      if (watchers.size > watchersMax) watchersMax = watchers.size;
    }
    return { running, queued, watchersMax };
  }

  view(): readonly BuildView[] {
    return [...this.#builds].map(([key, build]) => ({
      key,
      state: build.startedAtMs === null ? "queued" : "running",
      startedAtMs: build.startedAtMs,
      watchers: build.watchers.size,
      repoUrl: build.request.repo.url,
      ...(isForPeople(nowOf(key, build)) ? {} : { isBackground: true }),
    }));
  }

  /** Ends the running builds; whoever waits is told nothing, so that it submits again later. */
  stop(): void {
    this.#isStopped = true;
    this.#cancelTimer?.();
    for (const build of this.#builds.values()) build.abort.abort();
  }

  #add(request: BuildWish, isBackground: boolean): Build {
    const build: Build = {
      request,
      repoKey: this.#deps.repoKeys.of(request.repo),
      sinceMs: this.#deps.clock.nowMs(),
      watchers: new Map(),
      lines: [],
      abort: new AbortController(),
      bytes: 0,
      startedAtMs: null,
      unwatchedSinceMs: null,
      position: null,
      isBackground,
    };
    this.#builds.set(request.plan.key, build);
    return build;
  }

  /** One more watcher can be shown each line. */
  #isHeard({ watchers }: Build): boolean {
    return watchers.size < this.#deps.policy.buildWatchersMax;
  }

  #quietLines(): readonly BuildLine[] {
    return [{ atMs: this.#deps.clock.nowMs(), phase: "building", message: QUIET_LINE }];
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
    const now = [...this.#builds].map(([key, build]) => nowOf(key, build));
    this.#forPeople = now.filter(isForPeople).length;
    const decision = decideBuilds(now, policy, clock.nowMs());
    for (const key of decision.cancel) this.#cancel(key);
    for (const key of decision.yield) this.#builds.get(key)?.abort.abort();
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
    const isInterrupted = build.abort.signal.aborted && outcome.kind === "failed";
    if (!isInterrupted || !build.isBackground) {
      const durationMs = clock.nowMs() - build.startedAtMs;
      const code = outcome.kind === "failed" ? outcome.failure.code : null;
      const atMs = clock.nowMs();
      history.append({ kind: "build", atMs, key, outcome: outcome.kind, code, durationMs });
    }
    if (outcome.kind === "failed" && !isInterrupted) {
      this.#failures.note(outcome.failure, build.repoKey);
      if (build.isBackground) this.#failures.leaveAlone(key);
    }
    for (const [id, { watcher }] of build.watchers) {
      if (isInterrupted) this.join(build.request, id, watcher);
      else watcher.ended(outcome);
    }
    if (isInterrupted && build.isBackground) this.buildLater(build.request);
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
    for (const { isLive, watcher } of build.watchers.values()) if (isLive) watcher.lineAdded();
  }
}

function nowOf(key: string, build: Build): BuildNow {
  return {
    key,
    repoKey: build.repoKey,
    state: build.startedAtMs === null ? "queued" : "running",
    sinceMs: build.sinceMs,
    watchers: build.watchers.size,
    unwatchedSinceMs: build.unwatchedSinceMs,
    isBackground: build.isBackground,
    isEnding: build.abort.signal.aborted,
  };
}
