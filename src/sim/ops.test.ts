/** The watch over Bindery, with doors that answer, hang, or lie. */
import { describe, expect, it } from "vitest";
import { HOUR_MS, MINUTE_MS, SECOND_MS } from "#base/units.ts";
import { CLUSTER_POLICY } from "#core/cluster-policy.ts";
import { component, launches, status } from "#core/detection/observed-in-tests.ts";
import type { AuditRecord, CommandOutcome, OperatorCommand } from "#core/operations/command.ts";
import type { OperatorStatus } from "#core/operations/status.ts";
import { DEFAULT_POLICY, type Policy } from "#core/policy.ts";
import { createOps } from "#ops/create-ops.ts";
import type { OpsPart } from "#ops/ops-ports.ts";
import type { ComponentObservation } from "#ports/components.ts";
import type { CanaryOutcome } from "#ports/operator.ts";
import type { QuotaObservation } from "#ports/platform.ts";
import { VirtualClock } from "./world/virtual-clock.ts";

const silent = () => undefined;
const log = { debug: silent, info: silent, warn: silent, error: silent };
const never = <T>() => new Promise<T>(silent);

type Door = "answers" | "hangs" | "refuses";

/** Doors that do as they are told, and what came out of the watch. */
class Fakes {
  readonly clock = new VirtualClock();
  door: Door = "answers";
  sinceMs = 0;
  isWedged = false;
  isCanaryGreen = true;
  canaryHangs = false;
  canaries = 0;
  quotas: readonly QuotaObservation[] = [];
  failuresByHost: Record<string, number> = {};
  components: readonly ComponentObservation[] = [
    component("control-1"),
    component("edge-1", { role: "edge", answers: true }),
    component("edge-2", { role: "edge", answers: true, node: "node-2" }),
  ];
  extra: readonly OpsPart[] = [];
  #stuckSinceMs: number | null = null;
  readonly asked: OperatorCommand[] = [];
  readonly told: string[] = [];
  readonly incidents: string[] = [];
  readonly records: AuditRecord[] = [];
  readonly pages: string[] = [];

  start(policy: Partial<Policy> = {}) {
    const ops = createOps(
      {
        door: {
          status: () => this.#answer(() => this.#status()),
          execute: (command) =>
            this.#answer((): CommandOutcome => {
              this.asked.push(command);
              return { kind: "done", message: "done" };
            }),
          audit: async () => [],
        },
        canary: { run: (kind) => this.#canary(kind) },
        components: {
          list: async () => this.components,
          restart: async (name) => this.#restart(name),
          surge: async (role) => void this.told.push(this.#at(`surge ${role}`)),
        },
        quotas: {
          list: async () => this.quotas,
          repair: async (name) => {
            this.told.push(this.#at(`repair ${name}`));
            this.quotas = [];
          },
        },
        pager: { page: (_, text) => void this.pages.push(this.#at(text.split(" ")[0] ?? "")) },
        clock: this.clock,
        log,
        extra: this.extra,
        onChange: (change) => {
          if (change.kind === "incident")
            this.incidents.push(this.#at(`${change.change} ${change.incident.cause}`));
          if (change.kind === "action") this.records.push(change.record);
        },
      },
      { ...DEFAULT_POLICY, ...CLUSTER_POLICY, ...policy },
    );
    ops.start();
    return ops;
  }

  wedge(): void {
    this.isWedged = true;
    this.#stuckSinceMs = this.clock.nowMs();
  }

  #at(what: string): string {
    return `${Math.round(this.clock.nowMs() / SECOND_MS)} ${what}`;
  }

  #answer<T>(answer: () => T): Promise<T> {
    if (this.door === "hangs") return never();
    if (this.door === "refuses") return Promise.reject(new Error("connection refused"));
    return Promise.resolve(answer());
  }

  #restart(name: string): void {
    this.told.push(this.#at(`restart ${name}`));
    this.isWedged = false;
    this.#stuckSinceMs = null;
    if (name.startsWith("control")) {
      this.door = "answers";
      this.sinceMs = this.clock.nowMs();
    }
    this.components = this.components.map((one) =>
      one.name === name ? { ...one, answers: one.role === "edge" ? true : null } : one,
    );
  }

  /** Six launches a minute, each ready at once; nothing ends while it is wedged. */
  #status(): OperatorStatus {
    const asked = Math.floor((this.clock.nowMs() - this.sinceMs) / (10 * SECOND_MS));
    const stuckAtMs = this.#stuckSinceMs ?? this.clock.nowMs();
    const ready = Math.floor((stuckAtMs - this.sinceMs) / (10 * SECOND_MS));
    const counts = { asked, ready, readyFirstTry: ready, underWay: asked - ready };
    const builds = { running: 0, queued: 0, slots: 2, watchersMax: 0 };
    return status({
      sinceMs: this.sinceMs,
      launches: launches(counts),
      builds: { ...builds, failuresByHost: this.failuresByHost },
    });
  }

  async #canary(kind: CanaryOutcome["kind"]): Promise<CanaryOutcome> {
    this.canaries += 1;
    if (this.canaryHangs || this.isWedged) return never();
    await this.clock.sleep(5 * SECOND_MS);
    const because = this.isCanaryGreen ? null : "session-start-timeout";
    return { kind, isGreen: this.isCanaryGreen, durationMs: 5_000, node: "node-1", because };
  }
}

