/** Reads what a launch is asked to be: any address, or a provider and its spec. */
import { type Failure, failure } from "#core/errors.ts";
import { parseLooseSpec } from "#core/repo/parse-spec.ts";
import { parseRepo } from "#core/repo/parse-repo.ts";
import { type ParsedRepo, withRef } from "#core/repo/parsed-repo.ts";
import type { Repo } from "#core/repo/repo.ts";
import { urlPathOfQuery } from "#core/repo/url-path.ts";
import type { LaunchRequest } from "../schema.ts";

export type WishReading =
  | { readonly kind: "read"; readonly repo: Repo; readonly urlPath: string | null }
  | { readonly kind: "failed"; readonly failure: Failure };

export function readWish(
  request: Pick<LaunchRequest, "repo" | "provider" | "spec" | "ref" | "urlPath">,
): WishReading {
  const parsed = readAddress(request);
  if (parsed.kind === "failed") return parsed;
  const chosen = chooseRef(parsed, request.ref);
  if (chosen.kind === "failed") return chosen;
  const { repo } = chosen;
  if (request.urlPath === undefined || request.urlPath === "") {
    return { kind: "read", repo, urlPath: parsed.urlPath };
  }
  const opened = urlPathOfQuery(`urlpath=${encodeURIComponent(request.urlPath.toWellFormed())}`);
  if (opened.kind === "failed") return notRead(`The urlPath cannot be used: ${opened.because}.`);
  return { kind: "read", repo, urlPath: opened.urlPath };
}

function readAddress({ repo, provider, spec }: LaunchRequest): ParsedRepo {
  if (repo !== undefined && provider === undefined && spec === undefined) return parseRepo(repo);
  if (repo === undefined && provider !== undefined && spec !== undefined) {
    return parseLooseSpec(provider, spec);
  }
  return notRead("Expected either repo, or provider and spec.");
}

/** A ref that is given apart wins; the rest of a page's address is then a path and nothing else. */
function chooseRef(parsed: Extract<ParsedRepo, { kind: "parsed" }>, ref: string | undefined) {
  if (ref === undefined || ref === "") return parsed;
  const { path: _path, ...repo } = parsed.repo;
  return withRef(repo, ref);
}

function notRead(message: string): { readonly kind: "failed"; readonly failure: Failure } {
  return { kind: "failed", failure: failure("request-invalid", message) };
}
