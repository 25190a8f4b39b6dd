/** A game day as it is written down: what was played, and what the person saw and did. */
import type { OperatorCommand } from "#core/operations/command.ts";

/** A command of the person; times are counted from the drill's start. */
export interface Move {
  readonly atMs: number;
  readonly command: OperatorCommand;
  readonly person: string;
  readonly evidence: string;
}

/** The person looked and saw something else than before. */
export interface Look {
  readonly atMs: number;
  /** Ids of the incidents that were not over. */
  readonly incidents: readonly string[];
  /** The control plane did not answer. */
  readonly isSilent: boolean;
}

export interface GameRecord {
  readonly version: 1;
  readonly drill: string;
  readonly seed: number;
  readonly without: readonly string[];
  /** How long was played. */
  readonly playedMs: number;
  /** In order of time, both. */
  readonly moves: readonly Move[];
  readonly looks: readonly Look[];
}

/** Null: this is no game day's record, or one of another version. */
export function readGameRecord(text: string): GameRecord | null {
  let read: unknown;
  try {
    read = JSON.parse(text);
  } catch {
    return null;
  }
  return isRecord(read) ? read : null;
}

function isRecord(read: unknown): read is GameRecord {
  if (!isObject(read)) return false;
  const { drill, looks, moves, playedMs, seed, version, without } = read;
  return (
    version === 1 &&
    typeof drill === "string" &&
    Number.isSafeInteger(seed) &&
    isTime(playedMs) &&
    isListOf(without, (each) => typeof each === "string") &&
    isListOf(moves, isMove) &&
    isListOf(looks, isLook)
  );
}

function isMove(read: unknown): boolean {
  if (!isObject(read)) return false;
  const { atMs, command, evidence, person } = read;
  return (
    isTime(atMs) &&
    isObject(command) &&
    typeof command["kind"] === "string" &&
    typeof person === "string" &&
    typeof evidence === "string"
  );
}

function isLook(read: unknown): boolean {
  if (!isObject(read)) return false;
  const { atMs, incidents, isSilent } = read;
  return (
    isTime(atMs) &&
    isListOf(incidents, (each) => typeof each === "string") &&
    typeof isSilent === "boolean"
  );
}

function isObject(read: unknown): read is Record<string, unknown> {
  return typeof read === "object" && read !== null;
}

function isTime(read: unknown): boolean {
  return typeof read === "number" && Number.isSafeInteger(read) && read >= 0;
}

function isListOf(read: unknown, isOne: (each: unknown) => boolean): boolean {
  return Array.isArray(read) && read.every(isOne);
}
