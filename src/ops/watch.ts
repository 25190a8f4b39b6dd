/** One round of the watch: look at everything, find what is wrong, keep the incidents, act. */
import { MINUTE_MS } from "#base/units.ts";
import { hopOf, isCanaryBad } from "#core/detection/canaries.ts";
import {
  detect,
  type Detection,
  type DetectionMemory,
  FRESH_MEMORY,
} from "#core/detection/detect.ts";
import type { ComponentLook, Observed, QuotaLook } from "#core/detection/observed.ts";
import type { Attempt } from "#core/incident/action-limits.ts";
import { type Action, decideActions } from "#core/incident/decide-actions.ts";
import {
  decideIncidents,
  EMPTY_BOOK,
  type IncidentBook,
  type IncidentFacts,
} from "#core/incident/decide-incidents.ts";
import { doubtedNodes } from "#core/incident/doubted-nodes.ts";
import type { Finding } from "#core/incident/finding.ts";
import type { Incident } from "#core/incident/incident.ts";
import { withEntry } from "#core/incident/timeline.ts";
import type { OperatorStatus } from "#core/operations/status.ts";
import type { Policy } from "#core/policy.ts";
import type { CanaryKind } from "#ports/operator.ts";
import type { CanaryRunner } from "./canary-runner.ts";
import type { Executor } from "./executor.ts";
import type { OpsPorts } from "./ops-ports.ts";
import { Deadline } from "./time-limit.ts";

interface WatchParts {
  readonly canaries: CanaryRunner;
  readonly executor: Executor;
  /** Asks for a canary now. */
  readonly hurryCanary: (kind: CanaryKind) => void;
}

interface Look {
  readonly status: OperatorStatus | null;
  readonly components: readonly ComponentLook[] | null;
  readonly quotas: readonly QuotaLook[] | null;
  readonly extraFindings: readonly Finding[];
}

/** Attempts count for the limits; the longest limit that is usual is a day. */
const ATTEMPTS_MAX = 500;
/** The wall clock and the one that never jumps may drift apart by this much between two looks. */
const JUMP_MIN_MS = MINUTE_MS;

export class Watch {
  readonly #ports: OpsPorts;
  readonly #policy: Policy;
  readonly #parts: WatchParts;
  #memory: DetectionMemory = FRESH_MEMORY;
  #book: IncidentBook = EMPTY_BOOK;
  #attempts: readonly Attempt[] = [];
  #exhausted: ReadonlySet<string> = new Set();
  #components: readonly ComponentLook[] = [];
  #controlRestartedAtMs: number | null = null;
  #offsetMs: number | null = null;
  #isDemandSuspicious = false;

  constructor(ports: OpsPorts, policy: Policy, parts: WatchParts) {
    this.#ports = ports;
    this.#policy = policy;
    this.#parts = parts;
    const incidents = ports.before ?? [];
    this.#book = { incidents, opened: incidents.length };
  }

  get incidents(): readonly Incident[] {
    return this.#book.incidents;
  }

  async round(isCurrent: () => boolean): Promise<void> {
    const look = await this.#look();
    if (!isCurrent()) return;
    const { clock } = this.#ports;
    const nowMs = clock.nowMs();
    this.#forgetAfterJump(nowMs - clock.monotonicMs());
    this.#components = look.components ?? this.#components;
    const observed: Observed = {
      ...look,
      canaries: this.#parts.canaries.facts,
      controlRestartedAtMs: this.#controlRestartedAtMs,
      fallbacks: this.#parts.executor.fallbacks,
    };
    const detection = detect(this.#memory, observed, this.#policy, nowMs);
    this.#memory = detection.memory;
    // Once for each suspicion: a canary that runs already tells as much.
    if (detection.isSuspicious && !this.#isDemandSuspicious) this.#parts.hurryCanary("launch");
    this.#isDemandSuspicious = detection.isSuspicious;
    if (detection.isUpstreamSuspicious) this.#parts.hurryCanary("build");
    this.#keepIncidents(detection, look.status, nowMs);
    this.#act(detection, doubtedNodes(look.status, this.#components), nowMs);
  }

  /** Everything at once and not for long: the watch needs no one part to answer. */
  async #look(): Promise<Look> {
    const { clock, components, door, extra, quotas } = this.#ports;
    const deadline = new Deadline(clock, this.#policy.opsAnswerTimeoutMs);
    const nowMs = clock.nowMs();
    const [status, listed, quotaList, ...found] = await Promise.all([
      deadline.orNull(() => door.status()),
      components === null ? null : deadline.orNull(() => components.list()),
      quotas === null ? null : deadline.orNull(() => quotas.list()),
      ...extra.map((part) => deadline.orNull(() => part.findings(nowMs))),
    ]);
    deadline.ended();
    const extraFindings = found.flatMap((findings) => findings ?? []);
    return { status, components: listed, quotas: quotaList, extraFindings };
  }

  /** Differences of time from before mean nothing after it. */
  #forgetAfterJump(offsetMs: number): void {
    const before = this.#offsetMs ?? offsetMs;
    this.#offsetMs = offsetMs;
    if (Math.abs(offsetMs - before) < JUMP_MIN_MS) return;
    const { nodes, releases } = this.#memory;
    this.#memory = { ...FRESH_MEMORY, nodes, releases };
  }

  #keepIncidents(detection: Detection, status: OperatorStatus | null, nowMs: number): void {
    const { onChange, pager } = this.#ports;
    const { changes, next, pages } = decideIncidents(
      this.#book,
      detection.findings,
      this.#incidentFacts(detection, status, nowMs),
      this.#policy,
      nowMs,
    );
    this.#book = next;
    for (const change of changes) onChange({ kind: "incident", ...change });
    for (const { incident, text } of pages) pager.page(incident, text);
  }

