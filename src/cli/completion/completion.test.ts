/** The shells' completions, in the shells themselves. */
import { execFileSync, spawnSync } from "node:child_process";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { COMMANDS } from "../command-table.ts";
import { bashCompletion } from "./bash.ts";
import { fishCompletion } from "./fish.ts";
import { knownCommands } from "./known-words.ts";
import { zshCompletion } from "./zsh.ts";

const place = mkdtempSync(join(tmpdir(), "bindery-completion-"));
afterAll(() => rmSync(place, { recursive: true }));
const commands = knownCommands(COMMANDS);
const script = join(place, "bindery.bash");
writeFileSync(script, bashCompletion(commands));
writeFileSync(join(place, "a file"), "");
// What the completion asks for sessions and environments.
writeFileSync(join(place, "bindery"), '#!/bin/sh\n[ "$1" = ps ] && echo session-1 || echo key-1\n');
chmodSync(join(place, "bindery"), 0o755);

function complete(...words: readonly string[]): readonly string[] {
  const lines = `source "$1"; shift
COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _bindery
((\${#COMPREPLY[@]})) && printf '%s\\n' "\${COMPREPLY[@]}" || true`;
  const output = execFileSync(
    "bash",
    ["--norc", "-c", lines, "bash", script, "bindery", ...words],
    {
      encoding: "utf8",
      cwd: place,
      env: { PATH: `${place}:/usr/bin:/bin` },
    },
  );
  return output.split("\n").filter((line) => line !== "");
}

describe("the completion of bash", () => {
  it("offers every command, and those that begin so", () => {
    const names = COMMANDS.map(({ name }) => name);
    expect(complete("")).toEqual([...names, "--help", "--version"]);
    expect(complete("s")).toEqual(["serve", "stop", "status"]);
  });

  it.each<[readonly string[], readonly string[]]>([
    [
      ["environments", ""],
      ["ls", "show", "lock", "prune"],
    ],
    [["--json", "--data-dir", "stop", "ver"], ["version"]],
    [
      ["serve", "--isolation", ""],
      ["bubblewrap", "none"],
    ],
    [["serve", "--isolation", "n"], ["none"]],
    [["open", "--no-b"], ["--no-browser"]],
    [["environments", "show", "--js"], ["--json"]],
    [["completion", "z"], ["zsh"]],
    [["stop", ""], ["session-1"]],
    [["stop", "session-1", ""], ["session-1"]],
    [["logs", "--build", ""], ["key-1"]],
    [["environments", "lock", "k"], ["key-1"]],
    [["do", "drain-node", ""], ["key-1"]],
    [["do", "rollback-release", "s"], ["staging"]],
    [
      ["do", "declare", "node-d"],
      ["node-dns", "node-disk-full"],
    ],
    [["incidents", ""], ["key-1"]],
    [["version", ""], []],
  ])("bindery %j", (words, offered) => {
    expect(complete(...words)).toEqual(offered);
  });

  it("offers files for a repository", () => {
    expect(complete("open", "a")).toEqual(["a file"]);
  });
});

describe("the completions of other shells", () => {
  const others = [
    ["zsh", zshCompletion(commands)],
    ["fish", fishCompletion(commands)],
  ] as const;

  it.each(others)("%s's names every command and every flag that is not rare", (_shell, text) => {
    const words = commands.flatMap(({ path, flags }) => [
      ...path,
      ...flags.map(({ name }) => name),
    ]);
    for (const word of words) expect(text).toContain(word);
  });

  it.each(others)("%s's is a script where that shell is there to tell", (shell, text) => {
    const file = join(place, `bindery.${shell}`);
    writeFileSync(file, text);
    const { error, status, stderr } = spawnSync(shell, ["-n", file], { encoding: "utf8" });
    const complaint = error === undefined ? `${status} ${stderr}` : error.message;
    expect(["0 ", `spawnSync ${shell} ENOENT`]).toContain(complaint);
  });
});
