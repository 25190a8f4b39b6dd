/** The pages in a real browser: from the address to the session, through failures and restarts. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { failure } from "#core/errors.ts";
import { systemClock } from "#drivers/system/clock.ts";
import { type ApiUnderTest, apiUnderTest } from "../fixtures/api-under-test.ts";
import { launchBrowser } from "../fixtures/e2e-browser.ts";
import { readySteps } from "../fixtures/scripted-control-plane.ts";
import { openTcpDoor, type TcpDoor } from "../fixtures/tcp-door.ts";

let browser: Browser;
let context: BrowserContext;
let page: Page;
let world: ApiUnderTest;
let door: TcpDoor;
let directory: string;
/** What a page must never cause: uncaught errors, refusals of the content policy. */
let problems: string[];

const socketPath = () => join(directory, "api.sock");

beforeAll(async () => {
  browser = await launchBrowser();
});
afterAll(async () => {
  await browser.close();
});

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "bindery-page-"));
  world = apiUnderTest({ clock: systemClock, options: { confirmForeignLinks: true } });
  await world.api.listen(socketPath());
  door = await openTcpDoor(socketPath());
  context = await browser.newContext();
  page = await context.newPage();
  problems = [];
  page.on("pageerror", (error) => problems.push(error.message));
  page.on("console", (message) => {
    if (/Content Security Policy|Refused to/i.test(message.text())) problems.push(message.text());
  });
  await page.route("**/user/**", (route) => route.fulfill({ body: "the session" }));
});

afterEach(async () => {
  await context.close();
  await door.close();
  await world.api.close();
  await rm(directory, { recursive: true });
  // oxlint-disable-next-line vitest/no-standalone-expect -- whatever the page did, it broke nothing
  expect(problems).toEqual([]);
});

/** Resolves with the id of the launch that the page submits next. */
function nextLaunch(): Promise<string> {
  return new Promise((resolve) => {
    world.controlPlane.onSubmit = ({ id }) => resolve(id);
  });
}

const line = (phase: "fetching" | "building", message: string) => ({ phase, message });

describe("from the start page", () => {
  it("an address leads to its session, with what is to be opened", async () => {
    await page.goto(`${door.url}/`);
    await page.getByLabel("Repository").fill("https://github.com/owner/name");
    await page.getByText("Branch, file").click();
    await page.getByLabel("Branch, tag or commit").fill("main");
    await page.getByLabel("File to open").fill("a b.ipynb");
    const launched = nextLaunch();
    await page.getByRole("button", { name: "Launch" }).click();
    const id = await launched;
    expect(page.url()).toBe(`${door.url}/v2/gh/owner/name/main?labpath=a%20b.ipynb`);
    expect(world.controlPlane.submitted[0]?.repo).toMatchObject({
      spec: "owner/name",
      ref: "main",
    });
    world.controlPlane.play(id, [line("fetching", "Cloning"), line("building", "Resolving")]);
    await page.locator('li[data-phase="building"][data-state="now"]').waitFor();
    world.controlPlane.play(id, readySteps("session-1", "the token&?"));
    await page.waitForURL("**/user/session-1/**");
    expect(page.url()).toBe(
      `${door.url}/user/session-1/doc/tree/a%20b.ipynb?token=the+token%26%3F`,
    );
  });

  it("an address that is not understood is said to be so, and kept", async () => {
    await page.goto(`${door.url}/`);
    await page.getByLabel("Repository").fill("no such thing");
    await page.getByRole("button", { name: "Launch" }).click();
    await page.getByRole("alert").getByText("is not understood").waitFor();
    expect(await page.getByLabel("Repository").inputValue()).toBe("no such thing");
    expect(world.controlPlane.submitted).toEqual([]);
  });

  it("works without scripts up to the launch", async () => {
    const plain = await browser.newContext({ javaScriptEnabled: false });
    const quiet = await plain.newPage();
    await quiet.goto(`${door.url}/`);
    await quiet.getByLabel("Repository").fill("gh/owner/name");
    await quiet.getByRole("button", { name: "Launch" }).click();
    await quiet.waitForURL("**/v2/gh/owner/name/HEAD");
    expect(await quiet.content()).toContain("This page needs JavaScript");
    await plain.close();
    expect(world.controlPlane.submitted).toEqual([]);
  });
});

