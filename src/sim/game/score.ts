/** How a game day went: for each fault when it was seen, understood, mitigated and over, and by whom. */
import { MINUTE_MS } from "#base/units.ts";
import type { Cause } from "#core/incident/finding.ts";
import type { Incident } from "#core/incident/incident.ts";
import type { OperatorCommand } from "#core/operations/command.ts";
import type { Drill } from "../drill/drill.ts";
import type { DrillRun } from "../drill/drill-run.ts";
import { mitigatedAtMs, wantsSession } from "../drill/launch-wishes.ts";
import { type FaultRecord, faultsOf } from "../drill/measure.ts";
import { causesOf } from "../faults/causes.ts";
import type { WorldRecord } from "../world/records.ts";
import type { GameRecord, Look, Move } from "./game-record.ts";

export const STAGES = ["detect", "cause", "mitigate", "resolve"] as const;
export type Stage = (typeof STAGES)[number];

/** In this time a stage earns all its points; in three times as much, none. */
export const PAR_MS: Readonly<Record<Stage, number>> = {
  detect: 5 * MINUTE_MS,
  cause: 10 * MINUTE_MS,
  mitigate: 20 * MINUTE_MS,
  resolve: 60 * MINUTE_MS,
};
const POINTS_PER_STAGE = 25;
const NOTHING_AFTER = 3;

export interface StageScore {
  /** From the fault; null: it never came to that. */
  readonly afterMs: number | null;
  /** Points are for people: what the machine did alone gives none and costs none. */
  readonly by: "person" | "machine" | null;
  readonly points: number;
  readonly pointsMax: number;
}

export interface FaultScore {
  readonly fault: string;
  /** From the drill's start. */
  readonly atMs: number;
  readonly causes: readonly Cause[];
  readonly stages: Readonly<Record<Stage, StageScore>>;
  /** Other causes that were declared before the right one, or without it. */
  readonly wrongDeclares: number;
}

export interface GameScore {
  readonly faults: readonly FaultScore[];
  readonly points: number;
  readonly pointsMax: number;
  /** Commands that change something. */
  readonly commands: number;
}

interface Told {
  readonly drill: Pick<Drill, "starts">;
  readonly run: Pick<DrillRun, "records" | "virtualMs">;
  readonly moves: readonly Move[];
  readonly looks: readonly Look[];
  readonly incidents: ReadonlyMap<string, Life>;
}

/** An incident's changes, as times of the drill; each the last one of its kind. */
interface Life {
  readonly incident: Incident;
  readonly openedAtMs: number;
  readonly goneAtMs: number | null;
  readonly resolvedAtMs: number | null;
}

export function scoreGame(
  drill: Told["drill"],
  run: Told["run"],
  { looks, moves }: Pick<GameRecord, "looks" | "moves">,
): GameScore {
  const told = { drill, run, moves, looks, incidents: livesOf(run.records, drill.starts.atMs) };
  const faults = firstOfEach(faultsOf(run.records)).map((fault) => scoreFault(fault, told));
  const stages = faults.flatMap(({ stages: all }) => Object.values(all));
  return {
    faults,
    points: sum(stages.map(({ points }) => points)),
    pointsMax: sum(stages.map(({ pointsMax }) => pointsMax)),
    commands: moves.filter(isDeed).length,
  };
}

/** The same done to many machines is one thing to understand. */
function firstOfEach(faults: readonly FaultRecord[]): readonly FaultRecord[] {
  return faults.filter(
    ({ verb }, index) => faults.findIndex((other) => other.verb === verb) === index,
  );
}

function scoreFault(fault: FaultRecord, told: Told): FaultScore {
  const { drill, moves } = told;
  const atMs = fault.atMs - drill.starts.atMs;
  const causes = causesOf(fault.verb, fault.values);
  const lives = [...told.incidents.values()].filter(({ openedAtMs }) => openedAtMs >= atMs);
  const named = lives.filter(({ incident }) => causes.includes(incident.cause));
  // Where the cause was not found, what was found are its symptoms.
  const own = named.length > 0 ? named : lives;
  const names = new Set([...fault.subjects, ...named.map(({ incident }) => incident.subject.name)]);
  const declares = moves.filter((move) => move.atMs >= atMs && move.command.kind === "declare");
  const right = declares.find(({ command }) => isRight(command, causes, names));
  const wrongDeclares = declares.filter(
    (move) => !isRight(move.command, causes, names) && move.atMs <= (right?.atMs ?? move.atMs),
  ).length;
  const mitigatedMs = mitigatedOf(fault, own, told);
  const resolvedMs = resolvedOf(own);
  const by = moves.some(
    (move) => isDeed(move) && move.atMs >= atMs && move.atMs <= (mitigatedMs ?? move.atMs),
  )
    ? "person"
    : "machine";
  const after = (ms: number | null) => (ms === null ? null : ms - atMs);
  const cause = scoreOf("cause", after(right?.atMs ?? null), "person");
  return {
    fault: fault.verb,
    atMs,
    causes,
    stages: {
      detect: scoreOf("detect", after(detectedOf(atMs, lives, told)), "person"),
      cause: { ...cause, points: Math.round(cause.points / (1 + wrongDeclares)) },
      mitigate: scoreOf("mitigate", after(mitigatedMs), by),
      resolve: scoreOf("resolve", after(resolvedMs), by),
    },
    wrongDeclares,
  };
}

