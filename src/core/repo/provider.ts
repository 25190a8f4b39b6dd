/** The providers, and how a repository is called by people, by links and by limits. */
import { decodePercent, formatGitUrl, parseGitUrl } from "./git-url.ts";
import type { ProviderId, Repo, ResolvedRepo } from "./repo.ts";

/** One element of `/api/repoproviders`, in BinderHub's shape. The expressions are JavaScript's. */
export interface ProviderDisplay {
  readonly displayName: string;
  readonly id: ProviderId;
  readonly spec: { readonly validateRegex: string };
  readonly detect?: { readonly regex: string };
  readonly repo: {
    readonly label: string;
    readonly placeholder: string;
    readonly urlEncode: boolean;
  };
  readonly ref: { readonly enabled: boolean; readonly default?: string };
}

const REF = { enabled: true, default: "HEAD" } as const;

const DISPLAYS: Readonly<Record<ProviderId, ProviderDisplay>> = {
  gh: {
    displayName: "GitHub",
    id: "gh",
    spec: { validateRegex: String.raw`[^/]+/[^/]+/.+` },
    detect: {
      regex: String.raw`^(?:https?://(?:www\.)?github\.com/)?(?<repo>[^/:\s]+/[^/:\s]+?)(?:\.git)?/?$`,
    },
    repo: {
      label: "GitHub repository name or URL",
      placeholder: "owner/name or https://github.com/owner/name",
      urlEncode: false,
    },
    ref: REF,
  },
  gl: {
    displayName: "GitLab.com",
    id: "gl",
    spec: { validateRegex: String.raw`[^/]+/.+` },
    detect: {
      regex: String.raw`^(?:https?://gitlab\.com/)?(?<repo>[^/:\s]+(?:/[^/:\s]+?)+)(?:\.git)?/?$`,
    },
    repo: {
      label: "GitLab.com repository or URL",
      placeholder: "group/project or https://gitlab.com/group/project",
      urlEncode: true,
    },
    ref: REF,
  },
  gist: {
    displayName: "Gist",
    id: "gist",
    spec: { validateRegex: String.raw`[^/]+/[^/]+(/[^/]+)?` },
    detect: { regex: String.raw`^(?:https?://gist\.github\.com/)?(?<repo>[^/:\s]+/[0-9a-f]+)/?$` },
    repo: {
      label: "Gist ID (user/id) or URL",
      placeholder: "user/id or https://gist.github.com/user/id",
      urlEncode: false,
    },
    ref: REF,
  },
  git: {
    displayName: "Git repository",
    id: "git",
    spec: { validateRegex: String.raw`[^/]+/.+` },
    repo: {
      label: "Git repository URL",
      placeholder: "https://git.example.org/repository",
      urlEncode: true,
    },
    ref: REF,
  },
  local: {
    displayName: "Local folder",
    id: "local",
    spec: { validateRegex: String.raw`[^/]+/.+` },
    repo: { label: "Local folder", placeholder: "/home/me/project", urlEncode: true },
    ref: REF,
  },
};

/** What `/api/repoproviders` lists. */
export function providerDisplays(options: {
  readonly allowLocalRepos: boolean;
}): ProviderDisplay[] {
  return Object.values(DISPLAYS).filter(({ id }) => id !== "local" || options.allowLocalRepos);
}

export function providerName(provider: ProviderId): string {
  return DISPLAYS[provider].displayName;
}

/** The provider's spec in BinderHub's form, with the ref as asked for; `parseSpec` reads it back. */
export function specWithRef(repo: Repo): string {
  const ref = repo.ref ?? "HEAD";
  return `${repo.spec}/${ref.split("/").map(encodeURIComponent).join("/")}`;
}

/** `v2/gh/owner/name/ref`, without a slash before it, as BinderHub says it. */
export function binderRequest(repo: Repo): string {
  return `v2/${repo.provider}/${specWithRef(repo)}`;
}

/** The same link for exactly this commit. */
export function persistentRequest(repo: ResolvedRepo): string {
  return `v2/${repo.provider}/${repo.spec}/${repo.commit}`;
}

