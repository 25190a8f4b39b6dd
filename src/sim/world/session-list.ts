/** All sessions as a list shows them, looked at anew only where something can have changed. */
import type { ObservedSession } from "#core/session/session.ts";
import { heldUntilMs, observePod, type SessionPod } from "./pods.ts";

export class SessionList {
  /** Three columns of one table: a list of all is asked for every few seconds. */
  readonly #pods: SessionPod[] = [];
  readonly #observed: ObservedSession[] = [];
  readonly #heldUntilMs: number[] = [];
  readonly #places = new Map<SessionPod, number>();
  #listedAtMs = 0;

  add(pod: SessionPod, nowMs: number): void {
    this.#places.set(pod, this.#pods.length);
    this.#pods.push(pod);
    this.#observed.push(observePod(pod, nowMs));
    this.#heldUntilMs.push(nowMs);
  }

  /** Something about the session has changed. */
  touch(pod: SessionPod): void {
    const place = this.#places.get(pod);
    if (place !== undefined) this.#heldUntilMs[place] = 0;
  }

  /** The last one takes its place. */
  remove(pod: SessionPod): void {
    const place = this.#places.get(pod);
    const last = this.#pods.pop();
    const observed = this.#observed.pop();
    const heldUntilMs = this.#heldUntilMs.pop();
    this.#places.delete(pod);
    if (place === undefined || last === undefined || observed === undefined) return;
    if (heldUntilMs === undefined || last === pod) return;
    this.#pods[place] = last;
    this.#observed[place] = observed;
    this.#heldUntilMs[place] = heldUntilMs;
    this.#places.set(last, place);
  }

  at(nowMs: number): readonly ObservedSession[] {
    const isBack = nowMs < this.#listedAtMs;
    this.#listedAtMs = nowMs;
    const held = this.#heldUntilMs;
    for (let place = 0; place < held.length; place += 1) {
      const pod = this.#pods[place];
      if (pod === undefined || (!isBack && (held[place] ?? 0) > nowMs)) continue;
      this.#observed[place] = observePod(pod, nowMs);
      held[place] = heldUntilMs(pod, nowMs);
    }
    return this.#observed.slice();
  }
}
