/** Runs Bindery in this terminal until it is interrupted; with a repository to open, in a process of its own. */
import { type ChildProcess, spawn } from "node:child_process";
import type { ChildRole } from "#app/child-messages.ts";
import type { Config } from "#app/config.ts";
import { createLineLog } from "#app/line-log.ts";
import { type Supervisor, supervise } from "#app/supervisor.ts";
import { binderyVersion } from "#app/version.ts";
import { SECOND_MS } from "#base/units.ts";
import { AppError, type Failure } from "#core/errors.ts";
import type { Call } from "../command.ts";
import { EXIT_CODES, type ExitName } from "../exit-codes.ts";
import { catchInterrupts, type Interrupts } from "../progress/interrupts.ts";
import { createProgress } from "../progress/create-progress.ts";
import { sessionsAlive } from "./sessions-alive.ts";

export interface ServeWish {
  readonly config: Config;
  /** Words of `bindery open …` to run once it serves; null for none. */
  readonly open: readonly string[] | null;
  /** Whether all ends when what should be opened could not be. */
  readonly endsWithFailedOpen: boolean;
}

const OPENER_GRACE_MS = 2 * SECOND_MS;
/** With a nursery of 16 MB, as it is without a word, the control plane idles 20 MB larger. */
const NODE_FLAGS: Readonly<Record<ChildRole, readonly string[]>> = {
  control: ["--max-semi-space-size=2"],
  gateway: [],
};

/** Errors: those of `supervise`, and what keeps it from going on. */
export async function serveHere(call: Call, wish: ServeWish): Promise<ExitName> {
  const { terminal } = call;
  const interrupts = catchInterrupts(() => undefined);
  const supervisor = await start(call, wish.config, interrupts);
  // Its children end with us: nothing is in the middle of anything that a kill could break.
  if (supervisor === "interrupted") return "interrupted";
  sayAddress(call, supervisor, wish.config);
  const opener = wish.open === null ? null : startOpener(call, wish.open);
  const end = await awaitEnd({ supervisor, interrupts, opener, wish });
  switch (end.kind) {
    case "broken":
      await supervisor.stop();
      throw new AppError(end.failure.code, end.failure.message);
    case "not-opened":
      await supervisor.stop();
      return end.exit;
    case "interrupted": {
      // Two processes that write over one screen would spoil it: first the one, then the other.
      await endOpener(opener);
      terminal.note("Stopping Bindery; once more ends it at once.");
      const alive = await sessionsAlive(call, wish.config.dataDir);
      await supervisor.stop();
      sayStopped(call, alive);
      const isCancelled = opener?.exitCode === EXIT_CODES.interrupted.code;
      return isCancelled && wish.endsWithFailedOpen ? "interrupted" : "ok";
    }
  }
}

/** The processes of `childCommand` start from the same file as this one. */
export async function startSupervisor(
  call: Call,
  config: Config,
  onProgress: (line: string) => void,
): Promise<Supervisor> {
  return await supervise({
    config,
    version: binderyVersion(),
    log: createLineLog("supervisor", config.logLevel),
    childCommand: (role) => [...nodeCommand(call.program, NODE_FLAGS[role]), "child", role],
    onProgress,
  });
}

function nodeCommand(program: string, flags: readonly string[] = []): readonly string[] {
  return [process.execPath, "--disable-warning=ExperimentalWarning", ...flags, program];
}

async function start(
  call: Call,
  config: Config,
  { signal }: Interrupts,
): Promise<Supervisor | "interrupted"> {
  const progress = createProgress(call.terminal, () => performance.now());
  try {
    const started = await Promise.race([
      startSupervisor(call, config, (line) => progress.step(line)),
      onceAborted(signal),
    ]);
    if (started !== "interrupted") progress.end();
    return started;
  } finally {
    progress.breakOff();
  }
}

function sayAddress({ terminal }: Call, { url }: Supervisor, { dataDir }: Config): void {
  const version = binderyVersion();
  if (terminal.isJson) {
    terminal.json({ kind: "serving", url, pid: process.pid, version, dataDir });
  } else terminal.out(`Bindery serves at ${url}`);
}

function sayStopped({ terminal, flags }: Call, alive: number | null): void {
  if (terminal.isJson) terminal.json({ kind: "stopped", sessionsAlive: alive });
  const dataDir = flags.text("data-dir");
  const where = dataDir === null ? "" : ` --data-dir ${dataDir}`;
  const rest =
    alive === null || alive === 0
      ? ""
      : ` ${alive === 1 ? "1 session lives" : `${alive} sessions live`} on: ` +
        `\`bindery serve${where}\` finds them again, \`bindery stop --all${where}\` ends them.`;
  terminal.note(`Bindery has stopped.${rest}`);
}

/** A process of its own gives its memory back when the session is open. */
function startOpener(call: Call, words: readonly string[]): ChildProcess {
  const [command = "", ...args] = [...nodeCommand(call.program), ...words];
  return spawn(command, args, { stdio: "inherit" });
}

type ServeEnd =
  | { readonly kind: "interrupted" }
  | { readonly kind: "broken"; readonly failure: Failure }
  | { readonly kind: "not-opened"; readonly exit: ExitName };

async function awaitEnd(parts: {
  readonly supervisor: Supervisor;
  readonly interrupts: Interrupts;
  readonly opener: ChildProcess | null;
  readonly wish: ServeWish;
}): Promise<ServeEnd> {
  const { supervisor, interrupts, opener, wish } = parts;
  const interrupted = onceAborted(interrupts.signal).then(() => ({ kind: "interrupted" }) as const);
  const broken = supervisor.ended.then((failure): ServeEnd => {
    return failure === null ? { kind: "interrupted" } : { kind: "broken", failure };
  });
  const notOpened = Promise.withResolvers<ServeEnd>();
  opener?.once("exit", (code) => {
    // Its own interrupt comes to us as well, a moment earlier or later.
    const isOurs = code === EXIT_CODES.ok.code || code === EXIT_CODES.interrupted.code;
    if (wish.endsWithFailedOpen && !isOurs) {
      notOpened.resolve({ kind: "not-opened", exit: exitNamed(code) });
    }
  });
  return await Promise.race([interrupted, broken, notOpened.promise]);
}

/** It cancels its launch while there is a server to tell. */
async function endOpener(opener: ChildProcess | null): Promise<void> {
  if (opener === null || opener.exitCode !== null || opener.signalCode !== null) return;
  const gone = new Promise<void>((resolve) => opener.once("exit", () => resolve()));
  // A terminal interrupts all of us; who was interrupted alone hears it a second later.
  const remind = setTimeout(() => opener.kill("SIGINT"), OPENER_GRACE_MS / 2);
  const insist = setTimeout(() => opener.kill("SIGKILL"), 2 * OPENER_GRACE_MS);
  await gone;
  clearTimeout(remind);
  clearTimeout(insist);
}

function exitNamed(code: number | null): ExitName {
  const names = Object.keys(EXIT_CODES) as ExitName[];
  return names.find((name) => EXIT_CODES[name].code === code) ?? "failed";
}

function onceAborted(signal: AbortSignal): Promise<"interrupted"> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve("interrupted");
    else signal.addEventListener("abort", () => resolve("interrupted"), { once: true });
  });
}
