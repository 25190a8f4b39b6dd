/** What every source of repositories promises (src/ports/repo-source.ts), against a real Git server. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { git, gitmodules } from "../fixtures/git-repository.ts";
import {
  contentOf,
  createRepoSourceWorld,
  type MakeRepoSource,
  type RepoSourceWorld,
} from "../fixtures/repo-source-world.ts";

const NEVER = new AbortController().signal;
const QUIET = { signal: NEVER, onLine: () => undefined };

/** One world for all: each test has a repository of its own. */
export function describeRepoSource(name: string, make: MakeRepoSource): void {
  describe(`${name}, as a source of repositories,`, () => {
    let world: RepoSourceWorld;
    beforeAll(async () => {
      world = await createRepoSourceWorld({ make });
    });
    afterAll(() => world.close());
    resolving(() => world);
    fetching(() => world);
    checkingOut(() => world);
  });
}

function resolving(at: () => RepoSourceWorld): void {
  it("resolves branches, tags and hashes exactly", async () => {
    const world = at();
    const repo = await world.server.repository("exact");
    const [one, two, three] = [
      await repo.commit({ a: "1" }),
      await repo.commit({ a: "2" }, { branch: "feature/main" }),
      await repo.commit({ a: "3" }, { branch: "other" }),
    ];
    const tag = await repo.tag("v1", three, "an annotated tag");
    await repo.branch("refs/pull/7/head", two);
    const commitOf = async (ref: string | null) =>
      (await world.resolve(world.repo(world.server.url("exact"), ref))).commit;
    expect(await commitOf(null)).toBe(one);
    expect(await commitOf("main")).toBe(one);
    expect(await commitOf("feature/main")).toBe(two);
    expect(await commitOf("refs/pull/7/head")).toBe(two);
    expect(tag).not.toBe(three);
    expect(await commitOf("v1")).toBe(three);
    expect(await commitOf("f".repeat(40))).toBe("f".repeat(40));
  });

  it("follows a branch that moves", async () => {
    const world = at();
    const repo = await world.server.repository("moving");
    const url = world.server.url("moving");
    const first = await repo.commit({ a: "1" });
    expect((await world.resolve(world.repo(url))).commit).toBe(first);
    const second = await repo.commit({ a: "2" });
    expect((await world.resolve(world.repo(url))).commit).toBe(second);
  });

  it("finds out where the ref of a page's address ends", async () => {
    const world = at();
    const repo = await world.server.repository("pages");
    const commit = await repo.commit({ a: "1" }, { branch: "feature/x" });
    const asked = { ...world.repo(world.server.url("pages"), "feature"), path: "x/d/n.ipynb" };
    const { ref, path, commit: found } = await world.resolve(asked);
    expect({ ref, path, found }).toEqual({ ref: "feature/x", path: "d/n.ipynb", found: commit });
  });

  it("says what is wrong with what cannot be resolved", async () => {
    const world = at();
    const { server } = world;
    await server.repository("empty");
    const headless = await server.repository("headless");
    await headless.commit({ a: "1" }, { branch: "develop" });
    const full = await server.repository("full");
    await full.commit({ a: "1" }, { branch: "release-2024" });
    await server.repository("locked");
    server.rule("locked", { kind: "private", user: "u", password: "p" });
    server.rule("broken", { kind: "status", status: 503 });
    const failureOf = (repo: string, ref?: string) =>
      world.resolveFailure(world.repo(server.url(repo), ref ?? null));
    expect(await failureOf("empty")).toMatchObject({ code: "repo-empty", fault: "repository" });
    expect(await failureOf("headless")).toMatchObject({
      code: "default-branch-missing",
      detail: { suggestions: ["develop"] },
    });
    expect(await failureOf("full", "release-2042")).toMatchObject({
      code: "ref-not-found",
      detail: { suggestions: ["release-2024"] },
    });
    expect(await failureOf("gone")).toMatchObject({ code: "repo-not-found", retriable: false });
    expect(await failureOf("locked")).toMatchObject({ code: "repo-not-found" });
    expect(await failureOf("broken")).toMatchObject({ code: "repo-unreachable", retriable: true });
    const page = await world.resolveFailure(world.repo(`${server.origin}/not-git`));
    expect(page).toMatchObject({ code: "repo-not-found" });
  });

  it("stops resolving when told to", async () => {
    const world = at();
    await world.server.repository("stalled");
    world.server.rule("stalled", { kind: "stall" });
    const controller = new AbortController();
    const answer = world.source.resolve(world.repo(world.server.url("stalled")), controller.signal);
    await world.server.requested("/stalled.git/info/refs");
    controller.abort();
    expect(await answer).toMatchObject({ kind: "failed", failure: { code: "launch-cancelled" } });
  });
}

