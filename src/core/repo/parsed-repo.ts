/** The outcome of reading an address, and the ways to make one. */
import { type ErrorCode, type Failure, failure } from "../errors.ts";
import { isFullHash, whyNotRef } from "./ref-name.ts";
import type { Repo } from "./repo.ts";

export type ParsedRepo =
  | {
      readonly kind: "parsed";
      readonly repo: Repo;
      /**
       * What to open, to be appended to the session's address; null when the address names nothing.
       * When `repo.path` is there it is what `urlPathOf(repo.path)` gives now; `urlPathOf` of the
       * resolved repo's path is better.
       */
      readonly urlPath: string | null;
    }
  | { readonly kind: "failed"; readonly failure: Failure };

export function parsed(repo: Repo, urlPath: string | null = null): ParsedRepo {
  return { kind: "parsed", repo, urlPath };
}

export function notParsed(message: string, code: ErrorCode = "repo-spec-invalid"): ParsedRepo {
  return { kind: "failed", failure: failure(code, message) };
}

/** Never echoes the address: it holds a secret. */
export function refuseCredentials(): ParsedRepo {
  return notParsed(
    "The address holds a user name, a password or a token, and addresses are logged and shown. " +
      "Leave it out and give it to Git's own credential helper on the machine that runs Bindery " +
      "(git config --global credential.helper …; see `git help credentials`).",
  );
}

/** The repo with this ref. HEAD is the default branch; a hash is in lower case. */
export function withRef(repo: Repo, ref: string | null): ParsedRepo {
  if (ref === null || ref === "HEAD") return parsed({ ...repo, ref: null });
  const because = whyNotRef(ref);
  if (because !== null)
    return notParsed(`"${shown(ref)}" is not a branch, tag or commit: ${because}.`);
  return parsed({ ...repo, ref: isFullHash(ref) ? ref.toLowerCase() : ref });
}

/** What a person gave, cut to a sensible length and without what may be a secret. */
export function shown(text: string): string {
  const safe = text
    .replaceAll(/(:\/\/|%3a%2f%2f)(?:(?!%40)[^/@\s])*(?:@|%40)/gi, "$1…@")
    .replaceAll(/\p{Cc}/gu, "�")
    .toWellFormed();
  return safe.length > 200 ? `${safe.slice(0, 200)}…` : safe;
}
