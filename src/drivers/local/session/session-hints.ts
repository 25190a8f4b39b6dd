/** Tells the control plane which session may have changed, so that it need not wait for its next look. */
import { type FSWatcher, watch } from "node:fs";
import type { ObservedSession, SessionId } from "#core/session/session.ts";
import type { Log } from "#ports/log.ts";
import { sessionPlaces } from "./session-places.ts";

type Listener = (id: SessionId) => void;

export class SessionHints {
  readonly #parts: { readonly dataDir: string; readonly log: Log };
  readonly #listeners = new Set<Listener>();
  /** Watches for the socket of servers that are starting, and only of those. */
  readonly #watchers = new Map<SessionId, FSWatcher>();

  constructor(parts: { readonly dataDir: string; readonly log: Log }) {
    this.#parts = parts;
  }

  subscribe(listener: Listener): () => void {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
      if (this.#listeners.size === 0) for (const id of [...this.#watchers.keys()]) this.forget(id);
    };
  }

  tell(id: SessionId): void {
    for (const listener of this.#listeners) listener(id);
  }

  /** The directory is the session's: once its server is there, what happens in it is not our business. */
  follow({ record, state }: ObservedSession): void {
    const { id } = record;
    if (state.kind !== "starting" || this.#listeners.size === 0) this.forget(id);
    else if (!this.#watchers.has(id)) this.#watch(id);
  }

  forget(id: SessionId): void {
    this.#watchers.get(id)?.close();
    this.#watchers.delete(id);
  }

  #watch(id: SessionId): void {
    try {
      const { run } = sessionPlaces(this.#parts.dataDir, id);
      const watcher = watch(run, { persistent: false }, (_event, name) => {
        if (name === "server.sock") this.tell(id);
      });
      watcher.on("error", () => this.forget(id));
      this.#watchers.set(id, watcher);
    } catch (error) {
      // No more watches on this machine, or the session is gone: the periodic look finds it.
      this.#parts.log.debug("a starting session is not watched", { id, error });
    }
  }
}
