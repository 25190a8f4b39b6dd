/** Reads whatever a person pastes to name a repository. */
import { parseGitUrl } from "./git-url.ts";
import { fileRepo, githubRepo, gitRepo, localRepo } from "./hosted-repo.ts";
import { parsePage } from "./parse-page.ts";
import { isProviderId, parseLooseSpec } from "./parse-spec.ts";
import { notParsed, type ParsedRepo, parsed, refuseCredentials, shown } from "./parsed-repo.ts";

const ADDRESS_LENGTH_MAX = 4_096;

/**
 * A page's address, a Git URL, an absolute folder, or a spec in BinderHub's form; a spec without a
 * ref means the default branch. Relative folders are made absolute by who knows relative to what.
 * Never throws; a secret in the text is never repeated.
 */
export function parseRepo(text: string): ParsedRepo {
  const address = text.trim();
  if (address === "")
    return notParsed("Expected the address of a repository, but nothing was given.");
  if (address.length > ADDRESS_LENGTH_MAX) {
    return notParsed(
      `Expected at most ${ADDRESS_LENGTH_MAX} characters, but there are ${address.length}.`,
    );
  }
  if (/[\p{Cc}\p{Zl}\p{Zp}]/u.test(address) || !address.isWellFormed()) {
    return notParsed("The address holds a line break or another control character.");
  }
  if (address.startsWith("/")) return parseFolder(address);
  if (/^\.{0,2}(?:$|\/)|^~/.test(address)) {
    return notParsed(`Expected an absolute folder, but it is "${shown(address)}".`);
  }
  const [, provider = "", spec = ""] = /^(?:v2\/)?([a-z]+)\/(.*)$/s.exec(address) ?? [];
  if (isProviderId(provider)) return parseTypedSpec(provider, spec);
  return parseUrl(address);
}

function parseFolder(path: string): ParsedRepo {
  const repo = localRepo(path);
  return repo === null ? notParsed(`"${shown(path)}" is not a path.`) : parsed(repo);
}

/** Specs as people type them: a URL or a GitLab path that was not percent-encoded. */
function parseTypedSpec(provider: string, spec: string): ParsedRepo {
  if (provider === "git" && /^[a-z+]+:\/\//i.test(spec)) return parseUrl(spec);
  if (provider === "gl" && /^[^%/]+\/[^/]+\/?$/.test(spec)) {
    return parseLooseSpec("gl", encodeURIComponent(spec.replace(/\/$/, "")));
  }
  if (provider === "local" && spec.startsWith("/")) return parseFolder(spec);
  return parseLooseSpec(provider, spec);
}

function parseUrl(address: string): ParsedRepo {
  // `github.com/owner/name`: an address bar hides the scheme.
  const hasHost = /^[a-z0-9-]+(?:\.[a-z0-9-]+)+(?::\d+)?\//i.test(address);
  const url = parseGitUrl(hasHost ? `https://${address}` : address);
  switch (url.kind) {
    case "credentials":
      return refuseCredentials();
    case "file":
      return parsed(fileRepo(url.path));
    case "network": {
      const isPage = url.scheme === "https" || url.scheme === "http";
      return (isPage ? parsePage(url) : null) ?? parsed(gitRepo(url));
    }
    case "invalid": {
      const [owner = "", name = "", ...rest] = address.split("/");
      const isGithub = rest.length === 0 && githubRepo(owner, name) !== null;
      const hint = isGithub ? ` Did you mean "gh/${address}"?` : "";
      return notParsed(`"${shown(address)}" is not understood: ${url.because}.${hint}`);
    }
  }
}
