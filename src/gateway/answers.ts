/** The gateway's own answers, each in one place. */
import type { IncomingMessage, ServerResponse } from "node:http";
import { formatBytes, formatDuration } from "#base/units.ts";
import { failure } from "#core/errors.ts";
import type { Counters } from "./gateway-metrics.ts";
import { type Answer, renderAnswer } from "./pages.ts";
import { readRest } from "./request-body.ts";

/** What clients of Binder look for when a session or a path is gone. */
const NOT_FOUND_TITLE = "Binder not found";

export const ANSWERS = {
  /** 424, as public Binders do: the path is fine, what it depends on is gone. */
  sessionUnknown: {
    status: 424,
    title: NOT_FOUND_TITLE,
    failure: failure("session-not-found", "This session has ended, or it never existed."),
    retryAfterSeconds: null,
  },
  nothing: {
    status: 404,
    title: NOT_FOUND_TITLE,
    failure: failure("not-found"),
    retryAfterSeconds: null,
  },
  sessionStarting: {
    status: 503,
    title: "Your session is starting",
    failure: failure("session-starting"),
    retryAfterSeconds: 1,
  },
  sessionSilent: {
    status: 503,
    title: "The session does not answer",
    failure: failure("session-silent"),
    retryAfterSeconds: 2,
  },
  sessionBroken: {
    status: 502,
    title: "The session broke off",
    failure: failure("session-broke-off"),
    retryAfterSeconds: null,
  },
  tooManyTunnels: {
    status: 503,
    title: "Too many connections",
    failure: failure("session-connections-exceeded"),
    retryAfterSeconds: 5,
  },
  apiRestarting: {
    status: 503,
    title: "Bindery restarts",
    failure: failure("server-restarting"),
    retryAfterSeconds: 1,
  },
  apiBroken: {
    status: 502,
    title: "Bindery broke off",
    failure: failure("internal", "Bindery's API broke off before it answered."),
    retryAfterSeconds: null,
  },
  malformed: {
    status: 400,
    title: "Malformed request",
    failure: failure(
      "request-invalid",
      "Its target is no path, it names two hosts, or its body is in no usual encoding.",
    ),
    retryAfterSeconds: null,
  },
  methodRefused: {
    status: 405,
    title: "Method not allowed",
    failure: failure("request-invalid", "Only GET and HEAD make sense here."),
    retryAfterSeconds: null,
  },
} as const satisfies Record<string, Answer>;

export function hostRefused(name: string): Answer {
  const shown = name === "" ? "no host name" : `the host name "${name.slice(0, 255)}"`;
  return {
    status: 421,
    title: "Unknown host name",
    failure: failure(
      "host-name-unknown",
      `The request carries ${shown}, which is none of Bindery's.`,
    ),
    retryAfterSeconds: null,
  };
}

export function tooSlow(timeoutMs: number): Answer {
  return {
    status: 504,
    title: "The session does not answer",
    failure: failure("session-silent", `No answer came within ${formatDuration(timeoutMs)}.`),
    retryAfterSeconds: null,
  };
}

export function bodyTooLarge(bytesMax: number): Answer {
  return {
    status: 413,
    title: "Too large",
    failure: failure(
      "body-too-large",
      `The request's body is larger than ${formatBytes(bytesMax)}.`,
    ),
    retryAfterSeconds: null,
  };
}

/** Writes gateway answers and counts them. */
export class Responder {
  readonly #counters: Counters;
  readonly #refusedBodyBytesMax: number;

  constructor(counters: Counters, limits: { readonly refusedBodyBytesMax: number }) {
    this.#counters = counters;
    this.#refusedBodyBytesMax = limits.refusedBodyBytesMax;
  }

  send(request: IncomingMessage, response: ServerResponse, answer: Answer): void {
    if (response.headersSent || response.destroyed) {
      response.destroy();
      return;
    }
    const { headers, body } = renderAnswer(answer, request.headers.accept);
    this.#counters.answered("gateway", answer.status);
    const all = [...headers, "Content-Length", String(Buffer.byteLength(body))];
    response.writeHead(answer.status, all);
    response.end(request.method === "HEAD" ? undefined : body);
    readRest(request, this.#refusedBodyBytesMax);
  }

  redirect(response: ServerResponse, location: string): void {
    this.#counters.answered("gateway", 307);
    response.writeHead(307, [
      "Location",
      location,
      "Content-Length",
      "0",
      "Cache-Control",
      "no-store",
    ]);
    response.end();
  }
}
