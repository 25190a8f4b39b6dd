/** Follows a host's redirect with every step checked, where Git must not do so by itself. */
import { request as requestHttp } from "node:http";
import { request as requestHttps } from "node:https";
import { isIPv6, type LookupFunction } from "node:net";
import { SECOND_MS } from "#base/units.ts";
import { AppError } from "#core/errors.ts";
import { portOf } from "#core/repo/git-url.ts";
import type { HostPolicy } from "#core/repo/host-policy.ts";
import { type Lookup, openRemote, type Remote } from "./open-remote.ts";

const HOPS_MAX = 5;
const REQUEST_TIMEOUT_MS = 15 * SECOND_MS;
const LISTING = "/info/refs?service=git-upload-pack";

/** The remote at which the redirects of `remote` end; renamed repositories are found this way. */
export async function followRedirect(
  remote: Remote,
  options: { readonly policy: HostPolicy; readonly lookup: Lookup; readonly signal: AbortSignal },
): Promise<Remote> {
  let current = remote;
  for (let hop = 0; hop < HOPS_MAX; hop++) {
    const location = await redirectOf(current, options.signal);
    if (location === null) return current;
    const cut = location.indexOf("/info/refs");
    const target = cut === -1 ? location : location.slice(0, cut);
    // Never from https to http: what was asked for was the host that the certificate names.
    if (current.url.startsWith("https:") && !target.startsWith("https:")) {
      throw new AppError("host-refused", "The host redirects to an address that is not https.");
    }
    current = await openRemote(target, options.policy, options.lookup);
  }
  throw new AppError("repo-unreachable", "The host redirects in a circle.");
}

/** Where the listing of refs is sent to; null when it is answered. */
async function redirectOf({ url, pinned }: Remote, signal: AbortSignal): Promise<string | null> {
  if (pinned === null) return null;
  const { scheme, host } = pinned.url;
  const request = scheme === "https" ? requestHttps : requestHttp;
  const listing = new URL(`${url.replace(/\/$/, "")}${LISTING}`);
  const lookup: LookupFunction = (_name, { all }, answer) => {
    const found = pinned.addresses.map((address) => ({ address, family: isIPv6(address) ? 6 : 4 }));
    const [first] = found;
    if (all === true || first === undefined) answer(null, found);
    else answer(null, first.address, first.family);
  };
  return await new Promise((resolve, reject) => {
    const sent = request(
      listing,
      {
        lookup,
        servername: host,
        port: portOf(pinned.url),
        signal: AbortSignal.any([signal, AbortSignal.timeout(REQUEST_TIMEOUT_MS)]),
        headers: { "user-agent": "git/2.40.0 (bindery)" },
      },
      (response) => {
        response.destroy();
        const { statusCode = 0, headers } = response;
        const isRedirect = statusCode >= 300 && statusCode < 400 && headers.location !== undefined;
        resolve(isRedirect ? new URL(headers.location ?? "", listing).href : null);
      },
    );
    sent.once("error", (cause) => {
      reject(new AppError("repo-unreachable", "The host does not answer.", { cause }));
    });
    sent.end();
  });
}
