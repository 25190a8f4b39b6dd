/** Checkouts: whose files they are, what they share, and what they cost. */
import { chmod, lstat, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { GitRepoSourceOptions } from "#drivers/git/git-repo-source.ts";
import { runChild } from "#drivers/git/run-git.ts";
import { git } from "../fixtures/git-repository.ts";
import {
  contentOf,
  createRepoSourceWorld,
  type RepoSourceWorld,
} from "../fixtures/repo-source-world.ts";

const NEVER = new AbortController().signal;
const OWNER = { uid: 61_000, gid: 61_000 };
const isRoot = process.getuid?.() === 0;

let world: RepoSourceWorld;
beforeAll(async () => {
  world = await createRepoSourceWorld();
});
afterAll(() => world.close());

async function paths(directory: string): Promise<string[]> {
  return await readdir(directory, { recursive: true });
}

async function checkOut(name: string, options: Partial<GitRepoSourceOptions>): Promise<string> {
  const resolved = await world.resolve(world.repo(world.server.url(name)));
  await world.fetch(resolved);
  const directory = await mkdtemp(join(tmpdir(), "bindery-checkout-"));
  await world.restart(options).checkout(resolved, directory, NEVER);
  return directory;
}

describe("a checkout for another user", () => {
  beforeEach((context) => {
    if (!isRoot) context.skip("only root gives files to another user");
  });

  it("belongs to that user, but for the packs that it shares with the mirror", async () => {
    const repo = await world.server.repository("owned");
    await repo.commit({ "d/a.txt": "1", link: { symlink: "d/a.txt" }, 'q"\n': "odd" });
    const directory = await checkOut("owned", { owner: OWNER });
    for (const path of await paths(directory)) {
      const look = await lstat(join(directory, path));
      const isShared = look.isFile() && look.nlink > 1;
      const isPack = /objects\/pack\/./.test(path);
      expect({ path, uid: look.uid, isShared }).toEqual({
        path,
        uid: isPack ? 0 : OWNER.uid,
        isShared: isPack,
      });
    }
    expect((await lstat(directory)).uid).toBe(OWNER.uid);
    await rm(directory, { recursive: true });
  });

  it("lets that user work with Git and change nothing for anybody else", async () => {
    const repo = await world.server.repository("worked");
    await repo.commit({ "a.txt": "1" });
    const directory = await checkOut("worked", { owner: OWNER });
    await chmod(directory, 0o755);
    const script = `set -e
      git diff-files --name-only
      git status --porcelain
      git -c user.name=x -c user.email=x commit -q --allow-empty -m mine
      for pack in .git/objects/pack/*; do
        if echo evil 2>/dev/null >> "$pack"; then exit 91; fi
        if chmod u+w "$pack" 2>/dev/null; then exit 92; fi
      done`;
    const outcome = await runChild({
      command: "setpriv",
      args: ["--reuid=61000", "--regid=61000", "--clear-groups", "sh", "-c", script],
      cwd: directory,
      env: { PATH: "/usr/bin:/bin", HOME: directory },
      signal: NEVER,
      timeoutMs: 20_000,
    });
    expect(outcome).toMatchObject({ kind: "exited", code: 0, errors: "" });
    expect(outcome.kind === "exited" && outcome.output.toString()).toBe("");
    await rm(directory, { recursive: true });
  });

  it("belongs to that user also when it has many files", async () => {
    const repo = await world.server.repository("crowded");
    const files = Object.fromEntries(
      Array.from({ length: 400 }, (_, index) => [`d/f${index}`, "x"]),
    );
    await repo.commit(files);
    const directory = await checkOut("crowded", { owner: OWNER });
    for (const path of await paths(join(directory, "d"))) {
      expect((await lstat(join(directory, "d", path))).uid).toBe(OWNER.uid);
    }
    await rm(directory, { recursive: true });
  });
});

it("shares no file with the mirror when it belongs to Bindery's own user", async () => {
  const repo = await world.server.repository("unshared");
  await repo.commit({ "a.txt": "1" });
  const directory = await checkOut("unshared", {});
  for (const path of await paths(directory)) {
    const look = await lstat(join(directory, path));
    expect([path, look.isFile() ? look.nlink : 1]).toEqual([path, 1]);
  }
  await rm(directory, { recursive: true });
});

it("is not changed by what a session does to another", async () => {
  const repo = await world.server.repository("poison");
  await repo.commit({ "a.txt": "1" });
  const first = await checkOut("poison", {});
  for (const path of await paths(join(first, ".git"))) {
    const full = join(first, ".git", path);
    if (!(await lstat(full)).isFile()) continue;
    await chmod(full, 0o644);
    await writeFile(full, "poison");
  }
  await writeFile(join(first, "a.txt"), "poison");
  const second = await checkOut("poison", {});
  expect(await contentOf(second)).toEqual({ "a.txt": "1" });
  expect(await git(second, ["status", "--porcelain"])).toBe("");
  await rm(first, { recursive: true });
  await rm(second, { recursive: true });
});

it("names no place on this machine and no credentials in its .git", async () => {
  const repo = await world.server.repository("secretive");
  await repo.commit({ "a.txt": "1" });
  const directory = await checkOut("secretive", {});
  const texts: string[] = [];
  for (const path of await paths(join(directory, ".git"))) {
    const full = join(directory, ".git", path);
    if ((await lstat(full)).isFile()) texts.push(await readFile(full, "latin1"));
  }
  expect(texts.length).toBeGreaterThan(4);
  expect(texts.filter((text) => text.includes(world.folder))).toEqual([]);
  await rm(directory, { recursive: true });
});

it("stands on the branch that was asked for, or on the commit", async () => {
  const repo = await world.server.repository("heads");
  const commit = await repo.commit({ "a.txt": "1" }, { branch: 'odd"branch/é' });
  await repo.tag("v1", commit, "annotated");
  const url = world.server.url("heads");
  const branch = await world.open(world.repo(url, 'odd"branch/é'));
  expect(await git(branch, ["symbolic-ref", "HEAD"])).toBe('refs/heads/odd"branch/é');
  expect(await git(branch, ["rev-parse", "--abbrev-ref", "@{upstream}"])).toBe(
    'origin/odd"branch/é',
  );
  const tag = await world.open(world.repo(url, "v1"));
  expect(await git(tag, ["describe", "--tags"])).toBe("v1");
  const detached = await world.open(world.repo(url, commit));
  expect(await git(detached, ["rev-parse", "--abbrev-ref", "HEAD"])).toBe("HEAD");
});

it("ends with what was aborted, and throws so", async () => {
  const repo = await world.server.repository("aborted");
  await repo.commit({ "a.txt": "1" });
  const resolved = await world.resolve(world.repo(world.server.url("aborted")));
  await world.fetch(resolved);
  const directory = await world.newDirectory();
  await expect(
    world.source.checkout(resolved, directory, AbortSignal.abort()),
  ).rejects.toMatchObject({ failure: { code: "launch-cancelled" } });
});

it("fails as a fault of the machine when the directory cannot be written", async () => {
  const repo = await world.server.repository("nowhere");
  await repo.commit({ "a.txt": "1" });
  const resolved = await world.resolve(world.repo(world.server.url("nowhere")));
  await world.fetch(resolved);
  const file = join(world.folder, "a-file");
  await writeFile(file, "");
  await expect(world.source.checkout(resolved, file, NEVER)).rejects.toThrow("ENOTDIR");
});
