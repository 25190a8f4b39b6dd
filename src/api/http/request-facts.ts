/** What a request says about who asks and where they are: read once, from headers that the gateway sets. */
import type { IncomingHttpHeaders } from "node:http";

export interface RequestFacts {
  /** Address of the person, as the gateway saw it. */
  readonly clientAddress: string;
  /** `https://host[:port]`, as people see us; no slash at the end. */
  readonly origin: string;
  /** Host and port of `origin`. */
  readonly host: string;
  /** The token of `Authorization: Bearer TOKEN` (or Jupyter's spelling, `token TOKEN`). */
  readonly bearer: string | null;
}

const LOOPBACK = "127.0.0.1";
const HOST_FALLBACK = "localhost";
const HOST_FORM = /^(?:\[[0-9a-fA-F:.]+\]|[A-Za-z0-9._-]+)(?::[0-9]{1,5})?$/;

/**
 * `publicUrl` wins over what the request says. `X-Forwarded-*` is believed: the API listens on a
 * socket that only the gateway reaches, and the gateway replaces what comes from outside.
 */
export function requestFacts(
  headers: IncomingHttpHeaders,
  peerAddress: string | undefined,
  publicUrl: string | null,
): RequestFacts {
  const forwardedFor = lastOf(headers["x-forwarded-for"]);
  const bearer = /^(?:bearer|token) +(\S+)$/i.exec(headers.authorization?.trim() ?? "")?.[1];
  return {
    clientAddress: forwardedFor ?? peerAddress ?? LOOPBACK,
    ...place(headers, publicUrl),
    bearer: bearer ?? null,
  };
}

function place(headers: IncomingHttpHeaders, publicUrl: string | null) {
  if (publicUrl !== null) {
    const { origin, host } = new URL(publicUrl);
    return { origin, host };
  }
  const said = lastOf(headers["x-forwarded-host"]) ?? headers.host ?? "";
  const host = HOST_FORM.test(said) ? said.toLowerCase() : HOST_FALLBACK;
  const scheme = lastOf(headers["x-forwarded-proto"]) === "https" ? "https" : "http";
  return { origin: `${scheme}://${host}`, host };
}

/** The last of a list is the one that our own gateway wrote. */
function lastOf(header: string | readonly string[] | undefined): string | undefined {
  const joined = typeof header === "string" ? header : header?.join(",");
  const last = joined?.split(",").at(-1)?.trim();
  return last === "" ? undefined : last;
}
