/** The sandboxes of a build: one kind that code of repositories never enters, one made for it. Pure. */
import type { Policy } from "#core/policy.ts";
import { GIB } from "#base/units.ts";
import type { SandboxBind, SandboxNetwork, SandboxRequest } from "../sandbox/request.ts";
import type { SystemLayer } from "../sandbox/system-layer.ts";
import type { PythonInterpreter } from "../tools/pythons.ts";
import { type BuilderPlaces, type BuildPlaces, CACHE_NAME, INSIDE } from "./build-places.ts";
import { type HostIndex, withoutProxies } from "./host-index.ts";

/** Everything about a build that its sandboxes need to know. */
export interface BuildGround {
  readonly places: BuilderPlaces;
  readonly build: BuildPlaces;
  readonly uvPath: string;
  readonly python: PythonInterpreter;
  readonly index: HostIndex;
  readonly policy: Policy;
  readonly cpus: number;
  readonly isIsolated: boolean;
  /** False where a throw-away layer over the cache cannot be made. */
  readonly hasOverlays: boolean;
  /** Debian packages that code of the repository finds at their places, or null. */
  readonly systemLayer: SystemLayer | null;
  /** A filtering proxy listens in `build.egress`. */
  readonly hasEgress: boolean;
}

const PROCESSES_MAX = 2_048;
const TMP_BYTES_MAX = 4 * GIB;
const SYSTEM_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

interface StepOptions {
  readonly name: string;
  readonly command: readonly string[];
  readonly network: "host" | "filtered" | "none";
  readonly variables?: Readonly<Record<string, string>>;
}

/**
 * For our own steps: the shared cache can be written, the host's index settings are there, nothing of
 * the repository is but requirement lines. Nothing that a repository or a package brings may run.
 */
export function trustedRequest(
  ground: BuildGround,
  options: StepOptions & { readonly linkMode: "hardlink" | "copy" },
): SandboxRequest {
  const { build, places, index } = ground;
  const whole: SandboxBind = {
    source: places.building,
    target: INSIDE.building,
    mode: "read-write",
  };
  return {
    ...common(ground, options),
    binds: [
      ...commonBinds(ground),
      { source: build.index, target: INSIDE.index, mode: "read-only" },
      ...wayOut(ground, options),
      ...(ground.isIsolated
        ? [whole]
        : [
            { ...whole, source: places.cache, target: `${INSIDE.building}/${CACHE_NAME}` },
            { ...whole, source: build.environment, target: INSIDE.environment },
          ]),
    ],
    overlays: [],
    symlinks: ground.isIsolated
      ? [{ path: INSIDE.environment, target: `${INSIDE.building}/${build.name}` }]
      : [],
    workingDirectory: "/tmp",
    variables: {
      ...uvSettings,
      HOME: "/tmp",
      PATH: SYSTEM_PATH,
      UV_CACHE_DIR: `${INSIDE.building}/${CACHE_NAME}`,
      UV_LINK_MODE: options.linkMode,
      ...(index.trustedVariables["UV_CONFIG_FILE"] === undefined ? { UV_NO_CONFIG: "1" } : {}),
      ...(options.network === "filtered"
        ? withoutProxies(index.trustedVariables)
        : index.trustedVariables),
      ...options.variables,
    },
  };
}

/**
 * For steps that run code of the repository or of a source package: the shared cache is seen through
 * a throw-away layer, other environments and the host's settings are not there.
 */
export function untrustedRequest(
  ground: BuildGround,
  options: StepOptions & {
    readonly environment: "none" | "read-write";
    readonly hasHome: boolean;
  },
): SandboxRequest {
  const { build, places, index } = ground;
  const writable = (source: string, target: string): SandboxBind => ({
    source,
    target,
    mode: "read-write",
  });
  return {
    ...common(ground, options),
    binds: [
      ...commonBinds(ground),
      writable(build.output, INSIDE.output),
      ...(options.hasHome ? [writable(build.home, INSIDE.home)] : []),
      ...(options.environment === "none" ? [] : [writable(build.environment, INSIDE.environment)]),
      ...wayOut(ground, options),
    ],
    overlays: ground.hasOverlays ? [{ lower: places.cache, target: INSIDE.cache }] : [],
    symlinks: [],
    ...(ground.systemLayer === null ? {} : { systemLayer: ground.systemLayer }),
    workingDirectory: options.hasHome ? INSIDE.home : "/tmp",
    variables: {
      ...uvSettings,
      ...personVariables(),
      ...(options.hasHome ? {} : { HOME: "/tmp" }),
      UV_CACHE_DIR: ground.hasOverlays ? INSIDE.cache : "/tmp/uv-cache",
      // A hard link into the environment could be written through.
      UV_LINK_MODE: "copy",
      UV_NO_CONFIG: "1",
      ...index.plainVariables,
      ...options.variables,
    },
  };
}

