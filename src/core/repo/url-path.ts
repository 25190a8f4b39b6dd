/** What a session opens: the path after `/user/<id>/`, from a file's path or a Binder link's query. */
import { decodePercent } from "./git-url.ts";

/** Where JupyterLab opens a file or a folder of the repository. */
export function urlPathOf(path: string): string {
  return `lab/tree/${encodePath(path)}`;
}

export type UrlPathReading =
  | { readonly kind: "read"; readonly urlPath: string | null }
  | { readonly kind: "failed"; readonly because: string };

/**
 * The query of a Binder link, as BinderHub's own client reads it: `labpath` wins over `filepath`
 * wins over `urlpath`; a trailing slash of the two paths is dropped.
 */
export function urlPathOfQuery(query: string): UrlPathReading {
  const fields = new Map<string, string>();
  for (const pair of query.split("&")) {
    const [name = "", ...rest] = pair.split("=");
    const value = decodePercent(rest.join("=").replaceAll("+", " "));
    if (value === null) return { kind: "failed", because: "its query is malformed" };
    if (value !== "" && !fields.has(name)) fields.set(name, value);
  }
  const labPath = fields.get("labpath");
  if (labPath !== undefined) return read(`doc/tree/${encodePath(labPath.replace(/\/+$/, ""))}`);
  const filePath = fields.get("filepath");
  if (filePath !== undefined) return read(`tree/${encodePath(filePath.replace(/\/+$/, ""))}`);
  const urlPath = fields.get("urlpath");
  return urlPath === undefined ? { kind: "read", urlPath: null } : read(urlPath);
}

/** A path stays inside its session: it can be appended to the session's address as it is. */
function read(urlPath: string): UrlPathReading {
  const inside = urlPath.replace(/^[/\\\s]+/, "");
  const climbs = /(?:^|[/\\])\.\.(?:$|[/\\?#])/.test(inside);
  if (/^[a-z][a-z0-9+.-]*:/i.test(inside) || /\p{Cc}/u.test(inside) || climbs) {
    return { kind: "failed", because: "its urlpath leads out of the session" };
  }
  return { kind: "read", urlPath: inside === "" ? null : inside };
}

function encodePath(path: string): string {
  return path
    .split("/")
    .filter((part) => part !== "")
    .map((part) => encodeURIComponent(part.toWellFormed()))
    .join("/");
}
