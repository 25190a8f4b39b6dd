/** Which responses are worth compressing on the way, and by what. */
import { createBrotliCompress, createGzip, createZstdCompress, constants } from "node:zlib";
import type { Transform } from "node:stream";

export type Encoding = "zstd" | "br" | "gzip";

/** Cheapest first: on the way, the machine's time is worth more than the last percent. */
const ON_THE_WAY: readonly Encoding[] = ["zstd", "br", "gzip"];

export interface ResponseFacts {
  readonly method: string;
  readonly status: number;
  readonly contentType: string | undefined;
  /** Null when the length is not announced: such a response may be a stream, which must not wait. */
  readonly contentLength: number | null;
  readonly contentEncoding: string | undefined;
  readonly cacheControl: string | undefined;
}

const COMPRESSIBLE =
  /^(?:text\/(?!event-stream)|application\/(?:json|javascript|x-javascript|xml|wasm|manifest\+json|x-ipynb\+json|ld\+json|x-ndjson|yaml|toml|vnd\.ms-fontobject)|[^;]*\+(?:json|xml)|image\/(?:svg\+xml|bmp|x-icon|vnd\.microsoft\.icon)|font\/(?:ttf|otf|sfnt))/i;

export function isCompressibleType(contentType: string | undefined): boolean {
  return contentType !== undefined && COMPRESSIBLE.test(contentType);
}

/** How to compress this response for a person who accepts these encodings; null for as it is. */
export function chooseEncoding(
  facts: ResponseFacts,
  acceptEncoding: string | undefined,
  limits: { readonly bytesMin: number; readonly bytesMax: number },
): Encoding | null {
  if (acceptEncoding === undefined || facts.status !== 200 || facts.method === "HEAD") return null;
  const length = facts.contentLength;
  if (length === null || length < limits.bytesMin || length > limits.bytesMax) return null;
  if (facts.contentEncoding !== undefined && facts.contentEncoding !== "identity") return null;
  if (!isCompressibleType(facts.contentType)) return null;
  if (facts.cacheControl?.includes("no-transform") === true) return null;
  const accepted = acceptedEncodings(acceptEncoding);
  return ON_THE_WAY.find((encoding) => accepted.has(encoding)) ?? null;
}

/** Names in `Accept-Encoding` whose weight is not zero. `*` is not a wish for anything special. */
export function acceptedEncodings(header: string): ReadonlySet<string> {
  const accepted = new Set<string>();
  for (const item of header.toLowerCase().split(",")) {
    const [name = "", ...parameters] = item.split(";").map((part) => part.trim());
    const isRefused = parameters.some((parameter) => /^q\s*=\s*0(?:\.0*)?$/.test(parameter));
    if (!isRefused) accepted.add(name);
  }
  return accepted;
}

export function createCompressor(encoding: Encoding, sizeHint: number): Transform {
  switch (encoding) {
    case "zstd":
      return createZstdCompress({ params: { [constants.ZSTD_c_compressionLevel]: 3 } });
    case "br":
      return createBrotliCompress({
        params: {
          [constants.BROTLI_PARAM_QUALITY]: 4,
          [constants.BROTLI_PARAM_SIZE_HINT]: sizeHint,
        },
      });
    case "gzip":
      return createGzip({ level: 4 });
  }
}

/**
 * The headers of the compressed response: another length, another representation. A strong ETag
 * becomes a weak one, with which `If-None-Match` still works.
 */
export function compressedHeaders(headers: readonly string[], encoding: Encoding): string[] {
  const changed: string[] = [];
  let vary: string | null = null;
  for (let index = 0; index < headers.length; index += 2) {
    const name = headers[index] as string;
    const value = headers[index + 1] as string;
    const lower = name.toLowerCase();
    if (lower === "vary") vary = vary === null ? value : `${vary}, ${value}`;
    else if (lower === "etag") changed.push(name, value.startsWith("W/") ? value : `W/${value}`);
    else if (!REPRESENTATION.has(lower)) changed.push(name, value);
  }
  changed.push("Content-Encoding", encoding, "Vary", varyWithEncoding(vary));
  return changed;
}

const REPRESENTATION = new Set([
  "content-length",
  "content-encoding",
  "accept-ranges",
  "content-md5",
  "digest",
]);

function varyWithEncoding(vary: string | null): string {
  if (vary === null) return "Accept-Encoding";
  return /(^|,)\s*(\*|accept-encoding)\s*(,|$)/i.test(vary) ? vary : `${vary}, Accept-Encoding`;
}
