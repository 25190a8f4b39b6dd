/** Which way to limits this machine leaves open to us: found out by trying. */
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import {
  type Cgroups,
  findCgroupV1,
  findCgroupV2,
  makeCgroup,
  cgroupDirectories,
  removeCgroup,
  sweepCgroups,
  systemdRunArguments,
} from "./cgroups.ts";
import { BOUND_ENVIRONMENT, programPath } from "./owner.ts";

const SYSTEMD_TIMEOUT_MS = 5_000;
const PROBE_LIMITS = {
  memoryBytes: 64 << 20,
  processesMax: 8,
  cpus: 1,
  fileBytes: 1 << 20,
  tmpBytes: 1 << 20,
};

let found: Cgroups | null = null;

/** Asked once per process: our own cgroup does not change under us. */
export function findCgroups(): Cgroups {
  if (found === null) {
    found = probe();
    sweepCgroups(found, Date.now());
  }
  return found;
}

function probe(): Cgroups {
  const mountInfo = readFileSync("/proc/self/mountinfo", "utf8");
  const ownCgroup = readFileSync("/proc/self/cgroup", "utf8");
  const v1 = findCgroupV1(mountInfo, ownCgroup);
  if (v1 !== null && holds(v1)) return v1;
  const v2 = findCgroupV2(mountInfo, ownCgroup);
  if (v2 !== null && holds(v2)) return v2;
  return systemd() ?? { kind: "none" };
}

/** Makes a group with limits and removes it. */
function holds(cgroups: Cgroups): boolean {
  const name = `probe-${process.pid}`;
  try {
    makeCgroup(cgroups, name, PROBE_LIMITS);
    return true;
  } catch {
    // A limit that cannot be written is no limit: try the next way.
    return false;
  } finally {
    removeCgroup(cgroupDirectories(cgroups, name));
  }
}

/** Where scopes have a policy, they end as a whole for one process that ran out of memory. */
const GO_ON = "OOMPolicy=continue";

function systemd(): Cgroups | null {
  if (!existsSync("/run/systemd/system")) return null;
  const user = process.getuid?.() !== 0;
  const path = programPath("systemd-run");
  for (const properties of [[GO_ON], []]) {
    const cgroups = { kind: "systemd", user, path, properties } as const;
    if (makesScope(cgroups)) return cgroups;
  }
  return null;
}

function makesScope(cgroups: Extract<Cgroups, { kind: "systemd" }>): boolean {
  const [file = "", ...args] = systemdRunArguments(cgroups, `probe-${process.pid}`, PROBE_LIMITS);
  try {
    execFileSync(file, [...args, "/bin/true"], {
      env: { ...BOUND_ENVIRONMENT, XDG_RUNTIME_DIR: `/run/user/${process.getuid?.() ?? 0}` },
      stdio: "ignore",
      timeout: SYSTEMD_TIMEOUT_MS,
    });
    return true;
  } catch {
    // No bus, no permission, or a property that this version does not know.
    return false;
  }
}
