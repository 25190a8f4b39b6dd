/** What may be asked of a sandbox: the nouns shared by sessions and builds. */
import type { SystemLayer } from "./system-layer.ts";

export interface SandboxBind {
  readonly source: string;
  readonly target: string;
  readonly mode: "read-only" | "read-write";
}

export type SandboxNetwork =
  /** A loopback of its own and nothing else. */
  | { readonly kind: "none" }
  /** All that the machine reaches, its loopback too. */
  | { readonly kind: "host" }
  /**
   * As `none`, and 127.0.0.1:3128 leads to a filtering HTTP proxy that listens on a UNIX socket. The
   * proxy variables are set.
   */
  | {
      readonly kind: "filtered";
      /** The socket as the sandbox sees it; `/run/bindery/egress.sock` unless said otherwise. */
      readonly egressSocket?: string;
    };

export interface SandboxLimits {
  readonly memoryBytes: number;
  readonly processesMax: number;
  /** In cores. */
  readonly cpus: number;
  /** Largest single file. */
  readonly fileBytes: number;
  readonly tmpBytes: number;
}

/** What the small program inside (PID 2) does beside running the command. */
export interface SandboxInit {
  /** Output goes to the sandbox's own output, which is cut from the front at this size. */
  readonly logBytes: number;
  /** A second copy of the output, as seen inside; bounded too. */
  readonly logCopy: string | null;
  /** The repository's `start` script as seen inside: it is given the command as its arguments. */
  readonly startScript: string | null;
}

export interface SandboxRequest {
  /** Names the cgroup: letters, digits, `-` and `_`. */
  readonly name: string;
  /** Later ones lie over earlier ones. Sources must be reachable for the sandbox's own uid. */
  readonly binds: readonly SandboxBind[];
  /** Directories that can be written; what is written goes to memory and away at the end. */
  readonly overlays: readonly { readonly lower: string; readonly target: string }[];
  readonly symlinks: readonly { readonly target: string; readonly path: string }[];
  readonly network: SandboxNetwork;
  readonly variables: Readonly<Record<string, string>>;
  readonly workingDirectory: string;
  readonly command: readonly string[];
  readonly limits: SandboxLimits;
  /** Debian packages over the machine's own system. Needs overlays. */
  readonly systemLayer?: SystemLayer;
  /**
   * Absent: the command runs as it is (under the init only where the network is filtered). Present:
   * its output is a real pipe, which programs that write to /dev/stdout need.
   */
  readonly init?: SandboxInit;
}
