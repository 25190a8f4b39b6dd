/** One request on its way to a session or the API, and the response on its way back. */
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Transform } from "node:stream";
import type { Dispatcher } from "undici";
import type { Clock } from "#ports/clock.ts";
import {
  chooseEncoding,
  compressedHeaders,
  createCompressor,
  type Encoding,
} from "./compression.ts";
import type { GatewayLimits } from "./gateway-limits.ts";
import type { Counters } from "./gateway-metrics.ts";
import { responseHeaders } from "./headers.ts";
import { hasBody, RequestBody } from "./request-body.ts";
import { isLastingAsset, withLastingCache } from "./lasting-assets.ts";
import { type RelayFailure, relayFailureOf, RelayTimeout } from "./relay-failure.ts";
import type { Upstream } from "./upstreams.ts";

export interface RelayJob {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly upstream: Upstream;
  /** Flat list of names and values. */
  readonly headers: string[];
  readonly source: "session" | "api";
  readonly bodyBytesMax: number;
  /** Called at most once, and only while nothing was sent to the person. */
  onFailure(failure: RelayFailure): void;
}

export interface RelayContext {
  readonly clock: Clock;
  readonly counters: Counters;
  readonly limits: GatewayLimits;
}

type Controller = Dispatcher.DispatchController;

/** Starts it; everything else happens by events. */
export function relay(context: RelayContext, job: RelayJob): void {
  const { request, response, upstream } = job;
  const onFirstRead = () => {
    if (request.headers.expect !== undefined) response.writeContinue();
  };
  const body = hasBody(request) ? new RequestBody(request, job.bodyBytesMax, onFirstRead) : null;
  const handler = new Relay(context, job, body);
  upstream.active += 1;
  upstream.pool.dispatch(
    {
      path: request.url ?? "/",
      method: request.method as Dispatcher.HttpMethod,
      headers: job.headers,
      body,
      // An upload may take long; the clock starts when all of it was sent.
      headersTimeout: body === null ? context.limits.firstByteTimeoutMs : 0,
    },
    handler,
  );
}

class Relay implements Dispatcher.DispatchHandler {
  readonly #context: RelayContext;
  readonly #job: RelayJob;
  readonly #body: RequestBody | null;
  readonly #startedMs: number;
  #controller: Controller | null = null;
  #compressor: Transform | null = null;
  #cancelTimer: (() => void) | null = null;
  #isPersonGone = false;
  #isDrainAwaited = false;
  #isOver = false;

  constructor(context: RelayContext, job: RelayJob, body: RequestBody | null) {
    this.#context = context;
    this.#job = job;
    this.#body = body;
    this.#startedMs = context.clock.monotonicMs();
    job.response.on("close", this.#onClose);
    if (body !== null) {
      job.request.socket.setTimeout(context.limits.bodyIdleMs);
      body.once("end", this.#onBodySent);
    }
  }

  onRequestStart(controller: Controller): void {
    this.#controller = controller;
    if (this.#isPersonGone) controller.abort(new Error("the person has gone"));
  }

  onResponseStart(
    controller: Controller,
    status: number,
    headers: Record<string, string | string[] | undefined>,
    statusMessage?: string,
  ): void {
    // Informational: `103 Early Hints` and the like are not passed on.
    if (status < 200) return;
    const { request, response, source } = this.#job;
    const { counters, clock } = this.#context;
    this.#cancelTimer?.();
    counters.answered(source, status);
    counters.tookMs(clock.monotonicMs() - this.#startedMs);
    let kept = responseHeaders(controller.rawHeaders as Buffer[], source);
    if (source === "session" && isLastingAsset(request, status)) kept = withLastingCache(kept);
    const encoding = this.#encoding(status, headers);
    if (encoding !== null) {
      kept = compressedHeaders(kept, encoding);
      this.#compressor = this.#startCompressor(encoding, Number(headers["content-length"]));
    }
    response.writeHead(status, statusMessage ?? "", kept);
    // A stream (events, a long poll) shows that it lives before its first byte.
    if (headers["content-length"] === undefined) response.flushHeaders();
  }

  onResponseData(controller: Controller, chunk: Buffer): void {
    const sink = this.#compressor ?? this.#job.response;
    if (this.#compressor === null) this.#context.counters.bytes.sent += chunk.length;
    if (sink.write(chunk)) return;
    controller.pause();
    if (this.#isDrainAwaited) return;
    this.#isDrainAwaited = true;
    sink.on("drain", () => controller.resume());
  }

  onResponseEnd(): void {
    this.#finish();
    (this.#compressor ?? this.#job.response).end();
  }

  onResponseError(_controller: Controller | null, error: Error): void {
    if (this.#isOver) return;
    this.#finish();
    const { response, source } = this.#job;
    const isPersonGone = this.#isPersonGone || response.destroyed;
    const failure = relayFailureOf(error, this.#body);
    if (!isPersonGone) {
      const fault = failure.kind;
      if (fault !== "body-too-large" && fault !== "malformed" && fault !== "person-gone") {
        this.#context.counters.upstreamFaults[source][fault] += 1;
      }
    }
    if (isPersonGone || response.headersSent) {
      this.#compressor?.destroy();
      response.destroy();
      return;
    }
    response.off("close", this.#onClose);
    this.#job.onFailure(failure);
  }

  #encoding(
    status: number,
    headers: Record<string, string | string[] | undefined>,
  ): Encoding | null {
    const { limits, counters } = this.#context;
    const { request } = this.#job;
    if (counters.compressions.now >= limits.compressionsMax) return null;
    const length = text(headers["content-length"]);
    const facts = {
      method: request.method ?? "",
      status,
      contentType: text(headers["content-type"]),
      contentLength: length === undefined ? null : Number(length),
      contentEncoding: text(headers["content-encoding"]),
      cacheControl: text(headers["cache-control"]),
    };
    const accepted = text(request.headers["accept-encoding"]);
    const bounds = { bytesMin: limits.compressBytesMin, bytesMax: limits.compressBytesMax };
    return chooseEncoding(facts, accepted, bounds);
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

  readonly #onBodySent = (): void => {
    const { clock, limits } = this.#context;
    this.#job.request.socket.setTimeout(limits.connectionIdleMs);
    this.#cancelTimer = clock.setTimer(limits.firstByteTimeoutMs, () => {
      this.#controller?.abort(new RelayTimeout());
    });
  };

  /** The person has the whole response, or has gone. */
  readonly #onClose = (): void => {
    if (this.#isOver && this.#job.response.writableFinished) return;
    this.#compressor?.destroy();
    if (this.#isOver) return;
    this.#isPersonGone = true;
    this.#controller?.abort(new Error("the person has gone"));
  };

  /** The upstream's part is over, well or not. */
  #finish(): void {
    this.#isOver = true;
    this.#cancelTimer?.();
    this.#job.upstream.active -= 1;
    if (this.#body !== null) {
      this.#context.counters.bytes.received += this.#body.bytesRead;
      this.#job.request.socket.setTimeout(this.#context.limits.connectionIdleMs);
    }
  }
}

function text(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value.join(", ") : value;
}
