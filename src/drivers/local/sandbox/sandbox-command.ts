/** A request made into what is started on the host. */

export interface SandboxCommand {
  readonly argv: readonly string[];
  /** The whole environment of the outermost process; the one inside gets its own from the options. */
  readonly env: Readonly<Record<string, string>>;
  /** To be open for reading at descriptor 3; null without bubblewrap. */
  readonly seccompPath: string | null;
  /** To be readable at descriptor 4, to its end; null without bubblewrap. Holds secrets. */
  readonly options: string | null;
  readonly cgroupDirectories: readonly string[];
}
