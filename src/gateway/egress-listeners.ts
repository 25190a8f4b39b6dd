/** One filtered way out per session that needs one: opened with its route, closed with it. */
import type { SessionId } from "#core/session/session.ts";
import type { Log } from "#ports/log.ts";
import type { Route } from "#ports/route-source.ts";
import type { EgressFilter, EgressListener } from "./egress.ts";

export class EgressListeners {
  readonly #filter: EgressFilter;
  readonly #log: Log;
  /** Null while it is being opened. */
  readonly #listeners = new Map<SessionId, EgressListener | null>();
  #wanted = new Map<SessionId, string>();
  #isClosed = false;

  constructor(filter: EgressFilter, log: Log) {
    this.#filter = filter;
    this.#log = log;
  }

  /** All routes there are: opens what is missing, closes what is left over. */
  replace(routes: readonly Route[]): void {
    this.#wanted = new Map();
    for (const route of routes) this.add(route);
    for (const [id, listener] of this.#listeners) {
      if (listener !== null && this.#wanted.get(id) !== listener.path) this.#close(id, listener);
    }
  }

  add({ sessionId, egressSocket }: Route): void {
    if (egressSocket === null || this.#isClosed) return;
    this.#wanted.set(sessionId, egressSocket);
    if (!this.#listeners.has(sessionId)) void this.#open(sessionId, egressSocket);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#wanted.clear();
    const open = [...this.#listeners.values()].filter((listener) => listener !== null);
    this.#listeners.clear();
    await Promise.all(open.map((listener) => listener.close()));
  }

  /** Never rejects: the next look at the routes tries again. */
  async #open(id: SessionId, path: string): Promise<void> {
    this.#listeners.set(id, null);
    try {
      const listener = await this.#filter.listen(path);
      this.#listeners.set(id, listener);
      // It may have ended while this was being opened.
      if (this.#wanted.get(id) !== path) this.#close(id, listener);
    } catch (error) {
      this.#listeners.delete(id);
      this.#log.warn("a session's way out could not be opened", { sessionId: id, error });
    }
  }

  #close(id: SessionId, listener: EgressListener): void {
    this.#listeners.delete(id);
    listener.close().catch((error: unknown) => {
      this.#log.warn("a session's way out could not be closed", { sessionId: id, error });
    });
  }
}