  #incidentFacts(
    detection: Detection,
    status: OperatorStatus | null,
    nowMs: number,
  ): IncidentFacts {
    const aside = new Set(this.#ports.extra.flatMap((part) => part.aside?.() ?? []));
    const quarantined = new Set<string>();
    for (const { bars, name } of detection.memory.nodes ?? []) {
      if (bars.length > 0) aside.add(`node:${name}`);
      if (bars.includes("quarantined")) quarantined.add(`node:${name}`);
    }
    const hasCanaries = this.#policy.canaryIntervalMs > 0;
    const { launch } = this.#parts.canaries.facts;
    const isHeldUp = detection.hasCulprit || isCanaryBad(launch, this.#policy, nowMs);
    const seats = status?.seats.waiting ?? 0;
    return {
      explained: detection.explained,
      exhausted: this.#exhausted,
      greenCanaries: hasCanaries ? launch.greens : null,
      goodSinceMs: detection.memory.window.goodSinceMs,
      aside,
      quarantined,
      hasBacklog: status === null || isHeldUp || seats > 0 || detection.memory.idleBuilds !== null,
    };
  }

  #act(detection: Detection, doubted: ReadonlySet<string>, nowMs: number): void {
    if (!this.#book.incidents.some(({ state }) => state === "open")) return;
    const { actions, exhausted } = decideActions(
      this.#book.incidents,
      {
        components: this.#components,
        nodes: detection.memory.nodes ?? [],
        doubted,
        hasYoungRelease: detection.hasYoungRelease,
        mayRestartControl: !detection.findings.some(
          ({ cause }) => cause === "cluster-api-unreachable",
        ),
        isControlSuspect: !detection.hasCulprit && this.#isCanarySuspicious(nowMs),
      },
      this.#attempts,
      this.#policy,
      nowMs,
    );
    this.#exhausted = exhausted;
    for (const action of actions) void this.#execute(action, nowMs);
  }

  /** It fails where the control plane is at work. */
  #isCanarySuspicious(nowMs: number): boolean {
    const { launch } = this.#parts.canaries.facts;
    if (!isCanaryBad(launch, this.#policy, nowMs)) return false;
    const hop = hopOf("launch", launch.lastRed?.because ?? null);
    return hop === "start" || hop === "seat";
  }

  async #execute({ command, evidence, incident, limit }: Action, atMs: number): Promise<void> {
    const attempt: Attempt = { incident, command, atMs, outcome: null };
    this.#attempts = [...this.#attempts.slice(1 - ATTEMPTS_MAX), attempt];
    if (command.kind === "restart-component" && this.#isControl(command.component))
      this.#controlRestartedAtMs = atMs;
    const actor = { kind: "machine", incident } as const;
    const outcome = await this.#parts.executor.execute(command, actor, evidence, limit);
    this.#attempts = this.#attempts.map((one) =>
      one === attempt ? { ...attempt, outcome: outcome.kind } : one,
    );
    const said = outcome.kind === "done" ? outcome.message : `${outcome.kind}: ${outcome.because}`;
    const entry = { kind: "acted", atMs, command, by: "the machine", outcome: said } as const;
    const incidents = this.#book.incidents.map((one) =>
      one.id === incident ? withEntry(one, entry, this.#policy) : one,
    );
    this.#book = { ...this.#book, incidents };
  }

  #isControl(component: string): boolean {
    return this.#components.some(({ name, role }) => name === component && role === "control");
  }
}
