/** Which submodules a commit has, and where they come from. */
import { SECOND_MS } from "#base/units.ts";
import { AppError } from "#core/errors.ts";
import type { RepoFile } from "#core/repo/repo.ts";
import { gitUrlText, submoduleUrl } from "#core/repo/submodule-url.ts";
import type { GitTool } from "./git-tool.ts";
import type { Mirror } from "./mirror.ts";

export interface Submodule {
  /** Inside the repository that names it. */
  readonly path: string;
  readonly url: string;
  readonly commit: string;
}

export interface SubmoduleList {
  readonly submodules: readonly Submodule[];
  /** Paths that stay empty folders, because no address is given or none is wanted. */
  readonly left: readonly string[];
}

/** `base` is the address that relative ones begin at. Throws for an address that is not allowed. */
export async function listSubmodules(
  git: GitTool,
  files: readonly RepoFile[],
  at: {
    readonly mirror: Mirror;
    readonly commit: string;
    readonly base: string;
    readonly signal: AbortSignal;
  },
): Promise<SubmoduleList> {
  const links = files.filter(({ kind }) => kind === "submodule");
  if (links.length === 0) return { submodules: [], left: [] };
  const settings = files.some(({ path, kind }) => path === ".gitmodules" && kind === "file")
    ? await readGitmodules(git, at)
    : new Map<string, GitmodulesEntry>();
  const submodules: Submodule[] = [];
  const left: string[] = [];
  for (const { path, hash } of links) {
    const { url, update } = settings.get(path) ?? {};
    if (url === undefined || update === "none") left.push(path);
    else submodules.push({ path, url: checkedUrl(at.base, url, path), commit: hash });
  }
  return { submodules, left };
}

function checkedUrl(base: string, url: string, path: string): string {
  const read = submoduleUrl(base, url);
  const where = { detail: { file: path } };
  switch (read.kind) {
    case "network":
    case "file":
      return gitUrlText(read);
    case "credentials":
      throw new AppError(
        "repo-unsafe",
        `The submodule ${path} has credentials in its address.`,
        where,
      );
    case "invalid": {
      const message = `The address of the submodule ${path} is not allowed: ${read.because}.`;
      throw new AppError("repo-unsafe", message, where);
    }
  }
}

interface GitmodulesEntry {
  readonly url?: string;
  readonly update?: string;
}

/** Git's own reader of its own format; by path. */
async function readGitmodules(
  git: GitTool,
  { mirror, commit, signal }: { mirror: Mirror; commit: string; signal: AbortSignal },
): Promise<Map<string, GitmodulesEntry>> {
  const outcome = await git.run({
    args: ["config", "--blob", `${commit}:.gitmodules`, "-z", "--list"],
    cwd: mirror.path,
    signal,
    timeoutMs: 10 * SECOND_MS,
  });
  if (outcome.kind === "stopped") throw new AppError("launch-cancelled");
  if (outcome.code !== 0) {
    throw new AppError("repo-unsafe", ".gitmodules is malformed.", {
      detail: { file: ".gitmodules" },
    });
  }
  const byName = new Map<string, Record<string, string>>();
  for (const entry of outcome.output.toString("utf8").split("\0")) {
    const [, name = "", key = "", value = ""] =
      /^submodule\.([^\n]+)\.(path|url|update)\n(.*)$/s.exec(entry) ?? [];
    if (key !== "") byName.set(name, { ...byName.get(name), [key]: value });
  }
  const byPath = new Map<string, GitmodulesEntry>();
  for (const { path, ...entry } of byName.values()) {
    if (path !== undefined) byPath.set(path.replace(/\/+$/, ""), entry);
  }
  return byPath;
}
