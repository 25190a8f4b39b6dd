/** The options of bubblewrap for a request: pure, so that a table can show what a sandbox sees. */
import { programPath } from "./owner.ts";
import type { SandboxRequest } from "./request.ts";
import type { SystemLayer } from "./system-layer.ts";

/** Inside, everyone is jovyan. */
export const INSIDE_UID = 1000;
export const INSIDE_HOME = "/home/jovyan";
const DEFAULT_EGRESS_SOCKET = "/run/bindery/egress.sock";
const EGRESS_PORT = 3128;

/** File descriptors that the caller opens for bubblewrap. */
const SECCOMP_FD = 3;
export const ARGUMENTS_FD = 4;

/** How this machine looks to a sandbox; found out once. */
export interface SandboxSystem {
  /** `/bin`, `/lib` …: a link into `/usr`, or a directory of its own. */
  readonly roots: readonly (
    | { readonly kind: "symlink"; readonly path: string; readonly target: string }
    | { readonly kind: "directory"; readonly path: string }
  )[];
  /** What this machine keeps for its own users' servers, and sessions do not see: its kernels. */
  readonly hidden: readonly string[];
  /** Our own small /etc on the host, and which of the host's directories lie over it. */
  readonly etc: string;
  readonly etcDirectories: readonly string[];
  readonly initPath: string;
  readonly overlays: boolean;
  readonly disableUserns: boolean;
  /** Without cgroups the number of processes and their memory are limited one by one. */
  readonly perProcessLimits: boolean;
  readonly prlimitPath: string;
}

/** Where the directory of the init is seen inside. */
const INSIDE_INIT = "/run/bindery-init";

/** As a module it is found with its bytecode, where this Python's is there. */
const INIT_PROGRAM =
  "import sys; sys.path.insert(0, sys.argv[1]); import bindery_init; sys.exit(bindery_init.main(sys.argv[2:]))";

/** Options only; the command follows on the command line. */
export function bubblewrapOptions(request: SandboxRequest, system: SandboxSystem): string[] {
  const { limits, network } = request;
  return [
    "--unshare-all",
    "--unshare-user",
    ...(network.kind === "host" ? ["--share-net"] : []),
    ...(system.disableUserns ? ["--disable-userns"] : []),
    "--die-with-parent",
    "--new-session",
    ...["--cap-drop", "ALL"],
    ...userOptions(request),
    ...["--hostname", "bindery"],
    ...["--seccomp", String(SECCOMP_FD)],
    ...overSystem(request, "/usr", "/usr"),
    ...hiddenOptions(request, system),
    ...system.roots.flatMap((root) =>
      root.kind === "symlink"
        ? ["--symlink", root.target, root.path]
        : ["--ro-bind", root.path, root.path],
    ),
    ...etcOptions(request, system),
    ...(network.kind === "host" ? hostNames() : []),
    ...["--proc", "/proc", "--dev", "/dev"],
    ...["--perms", "1777", "--size", String(limits.tmpBytes), "--tmpfs", "/tmp"],
    ...["--perms", "0755", "--dir", "/run", "--perms", "0755", "--dir", "/srv"],
    ...varOptions(request),
    ...["--ro-bind", system.initPath, INSIDE_INIT],
    ...request.overlays.flatMap((overlay) =>
      system.overlays
        ? ["--overlay-src", overlay.lower, "--tmp-overlay", overlay.target]
        : ["--ro-bind", overlay.lower, overlay.target],
    ),
    ...request.binds.flatMap((bind) => [
      bind.mode === "read-only" ? "--ro-bind" : "--bind",
      bind.source,
      bind.target,
    ]),
    ...request.symlinks.flatMap((link) => ["--symlink", link.target, link.path]),
    ...["--remount-ro", "/"],
    ...["--chdir", request.workingDirectory],
    "--clearenv",
    ...Object.entries({ ...networkVariables(request), ...request.variables }).flatMap(
      ([name, value]) => ["--setenv", name, value],
    ),
  ];
}

/** Who fills a layer of Debian packages is root inside, as dpkg wants it; everyone else is jovyan. */
function userOptions({ systemLayer }: SandboxRequest): string[] {
  const uid = String(isFilled(systemLayer) ? 0 : INSIDE_UID);
  return ["--uid", uid, "--gid", uid];
}

