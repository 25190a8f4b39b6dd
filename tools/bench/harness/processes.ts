/** What /proc says about processes: who belongs to whom, and what they weigh. */
import { readdirSync, readFileSync } from "node:fs";

const KIB = 1_024;

export interface Weight {
  /** Resident; what is shared is counted for every process that shares it. */
  readonly rssMb: number;
  /** Resident; what is shared is divided by those who share it. */
  readonly pssMb: number;
}

/** All below it, itself excluded, parents first. */
export function descendants(pid: number): readonly number[] {
  const children = childrenOf(pid);
  return [...children, ...children.flatMap(descendants)];
}

function childrenOf(pid: number): readonly number[] {
  try {
    return readdirSync(`/proc/${pid}/task`).flatMap((thread) =>
      readFileSync(`/proc/${pid}/task/${thread}/children`, "utf8")
        .split(" ")
        .filter((word) => word !== "")
        .map(Number),
    );
  } catch {
    return []; // It has ended.
  }
}

export function commandLine(pid: number): readonly string[] {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0").slice(0, -1);
  } catch {
    return []; // It has ended.
  }
}

export function weightOf(pids: readonly number[]): Weight {
  let [rssMb, pssMb] = [0, 0];
  for (const pid of pids) {
    const text = rollupOf(pid);
    rssMb += kibOf(text, "Rss") / KIB;
    pssMb += kibOf(text, "Pss") / KIB;
  }
  return { rssMb, pssMb };
}

function rollupOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/smaps_rollup`, "utf8");
  } catch {
    return ""; // It has ended.
  }
}

function kibOf(text: string, name: string): number {
  return Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, "m").exec(text)?.[1] ?? 0);
}

/** User and system time so far, in milliseconds. */
export function cpuMs(pid: number): number {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    const fields = stat.slice(stat.lastIndexOf(") ") + 2).split(" ");
    return (Number(fields[11]) + Number(fields[12])) * 10;
  } catch {
    return Number.NaN; // It has ended.
  }
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
