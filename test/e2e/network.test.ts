/** What a session may install and reach: packages for itself, the public Internet, nothing of this machine. */
import { readdirSync } from "node:fs";
import { networkInterfaces } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import {
  type Bindery,
  follow,
  makeServedDir,
  removeServedDir,
  startBindery,
} from "../fixtures/e2e-bindery.ts";
import { PLAIN_TREE } from "../fixtures/e2e-repositories.ts";
import { type Session, sessionOf } from "../fixtures/e2e-session.ts";
import { type GitServer, startGitServer } from "../fixtures/git-server.ts";

let git: GitServer;
let dataDir: string;
let bindery: Bindery;
let session: Session;
let neighbour: Session;
let kernel: string;

beforeAll(async () => {
  git = await startGitServer();
  await (await git.repository("plain")).commit(PLAIN_TREE);
  dataDir = await makeServedDir();
  bindery = await startBindery(dataDir);
  const open = async () =>
    sessionOf(bindery, await follow(bindery, { repo: git.url("plain") }).ready);
  [session, neighbour] = await Promise.all([open(), open()]);
  kernel = await session.startKernel();
});
afterAll(async () => {
  await bindery?.stop();
  await git?.stop();
  await removeServedDir(dataDir);
});

/** Prints the status of an answer, or what kept it from coming. */
const asking = (opener: string, address: string) => `
import os, socket, ssl, urllib.error, urllib.request
try:
    print(${opener}(${address}, timeout=20).status)
except urllib.error.HTTPError as error:
    print(error.code)
except Exception as error:
    print("no way:", error)`;

/** What the proxy says, asked straight: libraries leave it out for names like localhost. */
const askingTheProxy = (address: string) => `
import http.client, os, urllib.parse
proxy = http.client.HTTPConnection(urllib.parse.urlsplit(os.environ["HTTP_PROXY"]).netloc, timeout=20)
proxy.request("GET", ${JSON.stringify(address)})
print(proxy.getresponse().status)
proxy = http.client.HTTPConnection(urllib.parse.urlsplit(os.environ["HTTPS_PROXY"]).netloc, timeout=20)
proxy.request("CONNECT", urllib.parse.urlsplit(${JSON.stringify(address)}).netloc)
print(proxy.getresponse().status)`;

const connecting = (host: string, port: number) => `
import socket
try:
    socket.create_connection((${JSON.stringify(host)}, ${port}), 5)
    print("connected")
except OSError as error:
    print("no way:", error)`;

test("the package index is reached through the proxy that the variables name", async () => {
  const index = "import pip._internal.models.index as i; url = i.PyPI.simple_url + '/pip/'";
  await session.run(kernel, index);
  expect(await session.run(kernel, asking("urllib.request.urlopen", "url"))).toBe("200\n");
  const bare = "urllib.request.build_opener(urllib.request.ProxyHandler({})).open";
  expect(await session.run(kernel, asking(bare, "url"))).toMatch(/^no way: /);
});

test("%pip install works, for this session alone", async () => {
  // Bytecode comes from Bindery itself, a while after the build.
  const environments = () =>
    readdirSync(join(dataDir, "store"), { recursive: true })
      .map(String)
      .filter((path) => !path.includes("__pycache__"))
      .toSorted();
  const before = environments();
  const printed = await session.run(kernel, "%pip install --disable-pip-version-check idna==3.10");
  expect(printed).toContain("Successfully installed idna-3.10");
  const version = "import idna; print(idna.__version__, idna.__file__)";
  expect(await session.run(kernel, version)).toMatch(/^3\.10 \/srv\/(store|env)\//);

  const other = await neighbour.startKernel();
  const looks = "import importlib.util; print(importlib.util.find_spec('idna'))";
  expect(await neighbour.run(other, looks)).toBe("None\n");
  const added = environments().filter((path) => !before.includes(path));
  expect([added, environments().length]).toEqual([[], before.length]);
  const third = sessionOf(bindery, await follow(bindery, { repo: git.url("plain") }).ready);
  expect(await third.run(await third.startKernel(), looks)).toBe("None\n");
});

const lan = Object.values(networkInterfaces())
  .flatMap((each) => each ?? [])
  .filter(({ family, internal }) => family === "IPv4" && !internal)
  .map(({ address }) => address);

test.each(["127.0.0.1", "localhost", "[::1]", "[::ffff:127.0.0.1]", "0.0.0.0", "0x7f.1", ...lan])(
  "%s, this machine, is out of reach, with and without the proxy",
  async (host) => {
    git.requests.length = 0;
    const address = `http://${host}:${git.port}/plain.git/info/refs`;
    expect(await session.run(kernel, askingTheProxy(address))).toBe("403\n403\n");
    const asks = asking("urllib.request.urlopen", JSON.stringify(address));
    expect(await session.run(kernel, asks)).toMatch(/^(403|no way: .*)\n$/);
    const plain = host.replaceAll(/[[\]]/g, "");
    expect(await session.run(kernel, connecting(plain, git.port))).toMatch(/^no way: /);
    expect(git.requests).toEqual([]);
  },
);

test.each(["169.254.169.254", "10.0.0.1", "192.168.0.1", "metadata.google.internal"])(
  "%s, of a private network, is out of reach",
  async (host) => {
    const address = `http://${host}:80/latest/meta-data/`;
    const answers = await session.run(kernel, askingTheProxy(address));
    // A name that nobody knows here is no private address, and leads nowhere all the same.
    expect(answers).toMatch(/^(403\n403|502\n502)\n$/);
    expect(await session.run(kernel, connecting(host, 80))).toMatch(/^no way: /);
  },
);