describe("a launch's page", () => {
  const LINK = "/v2/gh/owner/name/HEAD";

  it("shows what failed and what to do, and tries again when asked", async () => {
    const first = nextLaunch();
    await page.goto(door.url + LINK);
    const id = await first;
    world.controlPlane.play(id, [
      line("building", "\u001b[31mred\u001b[0m \u001b]0;title\u0007line"),
    ]);
    const problem = failure("ref-not-found", "There is no branch <b>x</b>.", {
      suggestions: ["main", "<i>dev</i>"],
    });
    world.controlPlane.fail(id, problem);
    const alert = page.getByRole("alert");
    await alert.getByText("There is no branch <b>x</b>.").waitFor();
    expect(await alert.getByRole("listitem").allTextContents()).toEqual(["main", "<i>dev</i>"]);
    await page.locator("#log").getByText("red line").first().waitFor();
    const second = nextLaunch();
    await page.getByRole("button", { name: "Try again" }).click();
    const again = await second;
    expect(again).not.toBe(id);
    world.controlPlane.play(again, readySteps("session-2", "the-token"));
    await page.waitForURL("**/user/session-2/?token=the-token");
  });

  it("says which place in the queue, and cancels when asked", async () => {
    const launched = nextLaunch();
    await page.goto(door.url + LINK);
    const id = await launched;
    const queue = { position: 3, waitMs: 65_000 };
    world.controlPlane.play(id, [{ phase: "queued", message: "All seats are taken.", queue }]);
    await page.getByText("Place 3 in the queue, about 1 min 5 s to wait.").waitFor();
    await page.getByRole("button", { name: "Cancel" }).click();
    await page.getByRole("alert").getByText("The launch was cancelled.").waitFor();
    expect(world.controlPlane.cancelled).toEqual([id]);
  });

  it("goes on by itself when the server is started anew and has forgotten the launch", async () => {
    const first = nextLaunch();
    await page.goto(door.url + LINK);
    const id = await first;
    world.controlPlane.play(id, [line("building", "before"), line("building", "the end")]);
    await page.locator("#status").getByText("the end").waitFor();
    const again = nextLaunch();
    world.controlPlane.forgetLaunches();
    await world.api.close();
    await page.getByText("The connection is gone").waitFor();
    world = apiUnderTest({ clock: systemClock, controlPlane: world.controlPlane });
    await world.api.listen(socketPath());
    expect(await again).toBe(id);
    world.controlPlane.play(id, readySteps("session-1", "the-token"));
    await page.waitForURL("**/user/session-1/**");
    expect(world.controlPlane.submitted).toHaveLength(2);
  });

  it("loaded anew while it runs, it is the same launch", async () => {
    const launched = nextLaunch();
    await page.goto(door.url + LINK);
    const id = await launched;
    world.controlPlane.play(id, [line("building", "still here")]);
    await page.reload();
    await page.locator("#status").getByText("still here").waitFor();
    expect(world.controlPlane.submitted).toHaveLength(1);
  });

  it("takes a launch that another program submitted, and opens it", async () => {
    const id = "launch-of-the-command-line";
    const repo = { provider: "gh", spec: "o/n", url: "https://github.com/o/n", ref: null } as const;
    const wish = { id, repo, buildOnly: false, clientAddress: null, isCanary: false };
    world.controlPlane.launches.submit(wish);
    await page.goto(`${door.url}/launch/${id}?urlpath=lab`);
    await page.locator('li[data-phase="waiting"][data-state="now"]').waitFor();
    world.controlPlane.play(id, readySteps("session-1", "the-token"));
    await page.waitForURL("**/user/session-1/lab?token=the-token");
    expect(world.controlPlane.submitted).toHaveLength(1);
  });

  it("asks before it runs what a link on another site wants", async () => {
    await page.route("https://evil.example/", (route) =>
      route.fulfill({
        contentType: "text/html",
        body: `<a href="${door.url}${LINK}">click</a>`,
      }),
    );
    await page.goto("https://evil.example/");
    await page.getByText("click").click();
    const button = page.getByRole("button", { name: "Launch" });
    await button.waitFor();
    expect(world.controlPlane.submitted).toEqual([]);
    const launched = nextLaunch();
    await button.click();
    await launched;
  });

  it("a page of another site cannot launch behind the person's back", async () => {
    await page.route("https://evil.example/", (route) =>
      route.fulfill({ contentType: "text/html", body: "evil" }),
    );
    await page.goto("https://evil.example/");
    const outcomes = await page.evaluate(async (url) => {
      const attempts = [
        fetch(`${url}/build/gh/evil/repo/HEAD`, {
          mode: "no-cors",
          headers: { accept: "text/event-stream" },
        }),
        fetch(`${url}/build/gh/evil/repo/HEAD`, { headers: { accept: "text/event-stream" } }),
        fetch(`${url}/api/v1/launches`, { method: "POST", mode: "no-cors", body: "{}" }),
        new Promise((_, reject) => {
          const source = new EventSource(`${url}/build/gh/evil/repo/HEAD`);
          source.onerror = () => {
            source.close();
            reject(new Error("refused"));
          };
        }),
      ];
      const settled = await Promise.allSettled(attempts);
      return settled.map(({ status }) => status);
    }, door.url);
    expect(outcomes).toHaveLength(4);
    expect(world.controlPlane.submitted).toEqual([]);
    // What the browser says about its refusals is not the page's fault.
    problems = [];
  });
});

describe("an EventSource that nobody closes", () => {
  it("comes again once, is told to stop, and has launched once", async () => {
    world.controlPlane.onSubmit = ({ id }) =>
      world.controlPlane.play(id, readySteps("session-1", "the-token"));
    await page.goto(`${door.url}/`);
    const seen = await page.evaluate(
      (path) =>
        new Promise<string[]>((resolve) => {
          const phases: string[] = [];
          const source = new EventSource(path);
          source.onmessage = ({ data }) => phases.push(JSON.parse(data).phase);
          source.onerror = () => {
            if (source.readyState === EventSource.CLOSED) resolve(phases);
          };
        }),
      "/build/gh/owner/name/HEAD",
    );
    expect(seen).toEqual(["built", "launching", "ready"]);
    expect(world.controlPlane.submitted).toHaveLength(1);
  });
});
