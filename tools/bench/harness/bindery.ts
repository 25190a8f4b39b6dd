/** A Bindery of the bench's own: started by its command line, in a fresh data directory. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { chmod, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as wait } from "node:timers/promises";
import { type Client, createClient } from "#client/client.ts";
import type { SettingName, SettingValue } from "#app/settings.ts";
import { flagOf } from "#app/config.ts";
import type { Stage } from "./bench.ts";
import { commandLine, descendants, isAlive } from "./processes.ts";
import { until } from "./until.ts";

export const ROOT = join(import.meta.dirname, "../../..");
const MAIN = join(ROOT, "src/cli/main.ts");
/** The first start on a machine installs the tools and the Jupyter server. */
const SERVING_TIMEOUT_MS = 180_000;
const STOP_TIMEOUT_MS = 15_000;

export type Settings = Partial<Record<SettingName, SettingValue>>;

export interface Bindery {
  /** Without a slash at the end. */
  readonly url: string;
  readonly dataDir: string;
  readonly token: string;
  readonly client: Client;
  readonly supervisorPid: number;
  readonly startedInMs: number;
  /** The process of a role now; it changes when it is restarted. */
  pid(role: "gateway" | "control"): number;
  /** Ends Bindery as a person would; sessions live on. */
  stop(): Promise<void>;
  /** The command that would start it again, in the same place. */
  readonly settings: Settings;
}

/** A directory that a sandbox's user gets through; removed at the end with all that runs in it. */
export async function makeDataDir(stage: Stage): Promise<string> {
  const dataDir = await mkdtemp(join(tmpdir(), "bindery-bench-"));
  await chmod(dataDir, 0o711);
  stage.defer(async () => {
    await endSessions(dataDir);
    await rm(dataDir, { recursive: true, force: true });
  });
  return dataDir;
}

/** Resolves when it serves. It is stopped at the end. */
export async function startBindery(
  stage: Stage,
  settings: Settings = {},
  dataDir?: string,
): Promise<Bindery> {
  const directory = dataDir ?? (await makeDataDir(stage));
  const startedMs = performance.now();
  const child = spawn(process.execPath, serveCommand(directory, settings), {
    // What it warns of is for the person who runs the bench.
    stdio: ["ignore", "pipe", "inherit"],
  });
  const stop = async () => await end(child);
  stage.defer(stop);
  const { url } = await serving(child, stage.signal);
  const startedInMs = performance.now() - startedMs;
  const token = readFileSync(join(directory, "admin-token"), "utf8").trim();
  const supervisorPid = child.pid ?? 0;
  return {
    url: url.replace(/\/$/, ""),
    dataDir: directory,
    token,
    client: clientOf(url, token),
    supervisorPid,
    startedInMs,
    pid: (role) => {
      const found = descendants(supervisorPid).find((pid) => commandLine(pid).at(-1) === role);
      if (found === undefined) throw new Error(`no ${role} runs`);
      return found;
    },
    stop,
    settings,
  };
}

function serveCommand(dataDir: string, settings: Settings): string[] {
  const flags = Object.entries({ port: 0, ...settings }).flatMap(([name, value]) => [
    flagOf(name as SettingName),
    String(value),
  ]);
  return [
    "--disable-warning=ExperimentalWarning",
    ...[MAIN, "serve", "--json", "--data-dir", dataDir],
    ...flags,
  ];
}

function clientOf(url: string, token: string): Client {
  return createClient({
    baseUrl: url,
    token,
    fetch,
    wait: async (delayMs, signal) => {
      await wait(delayMs, undefined, signal === undefined ? {} : { signal });
    },
  });
}

/** The line that says where it serves. */
async function serving(
  child: ChildProcess,
  signal: AbortSignal,
): Promise<{ readonly url: string }> {
  const limit = AbortSignal.any([signal, AbortSignal.timeout(SERVING_TIMEOUT_MS)]);
  const found = new Promise<{ readonly url: string }>((resolve, reject) => {
    if (child.stdout === null) return reject(new Error("it has no output"));
    createInterface({ input: child.stdout }).on("line", (line) => {
      const word = JSON.parse(line) as { readonly kind: string; readonly url: string };
      if (word.kind === "serving") resolve(word);
    });
    child.once("exit", (code) => reject(new Error(`Bindery ended with ${code}`)));
    limit.addEventListener("abort", () => reject(new Error(`it does not serve in time`)));
  });
  return await found;
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, "exit");
  child.kill("SIGTERM");
  const insist = setTimeout(() => child.kill("SIGKILL"), STOP_TIMEOUT_MS);
  await gone;
  clearTimeout(insist);
}

/** Sessions outlive Bindery; their keepers end them politely, each known by its own record. */
async function endSessions(dataDir: string): Promise<void> {
  const keepers = keepersIn(dataDir);
  for (const pid of keepers) process.kill(pid, "SIGTERM");
  await until(() => keepers.every((pid) => !isAlive(pid)), {
    what: "sessions end",
    deadlineMs: STOP_TIMEOUT_MS,
    signal: new AbortController().signal,
    everyMs: 50,
  });
}

/** Process ids of the keepers that run in this data directory. */
export function keepersIn(dataDir: string): readonly number[] {
  const sessions = join(dataDir, "sessions");
  return readIfThere(() => readdirSync(sessions), []).flatMap((id) => {
    const text = readIfThere(() => readFileSync(join(sessions, id, "keeper"), "utf8"), "");
    const pid = Number(text.split(" ")[0]);
    // The number may be another's by now: a keeper names its directory on its command line.
    const isOurs = pid > 0 && commandLine(pid).includes(join(sessions, id));
    return isOurs ? [pid] : [];
  });
}

function readIfThere<T>(read: () => T, otherwise: T): T {
  try {
    return read();
  } catch {
    return otherwise;
  }
}
