/** A connection for a session to the outside: straight to a checked address, or by a proxy in front. */
import { request as httpRequest } from "node:http";
import type { Socket } from "node:net";
import type { Clock } from "#ports/clock.ts";
import type { EgressLimits } from "./egress-limits.ts";
import { authorityOf, type Destination } from "./egress-destination.ts";
import { openSocket } from "./target-socket.ts";

/** The proxy that this machine itself needs. */
export interface UpstreamProxy {
  readonly host: string;
  readonly port: number;
  /** Value of `Proxy-Authorization`, or null. */
  readonly authorization: string | null;
}

/** `http://user:password@proxy:3128` as programs write it; null when it is not of that form. */
export function upstreamProxyOf(url: string): UpstreamProxy | null {
  if (!URL.canParse(url)) return null;
  const { protocol, hostname, port, username, password } = new URL(url);
  if (protocol !== "http:" || hostname === "") return null;
  const credentials = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return {
    host: hostname.replace(/^\[|\]$/g, ""),
    port: port === "" ? 80 : Number(port),
    authorization: username === "" ? null : `Basic ${Buffer.from(credentials).toString("base64")}`,
  };
}

interface Tools {
  readonly clock: Clock;
  readonly limits: Pick<EgressLimits, "connectTimeoutMs" | "headerBytesMax">;
}

/** The first of the addresses that answers. Rejects with the last one's error. */
export async function connectToAny(
  tools: Tools,
  addresses: readonly string[],
  port: number,
): Promise<Socket> {
  let failure: unknown = new Error("no address to connect to");
  for (const host of addresses) {
    try {
      return await connectTo(tools, { host, port });
    } catch (error) {
      failure = error;
    }
  }
  throw failure;
}

export function connectTo({ clock, limits }: Tools, { host, port }: Destination): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const options = { timeoutMs: limits.connectTimeoutMs, allowHalfOpen: true };
    openSocket(clock, { kind: "tcp", host, port }, options, (error, socket) => {
      if (error === null) resolve(socket);
      else reject(error);
    });
  });
}

/** A tunnel made by the proxy in front. Rejects when it does not answer 200. */
export async function tunnelByProxy(
  tools: Tools,
  proxy: UpstreamProxy,
  destination: Destination,
): Promise<Socket> {
  const socket = await connectTo(tools, proxy);
  const authority = authorityOf(destination);
  const headers = ["Host", authority];
  if (proxy.authorization !== null) headers.push("Proxy-Authorization", proxy.authorization);
  return await new Promise((resolve, reject) => {
    const asked = httpRequest({
      createConnection: () => socket,
      method: "CONNECT",
      path: authority,
      headers,
      maxHeaderSize: tools.limits.headerBytesMax,
    });
    const cancel = tools.clock.setTimer(tools.limits.connectTimeoutMs, () => {
      asked.destroy(new Error("the proxy in front did not answer in time"));
    });
    asked.once("error", (error) => {
      cancel();
      reject(error);
    });
    asked.once("connect", (answer, _socket, first: Buffer) => {
      cancel();
      if (answer.statusCode === 200) {
        if (first.length > 0) socket.unshift(first);
        resolve(socket);
      } else {
        socket.destroy();
        reject(new Error(`the proxy in front answered ${answer.statusCode}`));
      }
    });
    asked.end();
  });
}
