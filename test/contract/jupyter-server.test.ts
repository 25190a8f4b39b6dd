/** The shared Jupyter server, real: started, claimed, asked, with kernels of another environment. */
import { existsSync, readdirSync } from "node:fs";
import { readdir, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { runInKernel, typeInTerminal } from "../fixtures/jupyter-client.ts";
import {
  CLAIM_SECRET,
  type RunningServer,
  type ServerWish,
  startServer,
} from "../fixtures/jupyter-server.ts";
import { createJupyterWorld, type JupyterWorld } from "../fixtures/jupyter-world.ts";

const SETUP_TIMEOUT_MS = 300_000;
const NOTEBOOK = JSON.stringify({
  cells: [],
  metadata: { kernelspec: { name: "python3", display_name: "Python 3" } },
  nbformat: 4,
  nbformat_minor: 5,
});
const asDriver = { authorization: `Bearer ${CLAIM_SECRET}` };

let world: JupyterWorld;
let environment: string;
const running: RunningServer[] = [];

beforeAll(async () => {
  world = await createJupyterWorld();
  environment = await world.environmentWith(["ipykernel", "ipywidgets"]);
}, SETUP_TIMEOUT_MS);
afterAll(() => world.close());
afterEach(async () => {
  await Promise.all(running.splice(0).map((server) => server.stop()));
});

async function start(wish: ServerWish): Promise<RunningServer> {
  const server = await startServer(world, wish);
  running.push(server);
  return server;
}

async function startKernel(server: RunningServer): Promise<string> {
  const answer = await server.post("api/kernels", {});
  expect(answer.status).toBe(201);
  return JSON.parse(answer.text).id;
}

describe("the shared server", () => {
  test("serves JupyterLab and Notebook 7 under its base URL, to the holder of the token only", async () => {
    const server = await start({ environment, files: { "a.ipynb": NOTEBOOK } });
    for (const path of ["lab", "lab/tree/a.ipynb", "tree", "notebooks/a.ipynb", "api/status"]) {
      expect((await server.get(path)).status, path).toBe(200);
    }
    expect((await server.get("api/contents", {})).status).toBe(403);
    expect((await server.get("api/contents", { authorization: "token wrong" })).status).toBe(403);
    expect((await server.get("lab", {})).status).toBe(302);
    expect((await server.post("api/kernels", {}, {})).status).toBe(403);
    expect((await server.get("")).headers["location"]).toBe(`${server.baseUrl}lab?`);
  });

  test("offers the environment's kernels only, and runs code with the environment's packages", async () => {
    const server = await start({ environment });
    const specs = JSON.parse((await server.get("api/kernelspecs")).text);
    expect(ofEnvironment(specs)).toEqual(["python3"]);
    const kernel = await startKernel(server);
    const code = "import sys, os, ipywidgets; print(sys.prefix, os.getcwd(), sorted(os.environ))";
    const printed = await runInKernel(server, kernel, code);
    expect(printed).toContain(environment);
    expect(printed).toContain(server.paths.home);
    expect(printed).not.toContain("BINDERY_SERVER");
    expect(printed).not.toContain("JUPYTER_CONFIG_PATH");
  });

  test("shows the environment's prebuilt extensions in the page, and none of it needs the network", async () => {
    const server = await start({ environment });
    const page = (await server.get("lab")).text;
    expect(page).toContain("@jupyter-widgets/jupyterlab-manager");
    expect(page).toContain("bindery-session");
    const entry = await server.get("lab/extensions/bindery-session/static/remoteEntry.js");
    expect(entry.status).toBe(200);
    const config = JSON.parse(/id="jupyter-config-data"[^>]*>([^<]*)</.exec(page)?.[1] ?? "{}");
    expect(config).toMatchObject({ buildCheck: false, buildAvailable: false, quitButton: false });
    expect(config.news).toEqual({ disabled: true });
  });

  test("leaves nothing of the server in the person's home", async () => {
    const server = await start({ environment, files: { "a.ipynb": NOTEBOOK } });
    await server.get("lab");
    expect((await server.get("api/contents/a.ipynb")).status).toBe(200);
    const kernel = await startKernel(server);
    await runInKernel(server, kernel, "1");
    // The kernel's own directory is IPython's affair.
    const names = (await readdir(server.home)).filter((name) => name !== ".ipython");
    expect(names).toEqual(["a.ipynb"]);
  });

  test("opens terminals in home with the environment first on the PATH", async () => {
    const server = await start({ environment, variables: { BINDER_REQUEST: "v2/gh/a/b/c" } });
    const answer = await server.post("api/terminals", {});
    expect(answer.status).toBe(200);
    const { name } = JSON.parse(answer.text);
    const printed = await typeInTerminal(server, name, 'echo "<$PWD|$PATH|$BINDER_REQUEST>"\r');
    expect(printed).toContain(`<${server.paths.home}|`);
    expect(printed).toContain(`|${server.paths.home}/.local/bin:${server.paths.environment}/bin:`);
    expect(printed).toContain("|v2/gh/a/b/c>");
  });
});

/** These servers run outside of a sandbox, which would hide the machine's own kernels. */
function ofEnvironment(specs: { readonly kernelspecs: object }): readonly string[] {
  const places = ["/usr/share/jupyter/kernels", "/usr/local/share/jupyter/kernels"];
  const own = places.flatMap((place) => (existsSync(place) ? readdirSync(place) : []));
  return Object.keys(specs.kernelspecs).filter((name) => !own.includes(name));
}

describe("a warm server", () => {
  test("becomes a person's: environment, variables and the notebook's kernel", async () => {
    const server = await start({ isWarm: true });
    expect((await server.get("lab")).status).toBe(200);
    const before = JSON.parse((await server.get("api/kernelspecs")).text);
    expect(ofEnvironment(before)).toEqual([]);

    await writeFile(join(server.home, "a.ipynb"), NOTEBOOK);
    await server.linkEnvironment(environment);
    await server.writeSession({
      variables: { BINDER_REPO_URL: "https://example.org/repo" },
      kernelForPath: "a.ipynb",
    });
    const claim = () => server.post("api/bindery/claim", {}, asDriver);
    for (const claimed of await Promise.all([claim(), claim(), claim()])) {
      expect(claimed).toMatchObject({ status: 200, text: '{"kind": "claimed"}' });
    }
    const after = JSON.parse((await server.get("api/kernelspecs")).text);
    expect(ofEnvironment(after)).toEqual(["python3"]);
    expect((await server.get("lab")).text).toContain("@jupyter-widgets/jupyterlab-manager");

    await server.printed("kernel started beforehand");
    // Asking for the notebook's session again gives the one that was started beforehand.
    const wish = {
      path: "a.ipynb",
      name: "a.ipynb",
      type: "notebook",
      kernel: { name: "python3" },
    };
    const session = JSON.parse((await server.post("api/sessions", wish)).text);
    const sessions = JSON.parse((await server.get("api/sessions")).text);
    expect(sessions).toHaveLength(1);
    const code = "import os, sys; print(os.environ['BINDER_REPO_URL'], sys.prefix)";
    const printed = await runInKernel(server, session.kernel.id, code);
    expect(printed.trim()).toBe(`https://example.org/repo ${environment}`);
  });

  test("is claimed by nobody without the driver's secret, and not before there is something to claim", async () => {
    const server = await start({ isWarm: true });
    const claim = (headers: Record<string, string>) =>
      server.post("api/bindery/claim", {}, headers);
    expect((await claim({})).status).toBe(403);
    expect((await claim({ authorization: "Bearer wrong" })).status).toBe(403);
    expect((await claim({ authorization: "token token-of-the-person" })).status).toBe(403);
    expect((await server.get("api/bindery/claim", asDriver)).status).toBe(405);
    expect((await claim(asDriver)).status).toBe(409);
  });
});

describe("notices", () => {
  test("are shown to the person in the order in which the driver wrote them", async () => {
    const server = await start({ environment });
    expect((await server.get("api/bindery/notices")).text).toBe('{"notices": []}');
    expect((await server.get("api/bindery/notices", {})).status).toBe(403);
    const notices = [
      { id: "oom-1", level: "error", message: "A process was ended.", atMs: 1 },
      { id: "end", level: "warning", message: "The session ends.", atMs: 2 },
    ];
    const file = join(server.given, "notices.json");
    await writeFile(`${file}.new`, JSON.stringify(notices));
    await rename(`${file}.new`, file);
    const answer = await server.get("api/bindery/notices");
    expect(JSON.parse(answer.text)).toEqual({ notices });
    expect(answer.headers["etag"]).toBeDefined();
  });

  test("do not count as activity of the person", async () => {
    const server = await start({ environment });
    await server.get("api/contents");
    const last = async () =>
      JSON.parse((await server.get("api/status?no_track_activity=1")).text).last_activity;
    const before = await last();
    await server.get("api/bindery/notices");
    expect(await last()).toBe(before);
  });
});

describe("in the sandbox", () => {
  test("the server and its kernels work where nothing but their own directories can be written", async () => {
    const stored = await world.storedEnvironment(["ipykernel", "ipywidgets"]);
    const server = await start({ isolation: "bubblewrap", environment: stored });
    expect((await server.get("lab")).status).toBe(200);
    const kernel = await startKernel(server);
    const code = "import sys, os, ipywidgets; print(sys.prefix, os.getcwd(), os.getuid())";
    expect(await runInKernel(server, kernel, code)).toBe("/srv/env /home/jovyan 1000\n");
    const isWritable = "import os; print(os.access('/srv/server', os.W_OK))";
    expect(await runInKernel(server, kernel, isWritable)).toBe("False\n");
  });
});
