/** Releases in a pretend world: the drills' numbers, without the cluster around. */
import { describe, expect, it } from "vitest";
import { HOUR_MS, MIB, MINUTE_MS, SECOND_MS } from "#base/units.ts";
import { Prng } from "#base/prng.ts";
import type { AuditRecord } from "#core/operations/command.ts";
import type { OperatorStatus } from "#core/operations/status.ts";
import { DEFAULT_POLICY, type Policy } from "#core/policy.ts";
import { releaseFindings } from "#core/release/release-findings.ts";
import { CullerFlood, PretendReleases, type ReleaseTraits } from "#sim/world/releases.ts";
import { PretendStaging } from "#sim/world/staging.ts";
import { VirtualClock } from "#sim/world/virtual-clock.ts";
import { ROLLOUT_INTERVAL_MS, Rollouts } from "./rollout.ts";

const silent = () => undefined;
const LOG = { debug: silent, info: silent, warn: silent, error: silent };
const LAUNCH_EVERY_MS = 15 * SECOND_MS;

class Stage {
  readonly clock = new VirtualClock(1_000_000_000_000);
  readonly audit: AuditRecord[] = [];
  readonly flood = new CullerFlood({ clock: this.clock });
  readonly releases: PretendReleases;
  readonly rollouts: Rollouts;
  refusedShare = 0;
  seats = 4;
  isFull = false;
  tooEarly = 0;
  failedLaunches = 0;
  #startedAtMs = this.clock.nowMs();
  #launches = 0;
  #isStalled = false;

  constructor(seed = 1, policy: Partial<Policy> = {}) {
    const { clock } = this;
    const prng = new Prng(`rollout/${seed}`);
    const refusals = prng.fork("refusals");
    this.releases = new PretendReleases(
      { clock, prng },
      {
        initial: "v1",
        isRefusing: () => refusals.fraction() < this.refusedShare,
        deployed: (_release, stage, traits) => {
          if (stage === "production") this.#started(traits);
        },
      },
    );
    const gate = new PretendStaging(
      { clock, prng },
      {
        releases: this.releases,
        imagePullMs: 25 * SECOND_MS,
        sessionStartMs: 4 * SECOND_MS,
        isFull: () => this.isFull,
        seats: () => this.seats,
        told: (isTooEarly) => void (this.tooEarly += isTooEarly ? 1 : 0),
      },
    );
    this.rollouts = new Rollouts({
      target: this.releases,
      gate,
      components: {
        list: async () => [this.#component()],
        restart: async () => undefined,
        surge: async () => undefined,
      },
      status: () => (this.#isStalled ? new Promise(silent) : Promise.resolve(this.#status())),
      hold: () => "nothing",
      audit: (record) => void this.audit.push(record),
      ...{ clock, log: LOG, policy: { ...DEFAULT_POLICY, ...policy } },
    });
    this.#repeat(ROLLOUT_INTERVAL_MS, () => void this.rollouts.round());
    this.#repeat(LAUNCH_EVERY_MS, () => this.#launch());
  }

  submit(release: string, traits: Partial<ReleaseTraits> = {}): void {
    this.releases.define(release, traits);
    this.rollouts.submit(release, false);
  }

  /** Runs until it holds, at most so long; says how long it took. */
  async until(holds: () => boolean, forMs: number): Promise<number> {
    const sinceMs = this.clock.nowMs();
    while (!holds() && this.clock.nowMs() - sinceMs < forMs) await this.clock.run(SECOND_MS);
    return holds() ? this.clock.nowMs() - sinceMs : Number.POSITIVE_INFINITY;
  }

  get found() {
    return releaseFindings(this.rollouts.state, DEFAULT_POLICY, this.clock.nowMs());
  }

  get production(): string {
    return this.releases.running("production").release;
  }

  #repeat(everyMs: number, work: () => void): void {
    this.clock.setTimer(everyMs, () => {
      work();
      this.#repeat(everyMs, work);
    });
  }

  #started({ cullerFloodPerHour }: ReleaseTraits): void {
    this.#startedAtMs = this.clock.nowMs();
    this.#launches = 0;
    this.#isStalled = false;
    this.flood.set(cullerFloodPerHour);
  }

  #launch(): void {
    this.#launches += 1;
    const { stallsAt } = this.releases.running("production").traits;
    this.#isStalled ||= stallsAt > 0 && this.#launches >= stallsAt;
    if (this.#isStalled) this.failedLaunches += 1;
  }

  #component() {
    const { release, traits } = this.releases.running("production");
    return {
      ...{ name: "control-1", role: "control" as const, node: "n1", isReady: true, release },
      ...{ startedAtMs: this.#startedAtMs, restarts: 0, handles: 200, loopLagMs: 8, answers: null },
      memoryBytes: 200 * MIB + this.#launches * traits.leakMemoryBytes,
    };
  }

  #status(): OperatorStatus {
    const n = this.#launches;
    const launches = { asked: n, ready: n, readyFirstTry: n, failedByPlatform: 0 };
    const culler = { asked: n, refused: 0 };
    return this.flood.poison({
      sinceMs: this.#startedAtMs,
      launches,
      culler,
    } as OperatorStatus);
  }
}

const ended = (stage: Stage) => stage.rollouts.state.ended[0];

