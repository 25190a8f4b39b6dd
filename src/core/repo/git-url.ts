/** Reads an address for Git, strictly, so that Git cannot understand it differently than we do. */
import { normalAddress } from "../network/addresses.ts";

export type GitScheme = "https" | "http" | "git" | "ssh";

/** An address on another machine. */
export interface NetworkUrl {
  readonly kind: "network";
  readonly scheme: GitScheme;
  /** `user@host:path`: the path is then relative to the user's home. */
  readonly isScp: boolean;
  readonly user: string | null;
  /** Lower case; an address is in its usual spelling, IPv6 without brackets. */
  readonly host: string;
  readonly port: number | null;
  /** As given, still percent-encoded, with the query; begins with `/` except in the scp form. */
  readonly path: string;
}

export type GitUrl =
  | NetworkUrl
  /** `path` is absolute and not percent-encoded. */
  | { readonly kind: "file"; readonly path: string }
  | { readonly kind: "invalid"; readonly because: string }
  /** It holds a password or a token; it must not be shown, stored or logged. */
  | { readonly kind: "credentials" };

const SCHEMES: ReadonlyMap<string, GitScheme> = new Map([
  ["https", "https"],
  ["http", "http"],
  ["git", "git"],
  ["ssh", "ssh"],
  // The forms that Git and pip know for the same things.
  ["git+https", "https"],
  ["git+http", "http"],
  ["git+ssh", "ssh"],
  ["ssh+git", "ssh"],
]);

const DEFAULT_PORTS: Readonly<Record<GitScheme, number>> = {
  https: 443,
  http: 80,
  git: 9418,
  ssh: 22,
};

const HOST = /^(?:[a-z0-9_](?:[a-z0-9_.-]*[a-z0-9_])?|\[[0-9a-f:.]+\])$/;
const USER = /^[a-z0-9_.~][a-z0-9_.~+-]*$/i;
// Printable ASCII without what shells, curl and Git read in more than one way.
const PATH = /^[\x21\x23-\x3b\x3d\x3f-\x5b\x5d\x5f\x61-\x7a\x7e]*$/;

/** What the text means to Git. Never throws. */
export function parseGitUrl(text: string): GitUrl {
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(text)?.[1]?.toLowerCase();
  if (scheme === "file") return parseFileUrl(text.slice("file://".length));
  if (scheme !== undefined) {
    const known = SCHEMES.get(scheme);
    if (known === undefined) {
      return invalid(`expected https, http, git, ssh or file before "://", but it is ${scheme}`);
    }
    return parseNetworkUrl(known, text.slice(scheme.length + "://".length));
  }
  // `ext::sh -c …` and its like run a program.
  if (/^[a-z0-9+.-]+::/i.test(text)) return invalid("Git's transport helpers are not allowed");
  return parseScp(text);
}

/** The address in one spelling, fit for Git. */
export function formatGitUrl(url: NetworkUrl): string {
  const host = url.host.includes(":") ? `[${url.host}]` : url.host;
  const user = url.user === null ? "" : `${url.user}@`;
  if (url.isScp) return `${user}${host}:${url.path}`;
  const port = url.port === null ? "" : `:${url.port}`;
  return `${url.scheme}://${user}${host}${port}${url.path}`;
}

/** The port that a connection goes to. */
export function portOf(url: NetworkUrl): number {
  return url.port ?? DEFAULT_PORTS[url.scheme];
}

function parseNetworkUrl(scheme: GitScheme, rest: string): GitUrl {
  const end = rest.search(/[/?#]/);
  const authority = end === -1 ? rest : rest.slice(0, end);
  const path = end === -1 ? "/" : (rest.slice(end).split("#")[0] ?? "");
  const at = authority.lastIndexOf("@");
  const userInfo = at === -1 ? null : authority.slice(0, at);
  if (userInfo !== null && (scheme !== "ssh" || userInfo.includes(":"))) {
    return { kind: "credentials" };
  }
  const [, host = "", port] = /^(\[[^\]]*\]|[^:]*)(?::(\d*))?$/.exec(authority.slice(at + 1)) ?? [];
  const portNumber = port === undefined || port === "" ? null : Number(port);
  if (portNumber !== null && (portNumber < 1 || portNumber > 65_535)) {
    return invalid("the port is not between 1 and 65535");
  }
  return network({
    scheme,
    isScp: false,
    user: userInfo,
    host,
    port: portNumber === DEFAULT_PORTS[scheme] ? null : portNumber,
    path: path.startsWith("/") ? path : `/${path}`,
  });
}

/** `git@host:path`, the short form of ssh. */
function parseScp(text: string): GitUrl {
  const [, user, host = "", path = ""] =
    /^(?:([^@/:]+)@)?([^@/:[\]]+|\[[^\]]*\]):(.+)$/.exec(text) ?? [];
  if (path === "") return invalid("it is neither a URL nor of the form user@host:path");
  if (user === undefined && !/.\../.test(host)) {
    return invalid("expected user@host:path, or a URL with its scheme");
  }
  if (path.startsWith("-") || path.startsWith("//")) return invalid("the path is malformed");
  if (path.includes("@")) return { kind: "credentials" };
  return network({ scheme: "ssh", isScp: true, user: user ?? null, host, port: null, path });
}

function network(parts: Omit<NetworkUrl, "kind">): GitUrl {
  const host = parts.host.toLowerCase().replace(/\.$/, "");
  if (!HOST.test(host)) return invalid("the host's name is malformed (write it in ASCII)");
  if (parts.user !== null && !USER.test(parts.user)) return invalid("the user's name is malformed");
  const path = parts.scheme === "ssh" ? parts.path : encodeNonAscii(parts.path);
  if (path === null || !PATH.test(path)) {
    return invalid("the path holds characters that must be percent-encoded");
  }
  const address = normalAddress(host);
  if (address === null && host.startsWith("[")) return invalid("the host's address is malformed");
  return { kind: "network", ...parts, host: address ?? host, path };
}

function parseFileUrl(rest: string): GitUrl {
  const path = rest.startsWith("localhost/") ? rest.slice("localhost".length) : rest;
  if (!path.startsWith("/")) return invalid("a file:// URL needs an absolute path: file:///…");
  const decoded = decodePercent(path);
  if (decoded === null || /\p{Cc}/u.test(decoded)) return invalid("the path is malformed");
  return { kind: "file", path: decoded };
}

/** Null when the text is not well-formed percent-encoding of UTF-8. */
export function decodePercent(text: string): string | null {
  try {
    return decodeURIComponent(text);
  } catch {
    return null;
  }
}

/** People copy addresses with `é` in them; on the wire they are percent-encoded. */
function encodeNonAscii(text: string): string | null {
  try {
    return text.replaceAll(/[^\0-\x7f]+/gu, encodeURIComponent);
  } catch {
    return null;
  }
}

function invalid(because: string): GitUrl {
  return { kind: "invalid", because };
}
