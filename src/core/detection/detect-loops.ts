/** Loops that stalled: their own watchdog may restart one between two looks, and it is told all the same. */
import { MINUTE_MS } from "#base/units.ts";
import type { Finding } from "../incident/finding.ts";
import type { OperatorStatus } from "../operations/status.ts";
import type { Detected } from "./observed.ts";

interface LoopTrack {
  readonly restarts: number;
  /** When it was last restarted, as far as was seen. */
  readonly restartedAtMs: number | null;
}

export interface LoopMemory {
  /** Which control plane they are loops of. */
  readonly sinceMs: number | null;
  readonly loops: ReadonlyMap<string, LoopTrack>;
}

export const NO_LOOPS: LoopMemory = { sinceMs: null, loops: new Map() };

/** A loop that does not stall again for so long is well again. */
const TOLD_MS = 1 * MINUTE_MS;

export function detectLoops(
  memory: LoopMemory,
  { loops, sinceMs }: Pick<OperatorStatus, "loops" | "sinceMs">,
  nowMs: number,
): Detected<LoopMemory> {
  const isSame = memory.sinceMs === sinceMs;
  if (isSame && loops.every((loop) => isQuiet(memory.loops.get(loop.name), loop)))
    return { memory, findings: [] };
  const next = new Map<string, LoopTrack>();
  const findings: Finding[] = [];
  for (const { lastProgressAtMs, name, restarts } of loops) {
    const before = isSame ? memory.loops.get(name) : undefined;
    const isMore = before !== undefined && restarts > before.restarts;
    const restartedAtMs = isMore ? nowMs : (before?.restartedAtMs ?? null);
    const isTold = restartedAtMs !== null && nowMs - restartedAtMs < TOLD_MS;
    next.set(name, { restarts, restartedAtMs: isTold ? restartedAtMs : null });
    if (!isTold) continue;
    findings.push({
      cause: "loop-stalled",
      subject: { kind: "loop", name },
      severity: "act",
      evidence: `The loop ${name} made no progress within its lease and was restarted, ${restarts} times so far.`,
      sinceMs: Math.min(lastProgressAtMs, restartedAtMs),
    });
  }
  return { memory: { sinceMs, loops: next }, findings };
}

function isQuiet(track: LoopTrack | undefined, loop: { readonly restarts: number }): boolean {
  return track?.restarts === loop.restarts && track.restartedAtMs === null;
}
