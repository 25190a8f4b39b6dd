/** Files of a session whose name holds a hash of their content: they may be kept for good. */
import type { IncomingMessage } from "node:http";

/** Below the session: JupyterLab's and Notebook's own files, and those of its extensions. */
const ASSET_PATH = /^\/user\/[^/]+\/(?:static\/|lab\/extensions\/)/;
/** `main.efd36b46f3b45eb8.js`, `0031b1860ea4ad75.woff`; or the version that Jupyter puts behind. */
const HASHED_NAME = /(?:^|[./_-])[0-9a-f]{16,64}\.(?:[a-z0-9]+\.)*[a-z0-9]+$/;
const HASHED_VERSION = /^v=[0-9a-f]{16,}$/;

const ONE_YEAR_S = 31_536_000;

export function isLastingAsset(request: IncomingMessage, status: number): boolean {
  return status === 200 && request.method === "GET" && isLastingPath(request.url ?? "");
}

export function isLastingPath(target: string): boolean {
  if (!ASSET_PATH.test(target)) return false;
  const query = target.indexOf("?");
  const path = query === -1 ? target : target.slice(0, query);
  const name = path.slice(path.lastIndexOf("/") + 1);
  return HASHED_NAME.test(name) || (query !== -1 && HASHED_VERSION.test(target.slice(query + 1)));
}

/** Private: the session is one person's. Immutable: not even a reload asks again. */
export function withLastingCache(headers: readonly string[]): string[] {
  const kept: string[] = [];
  for (let index = 0; index < headers.length; index += 2) {
    const name = headers[index] as string;
    if (!/^(?:cache-control|expires|pragma)$/i.test(name)) {
      kept.push(name, headers[index + 1] as string);
    }
  }
  kept.push("Cache-Control", `private, max-age=${ONE_YEAR_S}, immutable`);
  return kept;
}
