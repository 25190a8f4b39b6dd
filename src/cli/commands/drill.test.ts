/** `bindery drill` as it is typed: what it prints, and with which code it ends. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { runCommandLine } from "../run.ts";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "drill-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

const TINY = `drill: tiny
title: Five minutes in which nothing happens
incident: null
story: Nothing happens.
starts: 2026-03-02T10:00:00+01:00
lasts: 5m
must:
  - { name: nobody is refused, measure: refusals, is: 0 }
ablations:
  - { name: nobody looks, without: [node-probes] }
`;
const FAILING = TINY.replace("is: 0", "atLeast: 1");

async function drill(words: string, text = TINY) {
  writeFileSync(join(folder, "tiny.yaml"), text);
  const said = { out: "", error: "" };
  const code = await runCommandLine(["drill", ...words.split(" ").filter((word) => word !== "")], {
    out: { write: (part) => (said.out += part) },
    error: { write: (part) => (said.error += part) },
    environment: {},
    workingDirectory: folder,
    program: "",
  });
  return { code, ...said };
}

describe("bindery drill", () => {
  it("prints each criterion and passes", async () => {
    const { code, out } = await drill("tiny.yaml");
    expect(code).toBe(0);
    expect(out).toContain("tiny, seed 1; times in UTC+1");
    expect(out).toMatch(/✓ {2}nobody is refused +0 +0\n/);
    expect(out).toMatch(/✓ {2}C {2}without faults, nobody is woken +0 +at most 0\n/);
    expect(out).toContain("Passed.");
  });

  it("fails when something does not hold, and says how to see it again", async () => {
    const { code, out } = await drill("tiny.yaml --seed 7", FAILING);
    expect(code).toBe(1);
    expect(out).toMatch(/✗ {2}nobody is refused +0 +at least 1\n/);
    expect(out).toContain("Again: bindery drill tiny.yaml --seed 7");
  });

  it("names the line of a mistake", async () => {
    const { code, error } = await drill("tiny.yaml", TINY.replace("lasts: 5m", "lasts: 5"));
    expect(code).toBe(2);
    expect(error).toContain(
      "tiny.yaml:6: lasts should be a duration such as 90s, 45m or 15h30m, not 5.",
    );
  });

  it("runs many seeds, a line each", async () => {
    const { code, out } = await drill("tiny.yaml --seeds 3..4", FAILING);
    expect(code).toBe(1);
    expect(out).toMatch(
      /^✗ tiny, seed 3 .*\n {4}nobody is refused: 0 \(at least 1\)\n✗ tiny, seed 4 /,
    );
    expect(out).toContain("2 of 2 runs failed.");
  });

  it("fails an ablation in which everything holds", async () => {
    const { code, out } = await drill("tiny.yaml --ablation all");
    expect(code).toBe(1);
    expect(out).toContain("everything held, which shows that the drill does not bite");
  });

  it("passes an ablation that fails", async () => {
    const { code, out } = await drill("tiny.yaml --ablation all", FAILING);
    expect(code).toBe(0);
    expect(out).toContain("It fails as it must: the drill bites.");
  });

  it("says as JSON what it says to people, and the same twice", async () => {
    const { code, out } = await drill("tiny.yaml --json --twice");
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({
      drill: "tiny",
      seed: 1,
      isPassed: true,
      isRepeatable: true,
      virtualMs: 300_000,
      invariants: [],
    });
  });

  it("writes a report instead, and the records to a file", async () => {
    const { out } = await drill("tiny.yaml --report --trace run.jsonl");
    expect(out).toMatch(/^# 2026-03-02, Five minutes in which nothing happens\n\n## Summary\n/);
    const lines = readFileSync(join(folder, "run.jsonl"), "utf8").trimEnd().split("\n");
    expect(JSON.parse(lines.at(-1) ?? "")).toHaveProperty("kind");
  });

  it.each([
    ["--list", /^\S+ .*\n[^]*quiet +24 h +A day on which everything works\n/],
    ["--policies", /^node-gate {2}A machine takes sessions/m],
    ["--measures", /^first-try-success {2}Launches that came/m],
    ["--faults", /^culler\.hang {2}The loop/m],
  ])("%s lists what there is", async (words, expected) => {
    const { code, out } = await drill(words);
    expect(code).toBe(0);
    expect(out).toMatch(expected);
  });

  it.each([
    ["", "Give the name of a drill, the path of its file, --all or --chaos."],
    ["tiny.yaml --all", "Give the name of a drill, the path of its file, --all or --chaos."],
    ["tiny.yaml --chaos", "--chaos makes its own drill: give no other."],
    ["tiny.yaml --seeds 4..1", '--seeds should be a range such as 1..20, not "4..1".'],
    ["tiny.yaml --seed x", '--seed should be a whole number, not "x".'],
    [
      "tiny.yaml --without node-gats",
      'There is no protection "node-gats". Did you mean node-gate?',
    ],
    ["tiny.yaml --ablation other", 'tiny has no ablation "other". It has: nobody looks.'],
    ["tiny.yaml --seeds 1..2 --report", "--report goes with one drill and one seed."],
    ["tiny.yaml --pace 60", "--pace goes with --serve."],
    ["--serve", "Give the name of a drill or the path of its file."],
    ["tiny.yaml --serve --twice", "--twice does not go with a game day."],
    ["tiny.yaml --serve --pace 0", "--pace goes from 1 to 100000."],
    ["tiny.yaml --replay none.json", "none.json cannot be read."],
    ["tiny.yaml --replay tiny.yaml", "tiny.yaml is no record of a game day."],
    [
      "tiny.yaml --replay none.json --seed 2",
      "--seed does not go with --replay: the record says it.",
    ],
    ["redit-hug", 'There is no drill "redit-hug". Did you mean reddit-hug?'],
  ])("`drill %s` is not understood", async (words, message) => {
    const { code, error } = await drill(words);
    expect(code).toBe(2);
    expect(error).toContain(message);
  });
});
