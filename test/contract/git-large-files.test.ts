/** Git LFS: filled in where git-lfs is installed, said so where it is not. */
import { spawnSync } from "node:child_process";
import { mkdir, symlink } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import {
  contentOf,
  createRepoSourceWorld,
  type RepoSourceWorld,
} from "../fixtures/repo-source-world.ts";

const NEVER = new AbortController().signal;
const hasLfs = spawnSync("git", ["lfs", "version"]).status === 0;
const LARGE = Buffer.from("a large file\n".repeat(1_000));

let world: RepoSourceWorld;
let pointer = "";
beforeAll(async () => {
  world = await createRepoSourceWorld();
  const repo = await world.server.repository("large");
  pointer = world.server.largeFile(LARGE);
  await repo.commit({
    "data/.gitattributes": "*.bin filter=lfs diff=lfs merge=lfs -text\n",
    "data/large.bin": pointer,
    "small.txt": "small",
  });
});
afterAll(() => world.close());

it("fills large files in, and fetches them once", async (context) => {
  if (!hasLfs) context.skip("git-lfs is not installed here");
  const repo = world.repo(world.server.url("large"));
  const directory = await world.open(repo);
  expect((await contentOf(directory))["data/large.bin"]).toBe(LARGE.toString());
  world.server.requests.length = 0;
  const resolved = await world.resolve(repo);
  await world.fetch(resolved);
  const again = await world.newDirectory();
  await world.source.checkout(resolved, again, NEVER);
  expect((await contentOf(again))["data/large.bin"]).toBe(LARGE.toString());
  expect(world.server.requests.filter((seen) => seen.includes("large"))).toEqual([
    "GET /large.git/info/refs",
    "POST /large.git/git-upload-pack",
  ]);
});

it("leaves the pointers and says so where git-lfs is not installed", async () => {
  const bin = join(world.folder, "bin");
  await mkdir(bin);
  const where = spawnSync("sh", ["-c", "command -v git"]).stdout.toString().trim();
  await symlink(where, join(bin, "git"));
  const source = world.restart({
    dataDir: join(world.folder, "other-data"),
    env: { PATH: bin, HOME: world.folder, GIT_CONFIG_NOSYSTEM: "1" },
  });
  const resolved = await source.resolve(world.repo(world.server.url("large")), NEVER);
  if (resolved.kind === "failed") throw new Error(resolved.failure.message);
  const lines: string[] = [];
  const onLine = (line: string) => lines.push(line);
  const fetched = await source.fetch(resolved.repo, { signal: NEVER, onLine });
  expect(fetched.kind).toBe("fetched");
  expect(lines.join("\n")).toContain("git-lfs is not installed");
  const directory = await world.newDirectory();
  await source.checkout(resolved.repo, directory, NEVER);
  expect((await contentOf(directory))["data/large.bin"]).toBe(pointer);
});

it("counts large files against the limit before they are fetched", async () => {
  const strict = await createRepoSourceWorld({ policy: { maxRepoBytes: 10_000 } });
  try {
    const repo = await strict.server.repository("larger");
    await repo.commit({
      ".gitattributes": "*.bin filter=lfs\n",
      "large.bin": strict.server.largeFile(LARGE),
    });
    const resolved = await strict.resolve(strict.repo(strict.server.url("larger")));
    expect(await strict.fetchFailure(resolved)).toMatchObject({ code: "repo-too-large" });
    expect(strict.server.requests.filter((seen) => seen.includes("/info/lfs"))).toEqual([]);
  } finally {
    await strict.close();
  }
});
