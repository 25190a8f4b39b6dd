/** Why a request got no response, as a value. */
import { errors } from "undici";
import { BodyBrokenOff, BodyTooLarge, type RequestBody } from "./request-body.ts";
import { codeOf } from "./target-socket.ts";

export type RelayFailure =
  /** Nothing was sent: no socket, or nobody listens. */
  | { readonly kind: "unreachable"; readonly isSocketMissing: boolean }
  /** Connected, and then the connection broke. `isRepeatable`: no part of a body is lost. */
  | { readonly kind: "broken"; readonly isRepeatable: boolean; readonly error: Error }
  | { readonly kind: "timeout" }
  | { readonly kind: "body-too-large" }
  | { readonly kind: "malformed" }
  | { readonly kind: "person-gone" };

export class RelayTimeout extends Error {}

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

export function relayFailureOf(error: Error, body: RequestBody | null): RelayFailure {
  if (error instanceof BodyTooLarge) return { kind: "body-too-large" };
  if (error instanceof BodyBrokenOff) return { kind: "person-gone" };
  if (error instanceof RelayTimeout || error instanceof errors.HeadersTimeoutError) {
    return { kind: "timeout" };
  }
  if (error instanceof errors.InvalidArgumentError) return { kind: "malformed" };
  const code = codeOf(error);
  if (UNREACHABLE.has(code)) return { kind: "unreachable", isSocketMissing: code === "ENOENT" };
  return { kind: "broken", isRepeatable: (body?.bytesRead ?? 0) === 0, error };
}
