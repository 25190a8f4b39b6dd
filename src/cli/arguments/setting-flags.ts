/** Every setting is a flag of the commands that start a server. */
import { type Config, type Environment, flagOf, readConfig } from "#app/config.ts";
import {
  DEFAULTS,
  POLICY_MEANINGS,
  SERVER_SETTING_MEANINGS,
  type SettingName,
} from "#app/settings.ts";
import type { Completion, Flag, GivenFlags } from "../command.ts";
import { closest } from "#base/closest.ts";
import { invalid } from "./parse-arguments.ts";

export const SETTING_NAMES = Object.keys(DEFAULTS) as readonly SettingName[];

/** Those that a person at a terminal wants; the others are shown by `bindery help settings`. */
const COMMON: Partial<
  Record<SettingName, { value: string; short?: string; completion?: Completion }>
> = {
  port: { value: "PORT", short: "p" },
  host: { value: "ADDRESS" },
  isolation: { value: "KIND", completion: ["bubblewrap", "none"] },
  sessionNetwork: { value: "REACH", completion: ["public", "none", "host"] },
  logLevel: { value: "LEVEL", completion: ["debug", "info", "warn", "error", "silent"] },
};

export function meaningOf(name: SettingName): string {
  return { ...SERVER_SETTING_MEANINGS, ...POLICY_MEANINGS }[name];
}

/** All but the data directory, which is a flag of every command. */
export const SETTING_FLAGS: readonly Flag[] = [
  ...SETTING_NAMES.filter((name) => name !== "dataDir").map((name): Flag => {
    const common = COMMON[name];
    return {
      name: flagOf(name).slice(2),
      value: "VALUE",
      meaning: meaningOf(name),
      isRare: common === undefined,
      ...common,
    };
  }),
  {
    name: "set",
    value: "NAME=VALUE",
    meaning: "Any setting by its name; `bindery help settings` lists them.",
    isMany: true,
    completion: SETTING_NAMES.map((name) => `${name}=`),
  },
];

/** Errors: config-setting-invalid, command-invalid. */
export function configOf(flags: GivenFlags, environment: Environment): Config {
  const texts: Partial<Record<SettingName, string>> = {};
  for (const assignment of flags.texts("set")) {
    const [, name = "", value = ""] = /^([A-Za-z]+)=(.*)$/s.exec(assignment) ?? [];
    texts[settingName(name, assignment)] = value;
  }
  for (const name of SETTING_NAMES) {
    const text = flags.text(flagOf(name).slice(2));
    if (text !== null) texts[name] = text;
  }
  return readConfig({
    flags: texts,
    environment,
    configFile: flags.text("config"),
    uid: process.getuid?.() ?? 0,
  });
}

function settingName(name: string, assignment: string): SettingName {
  const known = SETTING_NAMES.find((each) => each === name);
  if (known !== undefined) return known;
  const meant = closest(name, SETTING_NAMES);
  const hint = meant === null ? "" : ` Did you mean ${meant}?`;
  throw invalid(`--set ${assignment}: there is no such setting.${hint}`);
}
