/** Limits on memory, processes and CPU for a tree of processes, where this machine lets us set them. */
import {
  accessSync,
  constants,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { HOUR_MS } from "#base/units.ts";
import type { SandboxLimits } from "./request.ts";

export type Cgroups =
  /** One directory per controller. */
  | { readonly kind: "v1"; readonly memory: string; readonly pids: string; readonly cpu: string }
  /** One directory that was delegated to us. */
  | { readonly kind: "v2"; readonly directory: string }
  /** systemd makes a scope for each sandbox; `user` asks the user's own systemd. */
  | {
      readonly kind: "systemd";
      readonly user: boolean;
      readonly path: string;
      /** Properties that this version knows beside the limits. */
      readonly properties: readonly string[];
    }
  /** Only limits per process. */
  | { readonly kind: "none" };

const LEFT_BEHIND_MS = HOUR_MS;
const CPU_PERIOD_US = 100_000;

/** The directories of one sandbox; none where systemd makes them or nothing can. */
export function cgroupDirectories(cgroups: Cgroups, name: string): readonly string[] {
  return basesOf(cgroups).map((base) => join(base, name));
}

function basesOf(cgroups: Cgroups): readonly string[] {
  switch (cgroups.kind) {
    case "v1":
      return [cgroups.memory, cgroups.pids, cgroups.cpu];
    case "v2":
      return [cgroups.directory];
    case "systemd":
    case "none":
      return [];
  }
}

/** Each of them says in its own word that there is no limit. */
function finite(bytes: number, unlimited: string): string {
  return Number.isFinite(bytes) ? String(bytes) : unlimited;
}

/** Makes the directories with their limits. May be repeated. */
export function makeCgroup(cgroups: Cgroups, name: string, limits: SandboxLimits): void {
  const [first, second, third] = cgroupDirectories(cgroups, name);
  const quota = String(Math.max(1_000, Math.round(limits.cpus * CPU_PERIOD_US)));
  if (cgroups.kind === "v1" && first && second && third) {
    for (const directory of [first, second, third]) mkdirSync(directory, { recursive: true });
    const memory = finite(limits.memoryBytes, "-1");
    writeFileSync(join(first, "memory.limit_in_bytes"), memory);
    writeIfThere(join(first, "memory.memsw.limit_in_bytes"), memory);
    writeFileSync(join(second, "pids.max"), String(limits.processesMax));
    writeFileSync(join(third, "cpu.cfs_period_us"), String(CPU_PERIOD_US));
    writeFileSync(join(third, "cpu.cfs_quota_us"), quota);
  }
  if (cgroups.kind === "v2" && first) {
    mkdirSync(first, { recursive: true });
    writeFileSync(join(first, "memory.max"), finite(limits.memoryBytes, "max"));
    writeIfThere(join(first, "memory.swap.max"), "0");
    writeFileSync(join(first, "pids.max"), String(limits.processesMax));
    writeIfThere(join(first, "cpu.max"), `${quota} ${CPU_PERIOD_US}`);
  }
}

export interface CgroupUse {
  readonly memoryBytes: number | null;
  readonly outOfMemoryKills: number;
}

/** What the tree of processes uses and how often it lost a process to the memory limit. */
export function readCgroup(directories: readonly string[]): CgroupUse {
  const [memory] = directories;
  if (memory === undefined) return { memoryBytes: null, outOfMemoryKills: 0 };
  const usage =
    readIfThere(join(memory, "memory.usage_in_bytes")) ??
    readIfThere(join(memory, "memory.current"));
  const events =
    readIfThere(join(memory, "memory.oom_control")) ?? readIfThere(join(memory, "memory.events"));
  const kills = events === null ? null : /^oom_kill (\d+)$/m.exec(events);
  return {
    memoryBytes: usage === null ? null : Number(usage),
    outOfMemoryKills: kills === null ? 0 : Number(kills[1]),
  };
}

/** Directory of the scope that systemd made for a sandbox, from /proc/PID/cgroup of a process in it. */
export function scopeDirectory(processCgroup: string, name: string): string | null {
  const group = /^0::(.*)$/m.exec(processCgroup)?.[1];
  return group?.endsWith(`/bindery-${name}.scope`) ? join("/sys/fs/cgroup", group) : null;
}

/** Processes in the tree now. */
export function processesIn(directories: readonly string[]): readonly number[] {
  const pids = new Set<number>();
  for (const directory of directories) {
    for (const line of (readIfThere(join(directory, "cgroup.procs")) ?? "").split("\n")) {
      if (line !== "") pids.add(Number(line));
    }
  }
  return [...pids];
}

/** Removes empty directories; false while a process is still in one. */
export function removeCgroup(directories: readonly string[]): boolean {
  let isGone = true;
  for (const directory of directories) {
    try {
      rmdirSync(directory);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ENOENT") isGone = false;
    }
  }
  return isGone;
}

/** Removes groups that a killed Bindery left behind: empty and older than any that is being made. */
export function sweepCgroups(cgroups: Cgroups, nowMs: number): void {
  for (const base of basesOf(cgroups).filter((each) => existsSync(each))) {
    for (const entry of readdirSync(base, { withFileTypes: true })) {
      const group = join(base, entry.name);
      const stats = entry.isDirectory() ? statSync(group, { throwIfNoEntry: false }) : undefined;
      // The kernel refuses to remove what still has processes.
      if (stats !== undefined && nowMs - stats.mtimeMs > LEFT_BEHIND_MS) removeCgroup([group]);
    }
  }
}

/** Arguments of systemd-run for the same limits. */
export function systemdRunArguments(
  cgroups: Extract<Cgroups, { kind: "systemd" }>,
  name: string,
  limits: SandboxLimits,
): readonly string[] {
  return [
    cgroups.path,
    ...(cgroups.user ? ["--user"] : []),
    "--scope",
    "--quiet",
    "--collect",
    `--unit=bindery-${name}`,
    `--property=MemoryMax=${finite(limits.memoryBytes, "infinity")}`,
    "--property=MemorySwapMax=0",
    `--property=TasksMax=${limits.processesMax}`,
    `--property=CPUQuota=${Math.max(1, Math.round(limits.cpus * 100))}%`,
    ...cgroups.properties.map((property) => `--property=${property}`),
    "--",
  ];
}

/** Where the controllers of cgroup v1 can be written by us, below our own group; null when not. */
export function findCgroupV1(mountInfo: string, ownCgroup: string): Cgroups | null {
  const base = (controller: string): string | null => {
    const mount = mountInfo
      .split("\n")
      .map((line) => line.split(" - "))
      .find(([, rest]) => {
        const [type, , options] = (rest ?? "").split(" ");
        return type === "cgroup" && (options ?? "").split(",").includes(controller);
      })?.[0];
    const own = ownCgroup
      .split("\n")
      .map((line) => line.split(":"))
      .find(([, controllers]) => (controllers ?? "").split(",").includes(controller))?.[2];
    const fields = mount?.split(" ");
    const [root, point] = [fields?.[3], fields?.[4]];
    if (root === undefined || point === undefined || own === undefined) return null;
    const below = own.startsWith(root) ? own.slice(root === "/" ? 0 : root.length) : own;
    return join(point, below);
  };
  const directories = { memory: base("memory"), pids: base("pids"), cpu: base("cpu") };
  const { memory, pids, cpu } = directories;
  if (memory === null || pids === null || cpu === null) return null;
  if (![memory, pids, cpu].every(isWritable)) return null;
  return {
    kind: "v1",
    memory: join(memory, "bindery"),
    pids: join(pids, "bindery"),
    cpu: join(cpu, "bindery"),
  };
}

/** A cgroup v2 directory of our own with the controllers that we need switched on; null when not. */
export function findCgroupV2(mountInfo: string, ownCgroup: string): Cgroups | null {
  const point = mountInfo
    .split("\n")
    .find((line) => line.includes(" - cgroup2 "))
    ?.split(" ")[4];
  const own = /^0::(.*)$/m.exec(ownCgroup)?.[1];
  if (point === undefined || own === undefined) return null;
  const group = join(point, own);
  if (!isWritable(group)) return null;
  const directory = join(group, "bindery");
  try {
    // A group that has processes cannot hand controllers down: this works only where the operator
    // gave us a group whose processes live in a child (systemd's Delegate= with DelegateSubgroup=).
    writeFileSync(join(group, "cgroup.subtree_control"), "+memory +pids +cpu");
    mkdirSync(directory, { recursive: true });
    writeFileSync(join(directory, "cgroup.subtree_control"), "+memory +pids +cpu");
    return { kind: "v2", directory };
  } catch {
    // EBUSY, EACCES or a missing controller: the same answer, this way is not open.
    return null;
  }
}

function isWritable(directory: string): boolean {
  try {
    accessSync(directory, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

function readIfThere(path: string): string | null {
  try {
    return readFileSync(path, "utf8");
  } catch {
    // Gone with its group, or not of this kernel: both mean that there is nothing to tell.
    return null;
  }
}

function writeIfThere(path: string, value: string): void {
  try {
    writeFileSync(path, value);
  } catch {
    // Kernels without swap accounting lack the file; the main limit stands.
  }
}
