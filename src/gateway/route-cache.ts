/** Which session is where, as known here: asked of the route source, never of the control plane. */
import type { SessionId } from "#core/session/session.ts";
import type { Clock } from "#ports/clock.ts";
import type { Log } from "#ports/log.ts";
import type { Route, RouteSource } from "#ports/route-source.ts";
import type { GatewayLimits } from "./gateway-limits.ts";

/** What the gateway knows of one session; lives as long as the session is known. */
export interface KnownSession {
  readonly id: SessionId;
  route: Route;
  /** When activity was last passed on. */
  notedAtMs: number;
  tunnels: number;
}

interface Parts {
  readonly source: RouteSource;
  readonly clock: Clock;
  readonly log: Log;
  readonly limits: Pick<GatewayLimits, "routesResyncMs" | "routesHintDelayMs">;
  /** Told of every route when it is learnt, and of the whole list after each look at it. */
  readonly onLearnt: (route: Route) => void;
  readonly onListed: (routes: readonly Route[]) => void;
}

export class RouteCache {
  readonly #parts: Parts;
  readonly #known = new Map<SessionId, KnownSession>();
  readonly #lookUps = new Map<SessionId, Promise<KnownSession | null>>();
  #cancelNext: (() => void) | null = null;
  #nextAtMs = Number.POSITIVE_INFINITY;
  #isListing = false;
  #isHintWaiting = false;
  #isStopped = false;
  #unsubscribe: () => void = () => undefined;
  /** How long the last look at the whole list took: a long one is not repeated at every hint. */
  #listMs = 0;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** Resolves after the first look; a source that fails is asked again later. */
  async start(): Promise<void> {
    this.#unsubscribe = this.#parts.source.onHint(() => this.#hint());
    await this.#list();
  }

  stop(): void {
    this.#isStopped = true;
    this.#unsubscribe();
    this.#cancelNext?.();
  }

  get size(): number {
    return this.#known.size;
  }

  get(id: SessionId): KnownSession | undefined {
    return this.#known.get(id);
  }

  /** Looks at this one session, whatever is known. Many who ask at once cost one look. */
  find(id: SessionId): Promise<KnownSession | null> {
    const running = this.#lookUps.get(id);
    if (running !== undefined) return running;
    const lookUp = this.#find(id).finally(() => this.#lookUps.delete(id));
    this.#lookUps.set(id, lookUp);
    return lookUp;
  }

  async #find(id: SessionId): Promise<KnownSession | null> {
    const route = await this.#parts.source.find(id);
    if (route === null) {
      this.#known.delete(id);
      return null;
    }
    return this.#learn(route);
  }

  #learn(route: Route): KnownSession {
    const id = route.sessionId;
    const known = this.#known.get(id);
    if (known !== undefined) {
      known.route = route;
      return known;
    }
    const learnt = { id, route, notedAtMs: Number.NEGATIVE_INFINITY, tunnels: 0 };
    this.#known.set(id, learnt);
    this.#parts.onLearnt(route);
    return learnt;
  }

  #hint(): void {
    if (this.#isListing) this.#isHintWaiting = true;
    else this.#listIn(Math.max(this.#parts.limits.routesHintDelayMs, 10 * this.#listMs));
  }

  #listIn(delayMs: number): void {
    if (this.#isStopped) return;
    const atMs = this.#parts.clock.monotonicMs() + delayMs;
    if (this.#cancelNext !== null && this.#nextAtMs <= atMs) return;
    this.#cancelNext?.();
    this.#nextAtMs = atMs;
    this.#cancelNext = this.#parts.clock.setTimer(delayMs, () => {
      this.#cancelNext = null;
      void this.#list();
    });
  }

  /** Never rejects. */
  async #list(): Promise<void> {
    const { source, clock, log, limits } = this.#parts;
    this.#isListing = true;
    this.#isHintWaiting = false;
    const startedMs = clock.monotonicMs();
    try {
      this.#replace(await source.list());
    } catch (error) {
      log.warn("the routes could not be listed; they are asked for one by one", { error });
    }
    this.#listMs = clock.monotonicMs() - startedMs;
    this.#isListing = false;
    this.#listIn(limits.routesResyncMs);
    if (this.#isHintWaiting) this.#hint();
  }

  #replace(routes: readonly Route[]): void {
    const listed = new Set<SessionId>();
    for (const route of routes) {
      listed.add(route.sessionId);
      this.#learn(route);
    }
    for (const id of this.#known.keys()) if (!listed.has(id)) this.#known.delete(id);
    this.#parts.onListed(routes);
  }
}
