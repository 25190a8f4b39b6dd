/** A commit with its submodules, and theirs: fetched, checked as one tree, and noted down. */
import { readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { AppError } from "#core/errors.ts";
import { findEscapingLink } from "#core/repo/symlinks.ts";
import { isPrepared, type Mirror } from "./mirror.ts";
import type { PreparedCommit } from "./prepare-commit.ts";
import { assertWithinLimits, type TreeLimits } from "./read-tree.ts";
import type { Submodule, SubmoduleList } from "./submodules.ts";

const DEPTH_MAX = 10;
const SUBMODULES_MAX = 200;

/** One repository of a checkout. */
export interface CheckoutPart {
  /** Relative to the checkout; empty for the repository itself. */
  readonly path: string;
  /** Address of its mirror. */
  readonly address: string;
  /** For `git pull` inside; null where that leads nowhere from a session. */
  readonly remoteUrl: string | null;
  readonly commit: string;
  /** Its large files were fetched. */
  readonly hasLfs: boolean;
}

/** `whole.json` beside the snapshot of the commit that was asked for: written last. */
export interface WholeCheckout {
  readonly version: 1;
  /** The repository itself first, then its submodules, parents before children. */
  readonly parts: readonly CheckoutPart[];
  /** In all parts together. */
  readonly files: number;
}

/** What one repository's fetch gives. */
export interface FetchedPart extends SubmoduleList {
  readonly part: CheckoutPart;
  readonly prepared: PreparedCommit;
}

/**
 * Collects the repository and all its submodules. Throws `repo-too-large` or `repo-unsafe` for what the
 * parts amount to together: a link in a submodule may lead into the repository around it, no further.
 */
export async function collectWhole(
  root: FetchedPart,
  fetchPart: (submodule: Submodule, path: string) => Promise<FetchedPart>,
  { limits, onLine }: { readonly limits: TreeLimits; readonly onLine: (line: string) => void },
): Promise<WholeCheckout> {
  const parts: CheckoutPart[] = [];
  const links = new Map<string, string>();
  let bytes = 0;
  let files = 0;
  const add = async (fetched: FetchedPart, depth: number): Promise<void> => {
    const { part, prepared } = fetched;
    const inside = (path: string) => (part.path === "" ? path : `${part.path}/${path}`);
    parts.push(part);
    for (const [path, target] of prepared.links) links.set(inside(path), target);
    bytes += prepared.bytes;
    files += prepared.files.length;
    assertWithinLimits({ bytes, files }, limits);
    for (const path of fetched.left) {
      onLine(`The submodule ${inside(path)} stays empty: .gitmodules gives no address for it.`);
    }
    for (const submodule of fetched.submodules) {
      assertSubmodules(depth + 1, parts.length);
      const path = inside(submodule.path);
      onLine(`Fetching the submodule ${path} from ${submodule.url}`);
      await add(await fetchPart(submodule, path), depth + 1);
    }
  };
  await add(root, 0);
  const escaping = findEscapingLink(links);
  if (escaping !== null) {
    const message = `The symbolic link ${JSON.stringify(escaping)} leads out of the repository.`;
    throw new AppError("repo-unsafe", message, { detail: { file: escaping } });
  }
  return { version: 1, parts, files };
}

function assertSubmodules(depth: number, count: number): void {
  if (depth > DEPTH_MAX) {
    throw new AppError("repo-too-large", `Submodules are nested more than ${DEPTH_MAX} deep.`);
  }
  if (count > SUBMODULES_MAX) {
    throw new AppError("repo-too-large", `There are more than ${SUBMODULES_MAX} submodules.`);
  }
}

/** Null unless the commit and all its parts are there. */
export async function readWhole(
  mirror: Mirror,
  commit: string,
  mirrorOfPart: (address: string) => Mirror,
): Promise<WholeCheckout | null> {
  let whole: WholeCheckout;
  try {
    const text = await readFile(join(mirror.prepared(commit), "whole.json"), "utf8");
    whole = JSON.parse(text) as WholeCheckout;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw error;
  }
  if (whole.version !== 1) return null;
  for (const { address, commit: ofPart } of whole.parts.slice(1)) {
    if (!(await isPrepared(mirrorOfPart(address), ofPart))) return null;
  }
  return whole;
}

let writes = 0;

/** Several may write the same at once: each has a file of its own until it is whole. */
export async function writeWhole(
  mirror: Mirror,
  commit: string,
  whole: WholeCheckout,
): Promise<void> {
  const path = join(mirror.prepared(commit), "whole.json");
  writes += 1;
  const half = `${path}.half-${process.pid}-${writes}`;
  await writeFile(half, JSON.stringify(whole));
  await rename(half, path);
}
