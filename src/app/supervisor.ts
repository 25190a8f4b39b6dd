/** Keeps the gateway and the control plane alive, and watches them; it does nothing else, so that it does not die. */
import { type ChildProcess, spawn } from "node:child_process";
import { rm } from "node:fs/promises";
import { unreachable } from "#base/assert.ts";
import { SECOND_MS } from "#base/units.ts";
import { AppError, type Failure } from "#core/errors.ts";
import type { Log } from "#ports/log.ts";
import type { ChildRole, FromChild, ToChild } from "./child-messages.ts";
import type { Config } from "./config.ts";
import {
  adminToken,
  type DataDirPaths,
  holdDataDir,
  prepareDataDir,
  readServerNote,
  writeServerNote,
} from "./data-dir.ts";
import type { ChildLook, OwnProcesses } from "./watch/own-processes.ts";
import type { RunningWatch } from "./watch/start-watch.ts";
import type { WatchRecords } from "./watch/watch-records.ts";

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
  /** On the clock that never jumps, and on the wall clock. */
  startedAtMs: number;
  startedWallMs: number;
  servingWallMs: number | null;
  restarts: number;
  lag: ChildLook["lag"];
  /** Deaths in a row, each soon after its start. */
  earlyDeaths: number;
}

const STEADY_AFTER_MS = 10 * SECOND_MS;
const RESTART_DELAY_MAX_MS = 10 * SECOND_MS;
const STOP_GRACE_MS = 5 * SECOND_MS;

