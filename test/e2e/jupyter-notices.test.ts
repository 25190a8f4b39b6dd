/** What the person sees in a real browser when the session's driver has something to tell. */
import { rename, writeFile } from "node:fs/promises";
import { type AddressInfo, connect, createServer, type Server } from "node:net";
import { join } from "node:path";
import { type Browser, chromium, type Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { type RunningServer, startServer, TOKEN } from "../fixtures/jupyter-server.ts";
import { createJupyterWorld, type JupyterWorld } from "../fixtures/jupyter-world.ts";

const CHROMIUM = process.env["BINDERY_CHROMIUM"] ?? "/usr/bin/chromium";
const CHROMIUM_FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];
const PAGE_TIMEOUT_MS = 60_000;
const MESSAGE = "A process was ended because the session ran out of memory (limit 2 GiB).";
const notebook = (source: string) =>
  JSON.stringify({
    cells: [
      { cell_type: "code", id: "one", source, metadata: {}, outputs: [], execution_count: null },
    ],
    metadata: { kernelspec: { name: "python3", display_name: "Python 3" } },
    nbformat: 4,
    nbformat_minor: 5,
  });

let world: JupyterWorld;
let environment: string;
let browser: Browser;
let server: RunningServer;
let port: Server;

beforeAll(async () => {
  world = await createJupyterWorld();
  environment = await world.environmentWith(["ipykernel", "ipywidgets"]);
  browser = await chromium.launch({ executablePath: CHROMIUM, args: CHROMIUM_FLAGS });
});
afterAll(async () => {
  await browser?.close();
  await world?.close();
});
afterEach(async () => {
  port.close();
  await server.stop();
});

/** A page of the server, and the addresses elsewhere that it asked for. */
async function open(path: string): Promise<{ page: Page; elsewhere: string[]; errors: string[] }> {
  port = createServer((socket) => {
    const other = connect(server.socketPath);
    socket.pipe(other).pipe(socket);
    for (const end of [socket, other])
      end.on("error", () => [socket, other].map((s) => s.destroy()));
  });
  await new Promise<void>((resolve) => port.listen(0, "127.0.0.1", resolve));
  const origin = `http://127.0.0.1:${(port.address() as AddressInfo).port}`;
  const page = await browser.newPage();
  page.setDefaultTimeout(PAGE_TIMEOUT_MS);
  const elsewhere: string[] = [];
  const errors: string[] = [];
  page.on("request", (request) => {
    const url = request.url();
    if (!url.startsWith(origin) && !/^(data|blob):/.test(url)) elsewhere.push(url);
  });
  page.on("pageerror", (error) => errors.push(error.message));
  page.on("response", (response) => {
    if (response.status() >= 400) errors.push(`${response.status()} ${response.url()}`);
  });
  await page.goto(`${origin}${server.baseUrl}${path}?token=${TOKEN}`);
  return { page, elsewhere, errors };
}

async function tell(notices: readonly object[]): Promise<void> {
  const file = join(server.given, "notices.json");
  await writeFile(`${file}.new`, JSON.stringify(notices));
  await rename(`${file}.new`, file);
}

test("a kernel that was ended for memory is explained in JupyterLab, once, and widgets work", async () => {
  const files = {
    "a.ipynb": notebook(
      "import os, ipywidgets; display(ipywidgets.IntSlider(description='wheel'))",
    ),
  };
  server = await startServer(world, { environment, files });
  const { page, elsewhere, errors } = await open("lab/tree/a.ipynb");
  await page.locator("#jp-main-statusbar").getByText("| Idle").waitFor();
  await page.locator(".jp-Notebook .jp-CodeCell .cm-content").first().click();
  await page.keyboard.press("Control+Enter");
  await page.locator(".widget-slider").getByText("wheel").waitFor();
  expect(await page.getByText(MESSAGE).count()).toBe(0);

  const kernels = JSON.parse((await server.get("api/kernels")).text);
  await tell([{ id: "1", level: "error", message: MESSAGE, atMs: 1 }]);
  await page.locator(".jp-Notebook .jp-CodeCell .cm-content").first().click();
  await page.keyboard.press("Control+A");
  await page.keyboard.type("import os; os.kill(os.getpid(), 9)");
  await page.keyboard.press("Control+Enter");
  // Sooner than the usual interval of polling: the kernel's death is noticed.
  await page.locator(".Toastify").getByText(MESSAGE).waitFor({ timeout: 10_000 });
  expect(kernels).toHaveLength(1);
  await page.screenshot({ path: "build/screenshots/out-of-memory.png" });
  await page.reload();
  await page.locator("#jp-main-statusbar").getByText("| Idle").waitFor();
  expect(await page.locator(".Toastify").getByText(MESSAGE).count()).toBe(0);
  expect(elsewhere).toEqual([]);
  expect(errors).toEqual([]);
});

test("notices appear in Notebook 7 too", async () => {
  server = await startServer(world, { environment, files: { "a.ipynb": notebook("1 + 1") } });
  await tell([{ id: "end", level: "warning", message: "The session ends in 5 min.", atMs: 1 }]);
  const { page, elsewhere, errors } = await open("notebooks/a.ipynb");
  await page.locator(".Toastify").getByText("The session ends in 5 min.").waitFor();
  await page.locator(".jp-NotebookKernelStatus").waitFor({ state: "attached" });
  expect(elsewhere).toEqual([]);
  // Notebook 7 as shipped throws this one by itself, without anything of ours.
  expect(errors.filter((error) => !error.includes("reading 'schema'"))).toEqual([]);
});

test.each([
  { server: "JupyterLab 4.2", requirements: ["jupyterlab==4.2.5"], isTold: true },
  { server: "JupyterLab 3.6", requirements: ["jupyterlab==3.6.8"], isTold: false },
])("in a repository's own $server the page works, and tells what it can", async (row) => {
  const own = await world.environmentWith([...row.requirements, "ipykernel"]);
  const files = { "a.ipynb": notebook("print(6 * 7)") };
  server = await startServer(world, { server: "environment", environment: own, files });
  await tell([{ id: "end", level: "warning", message: "The session ends.", atMs: 1 }]);
  const { page, errors } = await open("lab/tree/a.ipynb");
  await page.locator("#jp-main-statusbar").getByText("| Idle").waitFor();
  await page.locator(".jp-Notebook .jp-CodeCell").first().click();
  await page.keyboard.press("Control+Enter");
  await page.locator(".jp-OutputArea").getByText("42").waitFor();
  if (row.isTold) await page.locator(".Toastify").getByText("The session ends.").waitFor();
  expect(errors).toEqual([]);
});
