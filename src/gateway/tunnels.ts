/** WebSockets: the handshake is checked on both sides, then bytes flow. */
import {
  type ClientRequest,
  type IncomingMessage,
  request as httpRequest,
  ServerResponse,
} from "node:http";
import type { Socket } from "node:net";
import type { Log } from "#ports/log.ts";
import type { Activity } from "./activity.ts";
import { ANSWERS, type Responder } from "./answers.ts";
import type { Forwarded } from "./forwarded.ts";
import { requestHeaders, responseHeaders } from "./headers.ts";
import type { Answer } from "./pages.ts";
import type { RelayContext } from "./relay.ts";
import type { KnownSession, RouteCache } from "./route-cache.ts";
import { splice } from "./splice.ts";
import { codeOf, openSocket, type Target } from "./target-socket.ts";
import { FrameScanner } from "./websocket-frames.ts";

interface Parts {
  readonly routes: RouteCache;
  readonly activity: Activity;
  readonly responder: Responder;
  readonly context: RelayContext;
  readonly log: Log;
}

/** A request to become a WebSocket. */
export interface Wish {
  readonly request: IncomingMessage;
  readonly socket: Socket;
  /** What the person sent behind the request. */
  readonly head: Buffer;
  readonly forwarded: Forwarded;
}

export class Tunnels {
  readonly #parts: Parts;
  /** Every person's socket from the wish to its end. */
  readonly #open = new Set<Socket>();
  #isClosed = false;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  closeAll(): void {
    this.#isClosed = true;
    for (const socket of this.#open) socket.destroy();
  }

  /** An answer of ours instead of a WebSocket. */
  refuse(wish: Wish, answer: Answer): void {
    this.#track(wish.socket);
    const response = responseOn(wish);
    this.#parts.responder.send(wish.request, response, answer);
  }

  toApi(wish: Wish, target: Target): void {
    this.#track(wish.socket);
    this.#connect(wish, target, null, () => this.refuse(wish, ANSWERS.apiRestarting));
  }

  toSession(wish: Wish, id: string): void {
    this.#track(wish.socket);
    const known = this.#parts.routes.get(id);
    const lookUp = () => this.#lookUp(wish, id, (session) => this.#try(wish, session, null));
    if (known === undefined) lookUp();
    else this.#try(wish, known, lookUp);
  }