/** The address that `git clone` takes; `file://…` for a local folder. */
export function repoUrl(repo: Repo): string {
  if (repo.provider !== "local") return repo.url;
  return `file://${repo.url.split("/").map(encodeURIComponent).join("/")}`;
}

/** A page that shows the repository at this commit, where the host is known to have one. */
export function refUrl(repo: ResolvedRepo): string {
  switch (repo.provider) {
    case "gh":
      return `https://github.com/${repo.spec}/tree/${repo.commit}`;
    case "gl":
      return `https://gitlab.com/${decodePercent(repo.spec) ?? repo.spec}/tree/${repo.commit}`;
    case "gist":
      return `https://gist.github.com/${repo.spec}/${repo.commit}`;
    case "git":
    case "local":
      return repoUrl(repo);
  }
}

/** BinderHub's name of the repository inside image names. */
export function slug(repo: Repo): string {
  switch (repo.provider) {
    case "gh":
      return repo.spec.replace("/", "-");
    case "gl":
      return (decodePercent(repo.spec) ?? repo.spec).replaceAll("-", "_-").replaceAll("/", "-");
    case "gist":
      return repo.spec.split("/")[1] ?? repo.spec;
    case "git":
    case "local":
      return repo.url;
  }
}

/** For people: `owner/name`, `gist id`, a host and path, or the folder's name. */
export function repoLabel(repo: Repo): string {
  const name = nameOf(repo);
  return repo.ref === null ? name : `${name} at ${repo.ref}`;
}

function nameOf(repo: Repo): string {
  switch (repo.provider) {
    case "gh":
      return repo.spec;
    case "gl":
      return decodePercent(repo.spec) ?? repo.spec;
    case "gist":
      return `gist ${repo.spec}`;
    case "git":
      return repo.url.replace(/^[a-z]+:\/\//, "").replace(/\.git$/, "");
    case "local":
      return repo.url.split("/").at(-1) || "/";
  }
}

/**
 * One key for all ways of naming one repository, so that a limit or a ban cannot be walked around:
 * scheme, user, case, `.git`, `www.`, slashes, percent-encoding and default ports make no difference.
 * Only for comparing; Git is given `Repo.url`.
 */
export function canonicalUrl(repo: Repo): string {
  if (repo.provider === "local") return canonicalFile(repo.url);
  const url = parseGitUrl(repo.url);
  switch (url.kind) {
    case "file":
      return canonicalFile(url.path);
    case "network":
      break;
    case "invalid":
    case "credentials":
      return repo.url;
  }
  const host = HOST_ALIASES.get(url.host) ?? url.host.replace(/^www\./, "");
  const path = canonicalPath(url.path);
  // A gist is found by its id, with any owner or none.
  const key = host === "gist.github.com" ? `/${path.split("/").at(-1) ?? ""}` : path;
  const port = url.port === null || HOST_ALIASES.has(url.host) ? null : url.port;
  return formatGitUrl({ ...url, scheme: "https", isScp: false, user: null, host, port, path: key });
}

/** Other doors to the same repositories. */
const HOST_ALIASES: ReadonlyMap<string, string> = new Map([
  ["ssh.github.com", "github.com"],
  ["altssh.gitlab.com", "gitlab.com"],
]);

function canonicalPath(path: string): string {
  const [beforeQuery = "", ...query] = path.split("?");
  const decoded = beforeQuery.split("/").map((part) => decodePercent(part) ?? part);
  const suffix = query.length === 0 ? "" : `?${query.join("?")}`;
  const plain = `/${joinedParts(decoded.join("/"))}`.replace(/(?:\.git)+$/i, "");
  return `${plain.split("/").map(encodeURIComponent).join("/")}${suffix}`.toLowerCase();
}

function canonicalFile(path: string): string {
  const plain = joinedParts(path).replace(/(?:\/\.git|\.git)$/, "");
  return `file:///${plain.split("/").map(encodeURIComponent).join("/")}`;
}

function joinedParts(path: string): string {
  const parts: string[] = [];
  for (const part of path.split("/")) {
    if (part === "..") parts.pop();
    else if (part !== "" && part !== ".") parts.push(part);
  }
  return parts.join("/");
}
