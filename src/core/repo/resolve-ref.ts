/** From what `git ls-remote --symref` says to one commit, exactly. */
import { type Failure, failure } from "../errors.ts";
import { shown } from "./parsed-repo.ts";
import { isFullHash, isShortHash } from "./ref-name.ts";
import type { Repo } from "./repo.ts";
import { similarRefs } from "./similar-refs.ts";

/** What a repository advertises. */
export interface Advertised {
  /** Full ref name → commit; annotated tags are followed to their commit. */
  readonly commits: ReadonlyMap<string, string>;
  /** Commit of HEAD, and the branch that it is, where the host says so. */
  readonly head: { readonly commit: string; readonly name: string | null } | null;
}

export type RefOutcome =
  | {
      readonly kind: "found";
      readonly commit: string;
      /** Full name of the ref; null for a hash or a HEAD that is no branch. */
      readonly name: string | null;
      /** The ref as asked for, with what turned out to belong to it. */
      readonly ref: string | null;
      /** What is left of the address's path; null when nothing is. */
      readonly path: string | null;
      readonly note: string | null;
    }
  | { readonly kind: "failed"; readonly failure: Failure };

/** Parses `git ls-remote --symref`: `<hash>\t<name>` and `ref: <name>\tHEAD` lines. */
export function parseLsRemote(text: string): Advertised {
  const commits = new Map<string, string>();
  const peeled = new Map<string, string>();
  let headName: string | null = null;
  for (const line of text.split("\n")) {
    const symref = /^ref: (\S+)\tHEAD$/.exec(line);
    if (symref !== null) headName = symref[1] ?? null;
    const [, hash = "", name = "", isPeeled] = /^([0-9a-f]{40})\t(\S+?)(\^\{\})?$/.exec(line) ?? [];
    if (hash !== "") (isPeeled === undefined ? commits : peeled).set(name, hash);
  }
  for (const [name, commit] of peeled) commits.set(name, commit);
  const headCommit = commits.get("HEAD");
  commits.delete("HEAD");
  return {
    commits,
    head: headCommit === undefined ? null : { commit: headCommit, name: headName },
  };
}

/**
 * The commit of `repo.ref`. Names are compared whole: `feature/main` is never `main`. When the
 * address of a page brought a path, the longest ref that its beginning names is taken: Git lets no
 * branch `a` exist beside a branch `a/b`.
 */
export function resolveRef(
  { commits, head }: Advertised,
  { provider, ref, path }: Pick<Repo, "provider" | "ref" | "path">,
): RefOutcome {
  if (ref !== null && isFullHash(ref)) {
    return found({ commit: ref.toLowerCase(), name: null, ref, path: path ?? null });
  }
  if (commits.size === 0 && head === null) return failed(failure("repo-empty"));
  if (ref === null) {
    if (head === null) return failed(noDefaultBranch(commits));
    return found({ ...head, ref, path: path ?? null });
  }
  const parts = path === undefined ? [] : path.split("/");
  for (let taken = parts.length; taken >= 0; taken--) {
    const candidate = [ref, ...parts.slice(0, taken)].join("/");
    const name = fullName(commits, candidate);
    const commit = name === null ? undefined : commits.get(name);
    if (name !== null && commit !== undefined) {
      return found({ commit, name, ref: candidate, path: parts.slice(taken).join("/") || null });
    }
  }
  if (head !== null && isRenamedDefault(provider, ref)) {
    const note = `There is no branch "${ref}" (any more): the default branch${head.name === null ? "" : ` "${shortName(head.name)}"`} is used. Tip: HEAD always means the default branch.`;
    return { ...found({ ...head, ref, path: path ?? null }), note };
  }
  return failed(notFound(commits, ref));
}

/** A full name wins, then a branch, then a tag, then a name without its `refs/`. */
function fullName(commits: ReadonlyMap<string, string>, ref: string): string | null {
  const names = ref.startsWith("refs/")
    ? [ref]
    : [`refs/heads/${ref}`, `refs/tags/${ref}`, `refs/${ref}`];
  return names.find((name) => commits.has(name)) ?? null;
}

/** Old links say master; GitHub's own pages forward them, and a gist has one branch of either name. */
function isRenamedDefault(provider: Repo["provider"], ref: string): boolean {
  return (provider === "gh" || provider === "gist") && (ref === "master" || ref === "main");
}

function notFound(commits: ReadonlyMap<string, string>, ref: string): Failure {
  if (isShortHash(ref)) {
    const begins = ref.toLowerCase();
    const full = [...new Set(commits.values())].filter((commit) => commit.startsWith(begins));
    const hint = full.length === 1 ? ` Did you mean ${full[0]}?` : "";
    return failure(
      "ref-not-found",
      `No branch or tag is called "${ref}". A commit must be given with all of its 40 digits.${hint}`,
      full.length === 0 ? undefined : { suggestions: full.slice(0, 5) },
    );
  }
  const suggestions = similarRefs(shortName(ref), branchesAndTags(commits));
  const hint = suggestions.length === 0 ? "" : ` Similar ones exist: ${suggestions.join(", ")}.`;
  return failure(
    "ref-not-found",
    `No branch or tag is called "${shown(ref)}".${hint}`,
    suggestions.length === 0 ? undefined : { suggestions },
  );
}

function noDefaultBranch(commits: ReadonlyMap<string, string>): Failure {
  const names = branchesAndTags(commits).slice(0, 5);
  const hint = names.length === 0 ? "" : ` There are: ${names.join(", ")}.`;
  return failure(
    "default-branch-missing",
    `The repository's HEAD names no branch that exists.${hint}`,
    names.length === 0 ? undefined : { suggestions: names },
  );
}

function branchesAndTags(commits: ReadonlyMap<string, string>): string[] {
  const names = [...commits.keys()].filter((name) => /^refs\/(?:heads|tags)\//.test(name));
  return [...new Set(names.map(shortName))];
}

function shortName(name: string): string {
  return name.replace(/^refs\/(?:heads|tags)\//, "");
}

function found(
  fields: Omit<Extract<RefOutcome, { kind: "found" }>, "kind" | "note">,
): Extract<RefOutcome, { kind: "found" }> {
  return { kind: "found", note: null, ...fields };
}

function failed(reason: Failure): RefOutcome {
  return { kind: "failed", failure: reason };
}