function fetching(at: () => RepoSourceWorld): void {
  it("lists the commit's files and gives the contents that a planner may ask for", async () => {
    const world = at();
    const repo = await world.server.repository("listed");
    await repo.commit({
      "requirements.txt": "numpy\n",
      "binder/postBuild": { executable: "#!/bin/sh\n" },
      "binder/apt.txt": { symlink: "../lists/apt" },
      "lists/apt": "graphviz\n",
      "runtime.txt": new Uint8Array([0xff, 0xfe]),
      "notebook.ipynb": "{}",
    });
    const resolved = await world.resolve(world.repo(world.server.url("listed")));
    const { files, contents } = await world.fetch(resolved);
    expect(files.map(({ path, kind, sizeBytes }) => [path, kind, sizeBytes])).toEqual([
      ["binder/apt.txt", "symlink", 12],
      ["binder/postBuild", "executable", 10],
      ["lists/apt", "file", 9],
      ["notebook.ipynb", "file", 2],
      ["requirements.txt", "file", 6],
      ["runtime.txt", "file", 2],
    ]);
    expect(Object.fromEntries(contents)).toEqual({
      "requirements.txt": "numpy\n",
      "binder/postBuild": "#!/bin/sh\n",
      "binder/apt.txt": "graphviz\n",
      "runtime.txt": null,
    });
  });

  it("asks nobody for a commit that is known, also after a restart", async () => {
    const world = at();
    const repo = await world.server.repository("known");
    await repo.commit({ "a.txt": "1" });
    const resolved = await world.resolve(world.repo(world.server.url("known")));
    const first = await world.fetch(resolved);
    world.server.requests.length = 0;
    expect(await world.fetch(resolved)).toEqual(first);
    const again = await world.restart().fetch(resolved, QUIET);
    expect(again).toEqual({ kind: "fetched", snapshot: first });
    expect(world.server.requests).toEqual([]);
  });

  it("fetches once for all who ask at the same time", async () => {
    const world = at();
    const repo = await world.server.repository("crowd");
    await repo.commit({ "a.txt": "1" });
    const resolved = await world.resolve(world.repo(world.server.url("crowd")));
    world.server.requests.length = 0;
    const all = await Promise.all(Array.from({ length: 8 }, () => world.fetch(resolved)));
    expect(all.every(({ files }) => files.length === 1)).toBe(true);
    expect(world.server.requests.filter((seen) => seen.startsWith("GET"))).toHaveLength(1);
  });

  it("fetches a commit that no ref names any more", async () => {
    const world = at();
    const repo = await world.server.repository("old-commit");
    const old = await repo.commit({ "a.txt": "old" });
    await repo.commit({ "a.txt": "new" });
    const directory = await world.open(world.repo(world.server.url("old-commit"), old));
    expect(await contentOf(directory)).toEqual({ "a.txt": "old" });
  });

  it("fetches from a host that gives only what its refs name", async () => {
    const world = at();
    const repo = await world.server.repository("old-host");
    world.server.rule("old-host", { kind: "old-protocol" });
    const old = await repo.commit({ "a.txt": "old" });
    const url = world.server.url("old-host");
    await repo.commit({ "a.txt": "new" });
    expect(await contentOf(await world.open(world.repo(url)))).toEqual({ "a.txt": "new" });
    expect(await contentOf(await world.open(world.repo(url, old)))).toEqual({ "a.txt": "old" });
  });

  it("says so when the repository has no such commit", async () => {
    const world = at();
    const repo = await world.server.repository("no-such");
    await repo.commit({ "a.txt": "1" });
    const asked = world.repo(world.server.url("no-such"), "e".repeat(40));
    const failure = await world.fetchFailure(await world.resolve(asked));
    expect(failure).toMatchObject({ code: "ref-not-found", fault: "person" });
  });

  it("fetches submodules, and theirs, each at its commit", async () => {
    const world = at();
    const { server } = world;
    const inner = await server.repository("group/inner");
    const outer = await server.repository("group/outer");
    const top = await server.repository("group/top");
    const innerCommit = await inner.commit({ "i.txt": "inner, then" });
    await inner.commit({ "i.txt": "inner, now" });
    const outerCommit = await outer.commit({
      "o.txt": "outer",
      "deep/inner": { submodule: innerCommit },
      ".gitmodules": gitmodules({ "deep/inner": "../inner.git" }),
    });
    await top.commit({
      "t.txt": "top",
      "up.txt": { symlink: "outer/o.txt" },
      outer: { submodule: outerCommit },
      forgotten: { submodule: outerCommit },
      ".gitmodules": gitmodules({ outer: server.url("group/outer") }),
    });
    const { ".gitmodules": _root, ...content } = await contentOf(
      await world.open(world.repo(server.url("group/top"))),
    );
    expect(content).toMatchObject({
      "t.txt": "top",
      "up.txt": "-> outer/o.txt",
      "outer/o.txt": "outer",
      "outer/deep/inner/i.txt": "inner, then",
    });
    expect(Object.keys(content)).toHaveLength(5);
  });

  it("names the submodule that cannot be had", async () => {
    const world = at();
    const repo = await world.server.repository("with-gone");
    await repo.commit({
      lib: { submodule: "1".repeat(40) },
      ".gitmodules": gitmodules({ lib: "../nowhere.git" }),
    });
    const resolved = await world.resolve(world.repo(world.server.url("with-gone")));
    const failure = await world.fetchFailure(resolved);
    expect(failure).toMatchObject({ code: "repo-not-found", detail: { file: "lib" } });
    expect(failure.message).toContain("submodule lib");
  });

  it.each([
    ["an absolute path", { "d/evil": { symlink: "/etc/passwd" } }, "d/evil"],
    ["too many steps up", { "d/evil": { symlink: "../../x" } }, "d/evil"],
    ["a link through a link", { up: { symlink: "." }, evil: { symlink: "up/../x" } }, "evil"],
  ])("refuses a symbolic link by %s", async (what, files, path) => {
    const world = at();
    const name = `links-${what.replaceAll(" ", "-")}`;
    const repo = await world.server.repository(name);
    await repo.commit(files);
    const resolved = await world.resolve(world.repo(world.server.url(name)));
    const failure = await world.fetchFailure(resolved);
    expect(failure).toMatchObject({ code: "repo-unsafe", detail: { file: path } });
    expect(failure.message).toContain(`"${path}"`);
  });

  it("refuses a link out of the whole by way of a submodule", async () => {
    const world = at();
    const sub = await world.server.repository("evil-sub");
    const commit = await sub.commit({ evil: { symlink: "../../x" } });
    const repo = await world.server.repository("evil-top");
    await repo.commit({
      sub: { submodule: commit },
      ".gitmodules": gitmodules({ sub: "../evil-sub.git" }),
    });
    const resolved = await world.resolve(world.repo(world.server.url("evil-top")));
    const failure = await world.fetchFailure(resolved);
    expect(failure).toMatchObject({ code: "repo-unsafe", detail: { file: "sub/evil" } });
  });

  it("stops fetching when told to, and fetches whole afterwards", async () => {
    const world = at();
    const repo = await world.server.repository("slow");
    await repo.commit({ "a.txt": "1" });
    const resolved = await world.resolve(world.repo(world.server.url("slow")));
    world.server.rule("slow", { kind: "stall-content" });
    world.server.requests.length = 0;
    const controller = new AbortController();
    const answer = world.source.fetch(resolved, { ...QUIET, signal: controller.signal });
    await world.server.requested("POST /slow.git/git-upload-pack");
    controller.abort();
    expect(await answer).toMatchObject({ kind: "failed", failure: { code: "launch-cancelled" } });
    world.server.rule("slow", { kind: "serve" });
    expect((await world.fetch(resolved)).files).toHaveLength(1);
  });
}

