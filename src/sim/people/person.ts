/** Somebody who wants a session: waits, comes back after a lost connection, retries in anger, or leaves. */
import { SECOND_MS } from "#base/units.ts";
import type { Prng } from "#base/prng.ts";
import type { SubmitOutcome } from "#control/control-plane-api.ts";
import type { Failure } from "#core/errors.ts";
import type { LaunchEvent, LaunchWish } from "#core/launch/launch.ts";
import type { WorldContext } from "../world/context.ts";
import { repoRef, repoUrl } from "../world/repos.ts";

/** The door as a browser knows it. */
export interface PeoplesDoor {
  /** Null: nobody answers just now. */
  submit(wish: LaunchWish): SubmitOutcome | null;
  watch(id: string, after: number, watcher: (event: LaunchEvent) => void): (() => void) | null;
  cancel(id: string): void;
  /** Starts of a server for it so far; null when nobody knows the launch. */
  attempts(id: string): number | null;
}

export interface PersonWish {
  readonly launch: string;
  readonly repo: string;
  readonly isCanary: boolean;
  readonly isWatching: boolean;
  readonly client: string | null;
  readonly patienceMs: number;
}

export type PersonEnd =
  | { readonly kind: "ready"; readonly sessionId: string | null }
  | { readonly kind: "failed" | "refused"; readonly failure: Failure }
  | { readonly kind: "left" };

/** A browser that lost its connection tries again after this long. */
const RECONNECT_MS = 2 * SECOND_MS;

export class Person {
  readonly wish: PersonWish;
  readonly #context: WorldContext;
  readonly #door: PeoplesDoor;
  readonly #prng: Prng;
  readonly #heard: () => void;
  readonly #ended: (end: PersonEnd) => void;
  readonly askedAtMs: number;
  #lastEventAtMs: number;
  #silenceMs = 0;
  /** What was heard of the queue: nothing, a place, or a place and how long it takes. */
  #queued: "no" | "place" | "estimate" = "no";
  #wasBuilding = false;
  #isOver = false;
  #unwatch: (() => void) | null = null;
  #cancelPatience: () => void = () => undefined;

  constructor(
    given: {
      readonly context: WorldContext;
      readonly door: PeoplesDoor;
      readonly prng: Prng;
      /** Called at every event. */
      readonly heard?: () => void;
    },
    wish: PersonWish,
    ended: (end: PersonEnd) => void,
  ) {
    this.wish = wish;
    this.#context = given.context;
    this.#door = given.door;
    this.#prng = given.prng;
    this.#heard = given.heard ?? (() => undefined);
    this.#ended = ended;
    this.askedAtMs = given.context.clock.nowMs();
    this.#lastEventAtMs = this.askedAtMs;
  }

  ask(): void {
    const { clock, recorder } = this.#context;
    const { patienceMs } = this.wish;
    recorder.add({ kind: "launch-asked", atMs: clock.nowMs(), ...this.#who });
    this.#cancelPatience = clock.setTimer(patienceMs, () => this.#leave());
    this.submit();
  }

  /** Also after the control plane was restarted: submitting twice is the same as once. */
  submit(): void {
    if (this.#isOver) return;
    const outcome = this.#door.submit(this.#launchWish());
    if (outcome === null) {
      const delayMs = Math.round(this.#prng.jitter(RECONNECT_MS, 0.5));
      this.#context.clock.setTimer(delayMs, () => this.submit());
      return;
    }
    if (outcome.kind === "refused") {
      this.#end({ kind: "refused", failure: outcome.failure }, outcome.failure);
      return;
    }
    this.#unwatch?.();
    this.#unwatch = this.#door.watch(this.wish.launch, 0, (event) => this.#saw(event));
    if (this.#isOver) this.#unwatch?.();
  }

  get #who() {
    const { isCanary, isWatching, launch, repo } = this.wish;
    return { launch, repo, isCanary, isWatching };
  }

  #launchWish(): LaunchWish {
    const { client, isCanary, isWatching, launch, repo } = this.wish;
    return {
      id: launch,
      repo: { provider: "gh", spec: `drills/${repo}`, url: repoUrl(repo), ref: repoRef(repo) },
      buildOnly: isWatching,
      clientAddress: client,
      isCanary,
    };
  }

  #saw(event: LaunchEvent): void {
    if (this.#isOver) return;
    const nowMs = this.#context.clock.nowMs();
    if (nowMs > this.#lastEventAtMs) this.#heard();
    this.#silenceMs = Math.max(this.#silenceMs, nowMs - this.#lastEventAtMs);
    this.#lastEventAtMs = nowMs;
    if (event.phase === "queued" && event.queue !== undefined) this.#wait(event.queue, nowMs);
    if (event.phase === "building" && !this.#wasBuilding) {
      this.#wasBuilding = true;
      this.#context.recorder.add({ kind: "launch-building", atMs: nowMs, ...this.#who });
    }
    if (event.phase === "ready") {
      this.#end({ kind: "ready", sessionId: event.result?.sessionId ?? null }, null);
    } else if (event.phase === "failed" && event.failure !== undefined) {
      this.#end({ kind: "failed", failure: event.failure }, event.failure);
    }
  }

  /** The first place counts, and the first estimate. */
  #wait(queue: NonNullable<LaunchEvent["queue"]>, nowMs: number): void {
    const told = queue.waitMs === null ? "place" : "estimate";
    if (this.#queued === told || this.#queued === "estimate") return;
    this.#queued = told;
    const { launch } = this.wish;
    this.#context.recorder.add({ kind: "launch-queued", atMs: nowMs, launch, ...queue });
  }

  #leave(): void {
    if (this.#isOver) return;
    this.#door.cancel(this.wish.launch);
    if (!this.#isOver) this.#end({ kind: "left" }, null);
  }

  #end(end: PersonEnd, why: Failure | null): void {
    this.#isOver = true;
    this.#cancelPatience();
    this.#unwatch?.();
    const nowMs = this.#context.clock.nowMs();
    const { launch } = this.wish;
    this.#context.recorder.add({
      kind: "launch-ended",
      atMs: nowMs,
      ...this.#who,
      outcome: end.kind,
      code: why?.code ?? null,
      fault: why?.fault ?? null,
      message: why?.message ?? null,
      waitedMs: nowMs - this.askedAtMs,
      attempts: this.#door.attempts(launch) ?? 0,
      silenceMs: Math.max(this.#silenceMs, nowMs - this.#lastEventAtMs),
      retryAfterSeconds: why?.detail?.retryAfterSeconds ?? null,
    });
    this.#ended(end);
  }
}
