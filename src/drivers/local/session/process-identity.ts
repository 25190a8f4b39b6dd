/** Processes by number and start time: a number alone may belong to somebody else by now. */
import { readFileSync } from "node:fs";

export interface ProcessIdentity {
  readonly pid: number;
  /** Clock ticks since boot; field 22 of /proc/PID/stat. */
  readonly startTime: string;
}

/** Null when there is no such process, or only what is left of it. */
export function identify(pid: number): ProcessIdentity | null {
  let stat: string;
  try {
    stat = readFileSync(`/proc/${pid}/stat`, "latin1");
  } catch {
    // Gone: ENOENT, or ESRCH while it goes.
    return null;
  }
  // Behind the program's name, which may hold anything.
  const fields = stat.slice(stat.lastIndexOf(") ") + 2).split(" ");
  const [state, startTime] = [fields[0], fields[19]];
  if (startTime === undefined || state === "Z" || state === "X") return null;
  return { pid, startTime };
}

export function isAlive(identity: ProcessIdentity): boolean {
  return identify(identity.pid)?.startTime === identity.startTime;
}

/** From `<pid> <start time>`, as a keeper writes it. */
export function parseIdentity(text: string): ProcessIdentity | null {
  const match = /^(\d+) (\d+)$/.exec(text.trim());
  return match?.[1] === undefined || match[2] === undefined
    ? null
    : { pid: Number(match[1]), startTime: match[2] };
}

const TREE_MAX = 10_000;

/** The process and all that descend from it now. */
export function processTree(root: ProcessIdentity): readonly ProcessIdentity[] {
  const tree: ProcessIdentity[] = isAlive(root) ? [root] : [];
  for (let at = 0; at < tree.length && tree.length < TREE_MAX; at += 1) {
    const parent = tree[at];
    if (parent === undefined) break;
    for (const pid of childrenOf(parent.pid)) {
      const child = identify(pid);
      if (child !== null) tree.push(child);
    }
  }
  return tree;
}

export function childrenOf(pid: number): readonly number[] {
  try {
    return readFileSync(`/proc/${pid}/task/${pid}/children`, "latin1")
      .split(" ")
      .filter((text) => text !== "")
      .map(Number);
  } catch {
    // Gone, or a kernel without the list: then only the cgroup knows.
    return [];
  }
}

/** Sends the signal unless the process is gone. */
export function signal(identity: ProcessIdentity, name: NodeJS.Signals): void {
  if (!isAlive(identity)) return;
  try {
    process.kill(identity.pid, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}
