/** Conda environments of every form, installed from a channel of our own and seen from inside a session. */
import { execFileSync } from "node:child_process";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { binderFiles, parseLock } from "#core/rendering/lock-text.ts";
import { ensureTools } from "#drivers/local/tools/ensure-tools.ts";
import { findPythons } from "#drivers/local/tools/pythons.ts";
import { makeBuildWorld } from "../fixtures/build-world.ts";
import { type CondaChannel, startCondaChannel } from "../fixtures/conda/conda-channel.ts";
import {
  type Bindery,
  follow,
  makeServedDir,
  removeServedDir,
  startBindery,
} from "../fixtures/e2e-bindery.ts";
import { sessionOf } from "../fixtures/e2e-session.ts";
import { type Folders, makeFolders } from "../fixtures/folders.ts";
import type { Tree } from "../fixtures/git-repository.ts";
import { silentLog } from "../fixtures/session-world.ts";

/** Debian's own keeps packages where no conda package has them. */
const { interpreters } = await findPythons({
  dataDirectory: tmpdir(),
  env: process.env,
  userId: process.getuid?.() ?? 0,
});
const base = interpreters.find(({ prefix }) => prefix !== "/usr");
if (base === undefined) console.log("conda is not tested: no Python here but the system's own");

const LAUNCH_LIMIT_MS = 240_000;
const PLATFORM = process.arch === "arm64" ? "linux-aarch64" : "linux-64";
const QUESTIONS = `
import importlib.metadata, os, sys
import hello_conda
print(hello_conda.VERSION, sys.prefix, os.environ.get("CONDA_PREFIX"), hello_conda.__file__.startswith("/srv/"))
print(open(os.environ["HELLO_DATA"]).read().strip(), sorted(
    name for name in os.listdir(sys.prefix + "/conda-meta") if name.startswith("hello")
))
for name in ("iniconfig",):
    try:
        print(importlib.metadata.version(name))
    except importlib.metadata.PackageNotFoundError:
        print("none")
`;

