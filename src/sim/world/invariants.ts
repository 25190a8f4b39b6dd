/** What must hold at every moment of every run; looked at wherever it could cease to hold. */
import { MINUTE_MS } from "#base/units.ts";
import type { Policy } from "#core/policy.ts";
import type { WorldContext } from "./context.ts";
import type { PretendSessions } from "./sessions.ts";

const VIOLATIONS_KEPT = 50;

export class Invariants {
  readonly violations: string[] = [];
  readonly #context: WorldContext;
  readonly #policy: Policy;
  readonly #quarantines: { readonly node: string; readonly atMs: number }[] = [];

  constructor(context: WorldContext, policy: Policy) {
    this.#context = context;
    this.#policy = policy;
  }

  /** 2: sessions never exceed a limit, not even by one. Asked at every pod that is made. */
  sessionMade(sessions: PretendSessions, url: string): void {
    const { canarySeats, sessionsMax, sessionsPerRepoMax } = this.#policy;
    if (sessions.alive > sessionsMax + canarySeats) {
      this.#violated(`2: ${sessions.alive} sessions of at most ${sessionsMax + canarySeats}`);
    }
    const ofRepo = sessions.ofRepo(url);
    if (ofRepo > sessionsPerRepoMax + canarySeats) {
      this.#violated(`2: ${ofRepo} sessions of ${url}, of at most ${sessionsPerRepoMax}`);
    }
  }

  /** 4: one build per key, and never more than there are slots. */
  buildsRun(isSecondOfKey: boolean, running: number, slots: number): void {
    if (isSecondOfKey) this.#violated("4: two builds of one key at a time");
    if (running > slots) this.#violated(`4: ${running} builds in ${slots} slots`);
  }

  /** 5: a restart of ours ends no session. */
  restarted(before: number, after: number): void {
    if (after < before) this.#violated(`5: a restart ended ${before - after} sessions`);
  }

  /** 5: never two that decide. */
  leads(count: number): void {
    if (count > 1) this.#violated(`5: ${count} control planes decide at the same time`);
  }

  /** 6: at most one node in ten minutes and a fifth of the nodes. */
  quarantined(node: string, quarantinedNow: number, nodes: number): void {
    const nowMs = this.#context.clock.nowMs();
    const { quarantineIntervalMs, quarantineShareMax } = this.#policy;
    const recent = this.#quarantines.filter(
      (one) => nowMs - one.atMs < quarantineIntervalMs && one.node !== node,
    );
    if (recent.length > 0) {
      this.#violated(`6: ${node} and ${recent.at(-1)?.node} quarantined within ten minutes`);
    }
    if (quarantinedNow + 1 > Math.max(1, Math.floor(quarantineShareMax * nodes))) {
      this.#violated(`6: ${quarantinedNow + 1} of ${nodes} nodes quarantined`);
    }
    this.#quarantines.push({ node, atMs: nowMs });
  }

  /** 6: nothing is done without evidence. */
  acted(evidence: string, limit: string): void {
    if (evidence === "" || limit === "") this.#violated("6: an action without evidence or limit");
  }

  /** 1 and 3, once a minute: launches end, sessions have owners and are not older than their limit. */
  looked(sessions: PretendSessions, oldestLaunchMs: number): void {
    const { launchTimeoutMs, sessionAgeMs } = this.#policy;
    const nowMs = this.#context.clock.nowMs();
    if (oldestLaunchMs > launchTimeoutMs + MINUTE_MS) {
      this.#violated(`1: a launch goes on for ${oldestLaunchMs} ms`);
    }
    for (const pod of sessions.pods.values()) {
      if (pod.step === "ended") continue;
      const { claimedAtMs } = pod.record;
      if (claimedAtMs !== null && nowMs - claimedAtMs > sessionAgeMs + 5 * MINUTE_MS) {
        this.#violated(`3: ${pod.name} is older than its limit`);
      }
    }
  }

  #violated(what: string): void {
    if (this.violations.length >= VIOLATIONS_KEPT) return;
    this.violations.push(`${this.#context.clock.nowMs()}: ${what}`);
  }
}
