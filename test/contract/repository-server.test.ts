/** Servers that repositories bring in their own environments, real, back to those without sockets. */
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { runInKernel } from "../fixtures/jupyter-client.ts";
import { CLAIM_SECRET, type RunningServer, startServer } from "../fixtures/jupyter-server.ts";
import { createJupyterWorld, type JupyterWorld } from "../fixtures/jupyter-world.ts";

const SETUP_TIMEOUT_MS = 300_000;
const TEST_TIMEOUT_MS = 180_000;
/** What Notebook 6.0 needs beside it to run at all. */
const OF_2020 = [
  "jinja2<3.1",
  "nbconvert<6",
  "traitlets<5.1",
  "jupyter_client<7",
  "pyzmq<25",
  "tornado<6.2",
  "setuptools<70",
];

let world: JupyterWorld;
let server: RunningServer | null = null;

beforeAll(async () => {
  world = await createJupyterWorld();
}, SETUP_TIMEOUT_MS);
afterAll(() => world.close());
afterEach(async () => {
  await server?.stop();
  server = null;
});

const SERVERS = [
  { name: "JupyterLab 4", requirements: ["jupyterlab==4.2.5"], page: "lab" },
  { name: "JupyterLab 3", requirements: ["jupyterlab==3.6.8"], page: "lab" },
  { name: "Notebook 7", requirements: ["notebook==7.0.8"], page: "lab" },
  { name: "Notebook 6.5", requirements: ["notebook==6.5.7"], page: "tree" },
  { name: "Notebook 6.0", requirements: ["notebook==6.0.3", ...OF_2020], page: "tree" },
];

test.for(SERVERS)(
  "$name serves its page, kernels and notices to the holder of the token",
  { timeout: TEST_TIMEOUT_MS },
  async ({ name, requirements, page }, { skip }) => {
    const minor = Number(world.serverEnvironment.pythonVersion.split(".")[1]);
    skip(name === "Notebook 6.0" && minor > 11, "no wheels of that time for this Python");
    const environment = await world.environmentWith([...requirements, "ipykernel"]);
    const variables = { BINDER_REQUEST: "v2/gh/a/b/c" };
    server = await startServer(world, { server: "environment", environment, variables });
    const landing = await server.get("");
    expect(landing.status).toBe(302);
    expect(landing.headers["location"]).toBe(`${server.baseUrl}${page}?`);
    expect((await server.get(page)).status).toBe(200);
    expect((await server.get("api/contents", {})).status).toBe(403);
    expect((await server.get("api/bindery/notices")).text).toBe('{"notices": []}');
    expect((await server.get("api/bindery/notices", {})).status).toBe(403);
    const wrong = { authorization: "Bearer wrong" };
    expect((await server.post("api/bindery/claim", {}, wrong)).status).toBe(403);
    const right = { authorization: `Bearer ${CLAIM_SECRET}` };
    expect((await server.post("api/bindery/claim", {}, right)).status).toBe(409);

    const kernel = JSON.parse((await server.post("api/kernels", {})).text).id;
    const code = "import os, sys; print(sys.prefix, os.environ['BINDER_REQUEST'], [*os.environ])";
    const printed = await runInKernel(server, kernel, code);
    expect(printed).toContain(`${environment} v2/gh/a/b/c`);
    expect(printed).not.toMatch(/BINDERY_|JUPYTER_CONFIG_PATH/);
    expect((await server.post("api/terminals", {})).status).toBe(200);
  },
);

test("an environment without any server says so and ends", async () => {
  const environment = await world.environmentWith(["ipykernel", "ipywidgets"]);
  const start = startServer(world, { server: "environment", environment });
  await expect(start).rejects.toThrow("has no Jupyter server: add jupyterlab or notebook");
});
