/** The door in front of pretend members: the drills' numbers, without the cluster around. */
import { describe, expect, it } from "vitest";
import { Prng } from "#base/prng.ts";
import { HOUR_MS, MINUTE_MS, SECOND_MS } from "#base/units.ts";
import { detectQuotas, type QuotaMemory } from "#core/detection/detect-quotas.ts";
import type { Finding } from "#core/incident/finding.ts";
import type { AuditRecord } from "#core/operations/command.ts";
import { DEFAULT_POLICY, type Policy } from "#core/policy.ts";
import type { Quotas } from "#ports/platform.ts";
import { PretendMember } from "#sim/world/member.ts";
import { PretendMembers } from "#sim/world/members.ts";
import { VirtualClock } from "#sim/world/virtual-clock.ts";
import { type DoorAnswer, FRONT_DOOR_INTERVAL_MS, FrontDoor } from "./front-door.ts";
import { memberQuotas } from "./member-quotas.ts";

const silent = () => undefined;
const LOG = { debug: silent, info: silent, warn: silent, error: silent };

class Federation {
  readonly clock = new VirtualClock(1_000_000_000_000);
  readonly audit: AuditRecord[] = [];
  readonly answers: DoorAnswer[] = [];
  readonly clusters: readonly PretendMember[];
  readonly members: PretendMembers;
  readonly door: FrontDoor;
  #quotaMemory: QuotaMemory = new Map();
  readonly #repaired = new Set<string>();
  readonly repairs: { readonly quota: string; readonly share: number | undefined }[] = [];
  readonly found = new Map<string, number>();
  membersMin = Number.POSITIVE_INFINITY;

  constructor(count: number, seed = 1, more: Partial<Policy> = {}) {
    const { clock } = this;
    const prng = new Prng(`front-door/${seed}`);
    const policy = { ...DEFAULT_POLICY, ...more };
    const names = ["a", "b", "c", "d", "e"].slice(0, count);
    this.clusters = names.map(
      (name) =>
        new PretendMember(
          { clock, prng },
          { name, seats: 400, running: 40, startMs: 5 * SECOND_MS, stayMeanMs: 45 * MINUTE_MS },
        ),
    );
    this.members = new PretendMembers(
      { clock, prng },
      "v1",
      this.clusters.map((cluster) => ({ cluster, weight: 1 })),
    );
    const audit = (record: AuditRecord) => void this.audit.push(record);
    const { doors } = this.members;
    this.door = new FrontDoor({ members: this.members, doors, audit, clock, log: LOG, policy });
    const quotas = memberQuotas({
      members: new Map(this.clusters.map((cluster) => [cluster.name, cluster.quotas])),
      takeOut: (member, because) => this.door.takeOut(member, because),
    });
    this.#repeat(FRONT_DOOR_INTERVAL_MS, async () => {
      await this.door.round(() => true);
      await this.#look();
    });
    this.#repeat(5 * SECOND_MS, () => this.#watchQuotas(quotas, policy));
    const people = prng.fork("people");
    this.#repeat(3 * SECOND_MS, async () => {
      const repoKey = people.fraction() < 0.5 ? "viral" : `rest-${people.integer(0, 200)}`;
      this.answers.push(await this.door.launch({ repoKey, launchId: "launch" }));
    });
  }

  cluster(name: string): PretendMember {
    const cluster = this.clusters.find((one) => one.name === name);
    if (cluster === undefined) throw new Error(`no ${name}`);
    return cluster;
  }

  get share(): Readonly<Record<string, number>> {
    return this.door.weights;
  }

  failed(): number {
    return this.answers.filter(({ kind }) => kind !== "ready").length;
  }

  /** How long after `sinceMs` it was found first. */
  foundAfter(what: string, sinceMs: number): number {
    return (this.found.get(what) ?? Number.POSITIVE_INFINITY) - sinceMs;
  }

  /** As much of the watch over quotas as it takes: each is repaired once. */
  async #watchQuotas(quotas: Quotas, policy: Policy): Promise<void> {
    const looks = await quotas.list();
    const nowMs = this.clock.nowMs();
    const { findings, memory } = detectQuotas(this.#quotaMemory, looks, policy, nowMs);
    this.#quotaMemory = memory;
    this.#note(findings);
    for (const { subject } of findings) {
      if (this.#repaired.has(subject.name)) continue;
      this.#repaired.add(subject.name);
      const repaired = quotas.repair(subject.name);
      this.repairs.push({ quota: subject.name, share: this.share[subject.name.slice(0, 1)] });
      await repaired;
    }
  }

  #note(findings: readonly Finding[]): void {
    for (const { cause, subject } of findings) {
      const what = `${cause} ${subject.name}`;
      if (!this.found.has(what)) this.found.set(what, this.clock.nowMs());
    }
  }

  async #look(): Promise<void> {
    this.#note(await this.door.findings());
    const weights = Object.values(this.door.weights);
    if (weights.length > 0)
      this.membersMin = Math.min(this.membersMin, weights.filter((weight) => weight > 0).length);
  }

  #repeat(everyMs: number, work: () => Promise<unknown>): void {
    void work();
    this.clock.setTimer(everyMs, () => this.#repeat(everyMs, work));
  }
}

