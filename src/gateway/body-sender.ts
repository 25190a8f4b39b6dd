/** A request's body on its way into a connection, at the pace of the slower side. */
import type { IncomingMessage } from "node:http";
import type { Socket } from "node:net";

export interface BodySending {
  readonly body: IncomingMessage;
  readonly socket: Socket;
  readonly isChunked: boolean;
  /** Whether anybody still waits for the body to arrive. */
  readonly isWanted: () => boolean;
  /** False when the chunk must not be sent; the sending is then over. */
  readonly onChunk: (chunk: Buffer) => boolean;
  readonly onSent: () => void;
}

export function sendBody(sending: BodySending): void {
  const { body, socket, isChunked, isWanted, onChunk, onSent } = sending;
  let isPending = false;
  let isEnded = false;
  let isFull = false;

  const finish = (): void => {
    stop();
    if (isChunked) socket.write("0\r\n\r\n", "latin1");
    onSent();
  };
  const pass = (chunk: Buffer): void => {
    isPending = false;
    if (!isWanted() || socket.destroyed) {
      stop();
      body.resume();
      return;
    }
    if (!onChunk(chunk)) return stop();
    isFull = !write(socket, chunk, isChunked);
    if (isEnded) finish();
    else if (!isFull) body.resume();
  };
  const onData = (chunk: Buffer): void => {
    body.pause();
    isPending = true;
    // After what else came in this turn: an answer that is there already must be read before a
    // write fails because the session has hung up behind it.
    setImmediate(pass, chunk);
  };
  const onEnd = (): void => {
    isEnded = true;
    if (!isPending) finish();
  };
  const onDrain = (): void => {
    if (isFull) body.resume();
    isFull = false;
  };
  const stop = (): void => {
    body.off("data", onData).off("end", onEnd);
    socket.off("drain", onDrain).off("close", stop);
  };
  body.on("data", onData).on("end", onEnd);
  socket.on("drain", onDrain).on("close", stop);
  body.resume();
}

function write(socket: Socket, chunk: Buffer, isChunked: boolean): boolean {
  if (!isChunked) return socket.write(chunk);
  socket.cork();
  socket.write(`${chunk.length.toString(16)}\r\n`, "latin1");
  socket.write(chunk);
  const isTaken = socket.write("\r\n", "latin1");
  socket.uncork();
  return isTaken;
}
