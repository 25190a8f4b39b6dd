/** Each cause has its runbook, and what a runbook says can be typed, exists and is true. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { POLICY_MEANINGS, SERVER_SETTING_MEANINGS } from "#app/settings.ts";
import { formatDuration } from "#base/units.ts";
import { findCommand } from "#cli/arguments/find-command.ts";
import { parseArguments } from "#cli/arguments/parse-arguments.ts";
import { COMMANDS } from "#cli/command-table.ts";
import { CLUSTER_POLICY } from "#core/cluster-policy.ts";
import { CAUSES } from "#core/incident/finding.ts";
import { DEFAULT_POLICY } from "#core/policy.ts";
import { PROTECTIONS } from "#core/protections.ts";
import { FAULT_VERBS } from "#sim/faults/verbs.ts";

const FOLDER = join(import.meta.dirname, "../docs/runbooks");
const GUIDES = join(import.meta.dirname, "../docs/guides");
const read = (name: string) => readFileSync(join(FOLDER, `${name}.md`), "utf8");
const SETTINGS = { ...SERVER_SETTING_MEANINGS, ...POLICY_MEANINGS };
/** `10 min (quarantineIntervalMs)`, the name as code. */
const VALUE = /((?:\d+ (?:h|min) )?[\d.]+(?: \w+| %)?) \(`(\w+)`\)/g;
const SECTIONS = [
  "How it is seen",
  "What Bindery does by itself",
  "What you do",
  "It is over when",
  "See it",
];

it("there is one for each cause, and for nothing else", () => {
  expect(readdirSync(FOLDER).toSorted()).toEqual(CAUSES.map((cause) => `${cause}.md`).toSorted());
});

describe.each(CAUSES)("%s", (cause) => {
  const text = read(cause);

  it("says what it is, how it is seen, what is done and when it is over", () => {
    expect(text.split("\n")[0]).toBe(`# ${cause}`);
    expect([...text.matchAll(/^## (.*)$/gm)].map(([, title]) => title)).toEqual(SECTIONS);
    expect(text.length).toBeGreaterThan(900);
  });

  it("has commands that exist, with flags that they take", () => {
    const commands = commandsIn(text);
    expect(commands).not.toEqual([]);
    for (const words of commands) expect(() => understood(words), words.join(" ")).not.toThrow();
  });

  it("names settings that exist, with the values that they have", () => {
    for (const [, name = ""] of text.matchAll(/`([a-z]+[A-Z]\w*)`/g))
      expect(Object.keys(SETTINGS), name).toContain(name);
    for (const [, value = "", name = ""] of text.replaceAll(/\s+/g, " ").matchAll(VALUE))
      expect(valuesOf(name), name).toContain(value);
  });

  it("shows itself in drills, faults and protections that exist", () => {
    for (const [, verb = ""] of text.matchAll(/`fault: ([^`]*)`/g))
      expect(Object.keys(FAULT_VERBS)).toContain(verb);
    for (const [, names = ""] of text.matchAll(/--without ([a-z,-]+)/g))
      for (const name of names.split(",")) expect(Object.keys(PROTECTIONS)).toContain(name);
    expect(linksIn(text).filter((link) => !existsSync(join(FOLDER, link)))).toEqual([]);
  });
});

it.each(["operating.md", "drills.md"])("the guide %s has commands that exist", (file) => {
  const text = readFileSync(join(GUIDES, file), "utf8");
  for (const words of commandsIn(text))
    expect(() => understood(words), words.join(" ")).not.toThrow();
});

/** The words after `bindery`, in blocks and in lines of text, without what a shell takes away. */
function commandsIn(text: string): readonly (readonly string[])[] {
  const blocks = [...text.matchAll(/```\n([^]*?)```/g)].flatMap(([, block = ""]) =>
    block.split("\n"),
  );
  const inline = [...text.matchAll(/`([^`\n]+)`/g)].map(([, code = ""]) => code);
  return [...blocks, ...inline]
    .filter((line) => line.startsWith("bindery ") && !/[|…]/.test(line))
    .map((line) => line.replace(/(^| )#.*$/, ""))
    .map((line) =>
      [...line.matchAll(/"([^"]*)"|'([^']*)'|(\S+)/g)]
        .map(([, double, single, bare]) => double ?? single ?? bare ?? "")
        .slice(1),
    );
}

function understood(given: readonly string[]): void {
  const { command, words } = findCommand(COMMANDS, given);
  parseArguments(command, words);
}

/** As they are written: on one machine, and in a cluster. */
function valuesOf(name: string): readonly string[] {
  return [DEFAULT_POLICY, CLUSTER_POLICY].flatMap((policy) => {
    const value = Object.entries(policy).find(([key]) => key === name)?.[1];
    if (typeof value !== "number") return [];
    if (name.endsWith("Ms")) return [formatDuration(value)];
    return [String(value), `${value * 100} %`];
  });
}

function linksIn(text: string): readonly string[] {
  return [...text.matchAll(/\]\(([^)#]+)[^)]*\)/g)].map(([, link = ""]) => link);
}