/** Errors: data-dir-unusable, data-dir-taken, port-taken, and what keeps the control plane from serving. */
export async function supervise(options: SupervisorOptions): Promise<Supervisor> {
  const { config, version } = options;
  const paths = prepareDataDir(config.dataDir);
  if (!(await holdDataDir(paths.root, "supervisor"))) {
    const note = readServerNote(paths);
    const where = note === null ? "" : ` at ${note.url} (process ${note.pid})`;
    throw new AppError("data-dir-taken", `${paths.root} is served already${where}.`);
  }
  const family = new Family(options);
  let watch: RunningWatch | null = null;
  const stop = async (): Promise<void> => {
    await watch?.stop();
    await family.stop();
    await rm(paths.serverNote, { force: true });
  };
  try {
    const gatewayUrl = await family.start();
    const url = config.publicUrl || `${gatewayUrl}/`;
    await writeServerNote(paths, { url, gatewayUrl, pid: process.pid, version });
    watch = await startWatch(options, family, paths);
    return { url, stop, ended: family.ended };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Loaded only now: until it serves there is nothing to watch. */
async function startWatch(
  { config, log, version }: SupervisorOptions,
  family: Family,
  paths: DataDirPaths,
): Promise<RunningWatch> {
  const { startWatch: start } = await import("./watch/start-watch.ts");
  const watch = start({
    policy: config.policy,
    pagerUrl: config.pagerUrl,
    ...{ paths, log, release: version, processes: family },
    adminToken: await adminToken(paths),
    onChange: (records) => family.tellRecords(records),
  });
  family.watched(watch);
  return watch;
}

/** The two children, as long as they are wanted. */
class Family implements OwnProcesses {
  readonly #options: SupervisorOptions;
  readonly #children: Record<ChildRole, Child> = { gateway: newChild(), control: newChild() };
  readonly #listening = Promise.withResolvers<string>();
  readonly #serving = Promise.withResolvers<void>();
  readonly #ended = Promise.withResolvers<Failure | null>();
  #gatewayUrl: string | null = null;
  #watch: RunningWatch | null = null;
  #isStopping = false;

  constructor(options: SupervisorOptions) {
    this.#options = options;
    // Whoever still waits for one of them sees the rejection; nobody has to.
    this.#listening.promise.catch(() => undefined);
    this.#serving.promise.catch(() => undefined);
  }

  get ended(): Promise<Failure | null> {
    return this.#ended.promise;
  }

  /** Resolves with the gateway's address when both serve. */
  async start(): Promise<string> {
    this.#spawn("gateway");
    // It loads its code meanwhile, and is told to start when the gateway listens.
    this.#spawn("control");
    const url = await this.#listening.promise;
    this.#begin("control");
    await this.#serving.promise;
    return url;
  }

  async stop(): Promise<void> {
    if (this.#isStopping) return;
    this.#isStopping = true;
    await Promise.all(Object.values(this.#children).map(({ process: child }) => end(child)));
    this.#ended.resolve(null);
  }

  children(): readonly ChildLook[] {
    return (["gateway", "control"] as const).map((role) => {
      const { lag, process: child, restarts, servingWallMs, startedWallMs } = this.#children[role];
      const pid = child?.pid ?? null;
      return { role, pid, lag, restarts, startedAtMs: startedWallMs, servingAtMs: servingWallMs };
    });
  }

  askLags(): void {
    const { control } = this.#children;
    if (control.process !== null) tell(control.process, { kind: "ask-lag" });
  }

  /** It is started again as always when one ends. */
  async restart(role: ChildRole): Promise<void> {
    await end(this.#children[role].process);
  }

  watched(watch: RunningWatch): void {
    this.#watch = watch;
    this.tellRecords(watch.records());
  }

  tellRecords(records: WatchRecords): void {
    const { process: control } = this.#children.control;
    if (control !== null) tell(control, { kind: "watched", records });
  }

  #spawn(role: ChildRole): void {
    if (this.#isStopping) return;
    const { childCommand, log } = this.#options;
    const [command = process.execPath, ...args] = childCommand(role);
    const spawned = spawn(command, args, {
      stdio: ["ignore", "inherit", "inherit", "ipc"],
      // A terminal's Ctrl-C goes to the supervisor alone, which ends its children in order.
      detached: true,
    });
    const startedAtMs = performance.now();
    const fresh = { startedAtMs, startedWallMs: Date.now(), servingWallMs: null, lag: null };
    Object.assign(this.#children[role], { ...fresh, process: spawned });
    spawned.on("message", (message) => this.#hear(role, message as FromChild));
    spawned.on("error", (error) => log.error("a child could not be started", { role, error }));
    spawned.on("exit", (code, signal) => this.#restart(role, spawned, { code, signal }));
    if (role === "gateway" || this.#gatewayUrl !== null) this.#begin(role);
  }

  #begin(role: ChildRole): void {
    const { config } = this.#options;
    const { process: child } = this.#children[role];
    // A gateway that comes again takes the port of the one before, also when any free one would do.
    const url = this.#gatewayUrl;
    const port = url === null ? config.port : Number(new URL(url).port);
    if (child !== null)
      tell(child, { kind: "start", config: { ...config, port }, gatewayUrl: url });
  }

  #restart(role: ChildRole, spawned: ChildProcess, how: object): void {
    const child = this.#children[role];
    if (this.#isStopping || child.process !== spawned) return;
    child.process = null;
    child.restarts += 1;
    const isEarly = performance.now() - child.startedAtMs < STEADY_AFTER_MS;
    child.earlyDeaths = isEarly ? child.earlyDeaths + 1 : 0;
    const isSudden = child.earlyDeaths < 2;
    const delayMs = isSudden ? 0 : Math.min(RESTART_DELAY_MAX_MS, 100 * 2 ** child.earlyDeaths);
    const fields = { role, delayMs, ...how };
    this.#options.log.warn("a part of Bindery ended and is started again", fields);
    setTimeout(() => this.#spawn(role), delayMs);
  }

  #hear(role: ChildRole, message: FromChild): void {
    switch (message.kind) {
      case "listening":
        this.#children[role].servingWallMs = Date.now();
        this.#gatewayUrl = message.url;
        this.#listening.resolve(message.url);
        return;
      case "serving":
        Object.assign(this.#children[role], { earlyDeaths: 0, servingWallMs: Date.now() });
        this.#serving.resolve();
        if (this.#watch !== null) this.tellRecords(this.#watch.records());
        return;
      case "lag":
        this.#children[role].lag = { lagMs: message.lagMs, atMs: Date.now() };
        return;
      case "command":
        void this.#carryOut(role, message);
        return;
      case "progress":
        this.#options.onProgress(message.line);
        return;
      case "failed":
        this.#fail(message.failure);
        return;
      default:
        unreachable(message);
    }
  }

  async #carryOut(
    role: ChildRole,
    { actor, command, evidence, id }: Extract<FromChild, { readonly kind: "command" }>,
  ): Promise<void> {
    const nobody = { kind: "failed", because: "the watch does not run yet" } as const;
    const outcome = (await this.#watch?.execute(command, actor, evidence)) ?? nobody;
    const { process: child } = this.#children[role];
    if (child !== null) tell(child, { kind: "outcome", id, outcome });
  }

  #fail(failure: Failure): void {
    const error = new AppError(failure.code, failure.message);
    this.#listening.reject(error);
    this.#serving.reject(error);
    this.#ended.resolve(failure);
  }
}

function newChild(): Child {
  return {
    process: null,
    startedAtMs: 0,
    startedWallMs: 0,
    servingWallMs: null,
    restarts: 0,
    lag: null,
    earlyDeaths: 0,
  };
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
