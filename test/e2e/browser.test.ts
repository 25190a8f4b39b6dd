/** From the home page to a plot in JupyterLab, as a person with a browser does it. */
import type { Browser, BrowserContext } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import {
  type Bindery,
  makeEmptyDir,
  removeServedDir,
  startBindery,
} from "../fixtures/e2e-bindery.ts";
import {
  type Fetched,
  launchBrowser,
  openPage,
  runAllCells,
  type WatchedPage,
} from "../fixtures/e2e-browser.ts";
import { PLOT_TREE } from "../fixtures/e2e-repositories.ts";
import { type GitServer, startGitServer } from "../fixtures/git-server.ts";

let git: GitServer;
let dataDir: string;
let bindery: Bindery;
let browser: Browser;
let context: BrowserContext;
let first: WatchedPage;
/** What the first visitor had to fetch. */
let firstBytes = 0;

beforeAll(async () => {
  git = await startGitServer();
  await (await git.repository("ada/squares")).commit(PLOT_TREE);
  dataDir = await makeEmptyDir();
  bindery = await startBindery(dataDir, { warmServersMax: 1 });
  browser = await launchBrowser();
  context = await browser.newContext({ viewport: { width: 1280, height: 1000 } });
});
afterAll(async () => {
  await browser?.close();
  await bindery?.stop();
  await git?.stop();
  await removeServedDir(dataDir);
});

/** Fills in the form of the home page; gives the phases that the launch page showed, as they came. */
async function launchFromHome(watched: WatchedPage): Promise<readonly string[]> {
  const { page } = watched;
  const phases: string[] = [];
  await page.exposeFunction("notePhase", (phase: string) => {
    if (phases.at(-1) !== phase) phases.push(phase);
  });
  await page.addInitScript(NOTE_PHASES);
  await page.goto(`${bindery.url}/`);
  await page.locator("#repo").fill(git.url("ada/squares"));
  await page.locator("#more summary").click();
  await page.locator("#urlpath").fill("lab/tree/plot.ipynb");
  await page.screenshot({ path: "build/screenshots/home.png" });
  await page.locator("#launch").click();
  return phases;
}

/** The row of phases tells which one is under way; the page leaves soon after the last one. */
const NOTE_PHASES = `new MutationObserver(() => {
  const now = document.querySelector('#phases [data-state="now"]');
  if (now !== null) window.notePhase(now.dataset.phase);
}).observe(document, { subtree: true, attributes: true, attributeFilter: ["data-state"] });`;

const bytesOf = (fetched: readonly Fetched[]) => fetched.reduce((sum, { bytes }) => sum + bytes, 0);

test("a repository becomes a notebook whose cells run, with a plot and a widget", async () => {
  const watched = await openPage(context);
  const { page, problems } = watched;
  const phases = await launchFromHome(watched);

  await page.locator("#log-container summary").click();
  await page.locator(".xterm-rows").getByText("numpy").first().waitFor();
  await page.screenshot({ path: "build/screenshots/launch.png" });
  await page.waitForURL(/\/user\/[0-9a-z-]+\/lab\/tree\/plot\.ipynb/);
  expect([...new Set(phases)]).toEqual(["waiting", "fetching", "building", "launching", "ready"]);

  await runAllCells(page);
  await page.locator(".jp-OutputArea").getByText("the sum is 285").waitFor();
  const plot = page.locator(".jp-OutputArea-output img");
  await plot.waitFor();
  expect(await plot.evaluate((image) => Reflect.get(image, "naturalWidth"))).toBeGreaterThan(300);
  await page.locator(".widget-slider").getByText("wheel").waitFor();
  await page.locator(".widget-readout").getByText("7").waitFor();
  expect(await page.locator('[data-mime-type="application/vnd.jupyter.stderr"]').count()).toBe(0);
  await page.screenshot({ path: "build/screenshots/plot.png" });
  expect(problems).toEqual([]);
  firstBytes = bytesOf(watched.fetched());
  first = watched;
});

test("the page works on after the gateway was killed under it, with the same kernel", async () => {
  const { page } = first;
  // JupyterLab says so when it asked for something in that very moment; a person clicks it away.
  const lost = page.getByRole("dialog", { name: "Server Connection Error" });
  await page.addLocatorHandler(lost, () => lost.locator(".jp-Dialog-footer button").click());
  await bindery.kill("gateway");
  // The last cell is empty: it is the person's own.
  const own = page.locator(".jp-Notebook .jp-CodeCell").last();
  await own.locator(".cm-content").click();
  await page.keyboard.type("print('the largest is', frame['y'].max())");
  await page.keyboard.press("Shift+Enter");
  const answer = page.locator(".jp-OutputArea").getByText("the largest is 81");
  await answer.waitFor();
  expect(await answer.count()).toBe(1);
  await page.screenshot({ path: "build/screenshots/gateway-killed.png" });
  await page.close();
});

test("a second session does not download JupyterLab again", async () => {
  const watched = await openPage(context);
  const { page, problems } = watched;
  await launchFromHome(watched);
  await page.waitForURL(/\/user\//);
  await page.locator("#jp-main-statusbar").getByText("| Idle").waitFor();
  const fetched = watched.fetched();
  const shared = fetched.filter(({ url }) => url.includes("/static-server/"));
  expect(shared.length).toBeGreaterThan(20);
  expect(bytesOf(shared)).toBe(0);
  expect(firstBytes).toBeGreaterThan(1_000_000);
  expect(bytesOf(fetched)).toBeLessThan(firstBytes / 4);
  expect(problems).toEqual([]);
  await page.close();
});

test("the pages of Notebook 7 open too, from files that all sessions share", async () => {
  const [session] = (await bindery.client.listSessions()).filter(({ purpose }) => purpose !== null);
  const watched = await openPage(context);
  await watched.page.goto(`${bindery.url}${session?.path}notebooks/plot.ipynb`);
  await watched.page.locator(".jp-NotebookKernelStatus").waitFor({ state: "attached" });
  await watched.page.locator(".jp-Notebook .jp-CodeCell").first().waitFor();
  const own = watched.fetched().filter(({ url }) => url.includes("/static/notebook/"));
  const shared = watched.fetched().filter(({ url }) => url.includes("/static-server/"));
  expect([own.length, shared.length > 10]).toEqual([0, true]);
  // What Notebook 7 as shipped throws by itself is not ours; what it does not find would be.
  expect(watched.problems.filter((problem) => /^\d{3} /.test(problem))).toEqual([]);
});
