/** Killed outright, at any moment: nothing is lost, and whoever waits gets there. */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import type { Browser, BrowserContext } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  type Bindery,
  follow,
  keepersIn,
  makeServedDir,
  removeServedDir,
  startAgain,
  startBindery,
} from "../fixtures/e2e-bindery.ts";
import { launchBrowser, openPage, type WatchedPage } from "../fixtures/e2e-browser.ts";
import { PLAIN_TREE, SLOW_START_TREE, slowBuildTree } from "../fixtures/e2e-repositories.ts";
import { type Session, sessionOf } from "../fixtures/e2e-session.ts";
import { type GitServer, startGitServer } from "../fixtures/git-server.ts";
import { askServer } from "../fixtures/jupyter-client.ts";
import { eventually } from "../fixtures/session-world.ts";

let git: GitServer;
let dataDir: string;
let bindery: Bindery;
let browser: Browser;
let context: BrowserContext;

beforeAll(async () => {
  git = await startGitServer();
  for (const name of ["one", "two"]) {
    await (await git.repository(name)).commit(slowBuildTree(name, 5));
  }
  await (await git.repository("slow-start")).commit(SLOW_START_TREE);
  await (await git.repository("plain")).commit(PLAIN_TREE);
  dataDir = await makeServedDir();
  bindery = await startBindery(dataDir);
  browser = await launchBrowser();
  context = await browser.newContext();
});
afterAll(async () => {
  await browser?.close();
  await bindery?.stop();
  await git?.stop();
  await removeServedDir(dataDir);
});

/** That nobody answers for a moment is what the page is prepared for. */
const isOurFault = (problem: string) => !problem.startsWith("503 ");
const hasBegun = (message: string) => message.endsWith("has begun");
const halfMade = () =>
  readdirSync(join(dataDir, "building")).filter((name) => !name.startsWith("."));

/** A launch page whose log says that the build is under way. */
async function pageOf(name: string): Promise<WatchedPage> {
  const watched = await openPage(context);
  const { page } = watched;
  await page.goto(`${bindery.url}/v2/git/${encodeURIComponent(git.url(name))}/main`);
  await page.locator("#log-container summary").click();
  await page.locator(".xterm-rows").getByText(`${name} has begun`).waitFor();
  return watched;
}

async function expectArrival({ page, problems }: WatchedPage): Promise<void> {
  await page.waitForURL(/\/user\//, { waitUntil: "commit" });
  expect(problems.filter(isOurFault)).toEqual([]);
  await page.close();
}

describe("in the middle of a build", () => {
  test("the control plane: launch and page go on, and one environment comes of it", async () => {
    const launch = follow(bindery, { repo: git.url("one") });
    await launch.until("the build has begun", ({ message }) => hasBegun(message));
    const watched = await pageOf("one");
    expect(halfMade()).not.toEqual([]);
    await bindery.kill("control");
    const { environmentKey } = await launch.ready;
    await expectArrival(watched);
    expect(launch.events.filter(({ message }) => hasBegun(message))).toHaveLength(2);
    expect(launch.events.filter(({ phase }) => phase === "failed")).toEqual([]);
    const environments = await bindery.client.listEnvironments();
    expect(environments.map(({ key }) => key)).toEqual([environmentKey]);
    expect(halfMade()).toEqual([]);
  });

  test("all of Bindery: the page goes on by itself once it is started again", async () => {
    const watched = await pageOf("two");
    await bindery.killAll();
    await watched.page.getByText("The connection is gone. Trying again").waitFor();
    bindery = await startAgain(bindery);
    await expectArrival(watched);
    expect(halfMade()).toEqual([]);
  });
});

describe("in the middle of a session's start", () => {
  test.each(["control", "all"] as const)("%s: the same session becomes ready", async (what) => {
    const before = new Set(keepersIn(dataDir));
    const launch = follow(bindery, { repo: git.url("slow-start") });
    await launch.until("it is launching", ({ phase }) => phase === "launching");
    const [keeper] = await eventually(() => {
      const started = keepersIn(dataDir).filter((pid) => !before.has(pid));
      return started.length > 0 && started;
    }, "the keeper runs");
    if (what === "control") await bindery.kill("control");
    else {
      await bindery.killAll();
      bindery = await startAgain(bindery);
    }
    const { sessionId } = await launch.ready;
    const sessions = await bindery.client.listSessions();
    const own = sessions.filter(({ purpose }) => purpose?.launchId === launch.id);
    expect(own.map(({ id, state }) => [id, state.kind])).toEqual([[sessionId, "running"]]);
    expect(keepersIn(dataDir)).toContain(keeper);
    await bindery.client.stopSession(sessionId ?? "");
  });
});

describe("under a running kernel", () => {
  let session: Session;
  let kernel: string;

  beforeAll(async () => {
    const result = await follow(bindery, { repo: git.url("plain") }).ready;
    session = sessionOf(bindery, result);
    kernel = await session.startKernel();
    await session.run(kernel, "answer = 42");
  });

  test("the control plane: the session answers all the while, and open sockets stay open", async () => {
    const statuses = new Set<number>();
    let isDown = true;
    const asking = (async () => {
      while (isDown) statuses.add((await session.get("api/status")).status);
    })();
    const code = "import os\nwhile not os.path.exists('go'): pass\nprint(answer)";
    const answer = session.run(kernel, code);
    await eventually(async () => {
      const { text } = await session.get(`api/kernels/${kernel}`);
      return text.includes('"busy"');
    }, "the kernel is busy");
    await bindery.kill("control");
    const put = { type: "file", format: "text", content: "" };
    await askServer(session, { method: "PUT", path: "api/contents/go", body: put });
    expect(await answer).toBe("42\n");
    await eventually(() => bindery.client.limits().catch(() => null), "the API answers again");
    isDown = false;
    await asking;
    expect([...statuses]).toEqual([200]);
  });

  test("the gateway: the session is there again, with the same kernel", async () => {
    await bindery.kill("gateway");
    await untilAnswers(session);
    expect(await session.run(kernel, "print(answer)")).toBe("42\n");
    expect(await bindery.client.listSessions()).toContainEqual(
      expect.objectContaining({ id: session.id, state: { kind: "running" } }),
    );
  });

  test("all of Bindery: started again, it has the session with the same kernel", async () => {
    await bindery.killAll();
    await expect(session.get("api/status")).rejects.toThrow(/ECONN(REFUSED|RESET)/);
    bindery = await startAgain(bindery);
    await untilAnswers(session);
    expect(await session.run(kernel, "print(answer)")).toBe("42\n");
    expect(await bindery.client.listSessions()).toContainEqual(
      expect.objectContaining({ id: session.id, state: { kind: "running" } }),
    );
    await bindery.client.stopSession(session.id);
    expect((await session.get("lab")).status).toBe(424);
  });
});

async function untilAnswers(session: Session): Promise<void> {
  await eventually(async () => {
    const answer = await session.get("api/status").catch(() => null);
    return answer?.status === 200;
  }, "the session answers again");
}
