/** A pretend machine for the real control plane: every port, with latencies and nothing behind it. */
import type { Environment } from "#core/environment/environment.ts";
import { failure } from "#core/errors.ts";
import type { RepoSnapshot } from "#core/repo/repo.ts";
import type {
  ObservedSession,
  SessionEnd,
  SessionNotice,
  SessionRecord,
} from "#core/session/session.ts";
import type { Edge } from "#ports/edge.ts";
import type { EnvironmentBuilder } from "#ports/environment-builder.ts";
import type { History, HistoryEntry } from "#ports/history.ts";
import type { Cluster } from "#ports/cluster.ts";
import type { Machine } from "#ports/machine.ts";
import type { RepoSource } from "#ports/repo-source.ts";
import type { Secrets } from "#ports/secrets.ts";
import type { SessionDriver, SessionStart } from "#ports/session-driver.ts";
import type { VirtualClock } from "./world/virtual-clock.ts";

export interface Latencies {
  readonly resolveMs: number;
  readonly fetchMs: number;
  readonly buildMs: number;
  readonly startMs: number;
  readonly claimMs: number;
}

const QUICK: Latencies = {
  resolveMs: 10,
  fetchMs: 50,
  buildMs: 2_000,
  startMs: 800,
  claimMs: 25,
};

/** What is in the world, and what goes wrong in it; tests and scenarios write here. */
export class PretendWorld {
  readonly environments = new Map<string, Environment>();
  /** By the key that the builder of today gives: what one of yesterday made. */
  readonly staleEnvironments = new Map<string, Environment>();
  readonly sessions = new Map<string, ObservedSession>();
  readonly history: HistoryEntry[] = [];
  readonly notices: { readonly sessionId: string; readonly notice: SessionNotice }[] = [];
  readonly brokenHosts = new Set<string>();
  readonly busySessions = new Set<string>();
  /** Starts of servers that are to fail, soonest first: the process ends before it answers. */
  startsToFail = 0;
  /** Starts of servers that are to run and never answer, soonest first. */
  startsToHang = 0;
  buildsToFail = 0;
  buildsStarted = 0;
  buildsRunning = 0;
  buildsRunningMax = 0;
  freeMemoryBytes = 16 * 1024 ** 3;
  freeDiskBytes = 100 * 1024 ** 3;
  /** A list that never comes back, as an API server does that hangs. */
  listHangs = false;
  readonly latencies: Latencies;
  readonly clock: VirtualClock;
  readonly #answersAtMs = new Map<string, number>();
  readonly #hintListeners = new Set<(id: string) => void>();
  #counter = 0;

  constructor(clock: VirtualClock, latencies: Latencies = QUICK) {
    this.clock = clock;
    this.latencies = latencies;
  }

  readonly secrets: Secrets = {
    id: () => `s${String((this.#counter += 1)).padStart(6, "0")}`,
    token: () => `t${String((this.#counter += 1)).padStart(6, "0")}`,
  };

  readonly machine: Machine = {
    freeMemoryBytes: async () => this.freeMemoryBytes,
    freeDiskBytes: async () => this.freeDiskBytes,
  };

  readonly cluster: Cluster = {
    nodes: async () => [],
    probes: async () => [],
    capacity: async () => ({
      nodesMax: 1,
      nodesComing: 0,
      seatsPerNode: 1_000,
      nodeBootMs: null,
      pending: 0,
      placeholders: { wanted: 0, running: 0 },
    }),
    bar: async () => undefined,
    unbar: async () => undefined,
    recycle: async () => undefined,
    setNodesMax: async () => undefined,
    setPlaceholders: async () => undefined,
    setPrefetched: async () => undefined,
    onHint: () => () => undefined,
  };

  readonly historyPort: History = {
    append: (entry) => void this.history.push(entry),
    recent: async (kind, limit) =>
      this.history
        .filter((entry) => entry.kind === kind)
        .reverse()
        .slice(0, limit),
  };

  readonly source: RepoSource = {
    resolve: async (repo) => {
      await this.clock.sleep(this.latencies.resolveMs);
      const host = repo.url.split("/")[2] ?? "";
      if (this.brokenHosts.has(host))
        return { kind: "failed", failure: failure("repo-unreachable") };
      return { kind: "resolved", repo: { ...repo, commit: "c".repeat(40) } };
    },
    fetch: async (repo) => {
      await this.clock.sleep(this.latencies.fetchMs);
      return { kind: "fetched", snapshot: snapshotOf(repo.url) };
    },
    checkout: async () => undefined,
  };

  readonly builder: EnvironmentBuilder = {
    list: async () => [...this.environments.values()],
    inspect: async (key) => this.environments.get(key) ?? null,
    stale: async (plan) => this.staleEnvironments.get(plan.key) ?? null,
    build: async ({ plan, repo }, { onEvent, signal }) => {
      this.buildsStarted += 1;
      this.buildsRunning += 1;
      this.buildsRunningMax = Math.max(this.buildsRunningMax, this.buildsRunning);
      onEvent({ phase: "building", line: "Resolving packages" });
      await this.clock.sleep(this.latencies.buildMs);
      this.buildsRunning -= 1;
      if (signal.aborted) return { kind: "failed", failure: failure("build-interrupted") };
      if (this.buildsToFail > 0) {
        this.buildsToFail -= 1;
        return { kind: "failed", failure: failure("install-failed") };
      }
      onEvent({ phase: "building", line: "Installed 3 packages" });
      const environment = environmentOf(plan.key, repo.url, this.clock.nowMs());
      this.environments.set(plan.key, environment);
      return { kind: "built", environment };
    },
    lock: async () => null,
    log: async () => null,
    touch: async () => undefined,
    remove: async (key) => void this.environments.delete(key),
    cleanUp: async () => undefined,
  };

