/** What a session's sandbox shows and allows: pure, from the session's places and the policy. */
import { join } from "node:path";
import { MIB } from "#base/units.ts";
import type { Policy } from "#core/policy.ts";
import type { ServerCommand } from "../jupyter/server-command.ts";
import { INSIDE_HOME, INSIDE_UID } from "../sandbox/bubblewrap-arguments.ts";
import type { SandboxNetwork, SandboxRequest } from "../sandbox/request.ts";
import type { SystemLayer } from "../sandbox/system-layer.ts";
import type { SessionPlaces } from "./session-places.ts";

export const INSIDE = {
  home: INSIDE_HOME,
  run: "/run/bindery",
  given: "/srv/bindery",
  store: "/srv/store",
  environment: "/srv/env",
  server: "/srv/server",
  socket: "/run/bindery/server.sock",
  egressSocket: "/srv/bindery/egress.sock",
} as const;

const TMP_BYTES_MIN = 64 * MIB;

export interface SessionRequestParts {
  readonly id: string;
  readonly places: SessionPlaces;
  readonly storeDirectory: string;
  /** The only environment that the session may see; null for a warm server, which sees them all. */
  readonly environmentKey: string | null;
  /** Host directories outside /usr with interpreters of environments; seen at the same path. */
  readonly interpreterDirectories: readonly string[];
  readonly command: ServerCommand;
  /** Debian packages of the environment, or null. */
  readonly systemLayer: SystemLayer | null;
  /** Path of the repository's `start` script from its root, or null. */
  readonly start: string | null;
  readonly policy: Pick<
    Policy,
    | "sessionNetwork"
    | "sessionMemoryBytes"
    | "sessionProcessesMax"
    | "sessionCpus"
    | "sessionDiskBytes"
    | "sessionLogBytes"
  >;
}

export function sessionRequest(parts: SessionRequestParts): SandboxRequest {
  const { command, policy } = parts;
  return {
    name: parts.id,
    ...sessionMounts(parts),
    ...(parts.systemLayer === null ? {} : { systemLayer: parts.systemLayer }),
    network: sessionNetwork(policy.sessionNetwork),
    variables: { ...personVariables(), ...command.variables, ...command.secrets },
    workingDirectory: command.workingDirectory,
    command: command.argv,
    limits: {
      memoryBytes: policy.sessionMemoryBytes,
      processesMax: policy.sessionProcessesMax,
      cpus: policy.sessionCpus,
      fileBytes: policy.sessionDiskBytes,
      // What is in /tmp is memory: half of it, so that a full /tmp is an error and not a kill.
      tmpBytes: Math.max(TMP_BYTES_MIN, Math.floor(policy.sessionMemoryBytes / 2)),
    },
    init: {
      logBytes: policy.sessionLogBytes,
      logCopy: `${INSIDE.home}/.jupyter-server-log.txt`,
      startScript: parts.start === null ? null : `${INSIDE.home}/${parts.start}`,
    },
  };
}

function sessionMounts(
  parts: SessionRequestParts,
): Pick<SandboxRequest, "binds" | "overlays" | "symlinks"> {
  const { command, environmentKey, interpreterDirectories, places, storeDirectory } = parts;
  const readOnly = new Map(interpreterDirectories.map((path) => [path, path]));
  for (const bind of command.binds) readOnly.set(bind.insidePath, bind.hostPath);
  return {
    overlays: [
      environmentKey === null
        ? { lower: storeDirectory, target: INSIDE.store }
        : {
            lower: join(storeDirectory, environmentKey),
            target: `${INSIDE.store}/${environmentKey}`,
          },
    ],
    binds: [
      ...[...readOnly].map(([target, source]) => ({ source, target, mode: "read-only" as const })),
      { source: places.home, target: INSIDE.home, mode: "read-write" },
      { source: places.run, target: INSIDE.run, mode: "read-write" },
      { source: places.give, target: INSIDE.given, mode: "read-only" },
    ],
    symlinks: [{ target: `${INSIDE.given}/env`, path: INSIDE.environment }],
  };
}

function sessionNetwork(network: Policy["sessionNetwork"]): SandboxNetwork {
  switch (network) {
    case "public":
      // In the directory that the session cannot write to: it cannot put another socket there.
      return { kind: "filtered", egressSocket: INSIDE.egressSocket };
    case "none":
      return { kind: "none" };
    case "host":
      return { kind: "host" };
  }
}

/** What images made by repo2docker have in their environment, where the server's own says nothing. */
function personVariables(): Record<string, string> {
  return {
    USER: "jovyan",
    NB_USER: "jovyan",
    NB_UID: String(INSIDE_UID),
    HOME: INSIDE.home,
    SHELL: "/bin/bash",
    LANG: "C.UTF-8",
    LC_ALL: "C.UTF-8",
    LANGUAGE: "C.UTF-8",
    APP_BASE: "/srv",
    REPO_DIR: INSIDE.home,
    PATH: `${INSIDE.home}/.local/bin:${INSIDE.environment}/bin:/usr/local/bin:/usr/bin:/bin`,
    VIRTUAL_ENV: INSIDE.environment,
    PYTHONUNBUFFERED: "1",
    JUPYTER_PATH: `${INSIDE.environment}/share/jupyter`,
    TERM: "xterm-256color",
  };
}
