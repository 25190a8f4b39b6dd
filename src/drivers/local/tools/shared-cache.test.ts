/** What data directories share is whole, ours, and costs no space. */
import {
  link,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rm,
  stat,
  utimes,
  writeFile,
} from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { cacheDirectoryOf, mirrorTree, publishDirectory } from "./shared-cache.ts";

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "bindery-tools-"));
});
afterEach(() => rm(directory, { recursive: true }));

describe("a published directory", () => {
  test("is whole or absent, and the quicker of two stays", async () => {
    const target = join(directory, "target");
    await expect(
      publishDirectory(target, async (half) => {
        await writeFile(join(half, "a"), "half");
        throw new Error("killed");
      }),
    ).rejects.toThrow("killed");
    expect(await readdir(directory)).toEqual([]);
    await Promise.all(
      ["one", "two"].map((text) =>
        publishDirectory(target, (half) => writeFile(join(half, "a"), text)),
      ),
    );
    expect(await readdir(directory)).toEqual(["target"]);
    expect(["one", "two"]).toContain(await readFile(join(target, "a"), "utf8"));
  });

  test("sweeps away what killed processes left beside it, and nothing younger", async () => {
    const old = join(directory, "other.0123456789ab.half.uv-cache");
    const young = join(directory, "other.ba9876543210.half");
    await Promise.all([mkdir(old), mkdir(young)]);
    await utimes(old, 1, 1);
    await publishDirectory(join(directory, "target"), (half) => writeFile(join(half, "a"), ""));
    expect((await readdir(directory)).sort()).toEqual(["other.ba9876543210.half", "target"]);
  });

  test("is mirrored by hard links, so that it costs no space", async () => {
    const from = join(directory, "from");
    const to = join(directory, "to");
    await mkdir(join(from, "deep"), { recursive: true });
    await mkdir(to);
    await writeFile(join(from, "deep/file"), "content");
    await mirrorTree(from, to);
    const [one, two] = await Promise.all([from, to].map((root) => stat(join(root, "deep/file"))));
    expect(two?.ino).toBe(one?.ino);
    await expect(link(join(from, "deep/file"), join(to, "deep/file"))).rejects.toThrow("EEXIST");
  });
});

test.each([
  { env: { XDG_CACHE_HOME: "/x", HOME: "/h" }, cache: "/x/bindery" },
  { env: { HOME: "/h" }, cache: "/h/.cache/bindery" },
  { env: { XDG_CACHE_HOME: "relative" }, cache: "/data/cache" },
])("the cache of $env is $cache", ({ env, cache }) => {
  expect(cacheDirectoryOf(env, "/data")).toBe(cache);
});
