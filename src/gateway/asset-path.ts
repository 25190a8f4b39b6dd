/** Which file of a shared server's environment an address means, if any. */
import { readdir } from "node:fs/promises";
import { join } from "node:path";

/** First segment of the address → where the files are, below the server's environment. */
const MOUNTS: Readonly<Record<string, readonly string[]>> = {
  lab: ["share", "jupyter", "lab", "static"],
  extensions: ["share", "jupyter", "labextensions"],
  notebook: ["lib", "python*", "site-packages", "notebook", "static"],
};

const SEGMENT = /^[A-Za-z0-9@_~-][A-Za-z0-9@_~.-]*$/;
const SEGMENTS_MAX = 16;

const CONTENT_TYPES: Readonly<Record<string, string>> = {
  css: "text/css; charset=utf-8",
  eot: "application/vnd.ms-fontobject",
  gif: "image/gif",
  ico: "image/x-icon",
  jpg: "image/jpeg",
  js: "text/javascript; charset=utf-8",
  json: "application/json; charset=utf-8",
  map: "application/json; charset=utf-8",
  mjs: "text/javascript; charset=utf-8",
  png: "image/png",
  svg: "image/svg+xml",
  ttf: "font/ttf",
  txt: "text/plain; charset=utf-8",
  wasm: "application/wasm",
  webp: "image/webp",
  woff: "font/woff",
  woff2: "font/woff2",
};

export interface AssetName {
  /** Key of `MOUNTS`. */
  readonly mount: string;
  /** Path below the mount: plain names, no dots in front. */
  readonly segments: readonly string[];
  readonly contentType: string;
}

/** Null for a path that can mean no asset. Pages are none: they are made for one session each. */
export function assetName(path: string): AssetName | null {
  // Scopes of extensions come as `@jupyter-notebook` or `%40jupyter-notebook`.
  const [mount = "", ...segments] = path.replaceAll(/%40/g, "@").split("/");
  if (!Object.hasOwn(MOUNTS, mount)) return null;
  if (segments.length === 0 || segments.length > SEGMENTS_MAX) return null;
  if (!segments.every((segment) => SEGMENT.test(segment))) return null;
  const last = segments.at(-1) as string;
  const contentType = CONTENT_TYPES[last.slice(last.lastIndexOf(".") + 1).toLowerCase()];
  return contentType === undefined ? null : { mount, segments, contentType };
}

/** Host path of the asset in this environment; null when the environment has no such part. */
export async function assetFile(environment: string, name: AssetName): Promise<string | null> {
  let directory = environment;
  for (const segment of MOUNTS[name.mount] ?? []) {
    const found = segment.endsWith("*") ? await firstBeginningWith(directory, segment) : segment;
    if (found === null) return null;
    directory = join(directory, found);
  }
  return join(directory, ...name.segments);
}

async function firstBeginningWith(directory: string, pattern: string): Promise<string | null> {
  const prefix = pattern.slice(0, -1);
  const names = await readdir(directory).catch(() => []);
  return names.find((name) => name.startsWith(prefix)) ?? null;
}
