/** Git LFS, where it is installed: large files are fetched beside the mirror and filled in at checkout. */
import { join } from "node:path";
import { SECOND_MS } from "#base/units.ts";
import { type GitTool, stoppedFault } from "./git-tool.ts";
import { gitFault } from "./git-failure.ts";
import type { Mirror } from "./mirror.ts";
import type { Remote } from "./open-remote.ts";

/** Settings of a checkout: with a mirror its large files are filled in, else the pointers stay. */
export function largeFileSettings(mirror: Mirror | null): readonly string[] {
  if (mirror === null) {
    return [
      "filter.lfs.process=",
      "filter.lfs.smudge=",
      "filter.lfs.clean=",
      "filter.lfs.required=false",
    ];
  }
  return [
    "filter.lfs.process=git-lfs filter-process",
    "filter.lfs.smudge=git-lfs smudge -- %f",
    "filter.lfs.clean=git-lfs clean -- %f",
    "filter.lfs.required=true",
    `lfs.storage=${join(mirror.path, "lfs")}`,
  ];
}

/**
 * True when the commit's large files are in the mirror now. Where Git may not connect freely they are
 * not fetched: the host of each file is named by the answer of another host, out of our control.
 */
export async function fetchLargeFiles(
  git: GitTool,
  options: {
    readonly mirror: Mirror;
    readonly remote: Remote;
    readonly commit: string;
    readonly timeoutMs: number;
    readonly signal: AbortSignal;
    readonly onLine: (line: string) => void;
  },
): Promise<boolean> {
  const { mirror, remote, signal, onLine } = options;
  if (remote.pinned !== null) {
    onLine("Large files (Git LFS) are not fetched here: their pointers stay.");
    return false;
  }
  const call = { cwd: mirror.path, signal };
  const version = await git.run({ ...call, args: ["lfs", "version"], timeoutMs: 10 * SECOND_MS });
  if (version.kind === "exited" && version.code !== 0) {
    onLine("Large files (Git LFS) are not fetched: git-lfs is not installed. Their pointers stay.");
    return false;
  }
  onLine("Fetching large files (Git LFS)");
  const outcome = await git.run({
    ...call,
    args: ["lfs", "fetch", remote.url, options.commit],
    config: [...remote.config, `lfs.storage=${join(mirror.path, "lfs")}`],
    env: remote.env,
    timeoutMs: options.timeoutMs,
  });
  if (outcome.kind === "stopped") throw stoppedFault(outcome.because);
  if (outcome.code !== 0) throw gitFault(outcome.errors);
  return true;
}
