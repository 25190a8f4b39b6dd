/** The filtered way out of a sandbox: an HTTP proxy that leads to public addresses only. */
import { lstat, rm } from "node:fs/promises";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { umask } from "node:process";
import type { Clock } from "#ports/clock.ts";
import type { Log } from "#ports/log.ts";
import { type UpstreamProxy, upstreamProxyOf } from "./egress-connect.ts";
import { EgressDoor } from "./egress-door.ts";
import { DEFAULT_EGRESS_LIMITS, type EgressLimits } from "./egress-limits.ts";
import { listenablePath } from "./unix-socket.ts";

export interface EgressOptions {
  /** All addresses of a name. */
  readonly resolve: (host: string) => Promise<readonly string[]>;
  /** `host` or `host:port`: reachable whatever its address is, like the package index of builds. */
  readonly allowHosts?: readonly string[];
  /** URL of the proxy that this machine itself needs; it then decides what a name means. */
  readonly upstreamProxy?: string | null;
  readonly limits?: Partial<EgressLimits>;
}

export interface EgressListener {
  readonly path: string;
  /** Cuts what is open and deletes the socket. Idempotent. */
  close(): Promise<void>;
}

export interface EgressFilter {
  /**
   * Listens on a UNIX socket at `path`, for every user who reaches it: its directory must be
   * private. What lies there is replaced. Each listener has limits of its own.
   */
  listen(path: string): Promise<EgressListener>;
}

export function createEgressFilter(
  options: EgressOptions & { readonly clock: Clock; readonly log: Log },
): EgressFilter {
  const limits = { ...DEFAULT_EGRESS_LIMITS, ...options.limits };
  const proxy: UpstreamProxy | null = options.upstreamProxy
    ? upstreamProxyOf(options.upstreamProxy)
    : null;
  if (options.upstreamProxy && proxy === null) {
    throw new TypeError("upstreamProxy must look like http://proxy.example:3128");
  }
  return {
    listen: (path) => {
      const door = new EgressDoor({
        rules: {
          resolve: options.resolve,
          allowHosts: options.allowHosts ?? [],
          addressesMax: limits.addressesMax,
        },
        proxy,
        clock: options.clock,
        log: options.log,
        limits,
      });
      return listenAt(path, door, limits);
    },
  };
}

async function listenAt(
  path: string,
  door: EgressDoor,
  limits: EgressLimits,
): Promise<EgressListener> {
  const sockets = new Set<Socket>();
  const server = createServer({
    maxHeaderSize: limits.headerBytesMax,
    headersTimeout: limits.headersTimeoutMs,
    requestTimeout: 0,
    keepAliveTimeout: limits.headersTimeoutMs,
  });
  // More than the door lets through, so that it can say so.
  server.maxConnections = 2 * limits.connectionsMax;
  server.on("connection", (socket: Socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
    socket.setTimeout(limits.idleMs, () => socket.destroy());
  });
  server.on("request", (request: IncomingMessage, response: ServerResponse) => {
    void door.pass(request, response);
  });
  server.on("connect", (request: IncomingMessage, socket: Socket, head: Buffer) => {
    void door.tunnel(request, socket, head);
  });
  const name = await bind(server, path);
  let closing: Promise<void> | null = null;
  return {
    path,
    close: () => {
      closing ??= closeServer(server, sockets).finally(() => name.release());
      return closing;
    },
  };
}

/**
 * The mode comes from the process's mask, within one turn: a `chmod` afterwards would follow a link
 * that a session has put in place of its socket meanwhile.
 */
async function bind(server: Server, path: string): Promise<{ release(): void }> {
  await removeStale(path);
  const name = listenablePath(path);
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.once("listening", resolve);
  server.once("error", reject);
  const mask = umask(0);
  try {
    server.listen({ path: name.name });
  } finally {
    umask(mask);
  }
  try {
    await promise;
  } catch (error) {
    name.release();
    throw error;
  }
  server.off("error", reject);
  // Nothing that happens to one connection may end the process.
  server.on("error", () => undefined);
  return name;
}

/** A socket (or a link: then only the link) that an earlier process left. */
async function removeStale(path: string): Promise<void> {
  const found = await lstat(path).catch(() => null);
  if (found !== null && !found.isDirectory()) await rm(path, { force: true });
}

function closeServer(server: Server, sockets: ReadonlySet<Socket>): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    for (const socket of sockets) socket.destroy();
  });
}
