/** Local folders as repositories: as they are now, and never written to. */
import { chmod, lstat, mkdir, readdir, rm, stat, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { git, writeFolder } from "../fixtures/git-repository.ts";
import {
  contentOf,
  createRepoSourceWorld,
  type RepoSourceWorld,
} from "../fixtures/repo-source-world.ts";

let world: RepoSourceWorld;
beforeAll(async () => {
  world = await createRepoSourceWorld();
});
afterAll(() => world.close());

const folderOf = (name: string) => join(world.folder, name);

/** Everything below a folder, `.git` too, to see that nothing was touched. */
async function state(folder: string): Promise<string> {
  const lines: string[] = [];
  for (const path of await readdir(folder, { recursive: true })) {
    const { mtimeMs, size, mode } = await lstat(join(folder, path));
    lines.push(`${path} ${mtimeMs} ${size} ${mode}`);
  }
  return lines.toSorted().join("\n");
}

async function workTree(name: string): Promise<string> {
  const folder = folderOf(name);
  await writeFolder(folder, {
    ".gitignore": "*.log\nforced.dat\n",
    "tracked.txt": "tracked",
    "forced.dat": "tracked although ignored",
    "debug.log": "ignored",
    "deleted.txt": "deleted",
  });
  await git(folder, ["init", "--quiet", "--initial-branch=main"]);
  await git(folder, ["add", "--force", ".gitignore", "tracked.txt", "forced.dat", "deleted.txt"]);
  await git(folder, ["commit", "--quiet", "-m", "One"]);
  await rm(join(folder, "deleted.txt"));
  return folder;
}

it("takes what is tracked and what is new but not ignored, as it is now", async () => {
  const folder = await workTree("as-it-is");
  await writeFile(join(folder, "tracked.txt"), "changed");
  await writeFile(join(folder, "new.txt"), "new");
  const before = await state(folder);
  const directory = await world.open(world.repo(folder));
  expect(await contentOf(directory)).toEqual({
    ".gitignore": "*.log\nforced.dat\n",
    "tracked.txt": "changed",
    "forced.dat": "tracked although ignored",
    "new.txt": "new",
  });
  expect(await state(folder)).toBe(before);
});

it("gives equal content an equal hash, and other content another", async () => {
  const folder = await workTree("hash");
  const first = await world.resolve(world.repo(folder));
  const again = await world.resolve(world.repo(folder));
  expect(again.commit).toBe(first.commit);
  await writeFile(join(folder, "tracked.txt"), "changed");
  const changed = await world.resolve(world.repo(folder));
  expect(changed.commit).not.toBe(first.commit);
  await writeFile(join(folder, "tracked.txt"), "tracked");
  expect((await world.resolve(world.repo(folder))).commit).toBe(first.commit);
});

it("forgets a file that is no longer there, also when a folder takes its place", async () => {
  const folder = folderOf("replaced");
  await writeFolder(folder, { thing: "a file", other: "stays" });
  await world.resolve(world.repo(folder));
  await rm(join(folder, "thing"));
  await writeFolder(folder, { "thing/inside": "a folder" });
  expect(await contentOf(await world.open(world.repo(folder)))).toEqual({
    "thing/inside": "a folder",
    other: "stays",
  });
});

it("takes a folder that is no repository, with its own .gitignore", async () => {
  const folder = folderOf("plain folder");
  await writeFolder(folder, {
    "a b.txt": "1",
    'new\nline "q".txt': "2",
    "d/.gitignore": "x\n",
    "d/x": "ignored",
    "run.sh": { executable: "#!/bin/sh\n" },
    link: { symlink: "d/.gitignore" },
  });
  const before = await state(folder);
  const directory = await world.open(world.repo(folder));
  expect(await contentOf(directory)).toEqual({
    "a b.txt": "1",
    'new\nline "q".txt': "2",
    "d/.gitignore": "x\n",
    "run.sh*": "#!/bin/sh\n",
    link: "-> d/.gitignore",
  });
  expect(await git(directory, ["status", "--porcelain"])).toBe("");
  expect(await git(directory, ["log", "--format=%s"])).toBe("The folder as it was at the launch");
  expect(await git(directory, ["remote"])).toBe("");
  expect(await state(folder)).toBe(before);
});

it("takes nested repositories as content", async () => {
  const folder = await workTree("outer");
  const nested = join(folder, "nested");
  await writeFolder(nested, { "n.txt": "nested", "skip.log": "x", ".gitignore": "*.log\n" });
  await git(nested, ["init", "--quiet"]);
  await git(nested, ["add", "n.txt"]);
  await git(nested, ["commit", "--quiet", "-m", "Nested"]);
  await git(folder, ["-c", "advice.addEmbeddedRepo=false", "add", "nested"]);
  const tracked = await contentOf(await world.open(world.repo(folder)));
  expect(tracked).toMatchObject({ "nested/n.txt": "nested", "tracked.txt": "tracked" });
  expect(tracked).not.toHaveProperty("nested/skip.log");
});

it("takes a ref of a local repository from its commits, not from its files", async () => {
  const folder = await workTree("committed");
  const commit = await git(folder, ["rev-parse", "HEAD"]);
  await writeFile(join(folder, "tracked.txt"), "changed");
  for (const ref of ["main", commit]) {
    const directory = await world.open(world.repo(folder, ref));
    expect(await contentOf(directory)).toMatchObject({
      "tracked.txt": "tracked",
      "deleted.txt": "deleted",
    });
  }
  const byUrl = await world.open(world.repo(`file://${folder}`));
  expect(await contentOf(byUrl)).toMatchObject({ "tracked.txt": "tracked" });
});

it("takes a bare repository's default branch", async () => {
  const bare = await world.server.repository("bare");
  const commit = await bare.commit({ "a.txt": "1" });
  const resolved = await world.resolve(world.repo(bare.path));
  expect(resolved).toMatchObject({ commit, refName: "refs/heads/main" });
});

it("runs nothing that the folder's own configuration names", async () => {
  const folder = await workTree("hooked");
  const trace = folderOf("trace");
  const script = join(folder, "evil.sh");
  await writeFile(script, `#!/bin/sh\necho ran >> ${trace}\n`);
  await chmod(script, 0o755);
  await git(folder, ["config", "core.fsmonitor", script]);
  await git(folder, ["config", "filter.evil.clean", script]);
  await git(folder, ["config", "uploadpack.packObjectsHook", script]);
  await git(folder, ["config", "core.sshCommand", script]);
  await writeFile(join(folder, ".gitattributes"), "* filter=evil\n");
  await mkdir(join(folder, ".git", "hooks"), { recursive: true });
  await symlink(script, join(folder, ".git", "hooks", "post-index-change"));
  await world.open(world.repo(folder));
  await world.open(world.repo(folder, "main"));
  await expect(stat(trace)).rejects.toThrow("ENOENT");
});

it("says what is wrong with a folder", async () => {
  const plain = folderOf("no repository");
  await writeFolder(plain, { "a.txt": "1" });
  expect(await world.resolveFailure(world.repo(folderOf("absent")))).toMatchObject({
    code: "repo-not-found",
  });
  expect(await world.resolveFailure(world.repo(join(plain, "a.txt")))).toMatchObject({
    code: "repo-not-found",
  });
  expect(await world.resolveFailure(world.repo(plain, "main"))).toMatchObject({
    code: "ref-not-found",
    message: expect.stringContaining("not a Git repository"),
  });
  const folder = await workTree("few refs");
  expect(await world.resolveFailure(world.repo(folder, "mian"))).toMatchObject({
    code: "ref-not-found",
    detail: { suggestions: ["main"] },
  });
});

it("refuses a link that leaves the folder", async () => {
  const folder = folderOf("leaving");
  await writeFolder(folder, { "d/out": { symlink: "../../elsewhere" } });
  const failure = await world.fetchFailure(await world.resolve(world.repo(folder)));
  expect(failure).toMatchObject({ code: "repo-unsafe", detail: { file: "d/out" } });
});

it("leaves Bindery's own data out of a folder that holds it", async () => {
  await writeFolder(folderOf("."), { "mine.txt": "mine" });
  const resolved = await world.resolve(world.repo(world.folder));
  const { files } = await world.fetch(resolved);
  expect(files.map(({ path }) => path)).toContain("mine.txt");
  expect(files.filter(({ path }) => path.startsWith("data/"))).toEqual([]);
});
