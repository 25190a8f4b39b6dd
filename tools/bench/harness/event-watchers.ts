/** A thousand readers of event streams in one process: raw sockets, so that the load is light. */
import { connect, type Socket } from "node:net";
import { until } from "./until.ts";

export interface Watchers {
  /** Since the connection was begun, for each reader: to its first event. */
  readonly firstEventMs: readonly number[];
  /** Events that came, of all readers. */
  readonly events: () => number;
  close(): void;
}

const DATA = Buffer.from("\ndata:");

/** Resolves when every reader has its first event. Errors: not all within the deadline. */
export async function openWatchers(wish: {
  readonly port: number;
  /** Path of the stream for the reader with this number. */
  readonly path: (n: number) => string;
  readonly count: number;
  readonly token: string;
  readonly deadlineMs: number;
  readonly signal: AbortSignal;
}): Promise<Watchers> {
  const sockets: Socket[] = [];
  const firstEventMs: number[] = [];
  let [events, refused] = [0, ""];
  for (let n = 0; n < wish.count; n += 1) {
    const startedMs = performance.now();
    const socket = connect(wish.port, "127.0.0.1");
    let isFirst = true;
    socket.write(
      `GET ${wish.path(n)} HTTP/1.1\r\nHost: 127.0.0.1:${wish.port}\r\n` +
        `Authorization: Bearer ${wish.token}\r\nAccept: text/event-stream\r\n\r\n`,
    );
    socket.on("data", (chunk: Buffer) => {
      if (!chunk.includes(DATA)) {
        if (isFirst && !chunk.subarray(0, 12).equals(OK)) refused ||= chunk.toString();
        return;
      }
      events += 1;
      if (!isFirst) return;
      isFirst = false;
      firstEventMs.push(performance.now() - startedMs);
    });
    socket.on("error", (error) => {
      refused ||= error.message;
    });
    sockets.push(socket);
  }
  const close = () => {
    for (const socket of sockets) socket.destroy();
  };
  try {
    await until(() => firstEventMs.length === wish.count, {
      what: `every reader has an event (${refused || "none was refused"})`,
      deadlineMs: wish.deadlineMs,
      signal: wish.signal,
      everyMs: 20,
    });
  } catch (error) {
    close();
    throw new Error(`${firstEventMs.length} of ${wish.count}: ${refused}`, { cause: error });
  }
  return { firstEventMs, events: () => events, close };
}

const OK = Buffer.from("HTTP/1.1 200");
