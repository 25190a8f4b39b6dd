/** Real Jupyter servers for tests: the shared one, and kernels of an environment made by uv. */
import { type ChildProcess, spawn } from "node:child_process";
import { EventEmitter, once } from "node:events";
import { watch } from "node:fs";
import { access, chmod, mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { WebSocket } from "ws";
import {
  type ServerEnvironment,
  type ServerPaths,
  type ServerRequest,
  type SessionFile,
  serverCommand,
} from "#drivers/local/jupyter/server-command.ts";
import { ensureServerEnvironment } from "#drivers/local/jupyter/server-environment.ts";
import { ensurePython } from "#drivers/local/tools/ensure-python.ts";
import { ensureTools } from "#drivers/local/tools/ensure-tools.ts";
import { runProgram } from "#drivers/local/tools/run-program.ts";
import { cacheDirectoryOf, publishDirectory } from "#drivers/local/tools/shared-cache.ts";
import { uvVariables } from "#drivers/local/tools/uv-settings.ts";

export const TOKEN = "token-of-the-person";
export const CLAIM_SECRET = "secret-of-the-driver";
const START_DEADLINE_MS = 60_000;
const silent = { debug() {}, info() {}, warn() {}, error() {} };

export interface World {
  readonly directory: string;
  readonly serverEnvironment: ServerEnvironment;
  /** Environment with these requirements; made once per machine. */
  environmentWith(requirements: readonly string[]): Promise<string>;
  close(): Promise<void>;
}

export async function createWorld(): Promise<World> {
  const directory = await mkdtemp(join(tmpdir(), "bindery-jupyter-"));
  await chmod(directory, 0o755);
  const common = { dataDirectory: directory, env: process.env, log: silent };
  const { uv } = await ensureTools(common);
  const userId = process.getuid?.() === 0 ? 61_000 : (process.getuid?.() ?? 0);
  const outcome = await ensurePython({ ...common, userId, wanted: ">=3.10", uv: uv.path });
  if (outcome.kind === "unavailable") throw new Error(outcome.failure.message);
  const python = outcome.interpreter;
  const serverEnvironment = await ensureServerEnvironment({ ...common, uv: uv.path, python });
  const cache = cacheDirectoryOf(process.env, directory);
  const env = {
    ...process.env,
    ...(await uvVariables(process.env)),
    UV_CACHE_DIR: join(cache, "test-uv"),
  };
  const uvRun = async (...args: string[]) => {
    const ran = await runProgram([uv.path, ...args], { env, timeoutMs: 300_000 });
    if (ran.kind !== "exited" || ran.code !== 0) throw new Error(JSON.stringify(ran));
  };
  return {
    directory,
    serverEnvironment,
    environmentWith: async (requirements) => {
      const name = requirements.join("+").replaceAll(/[^a-z0-9.+]+/gi, "-");
      const target = join(cache, "test-environments", `${python.version}+${name}`);
      if (await exists(target)) return target;
      await publishDirectory(target, async (half) => {
        await uvRun("venv", "--relocatable", "--python", python.path, half);
        const at = join(half, "bin/python");
        await uvRun("pip", "install", "--compile-bytecode", "--python", at, ...requirements);
        await writeKernelSpec(half, target);
      });
      return target;
    },
    close: () => rm(directory, { recursive: true, force: true }),
  };
}

/** As the builder does: the kernel is named by the path at which sessions see the environment. */
async function writeKernelSpec(environment: string, seenAt: string): Promise<void> {
  const directory = join(environment, "share/jupyter/kernels/python3");
  await mkdir(directory, { recursive: true });
  const argv = [join(seenAt, "bin/python"), "-m", "ipykernel_launcher", "-f", "{connection_file}"];
  const spec = { argv, display_name: "Python 3", language: "python" };
  // The file that ipykernel brings is a hard link into uv's cache: it must not be written into.
  await rm(join(directory, "kernel.json"), { force: true });
  await writeFile(join(directory, "kernel.json"), JSON.stringify(spec));
}

export interface RunningServer {
  readonly paths: ServerPaths;
  readonly baseUrl: string;
  readonly process: ChildProcess;
  output(): string;
  /** Resolves when the server has printed this. */
  printed(text: string): Promise<void>;
  linkEnvironment(environment: string): Promise<void>;
  writeSession(session: SessionFile): Promise<void>;
  get(path: string, headers?: Record<string, string>): Promise<Answer>;
  post(path: string, body: unknown, headers?: Record<string, string>): Promise<Answer>;
  stop(): Promise<void>;
}

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
}

