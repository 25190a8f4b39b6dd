/** Which command a command line means, and the table itself. */
import { describe, expect, it } from "vitest";
import { COMMANDS } from "../command-table.ts";
import { findCommand } from "./find-command.ts";

describe("the command of a command line", () => {
  it.each<[readonly string[], string, readonly string[]]>([
    [[], "help", []],
    [["--help"], "help", []],
    [["-V"], "version", []],
    [["--version"], "version", []],
    [["ps", "--json"], "ps", ["--json"]],
    [["--json", "ps"], "ps", ["--json"]],
    [["--data-dir", "serve", "ps"], "ps", ["--data-dir", "serve"]],
    [["environments"], "environments", []],
    [["env", "ls", "-q"], "environments ls", ["-q"]],
    [["environments", "--json", "show", "abc"], "environments show", ["--json", "abc"]],
  ])("%j", (words, name, rest) => {
    const found = findCommand(COMMANDS, words);
    expect(found.command.name).toBe(name);
    expect(found.words).toEqual(rest);
  });

  it.each<[readonly string[], RegExp]>([
    [["serv"], /Did you mean `bindery serve`\?/],
    [["frobnicate"], /"frobnicate" is no command\.$/],
    [["https://example.org/r.git"], /Did you mean `bindery open https:\/\/example.org\/r.git`\?/],
    [["./here"], /`bindery open .\/here`/],
    [["environments", "lst"], /no command "lst"\. Did you mean ls\?/],
    [["environments", "xyzzy"], /It has ls, show, lock, prune\./],
  ])("%j is refused, and it is said what was meant", (words, message) => {
    expect(() => findCommand(COMMANDS, words)).toThrow(message);
  });
});

describe("the table of commands", () => {
  it("names each command once, and each of its flags once", () => {
    const all = COMMANDS.flatMap((command) => [command, ...(command.subcommands ?? [])]);
    expect(new Set(COMMANDS.map(({ name }) => name)).size).toBe(COMMANDS.length);
    for (const { name, flags } of all) {
      const words = flags.flatMap((flag) => [flag.name, ...(flag.short ? [flag.short] : [])]);
      expect(new Set(words).size, name).toBe(words.length);
    }
  });

  it("leads to code for every command", async () => {
    for (const { load, subcommands } of COMMANDS) {
      expect(await load()).toBeTypeOf("function");
      for (const inner of subcommands ?? []) expect(await inner.load()).toBeTypeOf("function");
    }
  });
});
