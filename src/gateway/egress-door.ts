/** What one sandbox asks of its filtered way out: tunnels (HTTPS) and plain requests (HTTP). */
import {
  type ClientRequest,
  type IncomingMessage,
  request as httpRequest,
  type ServerResponse,
} from "node:http";
import type { Socket } from "node:net";
import { pipeline } from "node:stream";
import type { Clock } from "#ports/clock.ts";
import type { Log } from "#ports/log.ts";
import { connectTo, connectToAny, tunnelByProxy, type UpstreamProxy } from "./egress-connect.ts";
import {
  authorityOf,
  type Destination,
  type DestinationRules,
  destinationOf,
  judge,
  type Verdict,
} from "./egress-destination.ts";
import type { EgressLimits } from "./egress-limits.ts";
import { endToEndHeaders } from "./headers.ts";
import { NameLookups } from "./name-lookups.ts";
import { hasBody } from "./request-body.ts";
import { splice } from "./splice.ts";

interface Parts {
  readonly rules: DestinationRules;
  readonly proxy: UpstreamProxy | null;
  readonly clock: Clock;
  readonly log: Log;
  readonly limits: EgressLimits;
}

/** Why not. `reason` is what most programs show of a refusal, so it says whose it is. */
interface Refusal {
  readonly status: number;
  readonly reason: string;
  readonly text: string;
}

const RULE =
  "Bindery lets sessions reach public addresses by HTTP and HTTPS only (ports 80 and 443).";

export class EgressDoor {
  readonly #parts: Parts;
  readonly #rules: DestinationRules;
  #open = 0;

  constructor(parts: Parts) {
    this.#parts = parts;
    const { connectionsMax: waitingMax, resolvesMax } = parts.limits;
    const names = new NameLookups(parts.rules.resolve, { resolvesMax, waitingMax });
    this.#rules = { ...parts.rules, resolve: (host) => names.addressesOf(host) };
  }

  /** `CONNECT host:port`. */
  async tunnel(request: IncomingMessage, person: Socket, head: Buffer): Promise<void> {
    person.on("error", () => person.destroy());
    const release = this.#enter();
    person.once("close", release);
    const destination = destinationOf(request.url ?? "", null);
    const outcome = await this.#reach(destination, (checked, verdict) =>
      this.#openTunnel(checked, verdict),
    );
    if (outcome.kind === "refused") return sendRaw(person, outcome.refusal);
    const upstream = outcome.socket;
    if (person.destroyed) {
      upstream.destroy();
      return;
    }
    upstream.setTimeout(this.#parts.limits.idleMs, () => upstream.destroy());
    person.write("HTTP/1.1 200 Connection established\r\n\r\n");
    if (head.length > 0) person.unshift(head);
    splice({ person, upstream, onChunk: () => undefined, onClosed: () => undefined });
  }

  /** `GET http://host/path` and the like. */
  async pass(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const release = this.#enter();
    response.once("close", release);
    const match = /^http:\/\/([^/?#]*)([^#]*)/i.exec(request.url ?? "");
    if (match === null) return send(response, NOT_A_PROXY_REQUEST);
    const [, authority = "", rest = ""] = match;
    const destination = destinationOf(authority, 80);
    const outcome = await this.#reach(destination, (checked, verdict) =>
      this.#openPlain(checked, verdict),
    );
    if (outcome.kind === "refused") return send(response, outcome.refusal);
    const upstream = outcome.socket;
    if (response.destroyed) {
      upstream.destroy();
      return;
    }
    upstream.setTimeout(this.#parts.limits.idleMs, () => upstream.destroy());
    const path = rest.startsWith("/") ? rest : `/${rest}`;
    this.#exchange({ request, response, upstream, authority, path });
  }

  /** Counts one; the returned function counts it off, once. */
  #enter(): () => void {
    this.#open += 1;
    let isIn = true;
    return () => {
      if (isIn) this.#open -= 1;
      isIn = false;
    };
  }

  async #reach(
    destination: Destination | null,
    open: (destination: Destination, verdict: Verdict) => Promise<Socket | null>,
  ): Promise<
    | { readonly kind: "open"; readonly socket: Socket }
    | { readonly kind: "refused"; readonly refusal: Refusal }
  > {
    const { limits, log } = this.#parts;
    if (destination === null) return { kind: "refused", refusal: NOT_A_PROXY_REQUEST };
    if (this.#open > limits.connectionsMax) {
      return { kind: "refused", refusal: tooMany(limits.connectionsMax) };
    }
    const verdict = await this.#judge(destination);
    if (verdict.kind === "refused") {
      return { kind: "refused", refusal: forbidden(destination, verdict.because) };
    }
    try {
      const socket = await open(destination, verdict);
      if (socket !== null) return { kind: "open", socket };
      return { kind: "refused", refusal: unknownName(destination) };
    } catch (error) {
      log.debug("a session's way out could not be opened", { ...destination, error });
      return { kind: "refused", refusal: unreachable(destination) };
    }
  }

