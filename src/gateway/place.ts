/** Where a request wants to go, told from its target alone: no look-up, no decoding surprises. */
import type { SessionId } from "#core/session/session.ts";

export type Place =
  | { readonly kind: "session"; readonly id: SessionId; readonly rest: string }
  /** `/user/<id>` without the slash that makes relative links work. */
  | { readonly kind: "session-without-slash"; readonly id: SessionId; readonly query: string }
  /** Below `/user/` and certainly no session. */
  | { readonly kind: "no-session" }
  /** A file of a shared server: `/static-server/<server>/<path>`. */
  | { readonly kind: "asset"; readonly server: string; readonly path: string }
  /** Ours, and nothing is there. */
  | { readonly kind: "nothing" }
  /** Meant for the driver alone, which has its own way to the session. */
  | { readonly kind: "internal" }
  | { readonly kind: "api" }
  /** Not a path: `*`, or an absolute URL. */
  | { readonly kind: "malformed" };

const USER = "/user/";
export const ASSET_PREFIX = "/static-server/";
const SESSION_ID = /^[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?$/;
const SERVER = /^[a-z0-9][a-z0-9-]{0,127}$/;

const API: Place = { kind: "api" };
const NO_SESSION: Place = { kind: "no-session" };
const NOTHING: Place = { kind: "nothing" };
const INTERNAL: Place = { kind: "internal" };
const MALFORMED: Place = { kind: "malformed" };

/** `target` is the request's target as it came, with its query. */
export function placeOf(target: string): Place {
  if (target.charCodeAt(0) !== 47) return MALFORMED;
  if (target.startsWith(USER)) return sessionPlace(target);
  if (target.startsWith(ASSET_PREFIX)) return assetPlace(target);
  const path = pathOf(target);
  return path === "/user" || path === "/static-server" ? NOTHING : API;
}

function sessionPlace(target: string): Place {
  const end = endOfSegment(target, USER.length);
  const id = target.slice(USER.length, end);
  if (id === "") return NOTHING;
  if (!SESSION_ID.test(id)) return NO_SESSION;
  if (target.charCodeAt(end) !== 47) {
    return { kind: "session-without-slash", id, query: target.slice(end) };
  }
  const rest = target.slice(end + 1);
  return isClaim(rest) ? INTERNAL : { kind: "session", id, rest };
}

function assetPlace(target: string): Place {
  const path = pathOf(target);
  const end = endOfSegment(path, ASSET_PREFIX.length);
  const server = path.slice(ASSET_PREFIX.length, end);
  if (!SERVER.test(server) || end >= path.length - 1) return NOTHING;
  return { kind: "asset", server, path: path.slice(end + 1) };
}

/** Index of the next `/` or `?` from `from`, or the end. */
function endOfSegment(target: string, from: number): number {
  for (let index = from; index < target.length; index++) {
    const code = target.charCodeAt(index);
    if (code === 47 || code === 63) return index;
  }
  return target.length;
}

function pathOf(target: string): string {
  const query = target.indexOf("?");
  return query === -1 ? target : target.slice(0, query);
}

/**
 * True for every spelling of `api/bindery/claim` that a lenient server could understand: more than
 * Jupyter's own (which matches the path as it came), because a mistake here hands over a session.
 */
function isClaim(rest: string): boolean {
  const path = pathOf(rest);
  if (path.startsWith("api/bindery/claim")) return true;
  if (!/[%\\;]|\/\/|^\/|\.\/|bindery/i.test(path)) return false;
  return normalised(path).startsWith("api/bindery/claim");
}

function normalised(path: string): string {
  let decoded = path;
  // Three rounds: what needs more is no spelling that any server understands.
  for (let round = 0; round < 3 && decoded.includes("%"); round++) decoded = decodeOnce(decoded);
  const segments: string[] = [];
  for (const segment of decoded.toLowerCase().split(/[/\\]/)) {
    const name = segment.split(";")[0] ?? "";
    if (name === "..") segments.pop();
    else if (name !== "" && name !== ".") segments.push(name);
  }
  return segments.join("/");
}

function decodeOnce(text: string): string {
  return text.replace(/%([0-9a-f]{2})/gi, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
}
