/** Which headers pass: hop-by-hop ones end here (RFC 9110, 7.6.1), and some are ours to set. */
import type { Forwarded } from "./forwarded.ts";

const HOP_BY_HOP = [
  "connection",
  "keep-alive",
  "proxy-authenticate",
  "proxy-authorization",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
  "http2-settings",
] as const;

/** Never taken from outside: what a server may believe about the person comes from us alone. */
const FORWARDED = [
  "forwarded",
  "x-forwarded-for",
  "x-forwarded-proto",
  "x-forwarded-host",
  "x-forwarded-port",
  "x-forwarded-prefix",
  "x-forwarded-server",
  "x-forwarded-ssl",
  "x-forwarded-scheme",
  "x-real-ip",
  "x-scheme",
  "x-client-ip",
  "x-proxycontextpath",
] as const;

/**
 * These reach past the session's own path to everything at our address, sessions of others included,
 * and stay in force when the session is gone: a session may not send them.
 */
const WHOLE_ORIGIN = [
  "alt-svc",
  "clear-site-data",
  "nel",
  "public-key-pins",
  "report-to",
  "service-worker-allowed",
  "strict-transport-security",
] as const;

/** The body's length is settled by whoever writes the request; `expect` was answered by us. */
const REQUEST_DROPPED = new Set<string>([...HOP_BY_HOP, ...FORWARDED, "host", "expect"]);
const RESPONSE_DROPPED = new Set<string>(HOP_BY_HOP);
const SESSION_RESPONSE_DROPPED = new Set<string>([...HOP_BY_HOP, ...WHOLE_ORIGIN]);

/** Names that `Connection` may hold without naming a header. */
const CONNECTION_WORDS = new Set(["close", "keep-alive", "upgrade", ""]);

/**
 * The headers for the session or the API, as a flat list of names and values. Null when the request
 * names two hosts: then nobody can say which one was checked.
 */
export function requestHeaders(
  raw: readonly string[],
  connection: string | undefined,
  forwarded: Forwarded,
): string[] | null {
  const named = namedByConnection(connection);
  const kept: string[] = [];
  let host: string | null = null;
  for (let index = 0; index < raw.length; index += 2) {
    const name = raw[index] as string;
    const value = raw[index + 1] as string;
    const lower = name.toLowerCase();
    if (lower === "host") {
      if (host !== null) return null;
      host = value;
    } else if (!REQUEST_DROPPED.has(lower) && named?.has(lower) !== true) {
      kept.push(name, value);
    }
  }
  kept.push("host", host ?? "");
  kept.push("X-Forwarded-For", forwarded.address);
  kept.push("X-Forwarded-Proto", forwarded.protocol);
  kept.push("X-Forwarded-Host", forwarded.host);
  return kept;
}

/** The headers for the person, as a flat list of names and values. */
export function responseHeaders(
  raw: readonly string[],
  source: "session" | "api",
  connection: string | undefined,
): string[] {
  const dropped = source === "session" ? SESSION_RESPONSE_DROPPED : RESPONSE_DROPPED;
  const named = namedByConnection(connection);
  const kept: string[] = [];
  for (let index = 0; index < raw.length; index += 2) {
    const name = raw[index] as string;
    const lower = name.toLowerCase();
    if (!dropped.has(lower) && named?.has(lower) !== true)
      kept.push(name, raw[index + 1] as string);
  }
  return kept;
}

/** Request line and header as they go over the wire, without the empty line. */
export function requestHead(method: string, target: string, headers: readonly string[]): string {
  let text = `${method} ${target} HTTP/1.1\r\n`;
  for (let index = 0; index < headers.length; index += 2) {
    text += `${headers[index]}: ${headers[index + 1]}\r\n`;
  }
  return text;
}

/** What a proxy passes on of either side's headers: neither hop-by-hop ones nor the host. */
export function endToEndHeaders(raw: readonly string[], connection: string | undefined): string[] {
  const named = namedByConnection(connection) ?? new Set<string>();
  return without(raw, new Set([...HOP_BY_HOP, "host", "expect", ...named]));
}

/** A copy of the flat list without the headers of these lower-case names. */
function without(headers: readonly string[], names: ReadonlySet<string>): string[] {
  const kept: string[] = [];
  for (let index = 0; index < headers.length; index += 2) {
    const name = headers[index] as string;
    if (!names.has(name.toLowerCase())) kept.push(name, headers[index + 1] as string);
  }
  return kept;
}

function namedByConnection(connection: string | undefined): ReadonlySet<string> | null {
  if (connection === undefined || CONNECTION_WORDS.has(connection.toLowerCase())) return null;
  const names = new Set(
    connection
      .toLowerCase()
      .split(",")
      .map((name) => name.trim()),
  );
  // These say what the message is; without them it would be another one.
  names.delete("content-length");
  names.delete("host");
  return names;
}