describe("a release", () => {
  it("that is good is in production after its gate, and done after its bake", async () => {
    const stage = new Stage();
    stage.submit("v2");
    expect(await stage.until(() => stage.production === "v2", 10 * MINUTE_MS)).toBeLessThan(
      4 * MINUTE_MS,
    );
    await stage.until(() => ended(stage) !== undefined, 30 * MINUTE_MS);
    expect(ended(stage)).toMatchObject({ release: "v2", outcome: "done" });
    expect(stage.audit).toEqual([]);
  });

  it("that refers to something missing is refused within 10 s, and nothing is touched", async () => {
    const stage = new Stage();
    stage.submit("v2", { missing: ["chart bindery-0.2.0"] });
    expect(await stage.until(() => ended(stage) !== undefined, MINUTE_MS)).toBeLessThanOrEqual(
      10 * SECOND_MS,
    );
    expect(ended(stage)).toMatchObject({ outcome: "refused", cause: "missing-artifact" });
    expect(stage.found[0]?.evidence).toContain("chart bindery-0.2.0");
    expect(stage.releases.touched).toBe(0);
  });

  it("goes to staging, and back, when nobody looks what it refers to", async () => {
    const stage = new Stage(1, { releasePreflightMs: 0 });
    stage.submit("v2", { missing: ["chart bindery-0.2.0"] });
    await stage.until(() => ended(stage) !== undefined, 10 * MINUTE_MS);
    expect(stage.releases.touched).toBeGreaterThan(0);
    expect(stage.production).toBe("v1");
  });

  it("succeeds alone in 99 of 100 worlds in which 30 % of all calls fail", async () => {
    let good = 0;
    for (let seed = 1; seed <= 100; seed += 1) {
      const stage = new Stage(seed, { releaseBakeMs: 0 });
      stage.refusedShare = 0.3;
      stage.submit("v2");
      await stage.until(() => ended(stage) !== undefined, 30 * MINUTE_MS);
      if (ended(stage)?.outcome === "done") good += 1;
    }
    expect(good).toBeGreaterThanOrEqual(99);
  });

  it("that says ready too early fails the gate within 120 s of it, and production is not touched", async () => {
    const stage = new Stage();
    stage.submit("v2", { readyBeforePoll: true });
    await stage.until(() => stage.rollouts.state.current?.phase === "gate", 10 * MINUTE_MS);
    const tookMs = await stage.until(
      () => stage.rollouts.state.current?.fall !== null,
      10 * MINUTE_MS,
    );
    expect(tookMs).toBeLessThanOrEqual(120 * SECOND_MS);
    await stage.until(() => ended(stage) !== undefined, 10 * MINUTE_MS);
    expect(ended(stage)).toMatchObject({ outcome: "rolled-back", cause: "gate", touched: [] });
    expect(stage.production).toBe("v1");
    expect(stage.releases.running("staging").release).toBe("v1");
  });

  it("that is fixed passes with all its canaries, also in a full cluster", async () => {
    const stage = new Stage();
    stage.isFull = true;
    stage.submit("v2");
    await stage.until(() => stage.production === "v2", 10 * MINUTE_MS);
    expect(stage.production).toBe("v2");
    expect(stage.tooEarly).toBe(0);
  });

  it("does not pass in a full cluster that keeps no seats for canaries", async () => {
    const stage = new Stage();
    stage.isFull = true;
    stage.seats = 0;
    stage.submit("v2");
    await stage.until(() => ended(stage) !== undefined, 10 * MINUTE_MS);
    expect(ended(stage)).toMatchObject({ outcome: "rolled-back", cause: "gate" });
  });

  it.each([
    ["leaks", { leakMemoryBytes: MIB, stallsAt: 300 }, 10 * MINUTE_MS],
    ["floods with stops", { cullerFloodPerHour: 180_000 }, 60 * SECOND_MS],
    [
      "does both",
      { leakMemoryBytes: MIB, stallsAt: 300, cullerFloodPerHour: 180_000 },
      60 * SECOND_MS,
    ],
  ])("that %s goes back in time, before anybody feels it", async (_what, traits, limitMs) => {
    const stage = new Stage();
    stage.submit("v2", traits);
    await stage.until(() => stage.production === "v2", 10 * MINUTE_MS);
    expect(await stage.until(() => stage.found.length > 0, HOUR_MS)).toBeLessThanOrEqual(limitMs);
    expect(stage.found[0]).toMatchObject({
      cause: "release-bad",
      subject: { kind: "release", name: "v2" },
    });
    expect(await stage.until(() => stage.production === "v1", HOUR_MS)).toBeLessThanOrEqual(
      120 * SECOND_MS,
    );
    await stage.until(() => ended(stage) !== undefined, HOUR_MS);
    expect(stage.failedLaunches).toBe(0);
    expect(stage.audit.map(({ command }) => command)).toEqual([
      { kind: "rollback-release", stage: "production" },
      { kind: "rollback-release", stage: "staging" },
    ]);
  });

  it("that leaks stalls when nobody watches it", async () => {
    const stage = new Stage(1, { releaseBakeMs: 0 });
    stage.submit("v2", { leakMemoryBytes: MIB, stallsAt: 300 });
    await stage.until(() => stage.failedLaunches > 0, 3 * HOUR_MS);
    expect(stage.production).toBe("v2");
    expect(stage.failedLaunches).toBeGreaterThan(0);
  });

  it("that stalls at once goes back although the control plane answers nothing", async () => {
    const stage = new Stage();
    stage.submit("v2", { stallsAt: 1 });
    await stage.until(() => stage.production === "v2", 10 * MINUTE_MS);
    expect(await stage.until(() => stage.production === "v1", HOUR_MS)).toBeLessThanOrEqual(
      4 * MINUTE_MS,
    );
  });
});