function checkingOut(at: () => RepoSourceWorld): void {
  it("writes every file as it is in the commit, whatever its name", async () => {
    const world = at();
    const repo = await world.server.repository("names");
    await repo.commit({
      "plain.txt": "plain\n",
      'quote " and \\ back.txt': "quoted",
      "new\nline.txt": "lines",
      "-dash": "dash",
      "ünï/cödé 文.txt": "unicode",
      "run.sh": { executable: "#!/bin/sh\n" },
      "link.txt": { symlink: "plain.txt" },
      "crlf.txt": "a\r\nb\r\n",
      "made.bat": "a\nb\n",
      ".gitattributes": "*.bat text eol=crlf\nplain.txt export-ignore\n",
    });
    const directory = await world.open(world.repo(world.server.url("names")));
    expect(await contentOf(directory)).toEqual({
      "plain.txt": "plain\n",
      'quote " and \\ back.txt': "quoted",
      "new\nline.txt": "lines",
      "-dash": "dash",
      "ünï/cödé 文.txt": "unicode",
      "run.sh*": "#!/bin/sh\n",
      "link.txt": "-> plain.txt",
      "crlf.txt": "a\r\nb\r\n",
      "made.bat": "a\r\nb\r\n",
      ".gitattributes": "*.bat text eol=crlf\nplain.txt export-ignore\n",
    });
  });

  it("leaves a .git in which log, status and pull work", async () => {
    const world = at();
    const repo = await world.server.repository("inside");
    await repo.commit({ "a.txt": "1" }, { message: "The first" });
    const commit = await repo.commit({ "a.txt": "2" }, { message: "The second" });
    const url = world.server.url("inside");
    const directory = await world.open(world.repo(url));
    expect(await git(directory, ["status", "--porcelain=v1", "--branch"])).toBe(
      "## main...origin/main",
    );
    expect(await git(directory, ["log", "--format=%H %s"])).toBe(`${commit} The second`);
    expect(await git(directory, ["remote", "-v"])).toContain(url);
    expect(await git(directory, ["fsck", "--strict"])).not.toContain("error");
    const next = await repo.commit({ "a.txt": "3", "b.txt": "new" });
    await git(directory, ["pull", "--quiet"]);
    expect(await git(directory, ["rev-parse", "HEAD"])).toBe(next);
    expect(await contentOf(directory)).toEqual({ "a.txt": "3", "b.txt": "new" });
  });

  it("gives each checkout its own content: one does not see what another did", async () => {
    const world = at();
    const repo = await world.server.repository("apart");
    const first = await repo.commit({ "a.txt": "1", "b.txt": "same" });
    const second = await repo.commit({ "a.txt": "2", "b.txt": "same" });
    const url = world.server.url("apart");
    const one = await world.open(world.repo(url, first));
    const other = await world.open(world.repo(url, second));
    await git(one, ["commit", "--allow-empty", "-m", "mine"]);
    expect(await contentOf(one)).toEqual({ "a.txt": "1", "b.txt": "same" });
    expect(await contentOf(other)).toEqual({ "a.txt": "2", "b.txt": "same" });
    expect(await git(other, ["log", "--format=%H"])).toBe(second);
    await expect(git(other, ["cat-file", "-t", first])).rejects.toThrow("could not get object");
    const third = await world.open(world.repo(url, second));
    expect(await git(third, ["log", "--format=%H"])).toBe(second);
  });

  it("can be repeated, and needs no network", async () => {
    const world = at();
    const repo = await world.server.repository("repeated");
    await repo.commit({ "a.txt": "1" });
    const resolved = await world.resolve(world.repo(world.server.url("repeated")));
    await world.fetch(resolved);
    world.server.requests.length = 0;
    for (let time = 0; time < 3; time++) {
      const directory = await world.newDirectory();
      await world.source.checkout(resolved, directory, NEVER);
      expect(await contentOf(directory)).toEqual({ "a.txt": "1" });
    }
    expect(world.server.requests).toEqual([]);
  });

  it("throws for a commit that was never fetched", async () => {
    const world = at();
    const never = { ...world.repo(world.server.url("never")), commit: "a".repeat(40) };
    const directory = await world.newDirectory();
    await expect(world.source.checkout(never, directory, NEVER)).rejects.toThrow("not here");
    expect(await contentOf(directory)).toEqual({});
  });
}
