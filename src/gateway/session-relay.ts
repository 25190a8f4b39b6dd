/** Plain requests to sessions: find the session, pass the request on, say well what went wrong. */
import type { IncomingMessage, ServerResponse } from "node:http";
import type { SessionId } from "#core/session/session.ts";
import type { Policy } from "#core/policy.ts";
import type { Log } from "#ports/log.ts";
import { type Activity, isActivity } from "./activity.ts";
import { ANSWERS, bodyTooLarge, type Responder, tooSlow } from "./answers.ts";
import type { Forwarded } from "./forwarded.ts";
import { requestHeaders } from "./headers.ts";
import type { Answer } from "./pages.ts";
import { type RelayContext, relay } from "./relay.ts";
import type { RelayFailure } from "./relay-failure.ts";
import type { KnownSession, RouteCache } from "./route-cache.ts";
import type { Upstreams } from "./upstreams.ts";

interface Parts {
  readonly routes: RouteCache;
  readonly upstreams: Upstreams;
  readonly activity: Activity;
  readonly responder: Responder;
  readonly context: RelayContext;
  readonly policy: Pick<Policy, "requestBodyMaxBytes">;
  readonly log: Log;
}

export interface SessionRequest {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly id: SessionId;
  /** Path below the session, with the query. */
  readonly rest: string;
  readonly forwarded: Forwarded;
}

export class SessionRelay {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  handle(wanted: SessionRequest): void {
    const { request, response } = wanted;
    const { responder, policy } = this.#parts;
    if (Number(request.headers["content-length"] ?? 0) > policy.requestBodyMaxBytes) {
      responder.send(request, response, bodyTooLarge(policy.requestBodyMaxBytes));
      return;
    }
    const headers = requestHeaders(
      request.rawHeaders,
      request.headers.connection,
      wanted.forwarded,
    );
    if (headers === null) {
      responder.send(request, response, ANSWERS.malformed);
      return;
    }
    const known = this.#parts.routes.get(wanted.id);
    if (known !== undefined) this.#pass(wanted, headers, known, { isRetry: false });
    else
      this.#lookUp(wanted, (session) => this.#pass(wanted, headers, session, { isRetry: false }));
  }

  /** Relative links of the session need the slash behind its id. */
  addSlash(
    request: IncomingMessage,
    response: ServerResponse,
    place: { readonly id: SessionId; readonly query: string },
  ): void {
    const { routes, responder } = this.#parts;
    const redirect = () => responder.redirect(response, `/user/${place.id}/${place.query}`);
    if (routes.get(place.id) !== undefined) redirect();
    else this.#lookUp({ request, response, id: place.id }, redirect);
  }

  #lookUp(
    wanted: Pick<SessionRequest, "request" | "response" | "id">,
    onFound: (session: KnownSession) => void,
  ): void {
    const { routes, responder, context, log } = this.#parts;
    const { request, response } = wanted;
    routes.find(wanted.id).then(
      (session) => {
        if (response.destroyed) return;
        if (session !== null) return onFound(session);
        context.counters.unknownSessions += 1;
        responder.send(request, response, ANSWERS.sessionUnknown);
      },
      (error: unknown) => {
        log.error("a session could not be looked up", { sessionId: wanted.id, error });
        responder.send(request, response, ANSWERS.sessionSilent);
      },
    );
  }

  #pass(
    wanted: SessionRequest,
    headers: readonly string[],
    session: KnownSession,
    attempt: { readonly isRetry: boolean },
  ): void {
    const { upstreams, activity, context, policy } = this.#parts;
    const { request, response } = wanted;
    if (isActivity(request.method ?? "GET", wanted.rest)) activity.note(session);
    relay(context, {
      request,
      response,
      upstream: upstreams.to(session.route.target, context.limits.sessionConnectionsMax),
      headers,
      source: "session",
      bodyBytesMax: policy.requestBodyMaxBytes,
      onFailure: (failure) => {
        if (attempt.isRetry || !isWorthAnother(failure)) this.#fail(wanted, session, failure);
        // The session may have ended, or moved, since it was looked at: look again.
        else this.#lookUp(wanted, (again) => this.#pass(wanted, headers, again, { isRetry: true }));
      },
    });
  }

  #fail(wanted: SessionRequest, session: KnownSession, failure: RelayFailure): void {
    const { responder, context, policy, log } = this.#parts;
    const { request, response } = wanted;
    if (failure.kind === "broken" || failure.kind === "timeout") {
      log.info("a session gave no answer", { sessionId: session.id, failure: failure.kind });
    }
    const answer = answerTo(failure, session, {
      bodyBytesMax: policy.requestBodyMaxBytes,
      firstByteTimeoutMs: context.limits.firstByteTimeoutMs,
    });
    responder.send(request, response, answer);
  }
}

/** Nothing was lost by asking again: no connection was made, or an old one had just been closed. */
function isWorthAnother(failure: RelayFailure): boolean {
  if (failure.kind === "unreachable") return true;
  return failure.kind === "broken" && failure.isRepeatable;
}

function answerTo(
  failure: RelayFailure,
  session: KnownSession,
  limits: { readonly bodyBytesMax: number; readonly firstByteTimeoutMs: number },
): Answer {
  switch (failure.kind) {
    case "unreachable": {
      const isStarting = session.route.isStarting || failure.isSocketMissing;
      return isStarting ? ANSWERS.sessionStarting : ANSWERS.sessionSilent;
    }
    case "broken":
      return ANSWERS.sessionBroken;
    case "timeout":
      return tooSlow(limits.firstByteTimeoutMs);
    case "body-too-large":
      return bodyTooLarge(limits.bodyBytesMax);
  }
}
