/** The configuration: flags before variables before the file before the defaults. */
import { readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join, resolve } from "node:path";
import { parse as parseToml } from "smol-toml";
import { GIB, HOUR_MS, KIB, MIB, MINUTE_MS, SECOND_MS } from "#base/units.ts";
import { AppError } from "#core/errors.ts";
import { DEFAULT_POLICY, type Policy } from "#core/policy.ts";
import {
  DEFAULT_SERVER_SETTINGS,
  DEFAULTS,
  type ServerSettings,
  type SettingName,
  type SettingValue,
} from "./settings.ts";

export interface Config extends ServerSettings {
  readonly policy: Policy;
}

export type Environment = Readonly<Record<string, string | undefined>>;

const CHOICES: Partial<Record<SettingName, readonly string[]>> = {
  isolation: ["bubblewrap", "none"],
  sessionNetwork: ["public", "none", "host"],
  logLevel: ["debug", "info", "warn", "error", "silent"],
};

/**
 * `flags` holds raw texts by setting name. The file is `configFile` or, when it exists,
 * `bindery.toml` in the data directory. Errors: config-setting-invalid, which names the setting.
 */
export function readConfig(sources: {
  readonly flags: Readonly<Partial<Record<SettingName, string>>>;
  readonly environment: Environment;
  readonly configFile: string | null;
  readonly uid: number;
}): Config {
  const { environment, flags } = sources;
  const dataDirText = flags.dataDir ?? environment["BINDERY_DATA_DIR"];
  const dataDir = resolve(dataDirText || defaultDataDir(environment, sources.uid));
  const file = readFile(sources.configFile, dataDir);
  const values = new Map<string, SettingValue>();
  for (const name of Object.keys(DEFAULTS) as SettingName[]) {
    const raw = flags[name] ?? environment[variableOf(name)] ?? file.get(name);
    values.set(name, raw === undefined ? DEFAULTS[name] : parseSetting(name, raw));
  }
  values.set("dataDir", dataDir);
  const pick = (defaults: object) =>
    Object.fromEntries(Object.keys(defaults).map((name) => [name, values.get(name)]));
  return {
    ...(pick(DEFAULT_SERVER_SETTINGS) as unknown as ServerSettings),
    policy: pick(DEFAULT_POLICY) as unknown as Policy,
  };
}

/** `sessionsMax` → `BINDERY_SESSIONS_MAX`. */
export function variableOf(name: SettingName): string {
  return `BINDERY_${name.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()}`;
}

/** `sessionsMax` → `--sessions-max`. */
export function flagOf(name: SettingName): string {
  return `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}

function defaultDataDir(environment: Environment, uid: number): string {
  const xdg = environment["XDG_DATA_HOME"];
  if (xdg) return join(xdg, "bindery");
  return uid === 0 ? "/var/lib/bindery" : join(homedir(), ".local/share/bindery");
}

function readFile(named: string | null, dataDir: string): ReadonlyMap<string, SettingValue> {
  const path = named ?? join(dataDir, "bindery.toml");
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (cause) {
    if (named === null) return new Map();
    throw new AppError("config-setting-invalid", `The file ${path} cannot be read.`, { cause });
  }
  let table: Record<string, unknown>;
  try {
    table = parseToml(text);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message.split("\n")[0] : "";
    throw new AppError("config-setting-invalid", `${path} is not valid TOML: ${why}`, { cause });
  }
  const settings = new Map<string, SettingValue>();
  for (const [name, value] of Object.entries(table)) {
    const isScalar = ["string", "number", "boolean"].includes(typeof value);
    if (!(name in DEFAULTS) || !isScalar) {
      throw new AppError("config-setting-invalid", `${path}: there is no setting \`${name}\`.`);
    }
    settings.set(name, value as SettingValue);
  }
  return settings;
}

const UNITS: Readonly<Record<string, number>> = {
  ms: 1,
  s: SECOND_MS,
  m: MINUTE_MS,
  min: MINUTE_MS,
  h: HOUR_MS,
  b: 1,
  kib: KIB,
  mib: MIB,
  gib: GIB,
  k: KIB,
  g: GIB,
};

/** Numbers take units: `10min`, `6h`, `2GiB`; without one they count milliseconds or bytes. */
export function parseSetting(name: SettingName, raw: SettingValue): SettingValue {
  const fallback = DEFAULTS[name];
  const refuse = (expected: string): never => {
    throw new AppError(
      "config-setting-invalid",
      `${name} must be ${expected}; it is ${JSON.stringify(raw)}.`,
    );
  };
  if (typeof fallback === "boolean") {
    if (raw === true || raw === "true" || raw === "1") return true;
    if (raw === false || raw === "false" || raw === "0") return false;
    return refuse("true or false");
  }
  if (typeof fallback === "number") {
    const match = /^(\d+(?:\.\d+)?)\s*([a-z]*)$/i.exec(String(raw).trim());
    const unit = match?.[2]?.toLowerCase() ?? "";
    const scale = unit === "" ? 1 : takesUnit(name, unit) ? UNITS[unit] : undefined;
    if (match === null || scale === undefined)
      return refuse("a number, with a unit where it has one");
    return Number(match[1]) * scale;
  }
  const choices = CHOICES[name];
  if (choices !== undefined && !choices.includes(String(raw))) {
    return refuse(`one of ${choices.join(", ")}`);
  }
  return String(raw);
}

function takesUnit(name: SettingName, unit: string): boolean {
  const isTime = ["ms", "s", "m", "min", "h"].includes(unit);
  return isTime ? name.endsWith("Ms") : name.endsWith("Bytes");
}