describe.skipIf(base === undefined)("a conda environment", () => {
  let bindery: Bindery;
  let channel: CondaChannel;
  let folders: Folders;

  beforeAll(async () => {
    folders = await makeFolders();
    const dataDir = await makeServedDir();
    const { uv } = await ensureTools({ dataDirectory: dataDir, env: process.env, log: silentLog });
    channel = await startCondaChannel({ python: base?.path ?? "", uv: uv.path });
    // The channel is on loopback.
    bindery = await startBindery(dataDir, { allowPrivateHosts: true });
  });
  afterAll(async () => {
    await bindery.stop();
    await channel.close();
    await removeServedDir(bindery.dataDir);
    folders.remove();
  });

  async function inside(files: Tree, wish: { readonly asOf?: string } = {}) {
    const result = await follow(bindery, { repo: await folders.of(files), ...wish }).ready;
    const session = sessionOf(bindery, result);
    const said = await session.run(await session.startKernel(), QUESTIONS);
    await bindery.client.stopSession(session.id);
    return { lines: said.trim().split("\n"), key: result.environmentKey };
  }

  function environmentYml(dependencies: string): Tree {
    const channels = `channels:\n  - ${channel.url}\n  - nodefaults\n`;
    return { "environment.yml": `${channels}dependencies:\n  - python\n${dependencies}` };
  }

  /** Everything that a session needs, with the newer one of the two versions. */
  function locked(): readonly { readonly url: string; readonly sha256: string }[] {
    return [...channel.packages]
      .filter(([name]) => name !== "hello-conda 1.0")
      .map(([, one]) => one);
  }

  const seen = (version: string, iniconfig: string) => [
    `${version} /srv/env /srv/env True`,
    `hello ['hello-conda-${version}-pyh0_0.json']`,
    iniconfig,
  ];

  it("is solved from environment.yml, with its packages for pip", {
    timeout: LAUNCH_LIMIT_MS,
  }, async () => {
    const files = environmentYml("  - hello-conda\n  - pip:\n    - iniconfig==2.0.0\n");
    const { key, lines } = await inside(files);
    expect(lines).toEqual(seen("2.0", "2.0.0"));
    const lock = parseLock(await bindery.client.environmentLock(key));
    const { url, sha256 } = channel.packages.get("hello-conda 2.0") ?? { url: "", sha256: "" };
    expect(lock?.conda).toContain(`${url}#sha256:${sha256}`);
    expect(lock?.requirements).toContain("iniconfig==2.0.0");
    expect(lock?.requirements).not.toMatch(/hello-conda|ipykernel/);
    expect(lock?.python.startsWith(channel.python)).toBe(true);
  });

  it("is solved as on a day", { timeout: LAUNCH_LIMIT_MS }, async () => {
    const { lines } = await inside(environmentYml("  - hello-conda\n"), { asOf: "2023-06-30" });
    expect(lines).toEqual(seen("1.0", "none"));
  });

  it("is made again from its lock: the same packages", { timeout: LAUNCH_LIMIT_MS }, async () => {
    const first = await inside(environmentYml("  - hello-conda=1\n  - pip:\n    - iniconfig\n"));
    const lock = parseLock(await bindery.client.environmentLock(first.key));
    if (lock === null) throw new Error("there is no lock");
    const files = binderFiles(lock).map(({ path, text }) => [`binder/${path}`, text]);
    const again = await inside(Object.fromEntries(files) as Tree);
    const other = parseLock(await bindery.client.environmentLock(again.key));
    expect(again.lines).toEqual(first.lines);
    expect(other?.conda).toEqual(lock.conda);
    expect(other?.requirements).toEqual(lock.requirements);
  });

  it("comes from an explicit lock", { timeout: LAUNCH_LIMIT_MS }, async () => {
    const lines = locked().map(({ url, sha256 }) => `${url}#sha256:${sha256}\n`);
    const files = { [`conda-${PLATFORM}.lock`]: `@EXPLICIT\n${lines.join("")}` };
    expect((await inside(files)).lines).toEqual(seen("2.0", "none"));
  });

  it("comes from conda-lock.yml", { timeout: LAUNCH_LIMIT_MS }, async () => {
    const packages = [...channel.packages]
      .filter(([name]) => name !== "hello-conda 1.0")
      .map(([name, { url, sha256 }]) => {
        const [which, version] = name.split(" ");
        const head = `- name: ${which}\n  version: '${version}'\n  manager: conda\n`;
        const tail = `  dependencies: {}\n  url: ${url}\n  hash:\n    sha256: ${sha256}\n`;
        return `${head}  platform: ${PLATFORM}\n${tail}  category: main\n  optional: false\n`;
      });
    const metadata = `  content_hash:\n    ${PLATFORM}: x\n  channels:\n  - url: ${channel.url}\n    used_env_vars: []\n`;
    const more = `  platforms:\n  - ${PLATFORM}\n  sources:\n  - environment.yml\n`;
    const text = `version: 1\nmetadata:\n${metadata}${more}package:\n${packages.join("")}`;
    expect((await inside({ "conda-lock.yml": text })).lines).toEqual(seen("2.0", "none"));
  });

  it("comes from pixi.lock", { timeout: LAUNCH_LIMIT_MS }, async () => {
    const list = locked().map(({ url }) => `      - conda: ${url}\n`);
    const rows = locked().map(({ url, sha256 }) => `- conda: ${url}\n  sha256: ${sha256}\n`);
    const lock = `version: 6\nenvironments:\n  default:\n    channels:\n    - url: ${channel.url}/\n    packages:\n      ${PLATFORM}:\n${list.join("")}packages:\n${rows.join("")}`;
    const manifest = `[workspace]\nname = "x"\nchannels = ["${channel.url}"]\nplatforms = ["${PLATFORM}"]\n[dependencies]\nhello-conda = "*"\n`;
    const files = { "pixi.toml": manifest, "pixi.lock": lock };
    expect((await inside(files)).lines).toEqual(seen("2.0", "none"));
  });

  it("is made where nothing is isolated, too", { timeout: LAUNCH_LIMIT_MS }, async () => {
    const policy = { allowPrivateHosts: true };
    const world = await makeBuildWorld({ isolation: "none", policy });
    const files = environmentYml("  - hello-conda\n") as Readonly<Record<string, string>>;
    const { outcome, lines, plan } = await world.build(files);
    const python = join(world.dataDir, "store", plan.key, "bin/python");
    const said =
      outcome.kind === "built"
        ? execFileSync(python, ["-c", "import hello_conda, sys; print(sys.prefix)"], {
            encoding: "utf8",
          }).trim()
        : lines.join("\n");
    await world.close();
    expect(said).toBe(join(world.dataDir, "store", plan.key));
  });

  it.each([
    [
      "a package that is nowhere",
      "  - hello-conda\n  - not-there-at-all\n",
      "resolve-failed",
      7,
      "not-there-at-all",
    ],
    ["a version that is nowhere", "  - hello-conda=7\n", "resolve-failed", 6, "hello-conda"],
  ])("fails with the line for %s", async (_, dependencies, code, line, name) => {
    const repo = await folders.of(environmentYml(dependencies));
    const { failure } = await follow(bindery, { repo }).ended;
    const detail = { step: "conda", file: "environment.yml", line, package: name };
    expect(failure).toMatchObject({ code, detail });
    expect(failure?.message).toContain(`environment.yml:${line}`);
  });

  it("blames the platform when a channel does not answer", async () => {
    const text = "channels: ['http://127.0.0.1:9/x', nodefaults]\ndependencies: [hello-conda]\n";
    const repo = await folders.of({ "environment.yml": text });
    const { failure } = await follow(bindery, { repo }).ended;
    expect(failure).toMatchObject({ code: "index-unreachable", detail: { host: "127.0.0.1:9" } });
  });

  it("refuses a package that is not the one of the lock", async () => {
    const lines = locked().map(({ url }) => `${url}#sha256:${"0".repeat(64)}\n`);
    const name = `conda-${PLATFORM}.lock`;
    const repo = await folders.of({ [name]: `@EXPLICIT\n${lines.join("")}` });
    const { failure } = await follow(bindery, { repo }).ended;
    expect(failure).toMatchObject({ code: "install-failed", detail: { file: name } });
  });
});