describe("the watch", () => {
  it("is silent for a day on which everything works", async () => {
    const fakes = new Fakes();
    const ops = fakes.start();
    await fakes.clock.run(24 * HOUR_MS);
    expect(fakes.incidents).toEqual([]);
    expect(fakes.records).toEqual([]);
    expect(fakes.pages).toEqual([]);
    expect(fakes.asked).toEqual([]);
    expect(fakes.canaries).toBeGreaterThan(1_000);
    ops.stop();
    const { canaries } = fakes;
    await fakes.clock.run(HOUR_MS);
    expect(fakes.canaries).toBe(canaries);
  });

  it("finds a silent wedge within a minute, restarts once, and closes the incident by the rule", async () => {
    const fakes = new Fakes();
    const ops = fakes.start();
    await fakes.clock.run(120 * SECOND_MS);
    fakes.wedge();
    await fakes.clock.run(40 * MINUTE_MS);
    expect(fakes.told).toHaveLength(1);
    expect(fakes.told[0]).toContain("restart control-1");
    const [opened, ...rest] = fakes.incidents;
    expect(opened).toMatch(/ opened control-wedged$/);
    expect(Number(opened?.split(" ")[0])).toBeLessThanOrEqual(180);
    expect(rest.map((one) => one.replace(/^\d+ /, ""))).toEqual([
      "mitigated control-wedged",
      "resolved control-wedged",
    ]);
    expect(ops.incidents()[0]?.timeline.map(({ kind }) => kind)).toEqual([
      "found",
      "acted",
      "gone",
      "resolved",
    ]);
    expect(fakes.records[0]).toMatchObject({
      actor: { kind: "machine", incident: ops.incidents()[0]?.id },
      limit: "1 restart of the control plane in 5 min (0 so far)",
      outcome: { kind: "done" },
    });
    expect(fakes.pages).toEqual([]);
  });

  it.each<[Door, string]>([
    ["hangs", "control-wedged"],
    ["refuses", "control-wedged"],
  ])("goes on when the door %s, and restarts what is behind it", async (door, cause) => {
    const fakes = new Fakes();
    fakes.start();
    await fakes.clock.run(MINUTE_MS);
    fakes.door = door;
    await fakes.clock.run(MINUTE_MS);
    expect(fakes.incidents[0]).toContain(`opened ${cause}`);
    expect(Number(fakes.incidents[0]?.split(" ")[0])).toBeLessThanOrEqual(80);
    expect(fakes.told).toHaveLength(1);
  });

  it("pages when restarts are not allowed and the door stays shut", async () => {
    const fakes = new Fakes();
    fakes.start({ restartIntervalMs: Number.POSITIVE_INFINITY });
    await fakes.clock.run(MINUTE_MS);
    fakes.door = "hangs";
    await fakes.clock.run(30 * MINUTE_MS);
    expect(fakes.told).toEqual([]);
    expect(fakes.pages).toHaveLength(1);
  });

  it("restarts one replica of the edge, and all in turn when none answers", async () => {
    const fakes = new Fakes();
    fakes.start();
    const wedge = (...names: string[]) => {
      fakes.components = fakes.components.map((one) =>
        names.includes(one.name) ? { ...one, answers: false } : one,
      );
    };
    await fakes.clock.run(61 * SECOND_MS);
    wedge("edge-1");
    await fakes.clock.run(MINUTE_MS);
    expect(fakes.told).toEqual(["70 restart edge-1"]);
    expect(fakes.pages).toEqual([]);
    await fakes.clock.run(10 * MINUTE_MS);
    const beginsAt = Math.round(fakes.clock.nowMs() / SECOND_MS);
    wedge("edge-1", "edge-2");
    await fakes.clock.run(MINUTE_MS);
    expect(fakes.told.slice(1).map((one) => one.split(" ")[2])).toEqual(["edge-1", "edge-2"]);
    for (const one of fakes.told.slice(1))
      expect(Number(one.split(" ")[0]) - beginsAt).toBeLessThanOrEqual(30);
    expect(fakes.pages).toHaveLength(1);
    expect(Number(fakes.pages[0]?.split(" ")[0]) - beginsAt).toBeLessThanOrEqual(30);
  });

  it("repairs a quota itself and asks the control plane for a fallback", async () => {
    const fakes = new Fakes();
    fakes.start();
    fakes.quotas = [{ name: "pods", used: 100, hard: 100, listed: 40, refusals: 3 }];
    fakes.failuresByHost = { "deb.example.org": 3 };
    await fakes.clock.run(MINUTE_MS);
    expect(fakes.told).toEqual(["5 repair pods"]);
    expect(fakes.asked).toEqual([{ kind: "use-fallback", host: "deb.example.org", isOn: true }]);
    expect(fakes.records.map(({ command }) => command.kind)).toEqual(["repair-quota"]);
  });

  it("takes a canary that never comes back for a red one", async () => {
    const fakes = new Fakes();
    fakes.start();
    fakes.canaryHangs = true;
    await fakes.clock.run(6 * MINUTE_MS);
    expect(fakes.canaries).toBe(4);
    expect(fakes.incidents).toEqual(["180 opened canary-failing"]);
  });

  it("believes nothing of before when the wall clock jumped", async () => {
    const fakes = new Fakes();
    fakes.start();
    await fakes.clock.run(10 * MINUTE_MS);
    fakes.clock.jump(3 * HOUR_MS);
    await fakes.clock.run(10 * MINUTE_MS);
    expect(fakes.incidents).toEqual([]);
  });

  it("asks its parts for findings and commands, and outlives one that hangs", async () => {
    const fakes = new Fakes();
    const executed: string[] = [];
    const subject = { kind: "host", name: "h" } as const;
    const found = { cause: "certificate-expiring", subject, severity: "note" } as const;
    fakes.extra = [
      { findings: never, execute: () => null },
      {
        findings: async () => [{ ...found, evidence: "20 days", sinceMs: 0 }],
        execute: (command) => {
          if (command.kind !== "renew-certificate") return null;
          executed.push(command.host);
          return Promise.resolve({ kind: "done", message: "renewed" });
        },
      },
    ];
    const ops = fakes.start();
    await fakes.clock.run(10 * SECOND_MS);
    expect(fakes.incidents[0]).toContain("opened certificate-expiring");
    const person = { kind: "person", name: "carol" } as const;
    const outcome = ops.execute({ kind: "renew-certificate", host: "h" }, person, "asked to");
    await fakes.clock.run(SECOND_MS);
    expect(await outcome).toEqual({ kind: "done", message: "renewed" });
    expect(executed).toEqual(["h"]);
    expect(ops.audit()[0]).toMatchObject({ actor: person, evidence: "asked to" });
  });

  it("tells a person that the control plane did not answer", async () => {
    const fakes = new Fakes();
    const ops = fakes.start();
    fakes.door = "hangs";
    const command = { kind: "cordon-node", node: "n", isForced: false } as const;
    const outcome = ops.execute(command, { kind: "person", name: "carol" }, "");
    await fakes.clock.run(2 * MINUTE_MS);
    expect(await outcome).toEqual({ kind: "failed", because: "no answer within 1 min" });
    expect(fakes.records.at(-1)?.command).toEqual(command);
  });
});
