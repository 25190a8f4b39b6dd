/** The drills that come with Bindery, and the ways to name one. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { drillNames, loadDrill, randomDrill } from "./simulated.ts";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "drills-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

describe("the drills that come with Bindery", () => {
  it.each(drillNames())("%s is well-formed and bites", (name) => {
    const drill = loadDrill(name, "/");
    expect(drill.name).toBe(name);
    expect(drill.incident === null || drill.ablations.length > 0).toBe(true);
  });

  it("have one in which nothing happens", () => {
    expect(loadDrill("quiet", "/").events).toEqual([]);
  });
});

describe("a drill of one's own", () => {
  const text = "basedOn: quiet\ntitle: Mine\n";

  it("is found by its path, and can stand on one of Bindery's", () => {
    writeFileSync(join(folder, "mine.yaml"), `drill: mine\n${text}`);
    expect(loadDrill("mine.yaml", folder)).toMatchObject({
      name: "mine",
      title: "Mine",
      incident: null,
    });
  });

  it("can stand on a file beside it", () => {
    writeFileSync(join(folder, "mine.yaml"), `drill: mine\n${text}`);
    writeFileSync(join(folder, "other.yaml"), "drill: other\nbasedOn: mine\n");
    expect(() => loadDrill(join(folder, "other.yaml"), "/")).toThrow(
      '"mine" is itself based on another drill',
    );
  });

  it("is wrong with all its lines", () => {
    writeFileSync(join(folder, "mine.yaml"), `drill: mine\n${text}wrold: 1\nlsats: 2\n`);
    const messages =
      "mine.yaml:4: wrold is not known here. Did you mean world?\nmine.yaml:5: lsats is not known here. Did you mean lasts?";
    expect(() => loadDrill("mine.yaml", folder)).toThrow(messages);
  });

  it.each([
    ["redit-hug", 'There is no drill "redit-hug". Did you mean reddit-hug?'],
    ["missing.yaml", 'There is no drill "missing.yaml".'],
    ["../../etc/passwd", 'There is no drill "../../etc/passwd".'],
  ])("%s is not there", (name, message) => {
    expect(() => loadDrill(name, folder)).toThrow(message);
  });
});

it("makes the same random drill of the same seed, and another of another", () => {
  expect(randomDrill(3)).toEqual(randomDrill(3));
  expect(randomDrill(4).events).not.toEqual(randomDrill(3).events);
});
