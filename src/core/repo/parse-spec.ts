/** Reads BinderHub's specs, `<provider>/<spec>`: of its routes (exactly) and as people type them. */
import { decodePercent, parseGitUrl } from "./git-url.ts";
import { fileRepo, gistRepo, gitlabRepo, githubRepo, gitRepo, localRepo } from "./hosted-repo.ts";
import { notParsed, type ParsedRepo, refuseCredentials, shown, withRef } from "./parsed-repo.ts";
import type { ProviderId, Repo } from "./repo.ts";

interface Reading {
  /** Null when the spec names no repository. */
  readonly repo: Repo | ParsedRepo | null;
  /** Null when the spec has no ref. */
  readonly ref: string | null;
  /** What the spec should look like. */
  readonly form: string;
}

const READERS: Readonly<Record<ProviderId, (parts: readonly string[]) => Reading>> = {
  gh: readGithub,
  gl: readGitlab,
  gist: readGist,
  git: readGit,
  local: readLocal,
};

export function isProviderId(text: string): text is ProviderId {
  return Object.hasOwn(READERS, text);
}

/**
 * The spec of `/build/<provider>/<spec>` and `/v2/<provider>/<spec>`: `spec` is the rest of the path,
 * still percent-encoded. The messages are BinderHub's.
 */
export function parseSpec(provider: string, spec: string): ParsedRepo {
  return readSpec(provider, spec, true);
}

/** The same, where a missing ref means the default branch. */
export function parseLooseSpec(provider: string, spec: string): ParsedRepo {
  return readSpec(provider, spec, false);
}

function readSpec(provider: string, rawSpec: string, isRefNeeded: boolean): ParsedRepo {
  if (!isProviderId(provider)) {
    return notParsed(`No provider found for prefix ${shown(provider)}`, "provider-unknown");
  }
  const spec = rawSpec.replace(/\/+$/, "");
  const parts = spec.split("/");
  const { repo, ref, form } = READERS[provider](parts);
  if (repo !== null && "kind" in repo) return repo;
  if (ref === null && isRefNeeded && provider !== "gist") return notOfTheForm(form, spec, parts);
  const decodedRef = ref === null ? null : decodePercent(ref);
  if (repo === null || (ref !== null && decodedRef === null)) return notOfTheForm(form, spec, []);
  return withRef(repo, decodedRef);
}

function notOfTheForm(form: string, spec: string, parts: readonly string[]): ParsedRepo {
  const last = parts.at(-1) ?? "";
  const lacksRef = parts.length === form.split("/").length - 1 && last !== "";
  const hint =
    lacksRef && !["main", "master", "HEAD"].includes(last)
      ? ` Did you mean "${shown(spec)}/HEAD"?`
      : "";
  return notParsed(`Spec is not of the form "${form}", provided: "${shown(spec)}".${hint}`);
}

function readGithub([rawOwner = "", rawName = "", ...rest]: readonly string[]): Reading {
  const owner = decodePercent(rawOwner);
  const name = decodePercent(rawName);
  const repo = owner === null || name === null ? null : githubRepo(owner, name);
  return { repo, ref: joined(rest), form: "user/repo/ref" };
}

function readGitlab([rawNamespace = "", ...rest]: readonly string[]): Reading {
  const namespace = decodePercent(rawNamespace);
  const repo = namespace === null ? null : gitlabRepo(namespace);
  return { repo, ref: joined(rest), form: "group%2Fproject/ref" };
}

function readGist([rawUser = "", rawId = "", ...rest]: readonly string[]): Reading {
  const user = decodePercent(rawUser);
  const id = decodePercent(rawId);
  const repo = user === null || id === null ? null : gistRepo(user, id);
  return { repo, ref: joined(rest), form: "user/gistid/ref" };
}

function readGit([rawUrl = "", ...rest]: readonly string[]): Reading {
  const form = "https%3A%2F%2Fhost%2Frepo/ref";
  const text = decodePercent(rawUrl);
  const url = text === null ? null : parseGitUrl(text);
  switch (url?.kind) {
    case "network":
      return { repo: gitRepo(url), ref: joined(rest), form };
    case "file":
      return { repo: fileRepo(url.path), ref: joined(rest), form };
    case "credentials":
      return { repo: refuseCredentials(), ref: null, form };
    case "invalid": {
      const message = `Unsupported git url ${shown(text ?? "")}: ${url.because}.`;
      return { repo: notParsed(message), ref: null, form };
    }
    case undefined:
      return { repo: null, ref: null, form };
  }
}

function readLocal([rawPath = "", ...rest]: readonly string[]): Reading {
  const path = decodePercent(rawPath);
  const repo = path === null ? null : localRepo(path);
  return { repo, ref: joined(rest), form: "%2Fabsolute%2Ffolder/ref" };
}

function joined(rest: readonly string[]): string | null {
  return rest.length === 0 ? null : rest.join("/");
}
