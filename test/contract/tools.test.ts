/** The programs that Bindery brings along, really installed from the package index. */
import { mkdtemp, readdir, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { ensureTools, inspectTools } from "#drivers/local/tools/ensure-tools.ts";
import { runProgram } from "#drivers/local/tools/run-program.ts";

const log = { debug() {}, info() {}, warn() {}, error() {} };
let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "bindery-tools-"));
});
afterEach(() => rm(directory, { recursive: true }));

describe("the tools that Bindery brings", () => {
  test("run, are there at once the second time, and are shared between data directories", async () => {
    const env = process.env;
    const first = join(directory, "first");
    const tools = await ensureTools({ dataDirectory: first, env, log });
    const said = await runProgram([tools.uv.path, "--version"], { env: {}, timeoutMs: 5_000 });
    expect(said).toMatchObject({ kind: "exited", code: 0 });
    expect(JSON.stringify(said)).toContain(`uv ${tools.uv.version}`);
    const bwrap = tools.bubblewrap?.path ?? "";
    expect(await runProgram([bwrap, "--version"], { env: {}, timeoutMs: 5_000 })).toMatchObject({
      stdout: "bubblewrap 0.11.0\n",
    });
    expect(await inspectTools(first)).toEqual(tools);

    // Without any way to download: the user's cache is enough.
    const offline = { ...env, PATH: "/nonexistent", PIP_NO_INDEX: "1" };
    const second = join(directory, "second");
    expect(await inspectTools(second)).toEqual({ uv: null, bubblewrap: null });
    const again = await ensureTools({ dataDirectory: second, env: offline, log });
    expect(again.uv.path).toBe(join(second, "tools/uv-0.13.9/bin/uv"));
    expect((await stat(again.uv.path)).mode & 0o777).toBe(0o755);
  });

  test("are named with the reason when the index does not answer", async () => {
    const env = {
      HOME: directory,
      PATH: process.env["PATH"],
      PIP_CONFIG_FILE: "/dev/null",
      PIP_INDEX_URL: "http://me:word@127.0.0.1:9/simple/",
      PIP_RETRIES: "0",
      UV_HTTP_RETRIES: "0",
    };
    const outcome = ensureTools({ dataDirectory: directory, env, log });
    await expect(outcome).rejects.toThrow("uv 0.13.9 could not be downloaded");
    await expect(outcome).rejects.not.toThrow("word");
    await expect(outcome).rejects.toMatchObject({ failure: { code: "index-unreachable" } });
    // Nothing half-made stays.
    expect(await readdir(join(directory, ".cache/bindery/tools"))).toEqual([]);
  });
});
