/** Seats with people around them, as the tests of seats tell their stories. */
import { Seats } from "#control/seats.ts";
import { DEFAULT_POLICY, type Policy } from "#core/policy.ts";
import type { ObservedSession } from "#core/session/session.ts";
import { VirtualClock } from "./world/virtual-clock.ts";

const silent = () => undefined;

/** Seats with people who sit down the moment they can. */
export class Room {
  readonly clock = new VirtualClock(1_000_000);
  readonly sessions = new Map<string, ObservedSession>();
  readonly seatedInOrder: string[] = [];
  readonly warnings: string[] = [];
  wakes = 0;
  lists = 0;
  shorts = 0;
  readonly seats: Seats;
  readonly #repos = new Map<string, string>();
  readonly #clients = new Map<string, string | null>();
  readonly #canaries = new Set<string>();

  constructor(over: Partial<Policy> = {}) {
    this.seats = new Seats({
      clock: this.clock,
      log: {
        debug: silent,
        info: silent,
        error: silent,
        warn: (text) => void this.warnings.push(text),
      },
      policy: { ...DEFAULT_POLICY, ...over },
      sessions: () => {
        this.lists += 1;
        return [...this.sessions.values()];
      },
      repoKeyOf: ({ record }) => record.purpose?.repo.url ?? "",
      wake: (id) => {
        this.wakes += 1;
        if (this.seats.of(id).kind === "taken" && !this.seatedInOrder.includes(id)) {
          this.seatedInOrder.push(id);
        }
      },
      short: () => void (this.shorts += 1),
    });
  }

  ask(launchId: string, repoKey: string, over: { client?: string; isCanary?: boolean } = {}): void {
    const { client = null, isCanary = false } = over;
    this.#repos.set(launchId, repoKey);
    this.#clients.set(launchId, client);
    if (isCanary) this.#canaries.add(launchId);
    this.seats.ask({ launchId, repoKey, client, isCanary, sinceMs: this.clock.nowMs() });
    const seat = this.seats.of(launchId);
    if (seat.kind === "taken") this.seatedInOrder.push(launchId);
  }

  isSeated(launchId: string): boolean {
    return this.seats.of(launchId).kind === "taken";
  }

  place(launchId: string): number | null {
    const seat = this.seats.of(launchId);
    return seat.kind === "waiting" ? seat.position : null;
  }

  /** The session of an admitted launch appears; its launch has ended. */
  start(launchId: string, node: string | null = "n"): void {
    const isCanary = this.#canaries.has(launchId);
    const session = sessionOf(launchId, this.#repos.get(launchId) ?? "", node, isCanary);
    this.#put(launchId, session);
    this.seats.release(launchId);
  }

  end(launchId: string): void {
    const session = this.sessions.get(launchId);
    if (session === undefined) return;
    this.#put(launchId, { ...session, state: { kind: "ended", end: "idle", exitCode: null } });
  }

  #put(id: string, session: ObservedSession): void {
    const before = this.sessions.get(id) ?? null;
    const purpose = session.record.purpose;
    const clientAddress = this.#clients.get(id) ?? null;
    const whole =
      purpose === null
        ? session
        : { ...session, record: { ...session.record, purpose: { ...purpose, clientAddress } } };
    this.sessions.set(id, whole);
    this.seats.noteSession(before, whole);
  }
}

export function sessionOf(
  launchId: string,
  url: string,
  node: string | null,
  isCanary: boolean,
): ObservedSession {
  const repo = { provider: "git", spec: url, url, ref: null, commit: "c" } as const;
  const purpose = { launchId, repo, environmentKey: "e", clientAddress: null, isCanary };
  const times = { createdAtMs: 0, claimedAtMs: 0, endsAtMs: 0, idleLimitMs: 0 };
  return {
    record: { id: launchId, token: "t", purpose, ...times },
    state: { kind: "running" },
    lastActivityAtMs: 0,
    outOfMemoryKills: 0,
    node,
    memoryBytes: null,
  };
}

/** `prefix0000`, `prefix0001` … */
export const names = (prefix: string, count: number) =>
  Array.from({ length: count }, (_, i) => `${prefix}${String(i).padStart(4, "0")}`);
