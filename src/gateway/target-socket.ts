/** One connection to a target, made in a limited time. */
import { connect, type Socket } from "node:net";
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

/**
 * Calls back once: with a connected socket, or with why there is none. A full queue is waited for;
 * for everything else the first answer counts. With `allowHalfOpen` the caller ends the socket.
 */
export function openSocket(
  clock: Clock,
  target: Target,
  options: { readonly timeoutMs: number; readonly allowHalfOpen: boolean },
  callback: ConnectCallback,
): void {
  const deadlineMs = clock.monotonicMs() + options.timeoutMs;
  const attempt = (): void => {
    const leftMs = deadlineMs - clock.monotonicMs();
    openOnce(
      clock,
      target,
      { timeoutMs: leftMs, allowHalfOpen: options.allowHalfOpen },
      (error, socket) => {
        if (error === null) return callback(null, socket);
        const isBusy = codeOf(error) === QUEUE_FULL && clock.monotonicMs() < deadlineMs;
        if (isBusy) clock.setTimer(QUEUE_FULL_RETRY_MS, attempt);
        else callback(error, null);
      },
    );
  };
  attempt();
}

function openOnce(
  clock: Clock,
  target: Target,
  options: { readonly timeoutMs: number; readonly allowHalfOpen: boolean },
  callback: ConnectCallback,
): void {
  let socket: Socket;
  try {
    socket = socketTo(target, options.allowHalfOpen);
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

function socketTo(target: Target, allowHalfOpen: boolean): Socket {
  switch (target.kind) {
    case "unix":
      return connectUnix(target.path, allowHalfOpen);
    case "tcp":
      return connect({ host: target.host, port: target.port, allowHalfOpen });
  }
}

class ConnectTimeout extends Error {
  readonly code = "CONNECT_TIMEOUT";
}

/** The `code` of a thrown value, or "". */
export function codeOf(error: unknown): string {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  return typeof code === "string" ? code : "";
}
