/** Bindery's own processes on one machine, as the watch sees and restarts them. */
import { readdir, readFile } from "node:fs/promises";
import { get } from "node:http";
import { KIB, MINUTE_MS } from "#base/units.ts";
import type { ComponentObservation, Components } from "#ports/components.ts";
import type { ChildRole } from "../child-messages.ts";

/** What the supervisor knows of a child. */
export interface ChildLook {
  readonly role: ChildRole;
  /** Null while none runs. */
  readonly pid: number | null;
  readonly startedAtMs: number;
  /** Null until it serves. */
  readonly servingAtMs: number | null;
  readonly restarts: number;
  /** As it said last, and when. */
  readonly lag: { readonly lagMs: number; readonly atMs: number } | null;
}

export interface OwnProcesses {
  children(): readonly ChildLook[];
  /** Asks them to say how late their event loops are; the answers are seen at a later look. */
  askLags(): void;
  restart(role: ChildRole): Promise<void>;
}

/** A start that takes longer is no start any more. */
const START_MAX_MS = 2 * MINUTE_MS;
const LAG_KEPT_MS = 2 * MINUTE_MS;

export function ownComponents(
  processes: OwnProcesses,
  given: {
    readonly release: string;
    /** The gateway tells its numbers there. */
    readonly gatewaySocket: string;
    /** Time for that; less than the watch waits for the whole list. */
    readonly answerMs: number;
    readonly nowMs: () => number;
  },
): Components {
  return {
    async list() {
      const looks = await Promise.all(processes.children().map((child) => look(child, given)));
      processes.askLags();
      return looks;
    },
    async restart(name) {
      const child = processes.children().find(({ role }) => role === name);
      if (child === undefined) throw new Error(`there is no process ${name}`);
      await processes.restart(child.role);
    },
    surge: () => Promise.reject(new Error("one machine runs one process of each kind")),
  };
}

async function look(
  { lag, pid, restarts, role, servingAtMs, startedAtMs }: ChildLook,
  given: Parameters<typeof ownComponents>[1],
): Promise<ComponentObservation> {
  const nowMs = given.nowMs();
  const isStarting = servingAtMs === null && nowMs - startedAtMs < START_MAX_MS;
  const [memoryBytes, handles, answers] = await Promise.all([
    pid === null ? null : memoryOf(pid),
    pid === null ? null : handlesOf(pid),
    role !== "gateway" || isStarting ? null : isAnswering(given),
  ]);
  return {
    name: role,
    role: role === "gateway" ? "edge" : "control",
    node: null,
    // While it starts nobody waits for its answers: it counts as started just now.
    isReady: pid !== null,
    startedAtMs: servingAtMs ?? (isStarting ? nowMs : startedAtMs),
    restarts,
    release: given.release,
    memoryBytes,
    handles,
    loopLagMs: lag !== null && nowMs - lag.atMs < LAG_KEPT_MS ? lag.lagMs : null,
    answers,
  };
}

/** Null: it is gone, or not ours to look at. */
async function memoryOf(pid: number): Promise<number | null> {
  const status = await readFile(`/proc/${pid}/status`, "utf8").catch(() => "");
  const kib = /^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1];
  return kib === undefined ? null : Number(kib) * KIB;
}

async function handlesOf(pid: number): Promise<number | null> {
  const open = await readdir(`/proc/${pid}/fd`).catch(() => null);
  return open?.length ?? null;
}

function isAnswering({
  answerMs,
  gatewaySocket: socketPath,
}: Parameters<typeof ownComponents>[1]): Promise<boolean> {
  return new Promise((resolve) => {
    const signal = AbortSignal.timeout(answerMs);
    const asked = get({ socketPath, path: "/metrics", signal }, (response) => {
      response.resume();
      resolve(true);
    });
    asked.once("error", () => resolve(false));
  });
}
