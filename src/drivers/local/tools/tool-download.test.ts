/** Machines without pip get the tools from an index of their own. */
import { createHash } from "node:crypto";
import { createServer, type Server } from "node:http";
import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { runProgram } from "./run-program.ts";
import { downloadFromIndex } from "./simple-index.ts";
import { downloadWays } from "./tool-download.ts";
import { PINNED_BUBBLEWRAP, type PinnedTool } from "./tool-versions.ts";
import { installWheel } from "./wheel.ts";

const FILE = "tool-1.0-py3-none-any.whl";
const MAKE_WHEEL = `
import sys, zipfile
with zipfile.ZipFile(sys.argv[1], "w", zipfile.ZIP_DEFLATED) as wheel:
    wheel.writestr("tool/__init__.py", "x = 1\\n" * 100)
    program = zipfile.ZipInfo("tool/bin/inner"); program.external_attr = 0o755 << 16
    wheel.writestr(program, "#!/bin/sh\\necho inner\\n")
    wheel.writestr("tool-1.0.data/scripts/tool", "#!/bin/sh\\necho tool\\n")
    if len(sys.argv) > 2: wheel.writestr("../outside", "bad")
`;

let directory: string;
let wheel: Buffer;
let sha256: string;
let index: Server;
let asked: { url: string; authorization: string | undefined }[] = [];
let pageType = "application/vnd.pypi.simple.v1+json";

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "bindery-wheel-"));
  wheel = await makeWheel(FILE);
  sha256 = createHash("sha256").update(wheel).digest("hex");
  index = createServer((request, response) => {
    const { url = "", headers } = request;
    asked.push({ url, authorization: headers.authorization });
    if (url === "/simple/tool/") {
      const file = `../../files/${FILE}`;
      response.setHeader("content-type", pageType);
      const json = JSON.stringify({ files: [{ filename: FILE, url: file }] });
      const html = `<a href="../../files/other.whl">o</a><a href="${file}#sha256=1">t</a>`;
      response.end(pageType.includes("json") ? json : html);
    } else if (url === `/files/${FILE}`) {
      response.writeHead(302, { location: `/moved/${FILE}` }).end();
    } else if (url === `/moved/${FILE}`) response.end(wheel);
    else response.writeHead(404).end();
  });
  await new Promise<void>((resolve) => index.listen(0, "127.0.0.1", resolve));
});
afterAll(async () => {
  index.close();
  await rm(directory, { recursive: true });
});
beforeEach(() => {
  asked = [];
  pageType = "application/vnd.pypi.simple.v1+json";
});

async function makeWheel(name: string, ...more: string[]): Promise<Buffer> {
  const path = join(directory, name);
  const argv = ["/usr/bin/env", "python3", "-c", MAKE_WHEEL, path, ...more] as const;
  const made = await runProgram([...argv], { env: process.env, timeoutMs: 10_000 });
  expect(made).toMatchObject({ kind: "exited", code: 0 });
  return await readFile(path);
}

function wanted(more: { sha256?: string; path?: string; userInfo?: string } = {}) {
  const { port } = index.address() as AddressInfo;
  const url = new URL(`http://${more.userInfo ?? ""}127.0.0.1:${port}/${more.path ?? "simple"}`);
  return {
    indexes: [{ kind: "simple", url }] as const,
    distribution: "tool",
    file: FILE,
    sha256: more.sha256 ?? sha256,
    env: {},
    timeoutMs: 5_000,
    signal: undefined,
  };
}

describe("a download from an index", () => {
  test.each(["application/vnd.pypi.simple.v1+json", "text/html"])(
    "finds the file in a page of type %s and follows redirects",
    async (type) => {
      pageType = type;
      const download = await downloadFromIndex(wanted());
      expect(download).toEqual({ kind: "downloaded", bytes: wheel });
    },
  );

  test("refuses a file with another digest", async () => {
    const download = await downloadFromIndex(wanted({ sha256: "0".repeat(64) }));
    expect(download).toMatchObject({ kind: "failed" });
    expect(JSON.stringify(download)).toContain("another digest");
  });

  test("shows the index who asks, and never says it", async () => {
    const download = await downloadFromIndex(wanted({ userInfo: "me:word@", path: "gone" }));
    expect(asked[0]?.authorization).toBe(`Basic ${Buffer.from("me:word").toString("base64")}`);
    expect(download).toMatchObject({ kind: "failed" });
    expect(JSON.stringify(download)).not.toContain("word");
  });

  test("takes a wheel that lies in a local directory", async () => {
    const indexes = [{ kind: "directory", path: directory }] as const;
    const download = await downloadFromIndex({ ...wanted(), indexes });
    expect(download.kind).toBe("downloaded");
    expect(asked).toEqual([]);
  });
});

describe("a wheel", () => {
  test("is unpacked with its scripts in bin/ and its programs executable", async () => {
    const target = join(directory, "unpacked");
    await mkdir(target);
    await installWheel(wheel, target);
    expect(await readFile(join(target, "tool/__init__.py"), "utf8")).toBe("x = 1\n".repeat(100));
    for (const program of ["bin/tool", "tool/bin/inner"]) {
      expect((await stat(join(target, program))).mode & 0o777, program).toBe(0o755);
    }
  });

  test("that reaches outside itself is refused", async () => {
    const bad = await makeWheel("bad.whl", "outside");
    const target = join(directory, "bad");
    await mkdir(target);
    await expect(installWheel(bad, target)).rejects.toThrow("outside itself");
    await expect(installWheel(Buffer.from("no zip"), target)).rejects.toThrow("not a zip");
  });
});

describe("a machine without pip and uv", () => {
  const tool: PinnedTool = {
    ...PINNED_BUBBLEWRAP,
    distribution: "tool",
    wheels: { x86_64: { file: FILE, sha256: "" }, aarch64: { file: FILE, sha256: "" } },
  };
  const way = (env: Record<string, string>) => {
    const [found] = downloadWays(env).filter(({ name }) => name === "http");
    if (found === undefined) throw new Error("there is no such way");
    return found;
  };

  test("gets tools from the configured index", async () => {
    const target = join(directory, "by-http");
    await mkdir(target);
    await writeFile(join(target, "..", "digest"), sha256);
    const pinned = { ...tool, wheels: { ...tool.wheels, x86_64: { file: FILE, sha256 } } };
    const env = { PIP_INDEX_URL: wanted().indexes[0].url.href, PIP_CONFIG_FILE: "/dev/null" };
    const job = { tool: pinned, architecture: "x86_64", directory: target } as const;
    expect(await way(env).install({ ...job, signal: undefined })).toEqual({ kind: "installed" });
    expect((await stat(join(target, "bin/tool"))).mode & 0o777).toBe(0o755);
  });

  test("cannot do so where none is configured", async () => {
    const job = { tool, architecture: "x86_64", directory, signal: undefined } as const;
    const outcome = await way({ PIP_CONFIG_FILE: "/dev/null" }).install(job);
    expect(outcome).toEqual({ kind: "unavailable" });
  });
});
