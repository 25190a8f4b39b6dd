/** Where the gateway learns which session is where: the session driver's records. */
import type { SessionId } from "#core/session/session.ts";

export interface Route {
  readonly sessionId: SessionId;
  readonly target:
    | { readonly kind: "unix"; readonly path: string }
    | { readonly kind: "tcp"; readonly host: string; readonly port: number };
  /** The server is being started: people get a page that waits. */
  readonly isStarting: boolean;
  /** Where the session's filtered way out must listen, or null when its policy needs none. */
  readonly egressSocket: string | null;
}

export interface RouteSource {
  list(): Promise<readonly Route[]>;
  /** O(1): one look at the session's record. Null when there is no such session. */
  find(id: SessionId): Promise<Route | null>;
  /** The gateway saw a person at work. Cheap; called at most once a second per session. */
  noteActivity(id: SessionId, atMs: number): void;
  /** Calls back when the list may have changed. A hint. */
  onHint(listener: () => void): () => void;
}
