/** Flags that several commands have. */
import type { Flag } from "./command.ts";

/** Flags of every command. */
export const COMMON_FLAGS: readonly Flag[] = [
  {
    name: "data-dir",
    value: "DIR",
    meaning: "The one directory that holds all state; `bindery doctor` says which it is.",
    completion: "files",
  },
  {
    name: "config",
    value: "FILE",
    meaning: "Configuration file; without it `bindery.toml` in the data directory, if it is there.",
    completion: "files",
  },
  {
    name: "json",
    value: null,
    meaning: "One JSON document as the result; where something is awaited, a line of JSON each.",
  },
  { name: "help", short: "h", value: null, meaning: "Explain this command." },
];

/** Flags of the commands that speak to a server. */
export const SERVER_FLAGS: readonly Flag[] = [
  {
    name: "server",
    value: "URL",
    meaning:
      "Speak to this Bindery instead of the one that serves the data directory; its token is taken from the variable BINDERY_TOKEN.",
  },
];

export const AS_OF_FLAG: Flag = {
  name: "as-of",
  value: "DATE",
  meaning: "Resolve as on this day, 2024-01-31: nothing that was published later.",
};

export const LAUNCH_FLAGS: readonly Flag[] = [
  { name: "ref", value: "REF", meaning: "Branch, tag or commit." },
  AS_OF_FLAG,
  {
    name: "path",
    value: "PATH",
    meaning: "What to open, relative to the repository's root.",
  },
  { name: "lab", value: null, meaning: "Open JupyterLab; so it is without a flag." },
  { name: "notebook", value: null, meaning: "Open Jupyter Notebook." },
  { name: "url", value: "PATH", meaning: "Open this path of the session: `rstudio/`, `app/?x=1`." },
  {
    name: "no-serve",
    value: null,
    meaning: "Fail when no Bindery serves the data directory, instead of starting one.",
    isRare: true,
  },
  { name: "no-browser", value: null, meaning: "Print the address and open nothing." },
];
