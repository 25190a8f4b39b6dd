/** What the gateway counts, as plain numbers; whoever asks renders them. */

/** Upper bounds in milliseconds of the time from a request to the header of its response. */
const LATENCY_BOUNDS_MS = [1, 2, 5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 10_000] as const;

/** Who answered. */
export type Answerer = "session" | "api" | "asset" | "gateway";

/** Why a session or the API gave no answer. */
export type UpstreamFault = "unreachable" | "timeout" | "broken";

type StatusClass = "1xx" | "2xx" | "3xx" | "4xx" | "5xx";

export interface GatewayMetrics {
  /** Finished headers of responses, by who answered and by class of status. */
  readonly requests: Readonly<Record<Answerer, Readonly<Record<StatusClass, number>>>>;
  readonly upstreamFaults: Readonly<
    Record<"session" | "api", Readonly<Record<UpstreamFault, number>>>
  >;
  /** Requests that asked for a session that does not exist. */
  readonly unknownSessions: number;
  /** Requests that were not HTTP, or broke a limit of its syntax. */
  readonly malformedRequests: number;
  /** Requests with a host name that is not ours. */
  readonly refusedHosts: number;
  /** Requests held until the API answered again, and those for which it took too long. */
  readonly held: { readonly now: number; readonly released: number; readonly givenUp: number };
  readonly connections: { readonly now: number; readonly total: number; readonly refused: number };
  readonly tunnels: { readonly now: number; readonly total: number };
  /** Responses that are being compressed on the way. */
  readonly compressions: { readonly now: number };
  /** Bodies and WebSocket bytes, seen from the person. */
  readonly bytes: { readonly received: number; readonly sent: number };
  readonly routes: number;
  /** Of session and API responses. `counts[i]` is up to `boundsMs[i]`; the last one is the rest. */
  readonly latency: {
    readonly boundsMs: readonly number[];
    readonly counts: readonly number[];
    readonly sumMs: number;
    readonly count: number;
  };
}

const zeroClasses = () => ({ "1xx": 0, "2xx": 0, "3xx": 0, "4xx": 0, "5xx": 0 });
const zeroFaults = () => ({ unreachable: 0, timeout: 0, broken: 0 });

/** The counters themselves: parts of the gateway write them directly. */
export class Counters {
  readonly requests: Record<Answerer, Record<StatusClass, number>> = {
    session: zeroClasses(),
    api: zeroClasses(),
    asset: zeroClasses(),
    gateway: zeroClasses(),
  };
  readonly upstreamFaults = { session: zeroFaults(), api: zeroFaults() };
  unknownSessions = 0;
  malformedRequests = 0;
  refusedHosts = 0;
  readonly held = { now: 0, released: 0, givenUp: 0 };
  readonly connections = { now: 0, total: 0, refused: 0 };
  readonly tunnels = { now: 0, total: 0 };
  readonly compressions = { now: 0 };
  readonly bytes = { received: 0, sent: 0 };
  readonly #latencyCounts = [...LATENCY_BOUNDS_MS, 0].map(() => 0);
  #latencySumMs = 0;
  #latencyCount = 0;

  answered(by: Answerer, status: number): void {
    this.requests[by][classOf(status)] += 1;
  }

  tookMs(durationMs: number): void {
    let index = 0;
    while (index < LATENCY_BOUNDS_MS.length && durationMs > (LATENCY_BOUNDS_MS[index] as number)) {
      index += 1;
    }
    this.#latencyCounts[index] = (this.#latencyCounts[index] as number) + 1;
    this.#latencySumMs += durationMs;
    this.#latencyCount += 1;
  }

  snapshot(routes: number): GatewayMetrics {
    return structuredClone({
      requests: this.requests,
      upstreamFaults: this.upstreamFaults,
      unknownSessions: this.unknownSessions,
      malformedRequests: this.malformedRequests,
      refusedHosts: this.refusedHosts,
      held: this.held,
      connections: this.connections,
      tunnels: this.tunnels,
      compressions: this.compressions,
      bytes: this.bytes,
      routes,
      latency: {
        boundsMs: [...LATENCY_BOUNDS_MS],
        counts: this.#latencyCounts,
        sumMs: this.#latencySumMs,
        count: this.#latencyCount,
      },
    });
  }
}

function classOf(status: number): StatusClass {
  if (status < 300) return status < 200 ? "1xx" : "2xx";
  if (status < 400) return "3xx";
  return status < 500 ? "4xx" : "5xx";
}
