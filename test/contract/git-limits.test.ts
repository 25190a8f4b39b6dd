/** What is too large, too many, or made to harm, is refused in time and leaves nothing behind. */
import { randomBytes } from "node:crypto";
import { readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { MIB } from "#base/units.ts";
import { type GitRepository, git, writeFolder } from "../fixtures/git-repository.ts";
import { createRepoSourceWorld, type RepoSourceWorld } from "../fixtures/repo-source-world.ts";

let world: RepoSourceWorld;
beforeAll(async () => {
  world = await createRepoSourceWorld({ policy: { maxRepoBytes: 2 * MIB, maxRepoFiles: 100 } });
});
afterAll(() => world.close());

async function failureOf(name: string) {
  const resolved = await world.resolve(world.repo(world.server.url(name)));
  return await world.fetchFailure(resolved);
}

/** Writes an object that Git's own tools would refuse to make. */
async function tree(
  repo: GitRepository,
  entries: readonly [string, string, string][],
): Promise<string> {
  const parts = entries.map(([mode, name, hash]) =>
    Buffer.concat([Buffer.from(`${mode} ${name}\0`), Buffer.from(hash, "hex")]),
  );
  const args = ["hash-object", "-t", "tree", "-w", "--literally", "--stdin"];
  return await git(repo.path, args, Buffer.concat(parts));
}

async function commitTree(repo: GitRepository, hash: string): Promise<void> {
  const commit = await git(repo.path, ["commit-tree", "-m", "Made by hand", hash]);
  await repo.branch("main", commit);
}

it("stops a download that is larger than the limit, and gives the disk back", async () => {
  const repo = await world.server.repository("heavy");
  await repo.commit({ "data.bin": randomBytes(3 * MIB) });
  const failure = await failureOf("heavy");
  expect(failure).toMatchObject({ code: "repo-too-large", fault: "limits" });
  expect(failure.message).toContain("2 MiB");
  expect(failure.message).toContain("maxRepoBytes");
  expect(await readdir(join(world.dataDir, "mirrors"))).toEqual([]);
});

it("stops a download that does not end", async () => {
  const repo = await world.server.repository("endless");
  await repo.commit({ "a.txt": "1" });
  const resolved = await world.resolve(world.repo(world.server.url("endless")));
  world.server.rule("endless", { kind: "endless-content" });
  expect(await world.fetchFailure(resolved)).toMatchObject({ code: "repo-too-large" });
  expect(await readdir(join(world.dataDir, "mirrors"))).toEqual([]);
});

it("refuses a small download that unfolds to huge files", async () => {
  const repo = await world.server.repository("zeros");
  await repo.commit({ "zeros.bin": new Uint8Array(40 * MIB) });
  expect(await failureOf("zeros")).toMatchObject({ code: "repo-too-large" });
});

it("refuses too many files, naming the limit", async () => {
  const repo = await world.server.repository("many");
  const files = Object.fromEntries(Array.from({ length: 101 }, (_, index) => [`f${index}`, "x"]));
  await repo.commit(files);
  const failure = await failureOf("many");
  expect(failure).toMatchObject({ code: "repo-too-large" });
  expect(failure.message).toContain("100 files (the limit maxRepoFiles)");
});

it("refuses a tree of trees that unfolds to ten thousand million files", async () => {
  const repo = await world.server.repository("bomb");
  const blob = await git(repo.path, ["hash-object", "-w", "--stdin"], Buffer.from("boom"));
  let hash = blob;
  for (let level = 0; level < 10; level++) {
    const mode = level === 0 ? "100644" : "40000";
    const entry = (index: number): [string, string, string] => [mode, `f${index}`, hash];
    hash = await tree(
      repo,
      Array.from({ length: 10 }, (_, index) => entry(index)),
    );
  }
  await commitTree(repo, hash);
  expect(await failureOf("bomb")).toMatchObject({ code: "repo-too-large" });
});

it.each([".git", "..", ".GIT", "git~1"])("refuses a tree with %s in it", async (name) => {
  const repo = await world.server.repository(`evil-${Buffer.from(name).toString("hex")}`);
  const blob = await git(repo.path, ["hash-object", "-w", "--stdin"], Buffer.from("evil"));
  const inner = await tree(repo, [["100644", "config", blob]]);
  await commitTree(repo, await tree(repo, [["40000", name, inner]]));
  const failure = await failureOf(`evil-${Buffer.from(name).toString("hex")}`);
  expect(failure).toMatchObject({ code: "repo-unsafe", fault: "repository" });
});

it("refuses a .gitmodules that is a link", async () => {
  const repo = await world.server.repository("linked-modules");
  await repo.commit({ ".gitmodules": { symlink: "modules" }, modules: "" });
  expect(await failureOf("linked-modules")).toMatchObject({ code: "repo-unsafe" });
});

it("refuses a link whose target no kernel takes", async () => {
  const repo = await world.server.repository("long-link");
  await repo.commit({ link: { symlink: "x".repeat(5_000) } });
  expect(await failureOf("long-link")).toMatchObject({ code: "repo-unsafe" });
});

it("says which file name is too long for this machine", async () => {
  const repo = await world.server.repository("long-name");
  const name = "n".repeat(300);
  await repo.commit({ [name]: "x" });
  const signal = new AbortController().signal;
  const resolved = await world.resolve(world.repo(world.server.url("long-name")));
  await world.fetch(resolved);
  const directory = await world.newDirectory();
  await expect(world.source.checkout(resolved, directory, signal)).rejects.toThrow("too long");
});

it("measures a local folder before it copies anything", async () => {
  const folder = join(world.folder, "large folder");
  await writeFolder(folder, { "data.bin": randomBytes(3 * MIB) });
  expect(await world.resolveFailure(world.repo(folder))).toMatchObject({ code: "repo-too-large" });
  const crowded = join(world.folder, "crowded folder");
  const files = Object.fromEntries(Array.from({ length: 101 }, (_, index) => [`f${index}`, "x"]));
  await writeFolder(crowded, files);
  expect(await world.resolveFailure(world.repo(crowded))).toMatchObject({ code: "repo-too-large" });
});

it("works on in a mirror that a killed process left locked and half-written", async () => {
  const repo = await world.server.repository("left");
  await repo.commit({ "a.txt": "1" });
  const url = world.server.url("left");
  await world.fetch(await world.resolve(world.repo(url)));
  for (const mirror of await readdir(join(world.dataDir, "mirrors"))) {
    const path = join(world.dataDir, "mirrors", mirror);
    await writeFile(join(path, "shallow.lock"), "");
    await writeFile(join(path, "objects", "pack", "tmp_pack_x"), "half");
    await writeFolder(join(path, "prepared", `${"a".repeat(40)}.half-1`), { x: "half" });
  }
  await repo.commit({ "a.txt": "2" });
  const { files } = await world.fetch(await world.resolve(world.repo(url)));
  expect(files).toHaveLength(1);
});
