/** Servers that wait for people: handed over whole, adopted after a crash, never given twice. */
import { afterAll, beforeAll, expect, test } from "vitest";
import type { SessionView } from "#client/views.ts";
import {
  type Bindery,
  follow,
  keepersIn,
  makeServedDir,
  removeServedDir,
  startAgain,
  startBindery,
} from "../fixtures/e2e-bindery.ts";
import { PLAIN_TREE } from "../fixtures/e2e-repositories.ts";
import { sessionOf } from "../fixtures/e2e-session.ts";
import { type GitServer, startGitServer } from "../fixtures/git-server.ts";
import { eventually } from "../fixtures/session-world.ts";

let git: GitServer;
let dataDir: string;
let bindery: Bindery;

beforeAll(async () => {
  git = await startGitServer();
  await (await git.repository("plain")).commit(PLAIN_TREE);
  dataDir = await makeServedDir();
  bindery = await startBindery(dataDir, { warmServersMax: 1 });
  await follow(bindery, { repo: git.url("plain"), buildOnly: true }).ready;
});
afterAll(async () => {
  await bindery?.stop();
  await git?.stop();
  await removeServedDir(dataDir);
});

function warmServer(): Promise<SessionView> {
  return eventually(
    async () => {
      const sessions = await bindery.client.listSessions();
      return sessions.find(({ purpose, state }) => purpose === null && state.kind === "running");
    },
    "a warm server waits",
    60_000,
  );
}

async function expectGiven(id: string): Promise<void> {
  const found = await bindery.client.getSession(id);
  expect(found).toMatchObject({ state: { kind: "running" }, claimedAtMs: expect.any(Number) });
}

test("a person gets the server that waits, with content, kernel and variables of the repository", async () => {
  const warm = await warmServer();
  const result = await follow(bindery, { repo: git.url("plain") }).ready;
  expect(result.sessionId).toBe(warm.id);
  await expectGiven(warm.id);
  const session = sessionOf(bindery, result);
  const code = `
import os, sys
print(open("data.txt").read(), end="")
print(os.path.realpath(sys.prefix).endswith(${JSON.stringify(result.environmentKey)}))
print(os.environ["BINDER_REPO_URL"])`;
  const answer = await session.run(await session.startKernel(), code);
  expect(answer.split("\n")).toEqual(["42", "True", git.url("plain"), ""]);
  const { kernelspecs } = JSON.parse((await session.get("api/kernelspecs")).text);
  // Whatever kernels this machine has for its own users.
  expect(Object.keys(kernelspecs)).toEqual(["python3"]);
  await bindery.client.stopSession(warm.id);
});

test("two people at once get two servers", async () => {
  const warm = await warmServer();
  const launches = [1, 2].map(() => follow(bindery, { repo: git.url("plain") }));
  const results = await Promise.all(launches.map(({ ready }) => ready));
  const ids = results.map(({ sessionId }) => sessionId ?? "");
  expect(new Set(ids).size).toBe(2);
  expect(ids).toContain(warm.id);
  for (const id of ids) {
    await expectGiven(id);
    await bindery.client.stopSession(id);
  }
});

test("a server that waits is adopted after a crash, and is handed over then", async () => {
  const warm = await warmServer();
  await bindery.killAll();
  bindery = await startAgain(bindery);
  expect((await warmServer()).id).toBe(warm.id);
  expect(keepersIn(dataDir)).toHaveLength(1);
  const result = await follow(bindery, { repo: git.url("plain") }).ready;
  expect(result.sessionId).toBe(warm.id);
  expect((await sessionOf(bindery, result).get("lab")).status).toBe(200);
});
