/** Who holds a seat, counted as it changes: reservations of launches, and sessions that are there. */
import type { SeatWish } from "#core/admission/seat-wish.ts";
import type { LaunchId } from "#core/launch/launch.ts";
import type { ObservedSession, SessionId } from "#core/session/session.ts";

type Holder = Pick<SeatWish, "repoKey" | "client" | "isCanary">;

interface Entry {
  readonly holder: Holder;
  /** Seats that are kept for it, whether its sessions are seen yet or not. */
  reserved: number;
  /** Live sessions of the launch, with their machines. */
  readonly sessions: Map<SessionId, string | null>;
}

export interface SeatCounts {
  readonly people: number;
  readonly canaries: number;
  readonly repos: ReadonlyMap<string, number>;
  readonly clients: ReadonlyMap<string, number>;
  readonly nodes: ReadonlyMap<string, number>;
}

export class SeatLedger {
  readonly #entries = new Map<LaunchId, Entry>();
  readonly #repoKeyOf: (session: ObservedSession) => string;
  readonly #repos = new Map<string, number>();
  readonly #clients = new Map<string, number>();
  /** People's sessions only. */
  readonly #nodes = new Map<string, number>();
  #people = 0;
  #canaries = 0;

  constructor(repoKeyOf: (session: ObservedSession) => string) {
    this.#repoKeyOf = repoKeyOf;
  }

  get counts(): SeatCounts {
    return {
      people: this.#people,
      canaries: this.#canaries,
      repos: this.#repos,
      clients: this.#clients,
      nodes: this.#nodes,
    };
  }

  get people(): number {
    return this.#people;
  }

  get canaries(): number {
    return this.#canaries;
  }

  ofRepo(repoKey: string): number {
    return this.#repos.get(repoKey) ?? 0;
  }

  ofClient(client: string): number {
    return this.#clients.get(client) ?? 0;
  }

  /** People's sessions on the machine. */
  onNode(node: string): number {
    return this.#nodes.get(node) ?? 0;
  }

  isReserved(launchId: LaunchId): boolean {
    return (this.#entries.get(launchId)?.reserved ?? 0) > 0;
  }

  holderOf(launchId: LaunchId): Holder | null {
    return this.#entries.get(launchId)?.holder ?? null;
  }

  reserve(wish: SeatWish): void {
    this.#change(wish.launchId, wish, (entry) => {
      entry.reserved = 1;
    });
  }

  /** So many seats are kept for a launch that has one. True when it gave one back. */
  keep(launchId: LaunchId, count: number): boolean {
    const entry = this.#entries.get(launchId);
    if (entry === undefined || entry.reserved === 0 || entry.reserved === count) return false;
    const before = seatsOf(entry);
    this.#change(launchId, entry.holder, () => {
      entry.reserved = count;
    });
    return seatsOf(entry) < before;
  }

  /** False when nothing was reserved. What its session holds stays. */
  unreserve(launchId: LaunchId): boolean {
    const entry = this.#entries.get(launchId);
    if (entry === undefined || entry.reserved === 0) return false;
    this.#change(launchId, entry.holder, () => {
      entry.reserved = 0;
    });
    return true;
  }

  /** Follows a change of a session. True when it gave its seat back. */
  note(before: ObservedSession | null, now: ObservedSession | null): boolean {
    const had = before !== null && this.#drop(before);
    if (now !== null) this.#add(now);
    return had && (now === null || !isSeated(now));
  }

  /** Counts anew from what is there; true when the counts were wrong. */
  recount(sessions: readonly ObservedSession[]): boolean {
    const fresh = new SeatLedger(this.#repoKeyOf);
    for (const session of sessions) fresh.#add(session);
    for (const [launchId, { holder, reserved }] of this.#entries) {
      if (reserved === 0) continue;
      fresh.reserve({ ...holder, launchId, sinceMs: 0 });
      fresh.keep(launchId, reserved);
    }
    if (isSame(this, fresh)) return false;
    this.#people = fresh.#people;
    this.#canaries = fresh.#canaries;
    for (const [mine, theirs] of [
      [this.#entries, fresh.#entries],
      [this.#repos, fresh.#repos],
      [this.#clients, fresh.#clients],
      [this.#nodes, fresh.#nodes],
    ] as [Map<unknown, unknown>, Map<unknown, unknown>][]) {
      mine.clear();
      for (const [key, value] of theirs) mine.set(key, value);
    }
    return true;
  }

  #add(session: ObservedSession): void {
    const { id, purpose } = session.record;
    if (purpose === null || !isSeated(session)) return;
    const known = this.#entries.get(purpose.launchId)?.holder;
    const { clientAddress, isCanary } = purpose;
    const holder = known ?? {
      repoKey: this.#repoKeyOf(session),
      client: clientAddress,
      isCanary,
    };
    this.#change(purpose.launchId, holder, ({ sessions }) => void sessions.set(id, session.node));
    if (!holder.isCanary && session.node !== null) add(this.#nodes, session.node, 1);
  }

  /** True when the session held a seat. */
  #drop(session: ObservedSession): boolean {
    const { id, purpose } = session.record;
    const entry = purpose === null ? undefined : this.#entries.get(purpose.launchId);
    const node = entry?.sessions.get(id);
    if (purpose === null || entry === undefined || node === undefined) return false;
    if (!entry.holder.isCanary && node !== null) add(this.#nodes, node, -1);
    this.#change(purpose.launchId, entry.holder, ({ sessions }) => void sessions.delete(id));
    return true;
  }

  #change(launchId: LaunchId, holder: Holder, change: (entry: Entry) => void): void {
    let entry = this.#entries.get(launchId);
    if (entry === undefined) {
      entry = { holder, reserved: 0, sessions: new Map() };
      this.#entries.set(launchId, entry);
    }
    const before = seatsOf(entry);
    change(entry);
    const by = seatsOf(entry) - before;
    if (seatsOf(entry) === 0) this.#entries.delete(launchId);
    if (by === 0) return;
    if (entry.holder.isCanary) {
      this.#canaries += by;
      return;
    }
    this.#people += by;
    add(this.#repos, entry.holder.repoKey, by);
    if (entry.holder.client !== null) add(this.#clients, entry.holder.client, by);
  }
}

/** A launch whose first server is still there while a second starts holds two. */
function seatsOf({ reserved, sessions }: Entry): number {
  return Math.max(reserved, sessions.size);
}

function isSeated({ record, state }: ObservedSession): boolean {
  return record.purpose !== null && state.kind !== "ended";
}

function add(counts: Map<string, number>, key: string, by: number): void {
  const count = (counts.get(key) ?? 0) + by;
  if (count === 0) counts.delete(key);
  else counts.set(key, count);
}

function isSame(a: SeatLedger, b: SeatLedger): boolean {
  const [left, right] = [a.counts, b.counts];
  return (
    left.people === right.people &&
    left.canaries === right.canaries &&
    isSameMap(left.repos, right.repos) &&
    isSameMap(left.clients, right.clients) &&
    isSameMap(left.nodes, right.nodes)
  );
}

function isSameMap(a: ReadonlyMap<string, number>, b: ReadonlyMap<string, number>): boolean {
  if (a.size !== b.size) return false;
  for (const [key, count] of a) if (b.get(key) !== count) return false;
  return true;
}
