/** Connections to sessions: kept, bounded, and given up when nobody asks. */
import { createServer, type Server, type Socket } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import type { Clock } from "#ports/clock.ts";
import { DEFAULT_GATEWAY_LIMITS } from "./gateway-limits.ts";
import { ConnectionLost, type Exchange } from "./upstream-connection.ts";
import { Upstream } from "./upstreams.ts";

const clock: Clock = {
  nowMs: () => Date.now(),
  monotonicMs: () => performance.now(),
  setTimer: (delayMs, callback) => {
    const timer = setTimeout(callback, delayMs);
    return () => clearTimeout(timer);
  },
};

/** A server that does with every connection what the test says. */
async function upstreamTo(onConnection: (socket: Socket) => void, connectionsMax = 1) {
  const sockets: Socket[] = [];
  const server: Server = createServer((socket) => {
    sockets.push(socket);
    socket.on("error", () => undefined);
    onConnection(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  const target = { kind: "tcp", host: "127.0.0.1", port } as const;
  const upstream = new Upstream(target, connectionsMax, clock, DEFAULT_GATEWAY_LIMITS);
  return { upstream, sockets };
}

interface Asked {
  readonly exchange: Exchange;
  readonly ended: Promise<string>;
}

/** `takes` is what the person's side answers to every piece: false makes the connection pause. */
function get(takes = true): Asked {
  let text = "";
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const exchange: Exchange = {
    method: "GET",
    head: "GET / HTTP/1.1\r\nHost: x\r\n\r\n",
    body: null,
    isBodyChunked: false,
    onBodyWanted: () => undefined,
    onBodyChunk: () => true,
    onHead: () => undefined,
    onBody: (chunk) => {
      text += chunk.toString();
      return takes;
    },
    onEnd: () => resolve(text),
    onError: reject,
  };
  return { exchange, ended: promise };
}

const CHUNKED = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n";

test("a connection whose last reader was slow serves the next one", async () => {
  const { upstream, sockets } = await upstreamTo((socket) => {
    socket.on("data", () => socket.write(CHUNKED));
  });
  for (let count = 0; count < 3; count += 1) {
    const { exchange, ended } = get(false);
    upstream.carry(exchange);
    expect(await ended).toBe("abc");
  }
  expect(sockets).toHaveLength(1);
});

test("a reader that says stop is sent no more until it says go", async () => {
  const { upstream } = await upstreamTo((socket) => {
    socket.once("data", () => {
      socket.write("HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nabc", () => socket.write("def"));
    });
  });
  let hasStopped = () => undefined as void;
  const stopped = new Promise<void>((resolve) => {
    hasStopped = resolve;
  });
  const { exchange, ended } = get(true);
  let pieces = 0;
  const passage = upstream.carry({
    ...exchange,
    onBody: (chunk, isLast) => {
      exchange.onBody(chunk, isLast);
      pieces += 1;
      hasStopped();
      return pieces > 1;
    },
  });
  await stopped;
  passage.resume();
  expect(await ended).toBe("abcdef");
});

test("an exchange that is given up while it waits costs no connection and hears nothing", async () => {
  const waiting: Socket[] = [];
  const { upstream, sockets } = await upstreamTo((socket) => {
    socket.on("data", () => waiting.push(socket));
  });
  const first = get();
  const second = get();
  const third = get();
  upstream.carry(first.exchange);
  const passage = upstream.carry(second.exchange);
  upstream.carry(third.exchange);
  passage.abort();
  while (waiting.length === 0) await new Promise((resolve) => setImmediate(resolve));
  waiting.pop()?.write(CHUNKED);
  await first.ended;
  while (waiting.length === 0) await new Promise((resolve) => setImmediate(resolve));
  waiting.pop()?.write(CHUNKED);
  expect(await third.ended).toBe("abc");
  expect(sockets).toHaveLength(1);
});

test("resuming or giving up what is over does nothing to the next exchange", async () => {
  const { upstream, sockets } = await upstreamTo((socket) => {
    socket.on("data", () => socket.write(CHUNKED));
  });
  const first = get();
  const passage = upstream.carry(first.exchange);
  await first.ended;
  const second = get();
  upstream.carry(second.exchange);
  passage.resume();
  passage.abort();
  expect(await second.ended).toBe("abc");
  expect(sockets).toHaveLength(1);
});

test("a connection that was lost is told from one that had carried something before", async () => {
  const { upstream } = await upstreamTo((socket) => {
    let asked = 0;
    socket.on("data", () => {
      asked += 1;
      if (asked === 1) socket.write(CHUNKED);
      else socket.destroy();
    });
  });
  const first = get();
  upstream.carry(first.exchange);
  await first.ended;
  const second = get();
  upstream.carry(second.exchange);
  await expect(second.ended).rejects.toMatchObject({ wasStale: true });
  const third = get();
  upstream.carry(third.exchange);
  expect(await third.ended).toBe("abc");
});

test("a response that ends early is an error", async () => {
  const { upstream } = await upstreamTo((socket) => {
    socket.once("data", () => socket.end("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc"));
  });
  const { exchange, ended } = get();
  upstream.carry(exchange);
  await expect(ended).rejects.toBeInstanceOf(ConnectionLost);
});

test("free connections are closed when they were free for long", async () => {
  const { upstream, sockets } = await upstreamTo((socket) => {
    socket.on("data", () => socket.write(CHUNKED));
  });
  const { exchange, ended } = get();
  upstream.carry(exchange);
  await ended;
  const closed = new Promise((resolve) => sockets[0]?.once("close", resolve));
  expect(upstream.closeIdle(clock.monotonicMs())).toBe(false);
  upstream.closeIdle(clock.monotonicMs() + DEFAULT_GATEWAY_LIMITS.upstreamKeepAliveMs);
  await closed;
  expect(upstream.closeIdle(clock.monotonicMs())).toBe(true);
});
