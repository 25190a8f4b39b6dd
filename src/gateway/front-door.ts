/** Where every request comes in: checked once, then sent to the one part that serves its place. */
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import type { Log } from "#ports/log.ts";
import { ANSWERS, hostRefused, type Responder } from "./answers.ts";
import type { ApiRelay } from "./api-relay.ts";
import type { ForwardedReader } from "./forwarded.ts";
import type { Counters } from "./gateway-metrics.ts";
import type { HostCheck } from "./host-check.ts";
import type { Answer } from "./pages.ts";
import { type Place, placeOf } from "./place.ts";
import type { ServerAssets } from "./server-assets.ts";
import type { SessionRelay } from "./session-relay.ts";
import type { Target } from "./target-socket.ts";
import type { Tunnels, Wish } from "./tunnels.ts";

interface Parts {
  readonly checkHost: HostCheck;
  readonly readForwarded: ForwardedReader;
  readonly sessions: SessionRelay;
  readonly api: ApiRelay;
  readonly assets: ServerAssets | null;
  readonly tunnels: Tunnels;
  readonly apiTarget: Target;
  readonly responder: Responder;
  readonly counters: Counters;
  readonly log: Log;
}

export class FrontDoor {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  handle(request: IncomingMessage, response: ServerResponse): void {
    const { responder, sessions, api, readForwarded } = this.#parts;
    const refusal = this.#refusal(request);
    if (refusal !== null) return responder.send(request, response, refusal);
    const place = placeOf(request.url ?? "");
    switch (place.kind) {
      case "session": {
        const forwarded = readForwarded(request);
        sessions.handle({ request, response, id: place.id, rest: place.rest, forwarded });
        return;
      }
      case "session-without-slash":
        sessions.addSlash(request, response, place);
        return;
      case "asset":
        this.#asset(request, response, place);
        return;
      case "api":
        api.handle({ request, response, forwarded: readForwarded(request) });
        return;
      case "no-session":
      case "nothing":
      case "internal":
      case "malformed":
        responder.send(request, response, this.#answerTo(place));
        return;
    }
  }

  upgrade(request: IncomingMessage, socket: Socket, head: Buffer): void {
    const { tunnels, apiTarget, readForwarded } = this.#parts;
    socket.on("error", () => socket.destroy());
    const wish: Wish = { request, socket, head, forwarded: readForwarded(request) };
    const refusal = this.#refusal(request);
    if (refusal !== null) return tunnels.refuse(wish, refusal);
    const place = placeOf(request.url ?? "");
    switch (place.kind) {
      case "session":
        tunnels.toSession(wish, place.id);
        return;
      case "api":
        tunnels.toApi(wish, apiTarget);
        return;
      case "session-without-slash":
      case "asset":
        tunnels.refuse(wish, ANSWERS.nothing);
        return;
      case "no-session":
      case "nothing":
      case "internal":
      case "malformed":
        tunnels.refuse(wish, this.#answerTo(place));
        return;
    }
  }

  #refusal(request: IncomingMessage): Answer | null {
    const encoding = request.headers["transfer-encoding"];
    // What we cannot read, a session could read in another way.
    if (encoding !== undefined && encoding.toLowerCase() !== "chunked") {
      return ANSWERS.malformed;
    }
    const verdict = this.#parts.checkHost(request.headers.host);
    if (verdict.kind === "allowed") return null;
    this.#parts.counters.refusedHosts += 1;
    return hostRefused(verdict.name);
  }

  #answerTo(
    place: Extract<Place, { kind: "no-session" | "nothing" | "internal" | "malformed" }>,
  ): Answer {
    switch (place.kind) {
      case "no-session":
        this.#parts.counters.unknownSessions += 1;
        return ANSWERS.sessionUnknown;
      case "nothing":
      case "internal":
        return ANSWERS.nothing;
      case "malformed":
        return ANSWERS.malformed;
    }
  }

  #asset(
    request: IncomingMessage,
    response: ServerResponse,
    place: Extract<Place, { kind: "asset" }>,
  ): void {
    const { assets, responder, log } = this.#parts;
    if (assets === null) return responder.send(request, response, ANSWERS.nothing);
    assets.handle(request, response, place).catch((error: unknown) => {
      log.error("an asset could not be served", { error });
      response.destroy();
    });
  }
}
