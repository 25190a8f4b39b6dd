/** What a command of the command line is: its words, and where the code behind it lies. */
import type { Environment } from "#app/config.ts";
import type { ExitName } from "./exit-codes.ts";
import type { Terminal } from "./text/terminal.ts";

/** What the shell can offer for a word: files, or what a running Bindery knows, or these words. */
export type Completion =
  | "files"
  | "sessions"
  | "environments"
  | "nodes"
  | "incidents"
  | readonly string[];

export interface Flag {
  /** Without the dashes. */
  readonly name: string;
  readonly short?: string;
  /** What its value is, for people; null when it takes none. */
  readonly value: string | null;
  readonly meaning: string;
  readonly isMany?: boolean;
  /** Accepted, but left out of the command's own help. */
  readonly isRare?: boolean;
  readonly completion?: Completion;
}

export interface Operand {
  readonly name: string;
  readonly isRequired: boolean;
  readonly isMany?: boolean;
  readonly completion?: Completion;
}

export interface Command {
  readonly name: string;
  /** One line, without a full stop. */
  readonly summary: string;
  readonly operands: readonly Operand[];
  readonly flags: readonly Flag[];
  /** What a person should know besides the flags; each entry is a paragraph. */
  readonly details?: readonly string[];
  /** Then the first operand must be the name of one of these. */
  readonly subcommands?: readonly Command[];
  /** Loaded when it is called, so that no command pays for another. */
  readonly load: () => Promise<Run>;
}

/** Faults are thrown; the exit says how it went otherwise. */
export type Run = (call: Call) => Promise<ExitName>;

export interface GivenFlags {
  has(name: string): boolean;
  /** The last value. */
  text(name: string): string | null;
  texts(name: string): readonly string[];
}

/** One call of a command: what was given, and the world around it. */
export interface Call {
  readonly command: Command;
  /** All there are, for those that tell about them. */
  readonly commands: readonly Command[];
  readonly operands: readonly string[];
  readonly flags: GivenFlags;
  readonly terminal: Terminal;
  readonly environment: Environment;
  readonly workingDirectory: string;
  /** The file that was started: what becomes a child of ours is started from it, too. */
  readonly program: string;
}
