/** The files of our pages, and those that BinderHub's pages and READMEs point at. */
import { failure } from "#core/errors.ts";
import { type Answer, refuse } from "../http/answer.ts";
import { type Call, type Route, route } from "../http/route.ts";

const FOR_GOOD = "public, max-age=31536000, immutable";
const FOR_A_DAY = "public, max-age=86400";
const ASK_AGAIN = "no-cache";

/** Addresses that are written down elsewhere, and so never change. */
const FIXED: Readonly<Record<string, string>> = {
  "/badge.svg": "badge.svg",
  "/badge_logo.svg": "badge_logo.svg",
  "/assets/images/badge.svg": "badge.svg",
  "/logo_social.png": "logo_social.png",
  "/favicon.ico": "favicon.ico",
  "/favicon_building.ico": "favicon_building.ico",
  "/favicon_success.ico": "favicon_success.ico",
  "/favicon_fail.ico": "favicon_fail.ico",
  "/robots.txt": "robots.txt",
};

export const staticRoutes: readonly Route[] = [
  ...Object.entries(FIXED).map(([path, name]) =>
    file(path, "A picture or a list.", (call) => sendFile(call, name, FOR_A_DAY)),
  ),
  file("/static/*", "A file of our pages.", ({ rawUrl, ...call }) => {
    const { site } = call.context;
    const [, , first = "", second] = (rawUrl.split("?")[0] ?? "").split("/");
    if (second === undefined) return sendFile({ ...call, rawUrl }, first, ASK_AGAIN);
    const isCurrent = first === site.version;
    return sendFile({ ...call, rawUrl }, second, isCurrent ? FOR_GOOD : ASK_AGAIN);
  }),
];

function file(path: string, summary: string, handle: (call: Call) => Answer): Route {
  return route({
    method: "GET",
    path,
    operation: null,
    summary,
    tag: "Pages",
    access: "anyone",
    responses: { 200: { description: "The file." } },
    handle,
  });
}

function sendFile({ context, request }: Call, name: string, caching: string): Answer {
  const { site } = context;
  const found = name.endsWith(".html") ? null : site.get(name);
  if (found === null) return refuse(failure("not-found"));
  const headers = { "cache-control": caching, etag: found.etag, vary: "Accept-Encoding" };
  if (request.headers["if-none-match"] === found.etag) {
    return { kind: "bytes", status: 304, contentType: found.contentType, bytes: "", headers };
  }
  const takesGzip = /\bgzip\b/.test(String(request.headers["accept-encoding"] ?? ""));
  const compressed = takesGzip ? site.compressed(found) : null;
  return {
    kind: "bytes",
    status: 200,
    contentType: found.contentType,
    bytes: compressed ?? found.bytes,
    headers: compressed === null ? headers : { ...headers, "content-encoding": "gzip" },
  };
}
