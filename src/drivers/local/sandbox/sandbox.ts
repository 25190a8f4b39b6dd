/** Where code of repositories runs: bubblewrap, or by explicit wish nothing around it. */
import { realpathSync } from "node:fs";
import { join } from "node:path";
import { assert } from "#base/assert.ts";
import { KIB } from "#base/units.ts";
import { AppError } from "#core/errors.ts";
import { installAssets, type SandboxAssets } from "./assets.ts";
import {
  ARGUMENTS_FD,
  bubblewrapOptions,
  initCommand,
  insideCommand,
  type SandboxSystem,
} from "./bubblewrap-arguments.ts";
import { type Bubblewrap, findBubblewrap, hiddenPlaces, systemRoots } from "./bubblewrap-probe.ts";
import { type Cgroups, cgroupDirectories, makeCgroup, systemdRunArguments } from "./cgroups.ts";
import { findCgroups } from "./cgroups-probe.ts";
import {
  BOUND_ENVIRONMENT,
  closedDirectory,
  currentOwner,
  programPath,
  type SandboxOwner,
  switchUser,
} from "./owner.ts";
import { onHost, pathTranslation } from "./plain-command.ts";
import type { SandboxRequest } from "./request.ts";
import type { SandboxCommand } from "./sandbox-command.ts";
import { type RunOptions, type RunOutcome, runCommand } from "./run.ts";

export interface Sandbox {
  readonly isolation: "bubblewrap" | "none";
  readonly owner: SandboxOwner;
  /** False where `overlays` of a request are read-only instead of writable and thrown away. */
  readonly hasOverlays: boolean;
  readonly cgroups: Cgroups;
  readonly assets: SandboxAssets;
  /** How the request is run: command line, descriptors, directories of its cgroup. Pure. */
  commandFor(request: SandboxRequest): SandboxCommand;
  /** Makes what `commandFor` counts on outside the process: the cgroup with its limits. */
  prepare(request: SandboxRequest): void;
  /** A path inside as the command will see it: itself, or without isolation the host's path. */
  seenPath(request: Pick<SandboxRequest, "binds" | "overlays" | "symlinks">, path: string): string;
  /** Runs to the end, streaming lines. Aborting ends every process before the promise settles. */
  run(request: SandboxRequest, options: RunOptions): Promise<RunOutcome>;
}

export interface SandboxOptions {
  readonly dataDir: string;
  /** As whom sandboxes run when we are root. */
  readonly sandboxUid: number;
  readonly isolation: "bubblewrap" | "none";
  /** In order of preference; the first that works (with overlays) is used. */
  readonly bwrapPaths: readonly string[];
  /** Tests take limits away by this. */
  readonly cgroups?: Cgroups;
}

/** Out-of-memory scores of what runs inside: before ours, which have 0. */
const OUT_OF_MEMORY_SCORE = "300";

/** What `ulimit -f` counts in. */
const FILE_BLOCK_BYTES = 512;

/** Throws `sandbox-unavailable` when isolation is wanted and none can be had. */
export function createSandbox(options: SandboxOptions): Sandbox {
  const owner = currentOwner(options.sandboxUid);
  assert(owner.kind === "self" || owner.uid !== 0, "sandboxes never run as root");
  const tools = join(options.dataDir, "tools");
  const architecture = process.arch;
  if (architecture !== "x64" && architecture !== "arm64") {
    throw new AppError("sandbox-unavailable", `No system call filter exists for ${architecture}.`);
  }
  assertReachable(options.dataDir, owner);
  const assets = installAssets(tools, architecture);
  const bubblewrap = options.isolation === "none" ? null : chooseBubblewrap(options, owner, tools);
  const cgroups = options.cgroups ?? findCgroups();
  const system: SandboxSystem = {
    roots: systemRoots(),
    hidden: hiddenPlaces(),
    etc: assets.etc,
    etcDirectories: assets.etcDirectories,
    initPath: assets.init,
    overlays: bubblewrap?.overlays ?? false,
    disableUserns: bubblewrap?.disableUserns ?? false,
    perProcessLimits: cgroups.kind === "none",
    prlimitPath: programPath("prlimit"),
  };

  const commandFor = (request: SandboxRequest): SandboxCommand => {
    assertName(request.name);
    const outer = [...joinCommand(request, { cgroups, assets }), ...switchUser(owner)];
    const directories = cgroupDirectories(cgroups, request.name);
    if (bubblewrap === null) return plainCommand(request, { outer, assets, directories });
    return {
      argv: [
        ...outer,
        bubblewrap.path,
        "--args",
        String(ARGUMENTS_FD),
        "--",
        ...insideCommand(request, system),
      ],
      env: { ...BOUND_ENVIRONMENT, ...userBus(cgroups, owner) },
      seccompPath: assets.seccomp,
      options: terminated(bubblewrapOptions(request, system)),
      cgroupDirectories: directories,
    };
  };
  const prepare = (request: SandboxRequest): void => {
    makeCgroup(cgroups, request.name, request.limits);
  };
  return {
    isolation: options.isolation,
    owner,
    hasOverlays: system.overlays,
    cgroups,
    assets,
    commandFor,
    prepare,
    seenPath: (request, path) => (bubblewrap === null ? pathTranslation(request)(path) : path),
    run: (request, runOptions) => {
      prepare(request);
      return runCommand(commandFor(request), runOptions);
    },
  };
}

