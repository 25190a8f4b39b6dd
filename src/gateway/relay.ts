/** One request on its way to a session or the API, and the response on its way back. */
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Transform } from "node:stream";
import { KIB } from "#base/units.ts";
import type { Clock } from "#ports/clock.ts";
import {
  chooseEncoding,
  compressedHeaders,
  createCompressor,
  type Encoding,
} from "./compression.ts";
import type { GatewayLimits } from "./gateway-limits.ts";
import type { Counters } from "./gateway-metrics.ts";
import { requestHead, responseHeaders } from "./headers.ts";
import { isLastingAsset, withLastingCache } from "./lasting-assets.ts";
import { type RelayFailure, relayFailureOf } from "./relay-failure.ts";
import { hasBody, readRest } from "./request-body.ts";
import type { ResponseHead } from "./response-parser.ts";
import { ConnectionLost, type Exchange } from "./upstream-connection.ts";
import type { Passage, Upstream } from "./upstreams.ts";

export interface RelayJob {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly upstream: Upstream;
  /** Flat list of names and values. */
  readonly headers: readonly string[];
  readonly source: "session" | "api";
  readonly bodyBytesMax: number;
  /** Called at most once, and only while nothing was sent to the person. */
  readonly onFailure: (failure: RelayFailure) => void;
}

export interface RelayContext {
  readonly clock: Clock;
  readonly counters: Counters;
  readonly limits: GatewayLimits;
}

/** Bodies up to here are worth being copied into one piece with their header. */
const WITH_HEAD_BYTES_MAX = 8 * KIB;

/** Starts it; everything else happens by events. */
export function relay(context: RelayContext, job: RelayJob): void {
  new Relay(context, job).start();
}

class Relay implements Exchange {
  readonly method: string;
  readonly head: string;
  readonly body: IncomingMessage | null;
  readonly isBodyChunked: boolean;
  readonly #context: RelayContext;
  readonly #job: RelayJob;
  readonly #startedMs: number;
  #passage: Passage | null = null;
  #compressor: Transform | null = null;
  #bodyBytes = 0;
  #isDrainAwaited = false;
  #hasBodyBegun = false;
  /** The upstream's part is over, well or not. */
  #isOver = false;

  constructor(context: RelayContext, job: RelayJob) {
    const { request } = job;
    this.#context = context;
    this.#job = job;
    this.#startedMs = context.clock.monotonicMs();
    this.method = request.method ?? "GET";
    this.body = hasBody(request) ? request : null;
    this.isBodyChunked = this.body !== null && request.headers["content-length"] === undefined;
    const framing = this.isBodyChunked ? "Transfer-Encoding: chunked\r\n\r\n" : "\r\n";
    this.head = requestHead(this.method, request.url ?? "/", job.headers) + framing;
  }

  start(): void {
    this.#job.response.on("close", this.#onClose);
    this.#passage = this.#job.upstream.carry(this);
  }

  onBodyWanted(): void {
    const { request, response } = this.#job;
    if (request.headers.expect !== undefined) response.writeContinue();
    request.socket.setTimeout(this.#context.limits.bodyIdleMs);
  }

  onBodyChunk(chunk: Buffer): boolean {
    this.#bodyBytes += chunk.length;
    if (this.#bodyBytes <= this.#job.bodyBytesMax) return true;
    this.#passage?.abort();
    this.#over();
    this.#failed({ kind: "body-too-large" });
    return false;
  }

  onHead(head: ResponseHead): void {
    const { request, response, source } = this.#job;
    const { counters, clock } = this.#context;
    counters.answered(source, head.status);
    counters.tookMs(clock.monotonicMs() - this.#startedMs);
    let headers = responseHeaders(head.headers, source, head.connection);
    if (source === "session" && isLastingAsset(request, head.status)) {
      headers = withLastingCache(headers);
    }
    const encoding = this.#encoding(head);
    if (encoding !== null) {
      headers = compressedHeaders(headers, encoding);
      this.#compressor = this.#startCompressor(encoding, head.contentLength ?? 0);
    }
    response.writeHead(head.status, head.reason, headers);
    // A stream (events, a long poll) shows that it lives before its first byte.
    if (head.contentLength === null) response.flushHeaders();
  }

  onBody(chunk: Buffer, isLast: boolean): boolean {
    const { response } = this.#job;
    if (this.#compressor === null) {
      this.#context.counters.bytes.sent += chunk.length;
      if (isLast && !this.#hasBodyBegun && chunk.length <= WITH_HEAD_BYTES_MAX) {
        // Node writes a text together with the header, and bytes apart from it.
        response.end(chunk.toString("latin1"), "latin1");
        return true;
      }
      this.#hasBodyBegun = true;
      if (isLast) {
        response.end(chunk);
        return true;
      }
    }
    const sink = this.#compressor ?? response;
    if (sink.write(chunk)) return true;
    if (!this.#isDrainAwaited) {
      this.#isDrainAwaited = true;
      sink.on("drain", () => this.#passage?.resume());
    }
    return false;
  }

  onEnd(): void {
    this.#over();
    const { request, response } = this.#job;
    if (this.#compressor !== null) this.#compressor.end();
    else if (!response.writableEnded) response.end();
    readRest(request, this.#context.limits.refusedBodyBytesMax);
  }

  onError(error: Error): void {
    this.#over();
    const { source, upstream } = this.#job;
    const asked = { method: this.method, hasBody: this.body !== null };
    const failure = relayFailureOf(error, asked);
    // What was free as long as this connection is as likely to be closed.
    if (error instanceof ConnectionLost && error.wasStale) upstream.closeFree();
    if (failure.kind !== "body-too-large") {
      this.#context.counters.upstreamFaults[source][failure.kind] += 1;
    }
    this.#failed(failure);
  }

  #failed(failure: RelayFailure): void {
    const { response } = this.#job;
    response.off("close", this.#onClose);
    if (!response.headersSent) {
      this.#job.onFailure(failure);
      return;
    }
    // The person must not take the part for the whole.
    this.#compressor?.destroy();
    response.destroy();
  }

  #encoding(head: ResponseHead): Encoding | null {
    const { limits, counters } = this.#context;
    const accepted = this.#job.request.headers["accept-encoding"];
    if (accepted === undefined || counters.compressions.now >= limits.compressionsMax) return null;
    const bounds = { bytesMin: limits.compressBytesMin, bytesMax: limits.compressBytesMax };
    return chooseEncoding({ ...head, method: this.method }, String(accepted), bounds);
  }

  #startCompressor(encoding: Encoding, sizeHint: number): Transform {
    const { response } = this.#job;
    const { counters } = this.#context;
    const compressor = createCompressor(encoding, sizeHint);
    counters.compressions.now += 1;
    compressor.once("close", () => {
      counters.compressions.now -= 1;
    });
    compressor.on("data", (chunk: Buffer) => {
      counters.bytes.sent += chunk.length;
      if (!response.write(chunk)) compressor.pause();
    });
    response.on("drain", () => compressor.resume());
    compressor.once("end", () => response.end());
    compressor.once("error", () => response.destroy());
    return compressor;
  }

  /** The person has the whole response, or has gone. */
  readonly #onClose = (): void => {
    if (this.#job.response.writableFinished) return;
    this.#compressor?.destroy();
    if (this.#isOver) return;
    this.#passage?.abort();
    this.#over();
  };

  #over(): void {
    this.#isOver = true;
    if (this.body === null) return;
    this.#context.counters.bytes.received += this.#bodyBytes;
    this.#job.request.socket.setTimeout(this.#context.limits.connectionIdleMs);
  }
}
