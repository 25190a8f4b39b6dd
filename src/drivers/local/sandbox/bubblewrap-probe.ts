/** Which bubblewrap works on this machine: found out by using it, since versions and kernels differ. */
import { execFileSync } from "node:child_process";
import {
  accessSync,
  chmodSync,
  chownSync,
  constants,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readlinkSync,
  rmSync,
} from "node:fs";
import { join } from "node:path";
import type { SandboxSystem } from "./bubblewrap-arguments.ts";
import { BOUND_ENVIRONMENT, type SandboxOwner, switchUser } from "./owner.ts";

export interface Bubblewrap {
  readonly path: string;
  readonly version: string;
  readonly overlays: boolean;
  readonly disableUserns: boolean;
}

type Root = SandboxSystem["roots"][number];

export interface BubblewrapFailure {
  readonly path: string;
  /** What it printed, for the operator. */
  readonly because: string;
}

const PROBE_TIMEOUT_MS = 10_000;

/** Tries the candidates in order; the first with overlays wins, else the first that works at all. */
export function findBubblewrap(
  candidates: readonly string[],
  { owner, scratch }: { readonly owner: SandboxOwner; readonly scratch: string },
): { readonly found: Bubblewrap | null; readonly failures: readonly BubblewrapFailure[] } {
  const failures: BubblewrapFailure[] = [];
  let second: Bubblewrap | null = null;
  for (const path of candidates) {
    const outcome = probeBubblewrap(path, { owner, scratch });
    if ("because" in outcome) failures.push(outcome);
    else if (outcome.overlays) return { found: outcome, failures };
    else second ??= outcome;
  }
  return { found: second, failures };
}

function probeBubblewrap(
  path: string,
  { owner, scratch }: { readonly owner: SandboxOwner; readonly scratch: string },
): Bubblewrap | BubblewrapFailure {
  try {
    accessSync(path, constants.X_OK);
    const version = /\d+\.\d+\.\d+/.exec(run([path, "--version"]))?.[0] ?? "unknown";
    const base = [...switchUser(owner), path, "--unshare-all", "--unshare-user"];
    const system = [...systemOptions(), "--proc", "/proc", "--dev", "/dev", "/usr/bin/true"];
    const strict = tryRun([...base, "--disable-userns", ...system]);
    if (!strict.works) {
      const plain = tryRun([...base, ...system]);
      if (!plain.works) return { path, because: plain.because };
    }
    return {
      path,
      version,
      disableUserns: strict.works,
      overlays: hasOverlays({ base, system, owner, scratch }),
    };
  } catch (error) {
    return { path, because: error instanceof Error ? error.message : String(error) };
  }
}

/** An overlay is used only where its lower layer can be written to the throw-away one. */
function hasOverlays(probe: {
  readonly base: readonly string[];
  readonly system: readonly string[];
  readonly owner: SandboxOwner;
  readonly scratch: string;
}): boolean {
  mkdirSync(probe.scratch, { recursive: true });
  const lower = mkdtempSync(join(probe.scratch, "overlay-"));
  try {
    giveTo(probe.owner, lower);
    const options = ["--overlay-src", lower, "--tmp-overlay", "/tmp"];
    const command = [...probe.system.slice(0, -1), "/usr/bin/touch", "/tmp/probe"];
    return tryRun([...probe.base, ...options, ...command]).works;
  } finally {
    rmSync(lower, { recursive: true, force: true });
  }
}

function giveTo(owner: SandboxOwner, directory: string): void {
  chmodSync(directory, 0o700);
  if (owner.kind === "switch") chownSync(directory, owner.uid, owner.uid);
}

/** Where Jupyter looks for the machine's own kernels and extensions, as far as that is there. */
export function hiddenPlaces(): SandboxSystem["hidden"] {
  return ["/usr/share/jupyter", "/usr/local/share/jupyter"].filter((path) => existsSync(path));
}

/** The system directories as this distribution has them. */
export function systemRoots(): SandboxSystem["roots"] {
  return ["/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32"].flatMap((path): Root[] => {
    try {
      return lstatSync(path).isSymbolicLink()
        ? [{ kind: "symlink", path, target: readlinkSync(path) }]
        : [{ kind: "directory", path }];
    } catch {
      // This distribution does not have it.
      return [];
    }
  });
}

function systemOptions(): readonly string[] {
  const roots = systemRoots().flatMap((root) =>
    root.kind === "symlink"
      ? ["--symlink", root.target, root.path]
      : ["--ro-bind", root.path, root.path],
  );
  return ["--ro-bind", "/usr", "/usr", ...roots];
}

function tryRun(
  argv: readonly string[],
): { readonly works: true } | { readonly works: false; readonly because: string } {
  try {
    run(argv);
    return { works: true };
  } catch (error) {
    const stderr = (error as { stderr?: Buffer | string }).stderr?.toString().trim();
    return { works: false, because: stderr || String(error) };
  }
}

function run([file = "", ...args]: readonly string[]): string {
  return execFileSync(file, args, {
    encoding: "utf8",
    env: { ...BOUND_ENVIRONMENT },
    cwd: "/",
    stdio: ["ignore", "pipe", "pipe"],
    timeout: PROBE_TIMEOUT_MS,
    maxBuffer: 64 * 1024,
  });
}
