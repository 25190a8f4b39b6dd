/** Reads the addresses that people copy from the pages of GitHub, GitLab, gists and Binder links. */
import { formatGitUrl, type NetworkUrl } from "./git-url.ts";
import { gistRepo, gitlabRepo, githubRepo, gitRepo, pathParts } from "./hosted-repo.ts";
import { notParsed, type ParsedRepo, parsed, shown, withRef } from "./parsed-repo.ts";
import { parseLooseSpec } from "./parse-spec.ts";
import { isFullHash } from "./ref-name.ts";
import type { Repo } from "./repo.ts";
import { urlPathOf, urlPathOfQuery } from "./url-path.ts";

/** Pages about the repository as a whole: the repository is what the person means. */
const PAGES_OF_THE_WHOLE = new Set(
  "issues pulls actions projects wiki security pulse graphs settings releases tags branches commits network stargazers watchers forks discussions activity merge_requests pipelines".split(
    " ",
  ),
);

/** Null when the address is no page that is known: it is then a Git URL as it stands. */
export function parsePage(url: NetworkUrl): ParsedRepo | null {
  const binder = parseBinderLink(url);
  if (binder !== null) return binder;
  const parts = pathParts(url.path);
  if (parts === null) return notParsed(`${shown(formatGitUrl(url))}: its encoding is broken.`);
  switch (url.host.replace(/^www\./, "")) {
    case "github.com":
      return parseGithub(url, parts);
    case "raw.githubusercontent.com":
      return parseGithub(url, [...parts.slice(0, 2), "raw", ...parts.slice(2)]);
    case "nbviewer.org":
    case "nbviewer.jupyter.org":
    case "colab.research.google.com":
      return parts[0] === "github" ? parseGithub(url, parts.slice(1)) : null;
    case "gist.github.com":
      return parseGist(url, parts);
    case "gitlab.com":
      return parseGitlab(url, parts);
    default:
      return parseOtherHost(url, parts);
  }
}

function parseGithub(url: NetworkUrl, parts: readonly string[]): ParsedRepo {
  const [owner = "", name = "", page, ...rest] = parts;
  const repo = githubRepo(owner, name);
  if (repo === null) return notAPage(url, "https://github.com/owner/name");
  if (page === undefined || (PAGES_OF_THE_WHOLE.has(page) && rest[0] !== "tag"))
    return parsed(repo);
  const number = /^\d+$/.test(rest[0] ?? "");
  switch (page) {
    case "tree":
    case "blob":
    case "raw":
    case "blame":
    case "edit":
      return withRefAndPath(repo, rest);
    case "commit":
      return withRef(repo, rest[0] ?? null);
    case "pull":
      return number ? withRef(repo, `refs/pull/${rest[0]}/head`) : notAPage(url, "…/pull/NUMBER");
    case "releases":
      return withRef(repo, `refs/tags/${rest.slice(1).join("/")}`);
    default:
      return notAPage(url, "https://github.com/owner/name/tree/REF");
  }
}

function parseGist(url: NetworkUrl, parts: readonly string[]): ParsedRepo {
  const [first = "", id, revision] = parts;
  const isHash = revision === undefined || isFullHash(revision);
  const repo = id === undefined ? null : gistRepo(first, id);
  if (repo !== null && isHash) return withRef(repo, revision ?? null);
  // A gist is found without its owner too, but it has no spec then.
  if (id === undefined && /^[0-9a-f]{20,64}(\.git)?$/i.test(first)) {
    return parsed(
      gitRepo({ ...url, scheme: "https", path: `/${first.replace(/\.git$/, "")}.git` }),
    );
  }
  return notAPage(url, "https://gist.github.com/user/id");
}

function parseGitlab(url: NetworkUrl, parts: readonly string[]): ParsedRepo {
  const dash = parts.indexOf("-");
  const repo = gitlabRepo((dash === -1 ? parts : parts.slice(0, dash)).join("/"));
  if (repo === null) return notAPage(url, "https://gitlab.com/group/project");
  return dash === -1 ? parsed(repo) : gitlabPage(url, repo, parts.slice(dash + 1));
}

/** GitLab on a host of its own is known by `/-/`, Gitea and Forgejo by `/src/branch/`. */
function parseOtherHost(url: NetworkUrl, parts: readonly string[]): ParsedRepo | null {
  const dash = parts.indexOf("-");
  const encode = (path: readonly string[]) => `/${path.map(encodeURIComponent).join("/")}`;
  if (dash >= 2) {
    const repo = gitRepo({ ...url, path: `${encode(parts.slice(0, dash))}.git` });
    return gitlabPage(url, repo, parts.slice(dash + 1));
  }
  const [owner = "", name = "", src, kind = "", ...rest] = parts;
  if (src === "src" && ["branch", "tag", "commit"].includes(kind) && rest.length > 0) {
    return withRefAndPath(gitRepo({ ...url, path: encode([owner, name]) }), rest);
  }
  return null;
}

function gitlabPage(url: NetworkUrl, repo: Repo, parts: readonly string[]): ParsedRepo {
  const [page = "", ...rest] = parts;
  switch (page) {
    case "tree":
    case "blob":
    case "raw":
    case "blame":
      return withRefAndPath(repo, rest);
    case "commit":
      return withRef(repo, rest[0] ?? null);
    case "tags":
      return rest.length === 0 ? parsed(repo) : withRef(repo, `refs/tags/${rest.join("/")}`);
    case "merge_requests":
      return /^\d+$/.test(rest[0] ?? "")
        ? withRef(repo, `refs/merge-requests/${rest[0]}/head`)
        : parsed(repo);
    default:
      return PAGES_OF_THE_WHOLE.has(page) ? parsed(repo) : notAPage(url, "…/-/tree/REF");
  }
}

/**
 * `<ref>/<path>`: where the ref is more than one part, only the repository's refs tell where it ends.
 * The first part is taken for the ref; `Repo.path` says how the rest is read later.
 */
function withRefAndPath(repo: Repo, parts: readonly string[]): ParsedRepo {
  // `refs/heads/main/…` is how pages write a full name.
  const refLength = parts[0] === "refs" && parts.length >= 3 ? 3 : 1;
  const outcome = withRef(repo, parts.slice(0, refLength).join("/") || null);
  const path = parts.slice(refLength).join("/");
  if (outcome.kind === "failed" || path === "") return outcome;
  return parsed({ ...outcome.repo, path }, urlPathOf(path));
}

/** `https://mybinder.org/v2/gh/owner/name/ref?urlpath=…`, of any BinderHub at any base path. */
function parseBinderLink(url: NetworkUrl): ParsedRepo | null {
  const [path = "", query = ""] = url.path.split(/\?(.*)/s);
  const [, provider = "", spec = ""] = /^(?:\/[^/]+)*?\/v2\/([a-z]+)\/(.+)$/.exec(path) ?? [];
  if (provider === "" || (url.host === "github.com" && provider !== "gh")) return null;
  // A repository may lie at /v2/git/…; only an encoded URL makes that a Binder link.
  if (provider === "git" && !/^[^/]*(?:%3A|@)/i.test(spec)) return null;
  const outcome = parseLooseSpec(provider, spec);
  if (outcome.kind === "failed") return outcome;
  const opened = urlPathOfQuery(query);
  if (opened.kind === "failed") return notParsed(`The link cannot be used: ${opened.because}.`);
  return parsed(outcome.repo, opened.urlPath);
}

function notAPage(url: NetworkUrl, form: string): ParsedRepo {
  return notParsed(`Expected an address like ${form}, but it is "${shown(formatGitUrl(url))}".`);
}
