/** `bindery serve` as a person runs it: starts, refusals, and every way to end it. */
import { chmodSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { run, type Started, start } from "../fixtures/command-line.ts";

const cacheHome = process.env["XDG_CACHE_HOME"] || join(process.env["HOME"] ?? "", ".cache");
const environment = {
  ...process.env,
  NODE_COMPILE_CACHE: join(cacheHome, "bindery/compile-cache"),
};
let dataDir = "";
const running: Started[] = [];

beforeAll(() => {
  dataDir = mkdtempSync(join(tmpdir(), "bindery-serve-"));
  chmodSync(dataDir, 0o755);
});
afterAll(() => rmSync(dataDir, { recursive: true, force: true }));
afterEach(async () => {
  for (const { child, ended } of running.splice(0)) {
    child.kill("SIGINT");
    await ended;
  }
});

function serve(...words: readonly string[]): Started {
  const flags = ["--data-dir", dataDir, "--set", "warmServersMax=0"];
  const started = start(["serve", ...flags, ...words], { environment });
  running.push(started);
  return started;
}

async function served(...words: readonly string[]): Promise<Started & { readonly url: string }> {
  const started = serve("--port", "0", ...words);
  await started.until(/http:\S+\/[\n"]/);
  const url = /http:[^\s"]+/.exec(started.text().out)?.[0] ?? "";
  return { ...started, url };
}

const here = () => ["--data-dir", dataDir];

describe("serve", () => {
  it("prints the address and nothing else, answers there, and ends in order", async () => {
    const { url, child, ended } = await served();
    expect((await fetch(new URL("health", url))).status).toBe(200);
    expect(await run(["ps", ...here()])).toMatchObject({ code: 0, error: "No sessions.\n" });
    child.kill("SIGINT");
    const { code, out, error } = await ended;
    expect([code, out]).toEqual([0, `Bindery serves at ${url}\n`]);
    expect(error).toMatch(/Stopping Bindery; .*\nBindery has stopped\.\n$/);
    await expect(fetch(url)).rejects.toThrow("fetch failed");
    expect(existsSync(join(dataDir, "run/server.json"))).toBe(false);
  });

  it("needs less than two seconds of one core to start again", async () => {
    // What the clock says depends on who else is at work; what the processes used does not.
    const { child } = await served();
    const pid = child.pid ?? 0;
    const usedMs = [pid, ...childrenOf(pid)].map((each) => processorMs(each));
    expect(usedMs).toHaveLength(3);
    expect(usedMs.reduce((sum, each) => sum + each)).toBeLessThan(2_000);
  });

  it("with --json says the same in lines", async () => {
    const { child, ended, url } = await served("--json");
    child.kill("SIGTERM");
    const { code, json, error } = await ended;
    const [serving, stopped] = json().filter(
      (line) => (line as { kind: string }).kind !== "progress",
    );
    expect(serving).toMatchObject({ kind: "serving", url, pid: child.pid, dataDir });
    expect(stopped).toEqual({ kind: "stopped", sessionsAlive: 0 });
    expect([code, error]).toEqual([0, ""]);
  });

  it("refuses a directory that is served, and says where", async () => {
    const { url } = await served();
    const { code, error } = await serve("--port", "0").ended;
    expect(code).toBe(1);
    expect(error).toContain(`is served already at ${url}`);
  });

  it("refuses a port that is taken, names who has it, and another that is free", async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const address = server.address();
    const port = typeof address === "object" && address !== null ? address.port : 0;
    const { code, error } = await serve("--port", String(port)).ended;
    server.close();
    expect(code).toBe(1);
    expect(error).toContain(`Port ${port} is in use by node (process ${process.pid}).`);
    expect(error).toMatch(/Port \d+ is free: --port \d+\./);
    expect(error).not.toContain("    at ");
  });

  it("refuses a setting that is malformed before anything is started", async () => {
    const { code, error } = await serve("--sessions-max", "many").ended;
    expect(code).toBe(2);
    expect(error).toContain("sessionsMax must be a number");
  });

  it("killed outright, it takes its parts along, and the next one serves", async () => {
    const first = await served();
    const pids = childrenOf(first.child.pid ?? 0);
    expect(pids).toHaveLength(2);
    first.child.kill("SIGKILL");
    await vi.waitFor(() => expect(pids.filter(isAlive)).toEqual([]), { timeout: 5_000 });
    const { url } = await served();
    expect((await fetch(new URL("health", url))).status).toBe(200);
  });

  it("a second interrupt ends it at once", async () => {
    const { child, ended, until } = await served();
    const pids = childrenOf(child.pid ?? 0);
    child.kill("SIGINT");
    await until(/once more ends it at once/);
    child.kill("SIGINT");
    const { code } = await ended;
    // In order, when it was quicker than the second interrupt.
    expect([0, 130]).toContain(code);
    await vi.waitFor(() => expect(pids.filter(isAlive)).toEqual([]), { timeout: 5_000 });
  });
});

describe("stop without a server", () => {
  it("runs one for as long as it takes, and leaves none behind", async () => {
    const stopped = await start(["stop", "--all", ...here()], { environment }).ended;
    expect(stopped).toMatchObject({ code: 0, out: "", error: "No sessions.\n" });
    expect(await run(["ps", ...here()])).toMatchObject({ code: 3 });
  });
});

describe("doctor", () => {
  it("finds the server that serves the directory", async () => {
    const { url } = await served();
    const port = new URL(url).port;
    const words = ["doctor", "--json", ...here(), "--port", port];
    const { json, code } = await run(words, { environment: plain(process.env) });
    expect(code).toBe(0);
    const [report] = json() as [{ findings: { part: string; meaning: string; state: string }[] }];
    const meaning = (part: string) => report.findings.find((each) => each.part === part)?.meaning;
    expect(meaning("data directory")).toBe(`It is served at ${url}.`);
    expect(meaning("port")).toBe("Bindery itself listens there.");
    expect(meaning("uv")).toBe("Packages can be installed.");
  });
});

function plain(variables: NodeJS.ProcessEnv): Record<string, string> {
  return Object.fromEntries(
    Object.entries(variables).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
}

function childrenOf(pid: number): readonly number[] {
  return readdirSync("/proc")
    .filter((entry) => /^\d+$/.test(entry) && parentOf(entry) === pid)
    .map(Number);
}

/** Of the process and of those it has waited for; the kernel counts in hundredths of a second. */
function processorMs(pid: number): number {
  const fields = statOf(String(pid)).slice(11, 15).map(Number);
  return fields.reduce((sum, each) => sum + each, 0) * 10;
}

function parentOf(pid: string): number {
  return Number(statOf(pid)[1]);
}

/** The fields of `/proc/PID/stat` after the name: state, parent … (proc_pid_stat(5), from field 3). */
function statOf(pid: string): readonly string[] {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  } catch {
    // It ended while we looked.
    return [];
  }
}

/** A zombie is dead: whoever should collect it may be slow. */
function isAlive(pid: number): boolean {
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, "utf8"));
  } catch {
    return false;
  }
}