function chooseBubblewrap(
  options: SandboxOptions,
  owner: SandboxOwner,
  scratch: string,
): Bubblewrap {
  const { found, failures } = findBubblewrap(options.bwrapPaths, { owner, scratch });
  if (found !== null) return found;
  const tried = failures.map(({ because }) => because.split("\n")[0]).join("; ");
  throw new AppError(
    "sandbox-unavailable",
    `No sandbox can be made on this machine: ${tried || "bubblewrap was not found"}.`,
  );
}

function plainCommand(
  request: SandboxRequest,
  parts: {
    readonly outer: readonly string[];
    readonly assets: SandboxAssets;
    readonly directories: readonly string[];
  },
): SandboxCommand {
  const plain = onHost(request);
  // What decides how programs are found and linked is set last, when root was given up.
  const isDecisive = ([name]: readonly [string, string]): boolean => /^(PATH$|LD_)/.test(name);
  const variables = Object.entries(plain.variables);
  return {
    argv: [
      ...parts.outer,
      programPath("env"),
      `--chdir=${plain.workingDirectory}`,
      ...variables.filter(isDecisive).map(([name, value]) => `${name}=${value}`),
      ...initCommand(plain, parts.assets.init, "alone"),
      ...plain.command,
    ],
    env: {
      PATH: BOUND_ENVIRONMENT["PATH"] ?? "",
      ...Object.fromEntries(variables.filter((each) => !isDecisive(each))),
    },
    seccompPath: null,
    options: null,
    cgroupDirectories: parts.directories,
  };
}

/** What holds a zero byte would be read as options of its own. */
function terminated(options: readonly string[]): string {
  assert(!options.some((option) => option.includes("\0")), "no option holds a zero byte");
  return options.map((option) => `${option}\0`).join("");
}

function joinCommand(
  request: SandboxRequest,
  { cgroups, assets }: { readonly cgroups: Cgroups; readonly assets: SandboxAssets },
): readonly string[] {
  const { fileBytes, memoryBytes } = request.limits;
  const isByProcess = cgroups.kind === "none" && Number.isFinite(memoryBytes);
  const dataKib = isByProcess ? String(Math.floor(memoryBytes / KIB)) : "unlimited";
  return [
    ...(cgroups.kind === "systemd"
      ? systemdRunArguments(cgroups, request.name, request.limits)
      : []),
    "/bin/sh",
    assets.join,
    OUT_OF_MEMORY_SCORE,
    String(Math.floor(fileBytes / FILE_BLOCK_BYTES)),
    dataKib,
    ...cgroupDirectories(cgroups, request.name),
    "--",
  ];
}

/** systemd-run --user finds the user's bus by this. */
function userBus(cgroups: Cgroups, owner: SandboxOwner): Record<string, string> {
  if (cgroups.kind !== "systemd" || !cgroups.user) return {};
  return { XDG_RUNTIME_DIR: `/run/user/${owner.uid}` };
}

/** Sandboxes are started as their own user, who has to get to the files that they show. */
function assertReachable(dataDir: string, owner: SandboxOwner): void {
  const closed = closedDirectory(realpathSync(dataDir), owner);
  if (closed === null) return;
  throw new AppError(
    "data-dir-unusable",
    `Sandboxes run as user ${owner.uid}, who may not pass through ${closed}.`,
  );
}

function assertName(name: string): void {
  assert(/^[A-Za-z0-9_-]{1,100}$/.test(name), "the name of a sandbox is safe as a file name");
}
