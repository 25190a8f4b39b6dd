/** Which pages may launch and change things: ours, and those of the origins that the operator allows. */
import type { IncomingHttpHeaders } from "node:http";

const ALLOWED_HEADERS =
  "cache-control, authorization, content-type, last-event-id, x-xsrftoken, x-requested-with";
const PREFLIGHT_SECONDS = 600;

/** `corsAllowOrigin`: null, `*`, or origins separated by spaces or commas. */
export function parseAllowedOrigins(corsAllowOrigin: string | null): readonly string[] {
  return (corsAllowOrigin ?? "").split(/[\s,]+/).filter((origin) => origin !== "");
}

/**
 * True when a page of another site made the browser send this. Programs send neither header and
 * pass; they are held by tokens. Ports make origins, so `same-site` is foreign as well.
 */
export function isForeignPage(
  headers: IncomingHttpHeaders,
  ourHost: string,
  allowed: readonly string[],
): boolean {
  if (allowed.includes("*")) return false;
  const { origin } = headers;
  if (origin !== undefined) return hostOf(origin) !== ourHost && !allowed.includes(origin);
  const site = headers["sec-fetch-site"];
  return site === "cross-site" || site === "same-site";
}

/** True when the person followed a link of another site to get here. */
export function isForeignLink(headers: IncomingHttpHeaders): boolean {
  const site = headers["sec-fetch-site"];
  return site === "cross-site" || site === "same-site";
}

/** What BinderHub's clients need on every answer, plus the headers that resuming needs. */
export function corsHeaders(
  headers: IncomingHttpHeaders,
  allowed: readonly string[],
): Record<string, string> {
  const common = { "access-control-allow-headers": ALLOWED_HEADERS };
  if (allowed.includes("*")) return { ...common, "access-control-allow-origin": "*" };
  const [only, second] = allowed;
  if (only === undefined) return common;
  if (second === undefined) return { ...common, "access-control-allow-origin": only };
  const { origin } = headers;
  const isListed = origin !== undefined && allowed.includes(origin);
  return isListed
    ? { ...common, "access-control-allow-origin": origin, vary: "Origin" }
    : { ...common, vary: "Origin" };
}

export const PREFLIGHT_HEADERS: Readonly<Record<string, string>> = {
  "access-control-allow-methods": "GET, HEAD, POST, DELETE, OPTIONS",
  "access-control-max-age": String(PREFLIGHT_SECONDS),
};

function hostOf(origin: string): string | null {
  return URL.canParse(origin) ? new URL(origin).host : null;
}