/** The first look that showed something of it, or the first thing said or done about it. */
function detectedOf(atMs: number, lives: readonly Life[], { looks, moves }: Told): number | null {
  const ids = new Set(lives.map(({ incident }) => incident.id));
  const look = looks.find(
    (each) => each.atMs >= atMs && (each.isSilent || each.incidents.some((id) => ids.has(id))),
  );
  const move = moves.find((each) => each.atMs >= atMs);
  return earliest(look?.atMs, move?.atMs);
}

/** Its incidents are found no more, and people are served well. */
function mitigatedOf(
  fault: FaultRecord,
  own: readonly Life[],
  { drill, run }: Told,
): number | null {
  const startsAtMs = drill.starts.atMs;
  const context = { startsAtMs, endsAtMs: startsAtMs + run.virtualMs };
  const servedMs = servedAtMs(run.records, mitigatedAtMs(run.records, fault.atMs, {}, context));
  const gone = own.map(({ goneAtMs }) => goneAtMs);
  if (servedMs === null || gone.includes(null)) return null;
  return Math.max(servedMs - startsAtMs, ...gone.filter((ms) => ms !== null));
}

/** Whoever asked a little earlier and waited was helped only then. */
function servedAtMs(records: readonly WorldRecord[], askedMs: number | null): number | null {
  if (askedMs === null) return null;
  const first = records.find(
    (record) =>
      record.kind === "launch-ended" &&
      record.outcome === "ready" &&
      wantsSession(record) &&
      record.atMs - record.waitedMs >= askedMs,
  );
  return first?.atMs ?? askedMs;
}

function resolvedOf(own: readonly Life[]): number | null {
  const resolved = own.map(({ resolvedAtMs }) => resolvedAtMs);
  if (resolved.length === 0 || resolved.includes(null)) return null;
  return Math.max(...resolved.filter((ms) => ms !== null));
}

function scoreOf(stage: Stage, afterMs: number | null, by: "person" | "machine"): StageScore {
  if (afterMs !== null && by === "machine") return { afterMs, by, points: 0, pointsMax: 0 };
  const parMs = PAR_MS[stage];
  const share = afterMs === null ? 0 : (NOTHING_AFTER - afterMs / parMs) / (NOTHING_AFTER - 1);
  const points = Math.round(POINTS_PER_STAGE * Math.min(1, Math.max(0, share)));
  return { afterMs, by: afterMs === null ? null : by, points, pointsMax: POINTS_PER_STAGE };
}

function isRight(
  command: OperatorCommand,
  causes: readonly Cause[],
  names: ReadonlySet<string>,
): boolean {
  return (
    command.kind === "declare" &&
    causes.includes(command.cause) &&
    (names.size === 0 || names.has(command.subject))
  );
}

function isDeed({ command }: Move): boolean {
  return command.kind !== "declare";
}

function livesOf(records: readonly WorldRecord[], startsAtMs: number): ReadonlyMap<string, Life> {
  const lives = new Map<string, Life>();
  for (const record of records) {
    if (record.kind !== "incident") continue;
    const { change, incident } = record;
    const atMs = record.atMs - startsAtMs;
    const before = lives.get(incident.id);
    const openedAtMs = before?.openedAtMs ?? atMs;
    lives.set(incident.id, {
      incident,
      openedAtMs,
      goneAtMs: goneAt(change, atMs, before),
      resolvedAtMs: change === "resolved" ? atMs : null,
    });
  }
  return lives;
}

function goneAt(
  change: Extract<WorldRecord, { kind: "incident" }>["change"],
  atMs: number,
  before: Life | undefined,
): number | null {
  if (change === "mitigated") return atMs;
  return change === "resolved" ? (before?.goneAtMs ?? atMs) : null;
}

function earliest(...times: readonly (number | undefined)[]): number | null {
  const known = times.filter((ms) => ms !== undefined);
  return known.length === 0 ? null : Math.min(...known);
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
