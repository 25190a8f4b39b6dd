/** `bindery help`: the commands, one command, every setting, or the exit codes. */
import { flagOf, variableOf } from "#app/config.ts";
import { DEFAULTS } from "#app/settings.ts";
import { formatBytes, formatDuration } from "#base/units.ts";
import { closest } from "#base/closest.ts";
import { invalid, usageOf } from "../arguments/parse-arguments.ts";
import { meaningOf, SETTING_NAMES } from "../arguments/setting-flags.ts";
import { COMMON_FLAGS } from "../command-flags.ts";
import type { Command, Flag, Run } from "../command.ts";
import { EXIT_CODES, type ExitName } from "../exit-codes.ts";
import { definitions, wrap } from "../text/columns.ts";
import type { Terminal } from "../text/terminal.ts";

const WIDTH_MAX = 100;

export const run: Run = ({ operands, terminal, commands }) => {
  const [topic, subtopic] = operands;
  if (topic === undefined) return Promise.resolve(explainAll(commands, terminal));
  if (topic === "settings") return Promise.resolve(explainSettings(terminal));
  if (topic === "exit-codes") return Promise.resolve(explainExitCodes(terminal));
  const command = commands.find((each) => each.name === topic);
  if (command === undefined) throw unknownTopic(topic, commands);
  const inner = command.subcommands?.find((each) => each.name === subtopic);
  const explained = inner === undefined ? command : { ...inner, name: `${topic} ${inner.name}` };
  return Promise.resolve(explain(explained, terminal));
};

/** For a command that does nothing without a further word. */
export const explainThis: Run = ({ command, commands, terminal }) => {
  const whole = commands.find(({ name }) => name === command.name) ?? command;
  return Promise.resolve(explain(whole, terminal));
};

/** The help of one command. */
export function explain(command: Command, terminal: Terminal): ExitName {
  if (terminal.isJson) {
    const { load: _load, subcommands, ...facts } = command;
    terminal.json({ ...facts, subcommands: subcommands?.map(({ name }) => name) ?? [] });
    return "ok";
  }
  const { paintOut } = terminal;
  const width = widthOf(terminal);
  const print = (lines: readonly string[]) => lines.forEach((line) => terminal.out(line));
  print(wrap(`${command.summary}.`, width));
  print(["", `${paintOut.bold("Usage:")} bindery ${usageOf(command)} [FLAGS]`]);
  for (const detail of command.details ?? []) print(["", ...wrap(detail, width)]);
  if (command.subcommands !== undefined) {
    const entries = command.subcommands.map((each) => [usageOf(each), `${each.summary}.`] as const);
    print(["", paintOut.bold("Commands:"), ...definitions(entries, { width })]);
  }
  const shown = command.flags.filter((flag) => flag.isRare !== true);
  const flags = shown.map((flag) => [shownFlag(flag), flag.meaning] as const);
  print(["", paintOut.bold("Flags:"), ...definitions(flags, { width })]);
  return "ok";
}

function explainAll(all: readonly Command[], terminal: Terminal): ExitName {
  if (terminal.isJson) {
    terminal.json(all.map(({ name, summary }) => ({ name, summary })));
    return "ok";
  }
  const { paintOut } = terminal;
  const width = widthOf(terminal);
  const commands = all.map((each) => [usageOf(each), `${each.summary}.`] as const);
  const flags = COMMON_FLAGS.map((flag) => [shownFlag(flag), flag.meaning] as const);
  const lines = [
    "Bindery turns a Git repository into a live session in the browser.",
    "",
    `${paintOut.bold("Usage:")} bindery COMMAND [FLAGS]`,
    "",
    ...definitions(commands, { width }),
    "",
    paintOut.bold("Flags of every command:"),
    ...definitions(flags, { width }),
    "",
    "`bindery help COMMAND`, `bindery help settings` and `bindery help exit-codes` say more.",
  ];
  for (const line of lines) terminal.out(line);
  return "ok";
}

function explainSettings(terminal: Terminal): ExitName {
  const settings = SETTING_NAMES.map((name) => ({
    name,
    flag: flagOf(name),
    variable: variableOf(name),
    default: DEFAULTS[name],
    meaning: meaningOf(name),
  }));
  if (terminal.isJson) {
    terminal.json(settings);
    return "ok";
  }
  const width = widthOf(terminal);
  const intro =
    "Every setting is a flag (--sessions-max 20), a variable (BINDERY_SESSIONS_MAX=20) and a line of the configuration file (sessionsMax = 20); the first of these wins. Numbers take units: 10min, 6h, 2GiB.";
  for (const line of [...wrap(intro, width), ""]) terminal.out(line);
  const entries = settings.map(({ name, flag, meaning, default: value }) => {
    return [flag, `${meaning} [${shownDefault(name, value)}]`] as const;
  });
  for (const line of definitions(entries, { width })) terminal.out(line);
  return "ok";
}

function shownDefault(name: string, value: string | number | boolean): string {
  if (value === "") return "empty";
  if (typeof value === "number" && name.endsWith("Ms")) return formatDuration(value);
  if (typeof value === "number" && name.endsWith("Bytes")) return formatBytes(value);
  return String(value);
}

function explainExitCodes(terminal: Terminal): ExitName {
  const codes = Object.entries(EXIT_CODES).map(([name, entry]) => ({ name, ...entry }));
  if (terminal.isJson) terminal.json(codes);
  const entries = codes.map(({ code, meaning }) => [String(code), meaning] as const);
  const lines = terminal.isJson ? [] : definitions(entries, { width: widthOf(terminal) });
  for (const line of lines) terminal.out(line);
  return "ok";
}

function unknownTopic(topic: string, commands: readonly Command[]) {
  const meant = closest(topic, [...commands.map(({ name }) => name), "settings", "exit-codes"]);
  const hint = meant === null ? "" : ` Did you mean \`bindery help ${meant}\`?`;
  return invalid(`There is no command "${topic}".${hint}`);
}

function shownFlag({ name, short, value }: Flag): string {
  const long = value === null ? `--${name}` : `--${name} ${value}`;
  return short === undefined ? long : `-${short}, ${long}`;
}

function widthOf({ columns }: Terminal): number {
  return Math.min(WIDTH_MAX, Math.max(40, columns));
}