  #track(socket: Socket): void {
    if (this.#isClosed) socket.destroy();
    if (this.#open.has(socket)) return;
    this.#open.add(socket);
    socket.once("close", () => this.#open.delete(socket));
  }

  #lookUp(wish: Wish, id: string, onFound: (session: KnownSession) => void): void {
    const { routes, context, log } = this.#parts;
    routes.find(id).then(
      (session) => {
        if (wish.socket.destroyed) return;
        if (session !== null) return onFound(session);
        context.counters.unknownSessions += 1;
        this.refuse(wish, ANSWERS.sessionUnknown);
      },
      (error: unknown) => {
        log.error("a session could not be looked up", { sessionId: id, error });
        this.refuse(wish, ANSWERS.sessionSilent);
      },
    );
  }

  #try(wish: Wish, session: KnownSession, lookAgain: (() => void) | null): void {
    const { limits } = this.#parts.context;
    if (session.tunnels >= limits.tunnelsPerSessionMax) {
      this.refuse(wish, ANSWERS.tooManyTunnels);
      return;
    }
    this.#connect(wish, session.route.target, session, (code) => {
      if (lookAgain !== null) return lookAgain();
      const isStarting = session.route.isStarting || code === "ENOENT";
      this.refuse(wish, isStarting ? ANSWERS.sessionStarting : ANSWERS.sessionSilent);
    });
  }

  #connect(
    wish: Wish,
    target: Target,
    session: KnownSession | null,
    onUnreachable: (code: string) => void,
  ): void {
    const { clock, limits, counters } = this.#parts.context;
    const { request, socket } = wish;
    const source = session === null ? "api" : "session";
    const headers = requestHeaders(request.rawHeaders, request.headers.connection, wish.forwarded);
    if (headers === null) return this.refuse(wish, ANSWERS.malformed);
    const options = { timeoutMs: limits.connectTimeoutMs, allowHalfOpen: true };
    openSocket(clock, target, options, (error, upstream) => {
      if (socket.destroyed) {
        upstream?.destroy();
      } else if (error !== null) {
        counters.upstreamFaults[source].unreachable += 1;
        onUnreachable(codeOf(error));
      } else {
        this.#shakeHands(wish, upstream, headers, session);
      }
    });
  }

  #shakeHands(wish: Wish, upstream: Socket, headers: string[], session: KnownSession | null): void {
    const { clock, limits, counters } = this.#parts.context;
    const { request, socket } = wish;
    const source = session === null ? "api" : "session";
    if (session !== null) {
      session.tunnels += 1;
      socket.once("close", () => {
        session.tunnels -= 1;
      });
    }
    const handshake = startHandshake(request, upstream, headers, limits.headerBytesMax);
    const cancelTimeout = clock.setTimer(limits.tunnelHandshakeMs, () => handshake.destroy());
    const onPersonGone = () => handshake.destroy();
    socket.once("close", onPersonGone);
    const settle = (): void => {
      cancelTimeout();
      socket.off("close", onPersonGone);
    };
    handshake.once("upgrade", (answer, _socket, first) => {
      settle();
      counters.answered(source, answer.statusCode ?? 101);
      this.#join(wish, { upstream, answer, first }, session);
    });
    handshake.once("response", (answer) => {
      settle();
      counters.answered(source, answer.statusCode ?? 502);
      passRefusal(wish, answer, source);
    });
    handshake.once("error", () => {
      settle();
      if (socket.destroyed) return;
      counters.upstreamFaults[source].broken += 1;
      this.refuse(wish, session === null ? ANSWERS.apiBroken : ANSWERS.sessionBroken);
    });
  }

  #join(
    wish: Wish,
    { upstream, answer, first }: { upstream: Socket; answer: IncomingMessage; first: Buffer },
    session: KnownSession | null,
  ): void {
    const { activity, context } = this.#parts;
    const { counters, limits } = context;
    const { socket } = wish;
    const source = session === null ? "api" : "session";
    counters.tunnels.now += 1;
    counters.tunnels.total += 1;
    socket.setTimeout(0);
    for (const end of [socket, upstream]) end.setKeepAlive(true, limits.tunnelProbeMs);
    const scanners = { person: new FrameScanner(), upstream: new FrameScanner() };
    socket.write(
      switchingProtocols(responseHeaders(answer.rawHeaders, source, answer.headers.connection)),
      "latin1",
    );
    if (first.length > 0) upstream.unshift(first);
    if (wish.head.length > 0) socket.unshift(wish.head);
    splice({
      person: socket,
      upstream,
      onChunk: (from, chunk) => {
        if (from === "person") counters.bytes.received += chunk.length;
        else counters.bytes.sent += chunk.length;
        if (session !== null && scanners[from].scan(chunk)) activity.note(session);
      },
      onClosed: () => {
        counters.tunnels.now -= 1;
      },
    });
  }
}

function startHandshake(
  request: IncomingMessage,
  upstream: Socket,
  headers: readonly string[],
  maxHeaderSize: number,
): ClientRequest {
  const handshake = httpRequest({
    createConnection: () => upstream,
    method: "GET",
    path: request.url ?? "/",
    headers: [...headers, "Connection", "Upgrade", "Upgrade", "websocket"],
    maxHeaderSize,
  });
  handshake.end();
  return handshake;
}

/** The session said no, with a response of its own. */
function passRefusal(wish: Wish, answer: IncomingMessage, source: "session" | "api"): void {
  const response = responseOn(wish);
  answer.once("error", () => response.destroy());
  response.once("close", () => answer.destroy());
  response.writeHead(
    answer.statusCode ?? 502,
    responseHeaders(answer.rawHeaders, source, answer.headers.connection),
  );
  answer.pipe(response);
}

function responseOn({ request, socket }: Wish): ServerResponse {
  const response = new ServerResponse(request);
  response.shouldKeepAlive = false;
  response.assignSocket(socket);
  socket.on("error", () => response.destroy());
  response.once("finish", () => socket.destroySoon());
  return response;
}

function switchingProtocols(headers: readonly string[]): string {
  let text = "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n";
  for (let index = 0; index < headers.length; index += 2) {
    text += `${headers[index]}: ${headers[index + 1]}\r\n`;
  }
  return `${text}\r\n`;
}
