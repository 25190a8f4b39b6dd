/** Every limit of the data plane, by name, with its default. */
import { KIB, MIB, MINUTE_MS, SECOND_MS } from "#base/units.ts";

export const DEFAULT_GATEWAY_LIMITS = {
  // People's side.
  connectionsMax: 20_000,
  headerBytesMax: 32 * KIB,
  /** From the first byte of a request to the end of its header. */
  headersTimeoutMs: 15 * SECOND_MS,
  keepAliveTimeoutMs: 65 * SECOND_MS,
  /** A connection on which nothing moves in either direction: also a reader that stopped reading. */
  connectionIdleMs: 15 * MINUTE_MS,
  /** A request body that stopped coming. */
  bodyIdleMs: 2 * MINUTE_MS,
  /** What is still read, and thrown away, of a body that was refused, so that the answer arrives. */
  refusedBodyBytesMax: 4 * MIB,
  closeGraceMs: 1 * SECOND_MS,

  // The side of sessions and of the API.
  connectTimeoutMs: 5 * SECOND_MS,
  /** From the end of the request to the header of the response; an upload may take longer. */
  firstByteTimeoutMs: 10 * MINUTE_MS,
  /** Connections to one session for plain requests; more requests wait for one of them. */
  sessionConnectionsMax: 256,
  tunnelsPerSessionMax: 512,
  /** A kernel's WebSocket is accepted only when the kernel has started. */
  tunnelHandshakeMs: 2 * MINUTE_MS,
  /** Silence after which the other end of a WebSocket's connection is probed (TCP keep-alive). */
  tunnelProbeMs: 60 * SECOND_MS,
  upstreamKeepAliveMs: 30 * SECOND_MS,

  // While the API restarts.
  holdMs: 2 * SECOND_MS,
  holdProbeMs: 25,
  heldRequestsMax: 2_000,

  // Compression on the way.
  compressBytesMin: 1 * KIB,
  compressBytesMax: 64 * MIB,
  compressionsMax: 32,

  // The server's own assets.
  assetBytesMax: 64 * MIB,
  assetsKnownMax: 10_000,
  assetCompressionsMax: 1,
  assetCompressionsQueuedMax: 1_000,

  // Routes.
  routesResyncMs: 10 * SECOND_MS,
  routesHintDelayMs: 50,
  activityIntervalMs: 1 * SECOND_MS,
};

export type GatewayLimits = Readonly<typeof DEFAULT_GATEWAY_LIMITS>;
