/** What the host's owner has told pip: variables first, then its files, as pip itself reads them. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { HostEnvironment } from "./run-program.ts";

/** By pip's own names (`index-url`, `find-links` …); lists are separated by white space. */
export type PipSettings = ReadonlyMap<string, string>;

const SECTIONS = ["global", "install", "download"];

/** Never throws: what cannot be read is left out, as pip does. */
export async function readPipSettings(env: HostEnvironment): Promise<PipSettings> {
  const settings = new Map<string, string>();
  for (const file of filesOf(env)) {
    for (const [name, value] of parsePipFile(await textOf(file))) settings.set(name, value);
  }
  for (const [name, value] of Object.entries(env)) {
    if (!name.startsWith("PIP_") || value === undefined || value === "") continue;
    settings.set(name.slice("PIP_".length).toLowerCase().replaceAll("_", "-"), value);
  }
  return settings;
}

/** The words of a list setting; none when it is absent. */
export function wordsOf(value: string | undefined): readonly string[] {
  return (value ?? "").split(/\s+/).filter((word) => word !== "");
}

/** Later ones win. */
function filesOf(env: HostEnvironment): readonly string[] {
  const explicit = env["PIP_CONFIG_FILE"];
  if (explicit === "/dev/null") return [];
  const home = env["HOME"] ?? "/nonexistent";
  return [
    "/etc/xdg/pip/pip.conf",
    "/etc/pip.conf",
    join(home, ".pip/pip.conf"),
    join(env["XDG_CONFIG_HOME"] ?? join(home, ".config"), "pip/pip.conf"),
    ...(explicit === undefined ? [] : [explicit]),
  ];
}

async function textOf(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch {
    return "";
  }
}

/** An INI file in which an indented line continues the value above it. */
export function parsePipFile(text: string): PipSettings {
  const settings = new Map<string, string>();
  let isWanted = false;
  let name = "";
  for (const line of text.split("\n")) {
    if (/^\s*([#;]|$)/.test(line)) continue;
    const header = /^\[(.+)\]\s*$/.exec(line);
    const setting = /^([A-Za-z_-]+)\s*[=:]\s*(.*)$/.exec(line);
    if (header !== null) {
      isWanted = SECTIONS.includes(header[1] ?? "");
      name = "";
    } else if (!isWanted) {
      continue;
    } else if (setting !== null) {
      name = (setting[1] ?? "").toLowerCase().replaceAll("_", "-");
      settings.set(name, (setting[2] ?? "").trim());
    } else if (/^\s/.test(line) && name !== "") {
      settings.set(name, `${settings.get(name) ?? ""} ${line.trim()}`.trim());
    }
  }
  return settings;
}
