/** Makes the repos of the hosts that have a provider of their own, and of any Git URL. */
import { decodePercent, formatGitUrl, type NetworkUrl } from "./git-url.ts";
import type { Repo } from "./repo.ts";

type Unresolved = Repo & { readonly ref: null };

const NAME = /^[A-Za-z0-9_.-]+$/;

/** Null when GitHub allows no such owner or name. A trailing `.git` of the name is dropped. */
export function githubRepo(owner: string, name: string): Unresolved | null {
  const bare = name.replace(/\.git$/, "");
  if (!isName(owner) || !isName(bare)) return null;
  const spec = `${owner}/${bare}`;
  return { provider: "gh", spec, url: `https://github.com/${spec}`, ref: null };
}

/** `namespace` is `group/project` or deeper. Null when GitLab allows no such name. */
export function gitlabRepo(namespace: string): Unresolved | null {
  const bare = namespace.replace(/\.git$/, "");
  const parts = bare.split("/");
  if (parts.length < 2 || !parts.every(isName)) return null;
  return {
    provider: "gl",
    spec: encodeURIComponent(bare),
    url: `https://gitlab.com/${bare}.git`,
    ref: null,
  };
}

export function gistRepo(user: string, id: string): Unresolved | null {
  const bare = id.replace(/\.git$/, "");
  if (!isName(user) || !/^[0-9a-f]{1,64}$/i.test(bare)) return null;
  const spec = `${user}/${bare}`;
  return { provider: "gist", spec, url: `https://gist.github.com/${spec}.git`, ref: null };
}

export function gitRepo(url: NetworkUrl): Unresolved {
  const text = formatGitUrl(url);
  return { provider: "git", spec: encodeURIComponent(text), url: text, ref: null };
}

export function fileRepo(path: string): Unresolved {
  const url = `file://${path.split("/").map(encodeURIComponent).join("/")}`;
  return { provider: "git", spec: encodeURIComponent(url), url, ref: null };
}

/** `path` is absolute. Null when it is not, or holds what no path can hold. */
export function localRepo(path: string): Unresolved | null {
  if (!path.startsWith("/") || path.includes("\0") || !path.isWellFormed()) return null;
  const parts: string[] = [];
  for (const part of path.split("/")) {
    if (part === "..") parts.pop();
    else if (part !== "" && part !== ".") parts.push(part);
  }
  const url = `/${parts.join("/")}`;
  return { provider: "local", spec: encodeURIComponent(url), url, ref: null };
}

/** The decoded parts of a URL's path, empty ones left out; null when its encoding is broken. */
export function pathParts(path: string): readonly string[] | null {
  const parts: string[] = [];
  for (const part of (path.split("?")[0] ?? "").split("/")) {
    const decoded = decodePercent(part);
    if (decoded === null) return null;
    if (decoded !== "") parts.push(decoded);
  }
  return parts;
}

function isName(text: string): boolean {
  return NAME.test(text) && text !== "." && text !== "..";
}
