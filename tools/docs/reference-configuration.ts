/** docs/reference/configuration.md, from the settings themselves. */
import { formatBytes, formatDuration } from "#base/units.ts";
import { flagOf, variableOf } from "#app/config.ts";
import {
  DEFAULT_SERVER_SETTINGS,
  DEFAULTS,
  POLICY_MEANINGS,
  SERVER_SETTING_MEANINGS,
  type SettingName,
} from "#app/settings.ts";

export function renderConfiguration(): string {
  const server = Object.keys(DEFAULT_SERVER_SETTINGS) as SettingName[];
  const policy = Object.keys(POLICY_MEANINGS) as SettingName[];
  return `# Configuration

Made by \`npm run docs\` from \`src/app/settings.ts\` and \`src/core/policy.ts\`; do not edit.

A setting is looked for in this order: the flag, the variable, the file, the default. The file is
\`bindery.toml\` in the data directory, or the one that \`--config\` names; it holds lines like
\`sessionsMax = 20\`. Times take \`ms\`, \`s\`, \`min\` or \`h\`, sizes \`KiB\`, \`MiB\` or \`GiB\`;
without a unit they are milliseconds and bytes. Lists are separated by commas.

## The server

${table(server)}

## Limits

${table(policy)}
`;
}

function table(names: readonly SettingName[]): string {
  const rows = names.map((name) => {
    const meaning = { ...SERVER_SETTING_MEANINGS, ...POLICY_MEANINGS }[name];
    return `| \`${name}\` | \`${flagOf(name)}\` | \`${variableOf(name)}\` | ${shown(name)} | ${meaning} |`;
  });
  return [
    "| setting | flag | variable | default | meaning |",
    "|---|---|---|---|---|",
    ...rows,
  ].join("\n");
}

function shown(name: SettingName): string {
  const value = DEFAULTS[name];
  if (typeof value === "number" && name.endsWith("Ms")) return formatDuration(value);
  if (typeof value === "number" && name.endsWith("Bytes")) return formatBytes(value);
  return value === "" ? "empty" : `\`${value}\``;
}