/** Starts a server without a sandbox and resolves when its socket exists. */
export async function startServer(
  world: World,
  wish: Partial<ServerRequest> & {
    readonly environment?: string;
    readonly files?: Record<string, string>;
  },
): Promise<RunningServer> {
  const directory = await mkdtemp(join(world.directory, "session-"));
  const paths: ServerPaths = {
    server: world.serverEnvironment.directory,
    environment: join(directory, "give/env"),
    home: join(directory, "home"),
    given: join(directory, "give"),
    socket: join(directory, "run/server.sock"),
    runtime: join(directory, "rt"),
  };
  await Promise.all(["home", "give", "run"].map((name) => mkdir(join(directory, name))));
  const linkEnvironment = (environment: string) => symlink(environment, paths.environment);
  if (wish.environment !== undefined) await linkEnvironment(wish.environment);
  for (const [name, content] of Object.entries(wish.files ?? {})) {
    await writeFile(join(paths.home, name), content);
  }
  const baseUrl = wish.baseUrl ?? "/user/test-1/";
  const { argv, variables, secrets, workingDirectory } = serverCommand({
    serverEnvironment: world.serverEnvironment,
    token: TOKEN,
    claimSecret: CLAIM_SECRET,
    server: "generic",
    isWarm: false,
    startScript: null,
    variables: {},
    kernelIdleMs: 600_000,
    allowOrigin: null,
    ...wish,
    baseUrl,
    paths,
  });
  const [program, ...args] = argv;
  if (program === undefined) throw new Error("no program");
  const appeared = fileAppears(join(directory, "run"), "server.sock");
  const child = spawn(program, args, {
    cwd: workingDirectory,
    env: { ...variables, ...secrets },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  const news = new EventEmitter();
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (chunk: Buffer) => {
      output += chunk.toString();
      news.emit("output");
    });
  }
  const printed = async (text: string) => {
    const signal = AbortSignal.timeout(START_DEADLINE_MS);
    while (!output.includes(text)) await once(news, "output", { signal });
  };
  const exited = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  const ended = exited.then(() => {
    throw new Error(`the server ended: ${output}`);
  });
  ended.catch(() => undefined);
  await Promise.race([appeared, ended]);
  const ask = (method: string, path: string, headers: Record<string, string>, body?: unknown) =>
    askServer(paths.socket, { method, path: baseUrl + path, headers, body });
  const authorization = { authorization: `token ${TOKEN}` };
  return {
    paths,
    baseUrl,
    process: child,
    output: () => output,
    printed,
    linkEnvironment,
    writeSession: (session) =>
      writeFile(join(paths.given, "session.json"), JSON.stringify(session)),
    get: (path, headers) => ask("GET", path, headers ?? authorization),
    post: (path, body, headers) => ask("POST", path, headers ?? authorization, body),
    stop: async () => {
      child.kill("SIGKILL");
      await exited;
    },
  };
}

function askServer(
  socketPath: string,
  question: { method: string; path: string; headers: Record<string, string>; body: unknown },
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const { method, path, headers, body } = question;
    const outgoing = request({
      socketPath,
      method,
      path,
      headers: { host: "localhost", ...headers },
    });
    outgoing.once("error", reject);
    outgoing.once("response", (response) => {
      let text = "";
      response.setEncoding("utf8");
      response.on("data", (chunk: string) => {
        text += chunk;
      });
      response.once("end", () =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, text }),
      );
    });
    outgoing.end(body === undefined ? undefined : JSON.stringify(body));
  });
}

/** Runs code in a kernel and returns what it prints. */
export async function runInKernel(
  server: RunningServer,
  kernelId: string,
  code: string,
): Promise<string> {
  const path = `${server.baseUrl}api/kernels/${kernelId}/channels?token=${TOKEN}`;
  const socket = new WebSocket(`ws+unix:${server.paths.socket}:${path}`, {
    headers: { host: "localhost" },
  });
  await new Promise((resolve, reject) => {
    socket.once("open", resolve);
    socket.once("error", reject);
  });
  const id = crypto.randomUUID();
  const header = {
    msg_id: id,
    msg_type: "execute_request",
    username: "",
    session: id,
    version: "5.3",
  };
  const content = {
    code,
    silent: false,
    store_history: false,
    allow_stdin: false,
    stop_on_error: true,
  };
  const output = new Promise<string>((resolve, reject) => {
    let text = "";
    socket.on("message", (data) => {
      const message = JSON.parse(String(data));
      if (message.parent_header?.msg_id !== id) return;
      if (message.msg_type === "stream") text += message.content.text;
      if (message.msg_type === "error") reject(new Error(message.content.traceback.join("\n")));
      if (message.msg_type === "status" && message.content.execution_state === "idle")
        resolve(text);
    });
    socket.once("close", () => reject(new Error("the WebSocket was closed")));
  });
  const message = { header, parent_header: {}, metadata: {}, content, channel: "shell" };
  socket.send(JSON.stringify(message));
  try {
    return await output;
  } finally {
    socket.close();
  }
}

/** Types a line and returns what the terminal shows, up to the first `>` that is not typed. */
export async function typeInTerminal(
  server: RunningServer,
  name: string,
  line: string,
): Promise<string> {
  const path = `${server.baseUrl}terminals/websocket/${name}?token=${TOKEN}`;
  const socket = new WebSocket(`ws+unix:${server.paths.socket}:${path}`, {
    headers: { host: "localhost" },
  });
  const shown = new Promise<string>((resolve, reject) => {
    let text = "";
    socket.on("message", (data) => {
      const [kind, content] = JSON.parse(String(data));
      if (kind === "setup") socket.send(JSON.stringify(["stdin", line]));
      if (kind === "stdout") text += content;
      if (/<\/[^<>]*>/.test(text)) resolve(text);
    });
    socket.once("error", reject);
    socket.once("close", () => reject(new Error("the WebSocket was closed")));
  });
  try {
    return await shown;
  } finally {
    socket.close();
  }
}

async function fileAppears(directory: string, name: string): Promise<void> {
  const signal = AbortSignal.timeout(START_DEADLINE_MS);
  await new Promise<void>((resolve, reject) => {
    const watcher = watch(directory, { signal }, (_event, changed) => {
      if (changed !== name) return;
      watcher.close();
      resolve();
    });
    signal.addEventListener("abort", () => reject(new Error(`${name} did not appear in time`)));
  });
}

async function exists(path: string): Promise<boolean> {
  return await access(path).then(
    () => true,
    () => false,
  );
}
