/** One thing that was looked at, told to a person. */
import type { Config, Environment } from "../config.ts";

export interface Finding {
  readonly part: string;
  /** `limited`: it works, with less; `bad`: Bindery cannot run code of repositories. */
  readonly state: "good" | "limited" | "bad";
  readonly found: string;
  readonly meaning: string;
  /** What to do, as a command where there is one; null when there is nothing to do. */
  readonly remedy: string | null;
}

export interface Examination {
  readonly config: Config;
  readonly environment: Environment;
}