const SEEDS = Array.from({ length: 20 }, (_, n) => n + 1);

describe("the door in front of members", () => {
  it("is quiet while all is well", async () => {
    const world = new Federation(4);
    await world.clock.run(6 * HOUR_MS);
    expect(world.failed()).toBe(0);
    expect(world.audit).toEqual([]);
    expect([...world.found.keys()]).toEqual([]);
  });

  it.each(SEEDS)("stale-prime: the others keep their launches; seed %d", async (seed) => {
    const world = new Federation(4, seed);
    world.members.setFull("a", true);
    world.members.setDeployFails("a", true);
    await world.clock.run(10 * MINUTE_MS);
    const sinceMs = world.clock.nowMs();
    world.members.declare("v2", seed % 2 === 0 ? ["b", "c", "d"] : []);
    await world.clock.run(30 * MINUTE_MS);
    expect(world.membersMin).toBeGreaterThanOrEqual(3);
    expect(world.foundAfter("member-stale a", sinceMs)).toBeLessThanOrEqual(60 * SECOND_MS);
    expect([...world.found.keys()].sort()).toEqual(["member-full a", "member-stale a"]);
    expect(world.failed()).toBe(0);
    expect(world.audit).toEqual([]);
  });

  it.each(SEEDS)("quota-ghost: launches go elsewhere, and come back; seed %d", async (seed) => {
    const world = new Federation(3, seed);
    await world.clock.run(10 * MINUTE_MS);
    const sinceMs = world.clock.nowMs();
    world.cluster("a").freezeQuota();
    const shares: (number | undefined)[] = [];
    for (let n = 0; n < 60; n += 1) {
      await world.clock.run(SECOND_MS);
      shares.push(world.share["a"]);
    }
    expect(shares).toContain(0);
    expect(world.foundAfter("quota-ghost a/pods", sinceMs)).toBeLessThanOrEqual(60 * SECOND_MS);
    await world.clock.run(20 * MINUTE_MS);
    expect(world.failed()).toBeLessThanOrEqual(5);
    expect(world.cluster("a").repairs).toBe(1);
    expect(world.share["a"]).toBe(1);
    expect(world.repairs).toEqual([{ quota: "a/pods", share: 0 }]);
  });

  it.each(SEEDS)("takes a member that fails fast out within 60 s; seed %d", async (seed) => {
    const world = new Federation(3, seed);
    await world.clock.run(10 * MINUTE_MS);
    world.members.setFastFail("a", true);
    await world.clock.run(60 * SECOND_MS);
    expect(world.share).toEqual({ a: 0, b: 1, c: 1 });
    await world.clock.run(20 * MINUTE_MS);
    expect(world.failed()).toBeLessThanOrEqual(5);
    expect(world.audit.filter(({ command }) => command.kind === "shift-member")).toHaveLength(1);
    world.members.setFastFail("a", false);
    await world.clock.run(5 * MINUTE_MS);
    expect(world.share["a"]).toBe(1);
  });

  it("keeps sending launches to a member that fails when outcomes do not count", async () => {
    const world = new Federation(3, 1, {
      memberFailureRatioMax: Number.POSITIVE_INFINITY,
      memberAttemptsMax: 1,
    });
    world.members.setFastFail("a", true);
    await world.clock.run(10 * MINUTE_MS);
    expect(world.failed()).toBeGreaterThan(20);
  });

  it("keeps the last weights when all fail, and pages", async () => {
    const world = new Federation(4);
    await world.clock.run(10 * MINUTE_MS);
    for (const { name } of world.clusters) world.members.setFastFail(name, true);
    await world.clock.run(5 * MINUTE_MS);
    expect(
      (await world.door.findings()).some(
        ({ severity, subject }) => severity === "page" && subject.name === "federation",
      ),
    ).toBe(true);
    expect(Object.values(world.share).filter((weight) => weight > 0).length).toBeGreaterThanOrEqual(
      2,
    );
    for (const { name } of world.clusters) world.members.setFastFail(name, false);
    await world.clock.run(10 * MINUTE_MS);
    expect(Object.values(world.share)).toEqual([1, 1, 1, 1]);
    expect(await world.door.findings()).toEqual([]);
  });

  it("sends a repository to one place", async () => {
    const world = new Federation(4);
    await world.clock.run(MINUTE_MS);
    const places = new Set<string | null>();
    for (let n = 0; n < 5; n += 1) {
      const answer = world.door.launch({ repoKey: "quiet", launchId: "launch" });
      await world.clock.run(2 * MINUTE_MS);
      places.add((await answer).member);
    }
    expect(places.size).toBe(1);
  });
});