  async #judge(destination: Destination): Promise<Verdict> {
    const { clock, limits } = this.#parts;
    const late = Promise.withResolvers<Verdict>();
    const cancel = clock.setTimer(limits.resolveTimeoutMs, () => {
      late.resolve({ kind: "unresolved" });
    });
    try {
      return await Promise.race([judge(destination, this.#rules), late.promise]);
    } finally {
      cancel();
    }
  }

  async #openTunnel(destination: Destination, verdict: Verdict): Promise<Socket | null> {
    const { proxy } = this.#parts;
    if (proxy !== null) return await tunnelByProxy(this.#parts, proxy, destination);
    return await this.#openDirect(destination, verdict);
  }

  async #openPlain(destination: Destination, verdict: Verdict): Promise<Socket | null> {
    const { proxy } = this.#parts;
    if (proxy !== null) return await connectTo(this.#parts, proxy);
    return await this.#openDirect(destination, verdict);
  }

  async #openDirect(destination: Destination, verdict: Verdict): Promise<Socket | null> {
    if (verdict.kind !== "open") return null;
    return await connectToAny(this.#parts, verdict.addresses, destination.port);
  }

  #exchange(way: {
    readonly request: IncomingMessage;
    readonly response: ServerResponse;
    readonly upstream: Socket;
    readonly authority: string;
    readonly path: string;
  }): void {
    const { request, response, upstream, authority, path } = way;
    const { proxy, limits } = this.#parts;
    const headers = endToEndHeaders(request.rawHeaders, request.headers.connection);
    headers.push("Host", authority, "Connection", "close");
    // The body must be framed also where Node would not expect one (a GET): otherwise its bytes
    // would be read as another request, unchecked.
    const isChunked = request.headers["transfer-encoding"] !== undefined;
    if (isChunked) headers.push("Transfer-Encoding", "chunked");
    if (proxy !== null && proxy.authorization !== null) {
      headers.push("Proxy-Authorization", proxy.authorization);
    }
    const asked = httpRequest({
      createConnection: () => upstream,
      method: request.method ?? "GET",
      path: proxy === null ? path : `http://${authority}${path}`,
      headers,
      maxHeaderSize: limits.headerBytesMax,
    });
    response.once("close", () => asked.destroy());
    asked.once("error", () => {
      if (response.headersSent) response.destroy();
      else send(response, BROKE_OFF);
    });
    asked.once("response", (answer) => {
      const passed = endToEndHeaders(answer.rawHeaders, answer.headers.connection);
      response.writeHead(answer.statusCode ?? 502, answer.statusMessage, passed);
      // Whoever is left is told by the closed connection.
      pipeline(answer, response, () => undefined);
    });
    sendBody(request, asked);
  }
}

function sendBody(request: IncomingMessage, asked: ClientRequest): void {
  if (hasBody(request)) pipeline(request, asked, () => undefined);
  else asked.end();
}

const NOT_A_PROXY_REQUEST: Refusal = {
  status: 400,
  reason: "Not a proxy request",
  text: "This is Bindery's way out of a session: it takes CONNECT host:443 and GET http://host/.",
};

const BROKE_OFF: Refusal = {
  status: 502,
  reason: "The destination broke off",
  text: "The destination ended the connection before it answered.",
};

function forbidden(destination: Destination, because: string): Refusal {
  const shown = authorityOf(destination);
  return {
    status: 403,
    reason: `Refused by Bindery: ${because}`,
    text: `${RULE} ${shown} is refused: ${because}.`,
  };
}

function unknownName({ host }: Destination): Refusal {
  return { status: 502, reason: "Unknown host name", text: `The name ${host} has no address.` };
}

function unreachable(destination: Destination): Refusal {
  const text = `${authorityOf(destination)} does not answer.`;
  return { status: 502, reason: "The destination does not answer", text };
}

function tooMany(connectionsMax: number): Refusal {
  return {
    status: 429,
    reason: "Too many connections",
    text: `Bindery lets a session have ${connectionsMax} connections to the outside at a time.`,
  };
}

function send(response: ServerResponse, { status, reason, text }: Refusal): void {
  const body = `${text}\n`;
  const length = String(Buffer.byteLength(body));
  const type = "text/plain; charset=utf-8";
  const headers = ["Content-Type", type, "Content-Length", length, "Connection", "close"];
  response.writeHead(status, reason, headers).end(body);
}

function sendRaw(socket: Socket, { status, reason, text }: Refusal): void {
  const body = `${text}\n`;
  const head = [
    `HTTP/1.1 ${status} ${reason}`,
    "Content-Type: text/plain; charset=utf-8",
    `Content-Length: ${Buffer.byteLength(body)}`,
    "Connection: close",
  ].join("\r\n");
  // Not held open for someone who does not hang up: it would count.
  socket.end(`${head}\r\n\r\n${body}`, () => socket.destroy());
}