  readonly driver: SessionDriver = {
    list: async () => {
      if (this.listHangs) await new Promise(() => undefined);
      return [...this.sessions.values()];
    },
    inspect: async (id) => this.sessions.get(id) ?? null,
    start: async (request) => this.#start(request, this.latencies.startMs),
    startWarm: async ({ id, token, endsAtMs }) => {
      if (this.sessions.has(id)) return;
      const nowMs = this.clock.nowMs();
      const empty = { purpose: null, claimedAtMs: null, idleLimitMs: 0 };
      this.#put({ id, token, createdAtMs: nowMs, endsAtMs, ...empty }, "starting");
      this.#answerAfter(id, this.latencies.startMs);
    },
    claim: async (id, request) => {
      await this.clock.sleep(this.latencies.claimMs);
      const session = this.sessions.get(id);
      if (session === undefined || session.state.kind === "ended") return { kind: "gone" };
      const { purpose } = session.record;
      if (purpose !== null && purpose.launchId !== request.purpose.launchId)
        return { kind: "gone" };
      const { endsAtMs, idleLimitMs } = request;
      const claimed = { purpose: request.purpose, claimedAtMs: this.clock.nowMs() };
      this.#put({ ...session.record, ...claimed, endsAtMs, idleLimitMs }, session.state.kind);
      return { kind: "claimed" };
    },
    notify: async (id, notice) => void this.notices.push({ sessionId: id, notice }),
    extend: async (id, endsAtMs) => {
      const session = this.sessions.get(id);
      if (session === undefined) return;
      this.sessions.set(id, { ...session, record: { ...session.record, endsAtMs } });
    },
    stop: async (id, end) => this.end(id, end),
    remove: async (id) => void this.sessions.delete(id),
    logs: async (id) => (this.sessions.has(id) ? "log" : null),
    isBusy: async (id) => this.busySessions.has(id),
    onHint: (listener) => {
      this.#hintListeners.add(listener);
      return () => void this.#hintListeners.delete(listener);
    },
  };

  readonly edge: Edge = {
    probe: async (id) => {
      const session = this.sessions.get(id);
      const atMs = this.#answersAtMs.get(id) ?? Number.POSITIVE_INFINITY;
      const isUp = session?.state.kind === "running" && atMs <= this.clock.monotonicMs();
      return isUp ? { kind: "answers" } : { kind: "silent", because: "not yet" };
    },
  };

  /** Everything that the control plane is given. */
  readonly ports = {
    source: this.source,
    builder: this.builder,
    driver: this.driver,
    edge: this.edge,
    machine: this.machine,
    cluster: this.cluster,
    history: this.historyPort,
    secrets: this.secrets,
  };

  /** A person works in the session. */
  touch(id: string): void {
    const session = this.sessions.get(id);
    if (session === undefined) return;
    this.sessions.set(id, { ...session, lastActivityAtMs: this.clock.nowMs() });
  }

  /** The session's processes are gone. */
  end(id: string, end: SessionEnd): void {
    const session = this.sessions.get(id);
    if (session === undefined || session.state.kind === "ended") return;
    this.sessions.set(id, { ...session, state: { kind: "ended", end, exitCode: null } });
    this.#hint(id);
  }

  #start(request: SessionStart, delayMs: number): void {
    const { id, token, purpose, endsAtMs, idleLimitMs } = request;
    if (this.sessions.has(id)) return;
    const nowMs = this.clock.nowMs();
    const record = { id, token, purpose, endsAtMs, idleLimitMs, createdAtMs: nowMs };
    this.#put({ ...record, claimedAtMs: nowMs }, "starting");
    if (this.startsToFail > 0) {
      this.startsToFail -= 1;
      this.clock.setTimer(delayMs / 2, () => this.end(id, "exited"));
    } else if (this.startsToHang > 0) this.startsToHang -= 1;
    else this.#answerAfter(id, delayMs);
  }

  #answerAfter(id: string, delayMs: number): void {
    this.#answersAtMs.set(id, this.clock.monotonicMs() + delayMs);
    this.clock.setTimer(delayMs, () => {
      const session = this.sessions.get(id);
      if (session?.state.kind === "starting") this.#put(session.record, "running");
    });
  }

  #put(record: SessionRecord, kind: "starting" | "running"): void {
    const before = this.sessions.get(record.id);
    const sinceMs = record.claimedAtMs ?? record.createdAtMs;
    this.sessions.set(record.id, {
      record,
      state: { kind },
      lastActivityAtMs: Math.max(before?.lastActivityAtMs ?? 0, sinceMs),
      outOfMemoryKills: 0,
      memoryBytes: null,
      node: "one",
    });
    this.#hint(record.id);
  }

  #hint(id: string): void {
    for (const listener of this.#hintListeners) listener(id);
  }
}

/** Every repository wants a package that is named like it, so that each has its own environment. */
function snapshotOf(url: string): RepoSnapshot {
  const name = `package-${url.replace(/[^a-z0-9]+/gi, "-").toLowerCase()}`;
  return {
    files: [
      { path: "requirements.txt", kind: "file", sizeBytes: name.length, hash: "0".repeat(40) },
    ],
    contents: new Map([["requirements.txt", `${name.replace(/-+$/, "")}\n`]]),
  };
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
