/** Why a request got no response, as a value. */
import { codeOf } from "./target-socket.ts";
import { ConnectionLost, FirstByteTimeout } from "./upstream-connection.ts";

export type RelayFailure =
  /** Nothing was sent: no socket, or nobody listens. */
  | { readonly kind: "unreachable"; readonly isSocketMissing: boolean }
  /**
   * Connected, and then the connection broke, or what came was not HTTP. `isRepeatable`: the request
   * may be sent again, nothing of its body is lost.
   */
  | { readonly kind: "broken"; readonly isRepeatable: boolean; readonly error: Error }
  | { readonly kind: "timeout" }
  | { readonly kind: "body-too-large" };

const UNREACHABLE = new Set([
  "ENOENT",
  "ENOTSOCK",
  "ENOTDIR",
  "EACCES",
  "ECONNREFUSED",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "ENOTFOUND",
  "EAGAIN",
  "CONNECT_TIMEOUT",
]);

export function relayFailureOf(
  error: Error,
  asked: { readonly method: string; readonly hasBody: boolean },
): RelayFailure {
  if (error instanceof FirstByteTimeout) return { kind: "timeout" };
  const code = codeOf(error);
  if (UNREACHABLE.has(code)) return { kind: "unreachable", isSocketMissing: code === "ENOENT" };
  const isSafe = asked.method === "GET" || asked.method === "HEAD";
  const isRepeatable = error instanceof ConnectionLost && isSafe && !asked.hasBody;
  return { kind: "broken", isRepeatable, error };
}
