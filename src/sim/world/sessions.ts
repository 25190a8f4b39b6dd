/** Sessions as pods of the pretend cluster: the session driver's port, and the life that people give them. */
import { SECOND_MS } from "#base/units.ts";
import type {
  ObservedSession,
  SessionEnd,
  SessionPurpose,
  SessionRecord,
} from "#core/session/session.ts";
import type { SessionDriver, SessionStart } from "#ports/session-driver.ts";
import type { ApiServer } from "./api-server.ts";
import type { PretendCluster } from "./cluster.ts";
import { never, type WorldContext } from "./context.ts";
import { CullerTrouble } from "./culler-trouble.ts";
import { Kubelet } from "./kubelet.ts";
import type { Pod } from "./node.ts";
import { observePod, type SessionPod } from "./pods.ts";
import { repoName, repoUrl } from "./repos.ts";
import { SessionCounts } from "./session-counts.ts";
import { SessionList } from "./session-list.ts";

export interface SessionTraits {
  /** Sessions end by themselves: at their age limit, and at twice their idle limit. */
  readonly endThemselves: boolean;
  /** A session was made for somebody, or given to somebody. */
  readonly made: (purpose: SessionPurpose) => void;
}

/** How long the record of a session that failed by itself stays for whoever asks. */
const ENDED_KEPT_MS = 60 * SECOND_MS;

export class PretendSessions {
  readonly pods = new Map<string, SessionPod>();
  readonly kubelet: Kubelet;
  readonly culler: CullerTrouble;
  /** Somebody asks for its end, whatever comes of it. */
  stopAsked: (id: string) => void = () => undefined;
  readonly #context: WorldContext;
  readonly #cluster: PretendCluster;
  readonly #api: ApiServer;
  readonly #traits: SessionTraits;
  readonly #list = new SessionList();
  /** What has ended does not count. */
  readonly counts = new SessionCounts();

