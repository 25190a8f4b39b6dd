/** A few pretend machines around the pretend world: bad ones, full ones, an API that freezes or refuses. */
import type { ObservedSession } from "#core/session/session.ts";
import type { Edge } from "#ports/edge.ts";
import type { SessionDriver } from "#ports/session-driver.ts";
import type { PretendWorld } from "./pretend-world.ts";

export class PretendNodes {
  readonly world: PretendWorld;
  readonly names: readonly string[];
  /** Servers there run and cannot be reached. */
  readonly unreachable = new Set<string>();
  readonly placed = new Map<string, string>();
  readonly asked: { readonly id: string; readonly avoidNodes: readonly string[] }[] = [];
  /** Sessions that a stop does not end, and how. */
  readonly stubborn = new Map<string, "stays" | "refuses" | "hangs">();
  isFull = false;
  isRefusing = false;
  isWatchFrozen = false;
  stops = 0;
  /** A question whether a session is at work that never comes back. */
  readonly hangsOn = new Set<string>();

  constructor(world: PretendWorld, names: readonly string[] = ["a", "b", "c"]) {
    this.world = world;
    this.names = names;
  }

  readonly driver: SessionDriver = {
    list: () =>
      this.#call((driver) => driver.list().then((all) => all.map((one) => this.#see(one)))),
    inspect: (id) =>
      this.#call(async (driver) => {
        const session = await driver.inspect(id);
        return session === null ? null : this.#see(session);
      }),
    start: (request) =>
      this.#call((driver) => {
        const { avoidNodes, id } = request;
        this.asked.push({ id, avoidNodes });
        if (this.isFull) this.world.startsToHang += 1;
        else this.place(id, avoidNodes);
        return driver.start(request);
      }),
    startWarm: (request) => this.#call((driver) => driver.startWarm(request)),
    claim: (id, request) => this.#call((driver) => driver.claim(id, request)),
    notify: (id, notice) => this.#call((driver) => driver.notify(id, notice)),
    extend: (id, endsAtMs) => this.#call((driver) => driver.extend(id, endsAtMs)),
    stop: (id, end) =>
      this.#call(async (driver) => {
        this.stops += 1;
        const how = this.stubborn.get(id);
        if (how === "hangs") await new Promise(() => undefined);
        if (how === "refuses") throw new Error("400: it is not running");
        if (how === undefined) await driver.stop(id, end);
      }),
    remove: (id) =>
      this.#call(async (driver) => {
        if (!this.stubborn.has(id)) await driver.remove(id);
      }),
    logs: (id, bytesMax) => this.#call((driver) => driver.logs(id, bytesMax)),
    isBusy: (id) =>
      this.#call(async (driver) => {
        if (this.hangsOn.has(id)) await new Promise(() => undefined);
        return await driver.isBusy(id);
      }),
    onHint: (listener) => {
      this.isWatchFrozen = false;
      return this.world.driver.onHint((id) => {
        if (!this.isWatchFrozen && !this.isRefusing) listener(id);
      });
    },
  };

  readonly edge: Edge = {
    probe: (id, token) =>
      this.unreachable.has(this.placed.get(id) ?? "")
        ? new Promise(() => undefined)
        : this.world.edge.probe(id, token),
  };

  get ports() {
    return { ...this.world.ports, driver: this.driver, edge: this.edge };
  }

  place(id: string, avoidNodes: readonly string[] = []): void {
    const open = this.names.filter((name) => !avoidNodes.includes(name));
    const node = open[0] ?? this.names[0] ?? "";
    this.placed.set(id, node);
  }

  async #call<T>(work: (driver: SessionDriver) => Promise<T>): Promise<T> {
    if (this.isRefusing) throw new Error("ECONNREFUSED");
    return await work(this.world.driver);
  }

  #see(session: ObservedSession): ObservedSession {
    return { ...session, node: this.placed.get(session.record.id) ?? null };
  }
}
