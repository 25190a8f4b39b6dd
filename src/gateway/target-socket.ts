/** One connection to a target, made in a limited time. */
import { connect, type Socket } from "node:net";
import { KIB } from "#base/units.ts";
import type { Clock } from "#ports/clock.ts";
import type { Route } from "#ports/route-source.ts";
import { connectUnix } from "./unix-socket.ts";

export type Target = Route["target"];

export type ConnectCallback = (
  ...result: [error: null, socket: Socket] | [error: Error, socket: null]
) => void;

/** The listener's queue is full: it is there, and busy. */
const QUEUE_FULL = "EAGAIN";
const QUEUE_FULL_RETRY_MS = 10;

export interface SocketOptions {
  readonly timeoutMs: number;
  /** The caller ends the socket when the other side has. */
  readonly allowHalfOpen: boolean;
  /**
   * Gets what comes in, instead of `data` events: a tenth of the work for a connection that carries
   * many small responses. `pause` and `resume` of the socket work as ever.
   */
  readonly onBytes?: (chunk: Buffer) => void;
}

/**
 * Calls back once: with a connected socket, or with why there is none. A full queue is waited for;
 * for everything else the first answer counts.
 */
export function openSocket(
  clock: Clock,
  target: Target,
  options: SocketOptions,
  callback: ConnectCallback,
): void {
  const deadlineMs = clock.monotonicMs() + options.timeoutMs;
  const attempt = (): void => {
    const leftMs = deadlineMs - clock.monotonicMs();
    openOnce(clock, target, { ...options, timeoutMs: leftMs }, (error, socket) => {
      if (error === null) return callback(null, socket);
      const isBusy = codeOf(error) === QUEUE_FULL && clock.monotonicMs() < deadlineMs;
      if (isBusy) clock.setTimer(QUEUE_FULL_RETRY_MS, attempt);
      else callback(error, null);
    });
  };
  attempt();
}

function openOnce(
  clock: Clock,
  target: Target,
  options: SocketOptions,
  callback: ConnectCallback,
): void {
  let socket: Socket;
  try {
    socket = socketTo(target, options);
  } catch (error) {
    // Not at once: nobody expects to be called back before the call returned.
    queueMicrotask(() => callback(error as Error, null));
    return;
  }
  const onTimeout = () => socket.destroy(new ConnectTimeout());
  const cancelTimeout = clock.setTimer(Math.max(0, options.timeoutMs), onTimeout);
  let isConnected = false;
  // Stays: an error between this and whoever uses the socket must not end the process.
  socket.on("error", (error) => {
    cancelTimeout();
    if (!isConnected) callback(error, null);
  });
  socket.once("connect", () => {
    isConnected = true;
    cancelTimeout();
    socket.setNoDelay(true);
    callback(null, socket);
  });
}

function socketTo(target: Target, { allowHalfOpen, onBytes }: SocketOptions): Socket {
  const options = { allowHalfOpen, ...(onBytes === undefined ? {} : { onread: reader(onBytes) }) };
  switch (target.kind) {
    case "unix":
      return connectUnix(target.path, options);
    case "tcp":
      return connect({ ...options, host: target.host, port: target.port });
  }
}

/** Where the kernel writes to. One for all: it is emptied before anything else is read. */
const INBOX = Buffer.allocUnsafeSlow(64 * KIB);

function reader(onBytes: (chunk: Buffer) => void) {
  return {
    buffer: INBOX,
    callback: (length: number): boolean => {
      onBytes(Buffer.from(INBOX.subarray(0, length)));
      return true;
    },
  };
}

class ConnectTimeout extends Error {
  readonly code = "CONNECT_TIMEOUT";
}

/** The `code` of a thrown value, or "". */
export function codeOf(error: unknown): string {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  return typeof code === "string" ? code : "";
}
