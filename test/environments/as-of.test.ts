/** Old repositories resolved as on a day, and built again from their locks: the same packages. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { binderFiles, parseLock } from "#core/rendering/lock-text.ts";
import { run } from "../fixtures/command-line.ts";
import { type DatedIndex, startDatedIndex } from "../fixtures/dated-index.ts";
import {
  type Bindery,
  follow,
  makeServedDir,
  removeServedDir,
  startBindery,
} from "../fixtures/e2e-bindery.ts";
import { type Folders, makeFolders } from "../fixtures/folders.ts";
import type { Tree } from "../fixtures/git-repository.ts";

const BUILD_LIMIT_MS = 120_000;

let bindery: Bindery;
let index: DatedIndex;
let folders: Folders;

beforeAll(async () => {
  folders = await makeFolders();
  index = await startDatedIndex([
    { name: "bindery-dated", version: "1.0", uploaded: "2022-01-10T12:00:00Z" },
    { name: "bindery-dated", version: "1.1", uploaded: "2023-06-30T23:59:00Z" },
    { name: "bindery-dated", version: "2.0", uploaded: "2023-07-01T00:01:00Z" },
    { name: "bindery-undated", version: "1.0", uploaded: null },
  ]);
  // The index is on loopback.
  bindery = await startBindery(await makeServedDir(), { allowPrivateHosts: true });
});
afterAll(async () => {
  await bindery.stop();
  await index.close();
  await removeServedDir(bindery.dataDir);
  folders.remove();
});

const asking = (...lines: readonly string[]): Tree => ({
  "requirements.txt": [`--extra-index-url ${index.url}`, ...lines, ""].join("\n"),
});

async function lockOf(files: Tree, wish: { readonly asOf?: string } = {}) {
  const repo = await folders.of(files);
  const { environmentKey } = await follow(bindery, { repo, buildOnly: true, ...wish }).ready;
  const text = await bindery.client.environmentLock(environmentKey);
  const lock = parseLock(text);
  if (lock === null) throw new Error(`this is no lock: ${text}`);
  return { key: environmentKey, lock, pins: pinsOf(lock.requirements) };
}

function pinsOf(requirements: string): ReadonlyMap<string, string> {
  const found = requirements.matchAll(/^([a-z0-9][a-z0-9._-]*)==([^\s\\]+)/gim);
  return new Map([...found].map(([, name = "", version = ""]) => [name, version]));
}

describe("an environment as on a day", () => {
  it.each([
    ["2023-05-20", "1.0"],
    ["2023-06-30", "1.1"],
    ["2023-07-01", "2.0"],
    [undefined, "2.0"],
  ])("%s has what was there by its end: %s", { timeout: BUILD_LIMIT_MS }, async (asOf, version) => {
    const wish = asOf === undefined ? {} : { asOf };
    const { lock, pins } = await lockOf(asking("bindery-dated"), wish);
    expect(pins.get("bindery-dated")).toBe(version);
    expect(lock.asOf).toBe(asOf ?? null);
  });

  it("holds for what is not asked for by name, too", { timeout: BUILD_LIMIT_MS }, async () => {
    const { pins } = await lockOf({ "requirements.txt": "requests\n" }, { asOf: "2023-05-20" });
    // requests 2.31 came two days later.
    expect(pins.get("requests")).toBe("2.30.0");
    expect(pins.get("urllib3")).toBe("2.0.2");
    expect(pins.get("ipykernel")).toBe("6.23.1");
  });

  it("is another environment than today's, and the same for all of the day", {
    timeout: BUILD_LIMIT_MS,
  }, async () => {
    const files = asking("bindery-dated");
    const [today, then, again] = [
      await lockOf(files),
      await lockOf(files, { asOf: "2023-05-20" }),
      await lockOf(files, { asOf: "2023-05-20" }),
    ];
    expect(then.key).not.toBe(today.key);
    expect(again.key).toBe(then.key);
  });

  it("blames an index that does not say when a file came", async () => {
    const repo = await folders.of(asking("bindery-undated"));
    const { failure } = await follow(bindery, { repo, asOf: "2023-01-01" }).ended;
    const detail = { file: "requirements.txt", line: 2, package: "bindery-undated" };
    expect(failure).toMatchObject({ code: "resolve-failed", detail });
  });

  it("is refused for a day that is none", async () => {
    const outcome = await run(["plan", await folders.of({}), "--as-of", "yesterday"]);
    expect(outcome.code).not.toBe(0);
    expect(outcome.error).toContain("2024-01-31");
  });
});

describe("a lock", () => {
  it.each([
    ["an index", () => asking("bindery-dated<2", "six"), undefined],
    ["a day long ago", () => asking("requests"), "2023-05-20"],
    ["Debian", () => ({ ...asking("bindery-dated"), "apt.txt": "tree\n" }), undefined],
  ] as const)(
    "of what came from %s builds the same again",
    { timeout: BUILD_LIMIT_MS },
    async (_, files, asOf) => {
      const first = await lockOf(files(), asOf === undefined ? {} : { asOf });
      const written = binderFiles(first.lock).map(({ path, text }) => {
        const options = path === "requirements.txt" ? `--extra-index-url ${index.url}\n` : "";
        return [`binder/${path}`, options + text];
      });
      const again = await lockOf(Object.fromEntries(written) as Tree);
      expect([...again.pins]).toEqual([...first.pins]);
      expect(again.lock.apt).toEqual(first.lock.apt);
      expect(again.lock.python).toBe(first.lock.python);
    },
  );
});