  constructor(
    context: WorldContext,
    cluster: PretendCluster,
    api: ApiServer,
    traits: SessionTraits,
  ) {
    this.#context = context;
    this.#cluster = cluster;
    this.#api = api;
    this.#traits = traits;
    this.culler = new CullerTrouble(context.clock);
    this.kubelet = new Kubelet(context, cluster, (pod) => this.#failed(pod));
  }

  get alive(): number {
    return this.counts.alive;
  }

  readonly driver: SessionDriver = {
    list: () => this.#api.call(() => this.#list.at(this.#context.clock.nowMs())),
    inspect: (id) =>
      this.#api.call(() => {
        const pod = this.pods.get(id);
        return pod === undefined ? null : this.observe(pod);
      }),
    start: (request) => this.#api.call(() => this.#start(request)),
    startWarm: ({ id, token, endsAtMs }) =>
      this.#api.call(() => {
        const nowMs = this.#context.clock.nowMs();
        const nobody = { purpose: null, claimedAtMs: null, idleLimitMs: 0 };
        this.#create({ id, token, createdAtMs: nowMs, endsAtMs, ...nobody }, null, []);
      }),
    claim: (id, request) =>
      this.#api.call(() => {
        const pod = this.pods.get(id);
        if (pod === undefined || pod.step === "ended") return { kind: "gone" };
        const { purpose } = pod.record;
        if (purpose !== null && purpose.launchId !== request.purpose.launchId)
          return { kind: "gone" };
        const { endsAtMs, idleLimitMs } = request;
        const claimedAtMs = this.#context.clock.nowMs();
        const given = { purpose: request.purpose, claimedAtMs, endsAtMs, idleLimitMs };
        pod.record = { ...pod.record, ...given };
        pod.lastActivityAtMs = claimedAtMs;
        if (purpose === null) {
          this.counts.addPurpose(request.purpose, 1);
          this.#traits.made(request.purpose);
        }
        this.#endsItself(pod);
        this.#changed(pod);
        return { kind: "claimed" };
      }),
    notify: () => Promise.resolve(),
    extend: (id, endsAtMs) =>
      this.#api.call(() => {
        const pod = this.pods.get(id);
        if (pod === undefined) return;
        pod.record = { ...pod.record, endsAtMs };
        this.#list.touch(pod);
      }),
    stop: (id, end) => this.#stop(id, end),
    remove: (id) =>
      this.#api.call(() => {
        const pod = this.pods.get(id);
        if (pod?.step === "ended") this.#forget(pod);
      }),
    logs: () => Promise.resolve(null),
    isBusy: async (id) => {
      this.culler.asked();
      if (this.culler.isHanging) return await never();
      const pod = this.pods.get(id);
      return pod !== undefined && this.isInUse(pod);
    },
    onHint: (listener) => this.#api.onWatch(listener),
  };

  /** A session of somebody who was at work before the drill began. */
  async startAtWork(
    id: string,
    name: string,
    endsAtMs: number,
    idleLimitMs: number,
  ): Promise<void> {
    const nowMs = this.#context.clock.nowMs();
    const repo = {
      ...{ provider: "gh" as const, spec: `drills/${name}`, url: repoUrl(name), ref: null },
      commit: "c".repeat(40),
    };
    const purpose = {
      ...{ launchId: `before-${id}`, repo, environmentKey: name },
      ...{ clientAddress: null, isCanary: false },
    };
    const times = { createdAtMs: nowMs, claimedAtMs: nowMs, endsAtMs, idleLimitMs };
    await this.#api.call(() => this.#create({ id, token: id, purpose, ...times }, null, []));
  }

  /** The machine under it is gone. */
  podLost(pod: Pod, node: string): void {
    this.#failed(pod, node);
  }

  lastActivityMs(pod: SessionPod): number {
    const nowMs = this.#context.clock.nowMs();
    return Math.max(pod.lastActivityAtMs, Math.min(nowMs, pod.useUntilMs ?? 0));
  }

  /** A person came to the session and works until then. */
  use(id: string, untilMs: number): void {
    const pod = this.pods.get(id);
    if (pod === undefined || pod.step === "ended") return;
    pod.useUntilMs = untilMs;
    this.#list.touch(pod);
    this.#endsItself(pod);
  }

  /** From where people are: the session answers, or why not. */
  answers(id: string): string | null {
    const pod = this.pods.get(id);
    if (pod === undefined || pod.step !== "running") return "nobody listens";
    if (pod.node === null || pod.node.isCutOff) return "the connection timed out";
    return null;
  }

  observe(pod: SessionPod): ObservedSession {
    return observePod(pod, this.#context.clock.nowMs());
  }

  #start(request: SessionStart): void {
    if (this.pods.has(request.id)) return;
    const { avoidNodes, endsAtMs, environment, id, idleLimitMs, purpose, token } = request;
    const nowMs = this.#context.clock.nowMs();
    const times = { createdAtMs: nowMs, claimedAtMs: nowMs, endsAtMs, idleLimitMs };
    this.#create({ id, token, purpose, ...times }, environment.key, avoidNodes);
  }

  #create(record: SessionRecord, image: string | null, avoidNodes: readonly string[]): void {
    const nowMs = this.#context.clock.nowMs();
    this.#api.checkQuota(this.alive);
    const pod: SessionPod = {
      name: record.id,
      role: record.purpose?.isCanary === true ? "canary" : "session",
      createdAtMs: nowMs,
      image,
      launch: record.purpose?.launchId ?? null,
      avoidNodes,
      changed: () => this.#changed(pod),
      node: null,
      step: "placing",
      cancelStep: null,
      record,
      end: null,
      exitCode: null,
      useUntilMs: null,
      lastActivityAtMs: nowMs,
      outOfMemoryKills: 0,
      cancelSelfEnd: null,
      observed: null,
    };
    this.pods.set(record.id, pod);
    this.#list.add(pod, nowMs);
    this.counts.add(record.purpose, 1);
    this.#recordStart(pod);
    if (record.purpose !== null) this.#traits.made(record.purpose);
    this.#endsItself(pod);
    this.#cluster.place(pod);
    this.#changed(pod);
  }

  #changed(pod: SessionPod): void {
    this.#list.touch(pod);
    this.#api.tell(pod.name);
  }

  #recordStart({ createdAtMs, name, record, role }: SessionPod): void {
    if (record.purpose === null) return;
    this.#context.recorder.add({
      kind: "session-started",
      atMs: createdAtMs,
      session: name,
      repo: repoName(record.purpose.repo.url),
      isCanary: role === "canary",
    });
  }

  async #stop(id: string, end: SessionEnd): Promise<void> {
    const isCulling = end === "idle" || end === "age";
    this.stopAsked(id);
    if (isCulling && this.culler.isHanging) return await never();
    await this.#api.call(() => {
      const pod = this.pods.get(id);
      if (pod === undefined) return;
      if (isCulling && this.culler.isRefused) throw new Error("400: the server is not running");
      this.end(pod, end);
    });
  }

  /** Whatever ends it, it ends here. */
  end(pod: SessionPod, end: SessionEnd, node: string | null = pod.node?.name ?? null): void {
    if (pod.step === "ended") return;
    const nowMs = this.#context.clock.nowMs();
    const wasInUse = this.isInUse(pod);
    pod.lastActivityAtMs = Math.max(pod.lastActivityAtMs, Math.min(nowMs, pod.useUntilMs ?? 0));
    pod.cancelStep?.();
    pod.cancelSelfEnd?.();
    pod.step = "ended";
    pod.end = end;
    this.counts.add(pod.record.purpose, -1);
    this.#cluster.release(pod);
    if (pod.record.purpose !== null) {
      const session = pod.name;
      this.#context.recorder.add({
        kind: "session-ended",
        atMs: nowMs,
        session,
        node,
        end,
        wasInUse,
      });
    }
    this.#changed(pod);
  }

  #failed(pod: Pod, node?: string): void {
    const session = this.pods.get(pod.name);
    if (session === undefined) return;
    this.end(session, "node-failed", node);
    // Nobody has to come and fetch it.
    this.#context.clock.setTimer(ENDED_KEPT_MS, () => this.#forget(session));
  }

  #forget(pod: SessionPod): void {
    if (!this.pods.delete(pod.name)) return;
    this.#list.remove(pod);
    this.#api.tell(pod.name);
  }

  /** Somebody is at work in it. */
  isInUse(pod: SessionPod): boolean {
    return pod.useUntilMs !== null && this.#context.clock.nowMs() < pod.useUntilMs;
  }

  /** Idle shutdown inside the session, and the deadline on the pod: nothing of ours is needed for it. */
  #endsItself(pod: SessionPod): void {
    if (!this.#traits.endThemselves) return;
    const { clock } = this.#context;
    pod.cancelSelfEnd?.();
    const { endsAtMs, idleLimitMs } = pod.record;
    const activeMs = Math.max(clock.nowMs(), pod.useUntilMs ?? 0);
    const idleAtMs = idleLimitMs > 0 ? activeMs + 2 * idleLimitMs : Number.POSITIVE_INFINITY;
    const isAge = endsAtMs <= idleAtMs;
    const delayMs = Math.min(endsAtMs, idleAtMs) - clock.nowMs();
    pod.cancelSelfEnd = clock.setTimer(delayMs, () => this.end(pod, isAge ? "age" : "idle"));
  }
}
