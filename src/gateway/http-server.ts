/** The HTTP server itself: its limits, its listeners, its end. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { AppError } from "#core/errors.ts";
import type { Clock } from "#ports/clock.ts";
import type { FrontDoor } from "./front-door.ts";
import type { GatewayLimits } from "./gateway-limits.ts";
import type { Counters } from "./gateway-metrics.ts";
import type { GatewayAddress } from "./gateway-options.ts";
import { codeOf } from "./target-socket.ts";

/** Strict where Node can be: header size and time, no lenient parser, one host per request. */
export function createHttpServer(
  door: FrontDoor,
  counters: Counters,
  limits: GatewayLimits,
): Server {
  const server = createServer({
    maxHeaderSize: limits.headerBytesMax,
    headersTimeout: limits.headersTimeoutMs,
    // An upload may take as long as it moves; `timeout` below ends one that does not.
    requestTimeout: 0,
    keepAliveTimeout: limits.keepAliveTimeoutMs,
    connectionsCheckingInterval: Math.min(5_000, limits.headersTimeoutMs),
    insecureHTTPParser: false,
    noDelay: true,
    // Other upgrades (h2c) are not done; such a request is served as if it had not asked.
    shouldUpgradeCallback: (request) =>
      request.method === "GET" && request.headers.upgrade?.toLowerCase() === "websocket",
  });
  server.timeout = limits.connectionIdleMs;
  server.maxConnections = limits.connectionsMax;
  server.on("connection", (socket: Socket) => {
    counters.connections.now += 1;
    counters.connections.total += 1;
    socket.once("close", () => {
      counters.connections.now -= 1;
    });
  });
  server.on("drop", () => {
    counters.connections.refused += 1;
  });
  server.on("request", (request: IncomingMessage, response: ServerResponse) => {
    door.handle(request, response);
  });
  // `100 Continue` is said when somebody takes the body, not before its size was looked at.
  server.on("checkContinue", (request: IncomingMessage, response: ServerResponse) => {
    door.handle(request, response);
  });
  server.on("upgrade", (request: IncomingMessage, socket: Socket, head: Buffer) => {
    door.upgrade(request, socket, head);
  });
  server.on("clientError", (error: Error, socket: Socket) => {
    counters.malformedRequests += 1;
    refuseMalformed(error, socket);
  });
  return server;
}

/** The request could not even be read; there is no response object yet. */
function refuseMalformed(error: Error, socket: Socket): void {
  if (!socket.writable) {
    socket.destroy();
    return;
  }
  const code = codeOf(error);
  const status =
    code === "HPE_HEADER_OVERFLOW"
      ? "431 Request Header Fields Too Large"
      : code === "ERR_HTTP_REQUEST_TIMEOUT"
        ? "408 Request Timeout"
        : "400 Bad Request";
  const head = "Content-Type: text/plain; charset=utf-8\r\nContent-Length: 0\r\nConnection: close";
  socket.end(`HTTP/1.1 ${status}\r\n${head}\r\n\r\n`, () => socket.destroy());
}

/** Errors: port-taken. */
export function listenOn(
  server: Server,
  at: { readonly host: string; readonly port: number },
): Promise<GatewayAddress> {
  return new Promise((resolve, reject) => {
    const onError = (cause: Error): void => {
      const isTaken = codeOf(cause) === "EADDRINUSE";
      const message = `Port ${at.port} on ${at.host} is in use.`;
      reject(isTaken ? new AppError("port-taken", message, { cause }) : cause);
    };
    server.once("error", onError);
    server.listen({ host: at.host, port: at.port, backlog: 4_096 }, () => {
      server.off("error", onError);
      const { address, port, family } = server.address() as AddressInfo;
      const isAny = address === "0.0.0.0" || address === "::";
      const reachable = isAny ? "127.0.0.1" : family === "IPv6" ? `[${address}]` : address;
      resolve({ host: address, port, url: `http://${reachable}:${port}` });
    });
  });
}

/** What is short may end by itself; what is left after `graceMs` is cut. */
export function closeServer(server: Server, clock: Clock, graceMs: number): Promise<void> {
  return new Promise((resolve) => {
    const cancel = clock.setTimer(graceMs, () => server.closeAllConnections());
    // Also called back, with an error, when it never listened.
    server.close(() => {
      cancel();
      resolve();
    });
    server.closeIdleConnections();
  });
}
