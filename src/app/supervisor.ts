/** Keeps the gateway and the control plane alive; it does nothing else, so that it does not die. */
import { type ChildProcess, spawn } from "node:child_process";
import { rm } from "node:fs/promises";
import { SECOND_MS } from "#base/units.ts";
import { AppError, type Failure } from "#core/errors.ts";
import type { Log } from "#ports/log.ts";
import type { ChildRole, FromChild, ToChild } from "./child-messages.ts";
import type { Config } from "./config.ts";
import { holdDataDir, prepareDataDir, readServerNote, writeServerNote } from "./data-dir.ts";

export interface SupervisorOptions {
  readonly config: Config;
  readonly version: string;
  readonly log: Log;
  /** Program and arguments that become a child of the role; see `cli/main.ts`. */
  readonly childCommand: (role: ChildRole) => readonly string[];
  readonly onProgress: (line: string) => void;
}

export interface Supervisor {
  /** Address for people: `http://127.0.0.1:8585/`. */
  readonly url: string;
  /** Stops both children; sessions live on. */
  stop(): Promise<void>;
  /** Resolves with the failure when a child cannot go on, and with null after `stop`. */
  readonly ended: Promise<Failure | null>;
}

interface Child {
  process: ChildProcess | null;
  startedAtMs: number;
  /** Deaths in a row, each soon after its start. */
  earlyDeaths: number;
}

const STEADY_AFTER_MS = 10 * SECOND_MS;
const RESTART_DELAY_MAX_MS = 10 * SECOND_MS;
const STOP_GRACE_MS = 5 * SECOND_MS;

/** Errors: data-dir-unusable, data-dir-taken, port-taken, and what keeps the control plane from serving. */
export async function supervise(options: SupervisorOptions): Promise<Supervisor> {
  const { config, log } = options;
  const paths = prepareDataDir(config.dataDir);
  if (!(await holdDataDir(paths.root, "supervisor"))) {
    const note = readServerNote(paths);
    const where = note === null ? "" : ` at ${note.url} (process ${note.pid})`;
    throw new AppError("data-dir-taken", `${paths.root} is served already${where}.`);
  }

  const children: Record<ChildRole, Child> = { gateway: newChild(), control: newChild() };
  let gatewayUrl: string | null = null;
  let isStopping = false;
  const listening = Promise.withResolvers<void>();
  const serving = Promise.withResolvers<void>();
  const ended = Promise.withResolvers<Failure | null>();
  for (const { promise } of [listening, serving]) promise.catch(() => undefined);

  function fail(failure: Failure): void {
    const error = new AppError(failure.code, failure.message);
    listening.reject(error);
    serving.reject(error);
    ended.resolve(failure);
  }

  function onMessage(role: ChildRole, message: FromChild): void {
    if (message.kind === "listening") {
      gatewayUrl = message.url;
      listening.resolve();
    } else if (message.kind === "serving") {
      children[role].earlyDeaths = 0;
      serving.resolve();
    } else if (message.kind === "progress") options.onProgress(message.line);
    else fail(message.failure);
  }

  function start(role: ChildRole): void {
    if (isStopping) return;
    const [command = process.execPath, ...args] = options.childCommand(role);
    const child = children[role];
    child.startedAtMs = performance.now();
    const spawned = spawn(command, args, {
      stdio: ["ignore", "inherit", "inherit", "ipc"],
      // A terminal's Ctrl-C goes to the supervisor alone, which ends its children in order.
      detached: true,
    });
    child.process = spawned;
    spawned.on("message", (message) => onMessage(role, message as FromChild));
    spawned.on("error", (error) => log.error("a child could not be started", { role, error }));
    spawned.on("exit", (code, signal) => restart(role, spawned, { code, signal }));
    // The port of an earlier gateway is kept, also when it was taken from what was free.
    const port = gatewayUrl === null ? config.port : Number(new URL(gatewayUrl).port);
    tell(spawned, { kind: "start", config: { ...config, port }, gatewayUrl });
  }

  function restart(role: ChildRole, process_: ChildProcess, how: object): void {
    const child = children[role];
    if (isStopping || child.process !== process_) return;
    child.process = null;
    const isEarly = performance.now() - child.startedAtMs < STEADY_AFTER_MS;
    child.earlyDeaths = isEarly ? child.earlyDeaths + 1 : 0;
    const delayMs =
      child.earlyDeaths < 2 ? 0 : Math.min(RESTART_DELAY_MAX_MS, 100 * 2 ** child.earlyDeaths);
    log.warn("a part of Bindery ended and is started again", { role, delayMs, ...how });
    setTimeout(() => start(role), delayMs);
  }

  async function stop(): Promise<void> {
    if (isStopping) return;
    isStopping = true;
    await Promise.all(Object.values(children).map(({ process: child }) => end(child)));
    await rm(paths.serverNote, { force: true });
    ended.resolve(null);
  }

  try {
    start("gateway");
    await listening.promise;
    start("control");
    await serving.promise;
  } catch (error) {
    await stop();
    throw error;
  }
  const url = config.publicUrl || `${gatewayUrl}/`;
  const note = { url, gatewayUrl: gatewayUrl ?? "", pid: process.pid, version: options.version };
  await writeServerNote(paths, note);
  return { url, stop, ended: ended.promise };
}

function newChild(): Child {
  return { process: null, startedAtMs: 0, earlyDeaths: 0 };
}

function tell(child: ChildProcess, message: ToChild): void {
  if (child.connected) child.send(message, () => undefined);
}

/** Asks, waits, and then insists. */
async function end(child: ChildProcess | null): Promise<void> {
  if (child === null || child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  tell(child, { kind: "stop" });
  const insist = setTimeout(() => child.kill("SIGKILL"), STOP_GRACE_MS);
  await gone;
  clearTimeout(insist);
}
