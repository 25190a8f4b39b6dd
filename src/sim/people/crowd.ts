/** Everybody who comes in a drill: they arrive, wait, work, go without a word, and try again in anger. */
import { HOUR_MS, SECOND_MS } from "#base/units.ts";
import type { Prng } from "#base/prng.ts";
import type { Arrivals, Distribution } from "../drill/drill.ts";
import { draw } from "../world/builds.ts";
import type { WorldContext } from "../world/context.ts";
import { scheduleArrivals } from "./arrivals.ts";
import { type PeoplesDoor, Person, type PersonEnd } from "./person.ts";

export interface CrowdParts {
  readonly context: WorldContext;
  readonly door: PeoplesDoor;
  /** The session's own length when the arrivals say none. */
  readonly length: Distribution;
  /** The person is in the session and works until then. */
  readonly use: (sessionId: string, untilMs: number) => void;
  /** The control plane is asked for a session that has ended; null: the edge answers that by itself. */
  readonly askInVain: (() => void) | null;
}

/** Behaviour of those who came for one reason. */
export type Manners = Pick<
  Arrivals,
  "length" | "patienceMs" | "retries" | "isWatching" | "polling" | "addresses"
>;

const RETRY_MS = 10 * SECOND_MS;

export class Crowd {
  readonly #parts: CrowdParts;
  readonly #prng: Prng;
  /** Those whose launch has not ended. */
  readonly #waiting = new Map<string, Person>();
  /** Sessions whose tabs go on asking when they have ended. */
  readonly #tabs = new Map<string, NonNullable<Manners["polling"]>>();
  #counter = 0;

  constructor(parts: CrowdParts) {
    this.#parts = parts;
    this.#prng = parts.context.prng.fork("crowd");
    parts.context.recorder.onRecord((record) => {
      if (record.kind === "session-ended") this.#poll(record.session);
    });
  }

  /** The launch of somebody who waits for a session. */
  isWaiting(launch: string | null): boolean {
    return launch !== null && this.#waiting.has(launch);
  }

  get waiting(): number {
    return this.#waiting.size;
  }

  come(arrivals: readonly Arrivals[], untilMs: number): void {
    const { clock, prng } = this.#parts.context;
    for (const [index, group] of arrivals.entries()) {
      const given = { clock, prng: prng.fork(`arrivals-${index}`), untilMs };
      scheduleArrivals(group, given, (repo) => this.arrive(repo, group, group.retries));
    }
  }

  arrive(repo: string, manners: Manners, retriesLeft: number): void {
    this.#counter += 1;
    const launch = `launch-${String(this.#counter).padStart(12, "0")}`;
    const { context, door } = this.#parts;
    const person = new Person(
      { context, door, prng: this.#prng },
      {
        launch,
        repo,
        isCanary: false,
        isWatching: manners.isWatching,
        client: `client-${this.#counter % (manners.addresses ?? Number.MAX_SAFE_INTEGER)}`,
        patienceMs: manners.patienceMs,
      },
      (end) => this.#after(end, person, manners, retriesLeft),
    );
    this.#waiting.set(launch, person);
    person.ask();
  }

  /** The control plane is another one now: whoever waits asks again, soon and not all at once. */
  reconnect(): void {
    for (const person of this.#waiting.values()) {
      const delayMs = Math.round(this.#prng.fraction() * 2 * SECOND_MS);
      this.#parts.context.clock.setTimer(delayMs, () => person.submit());
    }
  }

  #poll(session: string): void {
    const polling = this.#tabs.get(session);
    if (polling !== undefined && this.#tabs.delete(session)) this.poll(polling, 1);
  }

  /** Tabs of ended sessions begin to ask. */
  poll({ perHour, forMs }: NonNullable<Manners["polling"]>, tabs: number): void {
    const { clock, recorder } = this.#parts.context;
    const { askInVain } = this.#parts;
    const total = (tabs * perHour * forMs) / HOUR_MS;
    const failed = askInVain === null ? 0 : total;
    recorder.add({ kind: "requests", atMs: clock.nowMs(), what: "dead-session", total, failed });
    if (askInVain === null) return;
    for (let n = 1; n <= total; n += 1) clock.setTimer(Math.round((n * forMs) / total), askInVain);
  }

  #after(end: PersonEnd, person: Person, manners: Manners, retriesLeft: number): void {
    this.#waiting.delete(person.wish.launch);
    const { context, length, use } = this.#parts;
    if (end.kind === "ready") {
      if (end.sessionId === null) return;
      const staysMs = draw(manners.length ?? length, this.#prng);
      use(end.sessionId, context.clock.nowMs() + staysMs);
      if (manners.polling !== null) this.#tabs.set(end.sessionId, manners.polling);
      return;
    }
    if (end.kind === "left" || retriesLeft === 0) return;
    const hintMs = (end.failure.detail?.retryAfterSeconds ?? 0) * SECOND_MS;
    const delayMs = Math.round(this.#prng.jitter(Math.max(RETRY_MS, hintMs), 0.5));
    context.clock.setTimer(delayMs, () => this.arrive(person.wish.repo, manners, retriesLeft - 1));
  }
}