/** For conda packages: only they and their cache are there, nothing of the repository but its locks. */
export function condaRequest(
  ground: BuildGround,
  options: StepOptions & { readonly cache: string; readonly rattler: string },
): SandboxRequest {
  const { build, index } = ground;
  const bind = (source: string, target: string, mode: SandboxBind["mode"]) => ({
    ...{ source, target, mode },
  });
  const proxies = Object.entries(index.trustedVariables).filter(([name]) => /_proxy$/i.test(name));
  return {
    ...common(ground, options),
    binds: [
      ...commonBinds(ground),
      bind(build.output, INSIDE.output, "read-write"),
      bind(build.environment, INSIDE.environment, "read-write"),
      bind(options.cache, INSIDE.cache, "read-write"),
      bind(options.rattler, INSIDE.rattler, "read-only"),
      ...wayOut(ground, options),
    ],
    overlays: [],
    symlinks: [],
    workingDirectory: "/tmp",
    variables: {
      ...{ LANG: "C.UTF-8", LC_ALL: "C.UTF-8", HOME: "/tmp", PATH: SYSTEM_PATH },
      ...(options.network === "host" ? Object.fromEntries(proxies) : {}),
      ...pickCertificates(index.plainVariables),
    },
  };
}

function pickCertificates(variables: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(variables).filter(([name]) => name.startsWith("SSL_CERT_")),
  );
}

function wayOut({ build }: BuildGround, { network }: StepOptions): SandboxBind[] {
  if (network !== "filtered") return [];
  return [{ source: build.egress, target: "/run/bindery", mode: "read-write" }];
}

function common(
  ground: BuildGround,
  options: StepOptions,
): Pick<SandboxRequest, "name" | "command" | "limits" | "network"> {
  const { policy } = ground;
  const networks: Record<StepOptions["network"], SandboxNetwork> = {
    host: { kind: "host" },
    none: { kind: "none" },
    filtered: { kind: "filtered" },
  };
  return {
    name: options.name,
    command: options.command,
    network: networks[options.network],
    limits: {
      memoryBytes: policy.buildMemoryBytes,
      processesMax: PROCESSES_MAX,
      cpus: ground.cpus,
      fileBytes: policy.buildDiskBytes,
      tmpBytes: Math.min(TMP_BYTES_MAX, policy.buildMemoryBytes),
    },
  };
}

function commonBinds(ground: BuildGround): SandboxBind[] {
  const { build, index, places, python, uvPath } = ground;
  const readOnly = (source: string, target: string): SandboxBind => ({
    source,
    target,
    mode: "read-only",
  });
  return [
    readOnly(uvPath, INSIDE.uv),
    readOnly(build.inputs, INSIDE.inputs),
    readOnly(places.programs, INSIDE.programs),
    ...index.shown.map((path) => readOnly(path, path)),
    ...python.directories.map((path) => readOnly(path, path)),
  ];
}

const uvSettings: Readonly<Record<string, string>> = {
  LANG: "C.UTF-8",
  LC_ALL: "C.UTF-8",
  NO_COLOR: "1",
  UV_NO_PROGRESS: "1",
  UV_PYTHON_DOWNLOADS: "never",
  UV_NO_MANAGED_PYTHON: "1",
};

/** What programs made for repo2docker find while they are built in. */
function personVariables(): Readonly<Record<string, string>> {
  const { environment, home } = INSIDE;
  return {
    HOME: home,
    USER: "jovyan",
    LOGNAME: "jovyan",
    NB_USER: "jovyan",
    NB_UID: "1000",
    SHELL: "/bin/bash",
    REPO_DIR: home,
    APP_BASE: "/srv",
    NB_PYTHON_PREFIX: environment,
    KERNEL_PYTHON_PREFIX: environment,
    VIRTUAL_ENV: environment,
    PYTHONUNBUFFERED: "1",
    DEBIAN_FRONTEND: "noninteractive",
    PATH: `${home}/.local/bin:${environment}/bin:${SYSTEM_PATH}`,
  };
}
