/** Everything that is no session goes to the API, also across a restart of its process. */
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Policy } from "#core/policy.ts";
import type { Log } from "#ports/log.ts";
import { ANSWERS, bodyTooLarge, type Responder, tooSlow } from "./answers.ts";
import type { ApiGate } from "./api-gate.ts";
import type { Forwarded } from "./forwarded.ts";
import { requestHeaders } from "./headers.ts";
import { type RelayContext, relay } from "./relay.ts";
import type { RelayFailure } from "./relay-failure.ts";
import type { Target } from "./target-socket.ts";
import type { Upstreams } from "./upstreams.ts";

interface Parts {
  readonly target: Target;
  readonly gate: ApiGate;
  readonly upstreams: Upstreams;
  readonly responder: Responder;
  readonly context: RelayContext;
  readonly policy: Pick<Policy, "apiBodyMaxBytes">;
  readonly log: Log;
}

export interface ApiRequest {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly forwarded: Forwarded;
}

export class ApiRelay {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  handle(wanted: ApiRequest): void {
    const { request, response } = wanted;
    const { responder, policy } = this.#parts;
    if (Number(request.headers["content-length"] ?? 0) > policy.apiBodyMaxBytes) {
      responder.send(request, response, bodyTooLarge(policy.apiBodyMaxBytes));
      return;
    }
    const headers = requestHeaders(
      request.rawHeaders,
      request.headers.connection,
      wanted.forwarded,
    );
    if (headers === null) responder.send(request, response, ANSWERS.malformed);
    else this.#pass(wanted, headers, { attemptsLeft: 2 });
  }

  #pass(
    wanted: ApiRequest,
    headers: readonly string[],
    { attemptsLeft }: { attemptsLeft: number },
  ): void {
    const { target, gate, upstreams, context, policy } = this.#parts;
    const { request, response } = wanted;
    relay(context, {
      request,
      response,
      // Event streams stay open for long: there are as many connections as people.
      upstream: upstreams.to(target, Number.POSITIVE_INFINITY),
      headers,
      source: "api",
      bodyBytesMax: policy.apiBodyMaxBytes,
      onFailure: (failure) => {
        if (attemptsLeft === 0 || !isWorthAnother(failure)) {
          this.#fail(wanted, failure);
          return;
        }
        void gate.whenUp().then((isUp) => {
          if (response.destroyed) return;
          if (isUp) this.#pass(wanted, headers, { attemptsLeft: attemptsLeft - 1 });
          else this.#fail(wanted, failure);
        });
      },
    });
  }

  #fail({ request, response }: ApiRequest, failure: RelayFailure): void {
    const { responder, context, policy, log } = this.#parts;
    switch (failure.kind) {
      case "unreachable":
        responder.send(request, response, ANSWERS.apiRestarting);
        return;
      case "broken":
        log.warn("the API broke off", { error: failure.error });
        responder.send(request, response, ANSWERS.apiBroken);
        return;
      case "timeout":
        responder.send(request, response, tooSlow(context.limits.firstByteTimeoutMs));
        return;
      case "body-too-large":
        responder.send(request, response, bodyTooLarge(policy.apiBodyMaxBytes));
        return;
    }
  }
}

/** Nothing listened; or the process was killed under a question that may be asked twice. */
function isWorthAnother(failure: RelayFailure): boolean {
  if (failure.kind === "unreachable") return true;
  return failure.kind === "broken" && failure.isRepeatable;
}
