/** Hosts: which may be asked, how they are asked, and what of the asking stays secret. */
import { stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { parseGitUrl } from "#core/repo/git-url.ts";
import { followRedirect } from "#drivers/git/follow-redirect.ts";
import { createGitTool } from "#drivers/git/git-tool.ts";
import { pinnedRemote, type Remote } from "#drivers/git/open-remote.ts";
import { git, gitmodules, writeFolder } from "../fixtures/git-repository.ts";
import {
  contentOf,
  createRepoSourceWorld,
  type RepoSourceWorld,
} from "../fixtures/repo-source-world.ts";

const NEVER = new AbortController().signal;
const SERVED = { allowPrivateHosts: false, allowLocalRepos: false };
const lookup = (address: string) => () => Promise.resolve([{ address, family: 4 }]);

let world: RepoSourceWorld;
beforeAll(async () => {
  world = await createRepoSourceWorld();
  await (await world.server.repository("open")).commit({ "a.txt": "1" });
});
afterAll(() => world.close());

it("never connects to a private host for strangers, by address or by name", async () => {
  const options = { policy: { ...SERVED }, lookup: lookup("127.0.0.1") };
  const served = await createRepoSourceWorld(options);
  try {
    const { port } = served.server;
    for (const host of [
      "127.0.0.1",
      "localhost",
      "0x7f.1",
      "2130706433",
      "[::1]",
      "rebind.example.org",
    ]) {
      const repo = served.repo(`http://${host}:${port}/open.git`);
      expect(await served.resolveFailure(repo)).toMatchObject({ code: "host-refused" });
      const resolved = { ...repo, commit: "a".repeat(40) };
      expect(await served.fetchFailure(resolved)).toMatchObject({ code: "host-refused" });
    }
    for (const repo of [served.repo("/etc"), served.repo("file:///etc")]) {
      expect(await served.resolveFailure(repo)).toMatchObject({ code: "host-refused" });
    }
    expect(served.server.requests).toEqual([]);
  } finally {
    await served.close();
  }
});

/** As `openRemote` makes it for a public host, but tied to loopback. */
function pinnedToLoopback(path: string): Remote {
  const url = parseGitUrl(`http://repo.example.org:${world.server.port}${path}`);
  if (url.kind !== "network") throw new Error("not a network address");
  return pinnedRemote(url, ["127.0.0.1"]);
}

async function lsRemote(remote: Remote) {
  return await createGitTool({ PATH: process.env.PATH, HOME: world.folder }).run({
    args: ["ls-remote", "--", remote.url],
    cwd: world.folder,
    config: remote.config,
    env: remote.env,
    signal: NEVER,
    timeoutMs: 20_000,
  });
}

it("connects to the addresses that were checked, whatever the name means by then", async () => {
  const outcome = await lsRemote(pinnedToLoopback("/open.git"));
  expect(outcome).toMatchObject({ kind: "exited", code: 0 });
});

it("lets Git follow no redirect of a checked host by itself", async () => {
  world.server.rule("moved", { kind: "redirect", to: world.server.url("open") });
  world.server.requests.length = 0;
  const outcome = await lsRemote(pinnedToLoopback("/moved.git"));
  expect(outcome.kind === "exited" && outcome.errors).toContain("returned error: 301");
  expect(world.server.requests.filter((seen) => seen.includes("/open.git"))).toEqual([]);
});

it("follows a redirect of a checked host only to a checked host", async () => {
  const follow = (to: string, address: string) => {
    world.server.rule("moved", { kind: "redirect", to });
    const options = { policy: SERVED, lookup: lookup(address), signal: NEVER };
    return followRedirect(pinnedToLoopback("/moved.git"), options);
  };
  const refused = { failure: { code: "host-refused" } };
  await expect(follow(world.server.url("open"), "127.0.0.1")).rejects.toMatchObject(refused);
  await expect(follow("http://x.example.org/r", "10.0.0.1")).rejects.toMatchObject(refused);
  await expect(follow("file:///etc", "1.1.1.1")).rejects.toMatchObject(refused);
});

it("goes on with a redirect to a public host, by the addresses that were checked", async () => {
  world.server.rule("moved", { kind: "redirect", to: "http://elsewhere.example.org/r.git" });
  const controller = new AbortController();
  const asked: string[] = [];
  const answer = followRedirect(pinnedToLoopback("/moved.git"), {
    policy: SERVED,
    signal: controller.signal,
    lookup: (host) => {
      asked.push(host);
      // Nobody needs to be connected to: that it was allowed is enough.
      controller.abort();
      return lookup("192.0.2.1")();
    },
  });
  await expect(answer).rejects.toMatchObject({ failure: { code: "repo-unreachable" } });
  expect(asked).toEqual(["elsewhere.example.org"]);
});

it("follows a renamed repository on one's own machine", async () => {
  world.server.rule("renamed", { kind: "redirect", to: world.server.url("open") });
  const directory = await world.open(world.repo(world.server.url("renamed")));
  expect(await contentOf(directory)).toEqual({ "a.txt": "1" });
});

it("checks the hosts of submodules too", async () => {
  const strict = await createRepoSourceWorld({ policy: { allowPrivateHosts: false } });
  try {
    const folder = join(strict.folder, "top");
    await writeFolder(folder, {
      ".gitmodules": gitmodules({ lib: strict.server.url("lib") }),
    });
    await git(folder, ["init", "--quiet", "--initial-branch=main"]);
    await git(folder, ["add", ".gitmodules"]);
    const cacheinfo = `160000,${"1".repeat(40)},lib`;
    await git(folder, ["update-index", "--add", "--cacheinfo", cacheinfo]);
    await git(folder, ["commit", "--quiet", "-m", "One"]);
    const resolved = await strict.resolve(strict.repo(folder, "main"));
    expect(await strict.fetchFailure(resolved)).toMatchObject({
      code: "host-refused",
      detail: { file: "lib" },
    });
    expect(strict.server.requests).toEqual([]);
  } finally {
    await strict.close();
  }
});

it.each([
  ["a folder of this machine", "file:///etc"],
  ["a path of this machine", "/etc"],
  ["a program", "ext::sh -c 'touch /tmp/bindery-evil'"],
  ["an option", "-u./evil"],
  ["credentials", "https://user:s3cret@example.org/r"],
])("refuses a submodule that names %s", async (what, url) => {
  const name = `sub-${what.replaceAll(" ", "-")}`;
  const repo = await world.server.repository(name);
  await repo.commit({
    lib: { submodule: "1".repeat(40) },
    ".gitmodules": gitmodules({ lib: url }),
  });
  const failure = await world.fetchFailure(await world.resolve(world.repo(world.server.url(name))));
  expect(failure.code).toBe("repo-unsafe");
  expect(JSON.stringify(failure)).not.toContain("s3cret");
  await expect(stat("/tmp/bindery-evil")).rejects.toThrow("ENOENT");
});

it("reads a private repository by Git's own credentials helper, and shows them to nobody", async () => {
  const repo = await world.server.repository("private");
  await repo.commit({ "a.txt": "private" });
  world.server.rule("private", { kind: "private", user: "me", password: "s3cret" });
  const url = world.server.url("private");
  expect(await world.resolveFailure(world.repo(url))).toMatchObject({ code: "repo-not-found" });
  const helper = "!f() { echo username=me; echo password=s3cret; }; f";
  await writeFile(join(world.folder, ".gitconfig"), `[credential]\n\thelper = "${helper}"\n`);
  const directory = await world.open(world.repo(url));
  expect(await contentOf(directory)).toEqual({ "a.txt": "private" });
  const inside = await git(directory, ["config", "--list", "--local"]);
  expect(`${inside}\n${world.logged.join("\n")}`).not.toContain("s3cret");
});

it("ends a resolve that the host lets hang, at the time limit", async () => {
  const hasty = await createRepoSourceWorld({ policy: { resolveTimeoutMs: 200 } });
  try {
    hasty.server.rule("hangs", { kind: "stall" });
    const failure = await hasty.resolveFailure(hasty.repo(hasty.server.url("hangs")));
    expect(failure).toMatchObject({ code: "repo-unreachable", retriable: true });
  } finally {
    await hasty.close();
  }
});
