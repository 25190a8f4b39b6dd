/** The environment of the shared Jupyter server, really installed. */
import { lstat, mkdtemp, readdir, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  ensureServerEnvironment,
  removeOtherServerEnvironments,
} from "#drivers/local/jupyter/server-environment.ts";
import { readServerVersions } from "#drivers/local/jupyter/server-versions.ts";
import { findPythons, type PythonInterpreter } from "#drivers/local/tools/pythons.ts";
import { ensureTools } from "#drivers/local/tools/ensure-tools.ts";
import { runProgram } from "#drivers/local/tools/run-program.ts";

const SETUP_TIMEOUT_MS = 300_000;
const log = { debug() {}, info() {}, warn() {}, error() {} };
let root: string;
let uv: string;
let python: PythonInterpreter;

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "bindery-server-"));
  const common = { dataDirectory: root, env: process.env, log };
  uv = (await ensureTools(common)).uv.path;
  const { interpreters } = await findPythons({ ...common, userId: process.getuid?.() ?? 0 });
  const system = interpreters.find(({ directories }) => directories.length === 0);
  if (system === undefined) throw new Error("this machine has no Python in /usr");
  python = system;
}, SETUP_TIMEOUT_MS);
afterAll(() => rm(root, { recursive: true }));

const ensure = (dataDirectory: string, env: NodeJS.ProcessEnv = process.env) =>
  ensureServerEnvironment({ dataDirectory, uv, python, env, log });

async function filesOf(directory: string): Promise<readonly string[]> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name));
}

describe("the server's environment", () => {
  test(
    "is byte-compiled, readable for all, writable for nobody else, and shared",
    async () => {
      const first = await ensure(join(root, "first"));
      expect(await ensure(join(root, "first"))).toEqual(first);
      const files = await filesOf(first.directory);
      for (const file of files) {
        const { mode } = await lstat(file);
        expect(mode & 0o044, file).toBe(0o044);
        expect(mode & 0o022, file).toBe(0);
      }
      const packages = join(first.directory, "lib");
      const tag = `cpython-${python.version.split(".").slice(0, 2).join("")}`;
      for (const file of files.filter((path) => /jupyter_server\/\w+\.py$/.test(path))) {
        const compiled = file.replace(/([^/]+)\.py$/, `__pycache__/$1.${tag}.pyc`);
        expect(files, compiled).toContain(compiled);
      }

      // Another data directory needs neither uv nor an index.
      const offline = { HOME: process.env["HOME"], XDG_CACHE_HOME: process.env["XDG_CACHE_HOME"] };
      const second = await ensureServerEnvironment({
        dataDirectory: join(root, "second"),
        uv: "/nonexistent/uv",
        python,
        env: offline,
        log,
      });
      const one = files.find((file) => file.startsWith(packages) && file.endsWith("serverapp.py"));
      const other = one?.replace(first.directory, second.directory);
      expect((await stat(other ?? "")).ino).toBe((await stat(one ?? "")).ino);
    },
    SETUP_TIMEOUT_MS,
  );

  test("holds exactly the versions that the lock names, and no kernel of its own", async () => {
    const { directory } = await ensure(join(root, "first"));
    const code = [
      "import importlib.metadata as m, json, importlib.util as u",
      "print(json.dumps([m.version(n) for n in ('jupyterlab', 'notebook', 'jupyter_server')]))",
      "print(u.find_spec('ipykernel'))",
    ].join("\n");
    const argv = [join(directory, "bin/python"), "-I", "-c", code] as const;
    const ran = await runProgram([...argv], { env: {}, timeoutMs: 10_000 });
    const locked = readServerVersions();
    const versions = [locked["jupyterlab"], locked["notebook"], locked["jupyter-server"]];
    expect(ran).toMatchObject({
      stdout: `${JSON.stringify(versions).replaceAll(",", ", ")}\nNone\n`,
    });
  });

  test("replaces those of earlier versions", async () => {
    const current = await ensure(join(root, "first"));
    const old = join(root, "first/server/0000000000000000");
    await ensure(join(root, "first"));
    await runProgram(["mkdir", "-p", join(old, "lib")], { env: process.env, timeoutMs: 5_000 });
    await removeOtherServerEnvironments(join(root, "first"), current);
    expect(await readdir(join(root, "first/server"))).toEqual([
      current.directory.split("/").at(-1),
    ]);
  });

  test("is whole or absent when the index does not answer", async () => {
    const dataDirectory = join(root, "third");
    const env = {
      ...process.env,
      XDG_CACHE_HOME: join(root, "empty-cache"),
      UV_DEFAULT_INDEX: "http://127.0.0.1:9/simple/",
      UV_FIND_LINKS: "",
      UV_HTTP_RETRIES: "0",
    };
    const outcome = ensure(dataDirectory, env);
    await expect(outcome).rejects.toMatchObject({ failure: { code: "index-unreachable" } });
    expect(await readdir(join(root, "empty-cache/bindery/server"))).toEqual([]);
  });
});
