/** Downloads one file, known by its digest, from a package index (PEP 503 and PEP 691). */
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { EnvHttpProxyAgent, request } from "undici";
import type { ConfiguredIndex } from "./index-configuration.ts";
import type { HostEnvironment } from "./run-program.ts";

export interface IndexRequest {
  readonly indexes: readonly ConfiguredIndex[];
  readonly distribution: string;
  readonly file: string;
  readonly sha256: string;
  readonly env: HostEnvironment;
  readonly timeoutMs: number;
  readonly signal: AbortSignal | undefined;
}

const FILE_MAX_BYTES = 256 * 1024 * 1024;
const REDIRECTS_MAX = 5;
const ACCEPT = "application/vnd.pypi.simple.v1+json, text/html;q=0.5";

/** Asks the indexes in turn; the first that has the file gives it. A wrong digest is a failure. */
export async function downloadFromIndex(
  wanted: IndexRequest,
): Promise<
  | { readonly kind: "downloaded"; readonly bytes: Buffer }
  | { readonly kind: "failed"; readonly because: string }
> {
  const proxies = new EnvHttpProxyAgent({
    ...proxyOption("httpProxy", wanted.env["http_proxy"] ?? wanted.env["HTTP_PROXY"]),
    ...proxyOption("httpsProxy", wanted.env["https_proxy"] ?? wanted.env["HTTPS_PROXY"]),
    ...proxyOption("noProxy", wanted.env["no_proxy"] ?? wanted.env["NO_PROXY"]),
  });
  const timeout = AbortSignal.timeout(wanted.timeoutMs);
  const signal = wanted.signal === undefined ? timeout : AbortSignal.any([wanted.signal, timeout]);
  const get = (url: URL) => fetchBytes(url, { dispatcher: proxies, signal });
  const problems: string[] = [];
  try {
    for (const index of wanted.indexes) {
      try {
        const bytes = await fromOne(index, wanted, get);
        if (bytes === null) problems.push(`${nameOf(index)} does not have ${wanted.file}`);
        else if (digestOf(bytes) === wanted.sha256) return { kind: "downloaded", bytes };
        else problems.push(`${wanted.file} of ${nameOf(index)} has another digest than expected`);
      } catch (error) {
        problems.push(`${nameOf(index)}: ${error instanceof Error ? error.message : "failed"}`);
      }
    }
  } finally {
    await proxies.close();
  }
  return { kind: "failed", because: problems.join("; ") };
}

type Get = (
  url: URL,
) => Promise<{ readonly bytes: Buffer; readonly type: string; readonly url: URL }>;

async function fromOne(
  index: ConfiguredIndex,
  wanted: IndexRequest,
  get: Get,
): Promise<Buffer | null> {
  if (index.kind === "directory") {
    return await readFile(join(index.path, wanted.file)).catch(() => null);
  }
  const base = index.url.href.endsWith("/") ? index.url.href : `${index.url.href}/`;
  const page = await get(new URL(`${wanted.distribution}/`, base));
  const link = linkTo(wanted.file, page.bytes.toString("utf8"), page.type);
  if (link === null) return null;
  const url = new URL(link, page.url);
  if (url.origin === index.url.origin && url.username === "") {
    url.username = index.url.username;
    url.password = index.url.password;
  }
  return (await get(url)).bytes;
}

function linkTo(file: string, body: string, type: string): string | null {
  if (type.includes("json")) {
    const page = JSON.parse(body) as { files?: { filename?: string; url?: string }[] };
    return page.files?.find((candidate) => candidate.filename === file)?.url ?? null;
  }
  const links = [...body.matchAll(/href\s*=\s*"([^"]+)"/gi)].map((match) => match[1] ?? "");
  const plain = links.map((link) => link.replaceAll("&amp;", "&"));
  return plain.find((link) => decodeURIComponent(link.split("#")[0] ?? "").endsWith(file)) ?? null;
}

async function fetchBytes(
  start: URL,
  options: { readonly dispatcher: EnvHttpProxyAgent; readonly signal: AbortSignal },
) {
  let url = start;
  for (let hop = 0; hop <= REDIRECTS_MAX; hop += 1) {
    const bare = new URL(url);
    bare.username = "";
    bare.password = "";
    const response = await request(bare, {
      ...options,
      headers: { accept: ACCEPT, ...authorizationOf(url) },
    });
    const location = response.headers["location"];
    if (response.statusCode >= 300 && response.statusCode < 400 && typeof location === "string") {
      await response.body.dump();
      url = new URL(location, bare);
      continue;
    }
    if (response.statusCode !== 200) {
      await response.body.dump();
      throw new Error(`status ${response.statusCode}`);
    }
    const type = String(response.headers["content-type"] ?? "");
    return { bytes: await bounded(response.body), type, url: bare };
  }
  throw new Error(`more than ${REDIRECTS_MAX} redirects`);
}

async function bounded(body: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of body) {
    bytes += chunk.length;
    if (bytes > FILE_MAX_BYTES) throw new Error(`more than ${FILE_MAX_BYTES} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function authorizationOf(url: URL): { readonly authorization?: string } {
  if (url.username === "") return {};
  const pair = `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`;
  return { authorization: `Basic ${Buffer.from(pair).toString("base64")}` };
}

function proxyOption(name: "httpProxy" | "httpsProxy" | "noProxy", value: string | undefined) {
  return value === undefined || value === "" ? {} : { [name]: value };
}

/** For messages: the host alone, because an address may carry credentials. */
function nameOf(index: ConfiguredIndex): string {
  return index.kind === "simple" ? index.url.host : index.path;
}

function digestOf(bytes: Buffer): string {
  return createHash("sha256").update(bytes).digest("hex");
}
