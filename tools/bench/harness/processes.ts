/** What /proc says about processes: who belongs to whom, and what they weigh. */
import { readdirSync, readFileSync } from "node:fs";

const KIB = 1_024;

export interface Weight {
  /** Resident; files of programs are counted for every process that has them in memory. */
  readonly rssMb: number;
  /** The same with those files counted once: what ends with these processes on an idle machine. */
  readonly onceMb: number;
  /** Only what nobody else can have: no files. */
  readonly ownMb: number;
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

/** Does not depend on what else runs: the kernel's own proportional figure does. */
export function weightOf(pids: readonly number[]): Weight {
  let [rssMb, ownMb, filesMb] = [0, 0, 0];
  for (const pid of pids) {
    const text = rollupOf(pid);
    const [all, own] = [kibOf(text, "Rss") / KIB, kibOf(text, "Anonymous") / KIB];
    rssMb += all;
    ownMb += own;
    filesMb = Math.max(filesMb, all - own);
  }
  return { rssMb, ownMb, onceMb: ownMb + filesMb };
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
