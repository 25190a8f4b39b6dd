/** A request's body: whether there is one, and what becomes of one that nobody takes. */
import type { IncomingMessage } from "node:http";

/** True when the request announces a body. */
export function hasBody(request: IncomingMessage): boolean {
  const length = request.headers["content-length"];
  return (
    (length !== undefined && length !== "0") || request.headers["transfer-encoding"] !== undefined
  );
}

/**
 * Reads on, and throws away: someone who still sends would not see the answer if we hung up. Beyond
 * `bytesMax` we do.
 */
export function readRest(request: IncomingMessage, bytesMax: number): void {
  if (request.complete) return;
  let left = bytesMax;
  request.on("data", (chunk: Buffer) => {
    left -= chunk.length;
    if (left < 0) request.socket.destroy();
  });
  request.resume();
}
