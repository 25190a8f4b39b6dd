/** The load of the gateway's bench: as cheap as it can be, because it shares the machine. */
import { connect, type Socket } from "node:net";
import { performance } from "node:perf_hooks";
import { WebSocket } from "ws";

export interface LoadOrder {
  readonly kind: "http" | "websocket";
  readonly port: number;
  readonly connections: number;
  readonly paths: number;
  readonly durationMs: number;
}

export interface LoadResult {
  readonly count: number;
  readonly failed: number;
  readonly durationMs: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

/** Tenths of a millisecond, up to ten seconds. */
const latencies = new Uint32Array(100_000);

function note(startedMs: number): void {
  const tenths = Math.round((performance.now() - startedMs) * 10);
  const index = Math.min(tenths, latencies.length - 1);
  latencies[index] = (latencies[index] ?? 0) + 1;
}

function percentile(share: number, count: number): number {
  let left = count * share;
  for (const [index, seen] of latencies.entries()) {
    left -= seen;
    if (left <= 0) return index / 10;
  }
  return Number.POSITIVE_INFINITY;
}

/** One keep-alive connection that asks, reads to the end, and asks again. */
class Asker {
  readonly #socket: Socket;
  readonly #requests: readonly Buffer[];
  #next: number;
  #startedMs = 0;
  #left = -1;
  #pending: Buffer = Buffer.alloc(0);
  done = 0;
  failed = 0;

  constructor(port: number, requests: readonly Buffer[], offset: number) {
    this.#requests = requests;
    this.#next = offset;
    this.#socket = connect(port, "127.0.0.1", () => this.#ask());
    this.#socket.setNoDelay(true);
    this.#socket.on("data", (chunk: Buffer) => this.#read(chunk));
    this.#socket.on("error", () => {
      this.failed += 1;
    });
  }

  stop(): void {
    this.#socket.destroy();
  }

  #ask(): void {
    // A stride that is prime to the number of paths visits all of them in no order of memory.
    this.#next = (this.#next + 7_919) % this.#requests.length;
    this.#startedMs = performance.now();
    this.#left = -1;
    this.#socket.write(this.#requests[this.#next] ?? "");
  }

  #read(chunk: Buffer): void {
    if (this.#left === -1) {
      this.#pending = this.#pending.length === 0 ? chunk : Buffer.concat([this.#pending, chunk]);
      const end = this.#pending.indexOf("\r\n\r\n");
      if (end === -1) return;
      const head = this.#pending.toString("latin1", 0, end);
      if (!head.startsWith("HTTP/1.1 200")) this.failed += 1;
      this.#left = Number(/content-length: (\d+)/i.exec(head)?.[1] ?? 0);
      this.#left -= this.#pending.length - end - 4;
      this.#pending = Buffer.alloc(0);
    } else {
      this.#left -= chunk.length;
    }
    if (this.#left > 0) return;
    note(this.#startedMs);
    this.done += 1;
    this.#ask();
  }
}

async function http(order: LoadOrder): Promise<LoadResult> {
  const requests = Array.from({ length: order.paths }, (_, index) =>
    Buffer.from(
      `GET /user/session-${index}/ HTTP/1.1\r\nHost: 127.0.0.1:${order.port}\r\nAccept: */*\r\n\r\n`,
    ),
  );
  const startedMs = performance.now();
  const askers = Array.from(
    { length: order.connections },
    (_, index) => new Asker(order.port, requests, index * 311),
  );
  await new Promise((resolve) => setTimeout(resolve, order.durationMs));
  for (const asker of askers) asker.stop();
  return result(
    askers.reduce((sum, asker) => sum + asker.done, 0),
    askers.reduce((sum, asker) => sum + asker.failed, 0),
    performance.now() - startedMs,
  );
}

async function websocket(order: LoadOrder): Promise<LoadResult> {
  const message = "x".repeat(128);
  let count = 0;
  let failed = 0;
  const startedMs = performance.now();
  const sockets = Array.from({ length: order.connections }, () => {
    const url = `ws://127.0.0.1:${order.port}/user/session-0/`;
    const socket = new WebSocket(url, { perMessageDeflate: false });
    let sentMs = 0;
    const send = () => {
      sentMs = performance.now();
      socket.send(message);
    };
    socket.on("open", send);
    socket.on("message", () => {
      note(sentMs);
      count += 1;
      send();
    });
    socket.on("error", () => {
      failed += 1;
    });
    return socket;
  });
  await new Promise((resolve) => setTimeout(resolve, order.durationMs));
  for (const socket of sockets) socket.terminate();
  return result(count, failed, performance.now() - startedMs);
}

function result(count: number, failed: number, durationMs: number): LoadResult {
  const [p50Ms, p99Ms] = [percentile(0.5, count), percentile(0.99, count)];
  return { count, failed, durationMs, p50Ms, p99Ms };
}

const order = JSON.parse(process.argv[2] ?? "{}") as LoadOrder;
const outcome = order.kind === "http" ? await http(order) : await websocket(order);
process.send?.(outcome, () => process.exit(0));
