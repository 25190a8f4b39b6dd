/** Says how a session's Jupyter server is started; pure, so that the session driver can build on it. */

/**
 * Where things are, as the server sees them. The defaults are the sandbox's; without a sandbox they
 * are the host's own paths.
 */
export interface ServerPaths {
  /** The shared server environment, with what Bindery ships inside (`bindery/`). */
  readonly server: string;
  /** The repository's environment. In a warm server nothing is there until it is claimed. */
  readonly environment: string;
  readonly home: string;
  /**
   * Holds `session.json` (a `SessionFile`) and `notices.json` (an array of `SessionNotice`, oldest
   * first). Written by the driver, each replaced as a whole; read-only in the sandbox.
   */
  readonly given: string;
  /** The UNIX socket on which the server listens; at most 100 bytes. */
  readonly socket: string;
  /** Private and short-lived: connection files and the kernels' own sockets. At most 55 bytes. */
  readonly runtime: string;
}

export const SANDBOX_PATHS: ServerPaths = {
  server: "/srv/server",
  environment: "/srv/env",
  home: "/home/jovyan",
  given: "/srv/bindery",
  socket: "/run/bindery/server.sock",
  runtime: "/tmp/.bindery-jupyter",
};

/** The shared server environment on this machine; made by `ensureServerEnvironment`. */
export interface ServerEnvironment {
  /** Host directory, world-readable, never written again. Seen at `ServerPaths.server`. */
  readonly directory: string;
  /** Host directories outside `/usr` that hold its interpreter; seen at the same path. */
  readonly interpreterDirectories: readonly string[];
  readonly pythonVersion: string;
}

export interface ServerRequest {
  readonly serverEnvironment: ServerEnvironment;
  /** `/user/<session id>/`: begins and ends with a slash. */
  readonly baseUrl: string;
  /** What a person must present. */
  readonly token: string;
  /** What only the driver knows: `POST <baseUrl>api/bindery/claim` wants it as a bearer. */
  readonly claimSecret: string;
  /** The shared server, or the one that the repository's environment brings. */
  readonly server: "generic" | "environment";
  /** True for a server that starts for nobody and is claimed later. */
  readonly isWarm: boolean;
  /** `BINDER_*` and the rest. A warm server gets them from `session.json` when it is claimed. */
  readonly variables: Readonly<Record<string, string>>;
  /** Kernels without activity and without a page are ended after this. */
  readonly kernelIdleMs: number;
  /** One origin, `*` for all, or null for the server's own only. */
  readonly allowOrigin: string | null;
  /**
   * Where people's browsers find the shared server's own files under one address for all sessions:
   * a path that begins and ends with a slash. Null: each session serves them itself.
   */
  readonly sharedAssets?: string | null;
  readonly paths?: ServerPaths;
}

export interface ServerCommand {
  readonly argv: readonly string[];
  /** Inside. */
  readonly workingDirectory: string;
  /** The whole environment of the process, together with `secrets`. */
  readonly variables: Readonly<Record<string, string>>;
  /** Part of the process's environment too, but never on a command line or in a log. */
  readonly secrets: Readonly<Record<string, string>>;
  /** What the sandbox must show, read-only. */
  readonly binds: readonly { readonly hostPath: string; readonly insidePath: string }[];
}

/** `<given>/session.json`: read when a warm server is claimed. */
export interface SessionFile {
  /** Added to the server's environment, and so to kernels and terminals. */
  readonly variables: Readonly<Record<string, string>>;
  /** Notebook below home whose kernel is started at once, so that the page attaches to it; or null. */
  readonly kernelForPath: string | null;
}

const SYSTEM_PATH = "/usr/local/bin:/usr/bin:/bin";

/** How the server is started. See `ServerRequest` for the claim of a warm one. */
export function serverCommand(request: ServerRequest): ServerCommand {
  const paths = request.paths ?? SANDBOX_PATHS;
  const { serverEnvironment } = request;
  const launcher = `${paths.server}/bindery/bindery_server.py`;
  const python =
    request.server === "generic"
      ? // Isolated mode: what a repository's variables say about Python is for kernels only.
        [`${paths.server}/bin/python`, "-I"]
      : [`${paths.environment}/bin/python`];
  const settings = {
    server: request.server,
    isWarm: request.isWarm,
    baseUrl: request.baseUrl,
    allowOrigin: request.allowOrigin,
    kernelIdleSeconds: Math.ceil(request.kernelIdleMs / 1000),
    sharedAssets: request.server === "generic" ? (request.sharedAssets ?? null) : null,
    paths,
  };
  return {
    argv: [...python, launcher],
    workingDirectory: paths.home,
    variables: {
      ...personVariables(paths),
      ...request.variables,
      BINDERY_SERVER: JSON.stringify(settings),
    },
    secrets: {
      BINDERY_SERVER_TOKEN: request.token,
      BINDERY_SERVER_CLAIM_SECRET: request.claimSecret,
    },
    binds: [
      { hostPath: serverEnvironment.directory, insidePath: paths.server },
      ...serverEnvironment.interpreterDirectories.map((path) => ({
        hostPath: path,
        insidePath: path,
      })),
    ],
  };
}

/** What repositories made for repo2docker find in the environment. */
function personVariables(paths: ServerPaths): Record<string, string> {
  return {
    HOME: paths.home,
    USER: "jovyan",
    LOGNAME: "jovyan",
    SHELL: "/bin/bash",
    LANG: "C.UTF-8",
    LC_ALL: "C.UTF-8",
    PATH: `${paths.home}/.local/bin:${paths.environment}/bin:${SYSTEM_PATH}`,
    VIRTUAL_ENV: paths.environment,
    NB_PYTHON_PREFIX: paths.environment,
    KERNEL_PYTHON_PREFIX: paths.environment,
    REPO_DIR: paths.home,
    PYTHONUNBUFFERED: "1",
    JUPYTER_PATH: `${paths.environment}/share/jupyter`,
    JUPYTER_RUNTIME_DIR: paths.runtime,
  };
}