/** A directory of the system at its place, with what the layer has over it. */
function overSystem({ systemLayer }: SandboxRequest, source: string, path: string): string[] {
  const part = path.slice(1);
  if (systemLayer === undefined || !systemLayer.parts.includes(part)) {
    return ["--ro-bind", source, path];
  }
  const { directory, work } = systemLayer;
  const upper = `${directory}/${part}`;
  return work === null
    ? ["--overlay-src", source, "--overlay-src", upper, "--ro-overlay", path]
    : ["--overlay-src", source, "--overlay", upper, `${work}/${part}`, path];
}

/** Debian packages of the repository may bring kernels: then their places are seen. */
function hiddenOptions(request: SandboxRequest, { hidden }: SandboxSystem): string[] {
  if (request.systemLayer !== undefined) return [];
  return hidden.flatMap((path) => ["--tmpfs", path, "--remount-ro", path]);
}

/** Who installs packages sees the machine's own /etc, as far as the sandbox's user may read it. */
function etcOptions(request: SandboxRequest, system: SandboxSystem): string[] {
  if (isFilled(request.systemLayer)) return overSystem(request, "/etc", "/etc");
  return [
    ...overSystem(request, system.etc, "/etc"),
    ...system.etcDirectories.flatMap((path) => overSystem(request, path, path)),
  ];
}

function varOptions(request: SandboxRequest): string[] {
  const { systemLayer } = request;
  const fresh = ["--perms", "0755", "--dir", "/var", "--symlink", "/tmp", "/var/tmp"];
  if (systemLayer === undefined) return fresh;
  if (isFilled(systemLayer)) {
    return [...overSystem(request, "/var", "/var"), ...overSystem(request, "/opt", "/opt")];
  }
  const own = systemLayer.parts.filter((part) => part === "var/lib" || part.startsWith("opt/"));
  return [
    ...fresh,
    ...own.flatMap((part) => ["--ro-bind", `${systemLayer.directory}/${part}`, `/${part}`]),
  ];
}

function isFilled(layer: SystemLayer | undefined): boolean {
  return layer !== undefined && layer.work !== null;
}

/** What runs inside: the limit that counts inside only, the init where it is wanted, the command. */
export function insideCommand(request: SandboxRequest, system: SandboxSystem): string[] {
  return [
    // RLIMIT_NPROC counts within the user namespace: the user's own processes outside do not matter.
    ...(system.perProcessLimits
      ? [system.prlimitPath, `--nproc=${request.limits.processesMax}`, "--"]
      : []),
    ...initCommand(request, INSIDE_INIT),
    ...request.command,
  ];
}

/** `alone`: nothing around it ends what the command leaves behind, so that the init has to. */
export function initCommand(
  request: SandboxRequest,
  initPath: string,
  surroundings: "namespace" | "alone" = "namespace",
): string[] {
  const { init, network } = request;
  if (init === undefined && network.kind !== "filtered") return [];
  return [
    ...[programPath("python3"), "-I", "-S", "-c", INIT_PROGRAM, initPath],
    ...(surroundings === "alone" ? ["--alone"] : []),
    ...(network.kind === "filtered"
      ? ["--forward", String(EGRESS_PORT), network.egressSocket ?? DEFAULT_EGRESS_SOCKET]
      : []),
    ...(init === undefined ? [] : ["--log-bytes", String(init.logBytes)]),
    ...(init === undefined || init.logCopy === null ? [] : ["--log-copy", init.logCopy]),
    ...(init === undefined || init.startScript === null ? [] : ["--start", init.startScript]),
    "--",
  ];
}

export function networkVariables(request: SandboxRequest): Record<string, string> {
  if (request.network.kind !== "filtered") return {};
  const proxy = `http://127.0.0.1:${EGRESS_PORT}`;
  const direct = "localhost,127.0.0.1,::1";
  return {
    HTTP_PROXY: proxy,
    HTTPS_PROXY: proxy,
    NO_PROXY: direct,
    http_proxy: proxy,
    https_proxy: proxy,
    no_proxy: direct,
  };
}

function hostNames(): string[] {
  return ["/etc/resolv.conf", "/etc/hosts"].flatMap((path) => ["--ro-bind-try", path, path]);
}
