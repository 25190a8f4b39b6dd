/** Which cgroups are found in what the kernel says, and what is read from their counters. */
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import {
  type Cgroups,
  cgroupDirectories,
  findCgroupV1,
  findCgroupV2,
  makeCgroup,
  processesIn,
  readCgroup,
  removeCgroup,
  scopeDirectory,
  sweepCgroups,
  systemdRunArguments,
} from "./cgroups.ts";

const root = mkdtempSync(join(tmpdir(), "bindery-cgroups-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));
const limits = { memoryBytes: 1_000_000, processesMax: 50, cpus: 1.5, fileBytes: 1, tmpBytes: 1 };

function directory(...names: readonly string[]): string {
  const path = join(root, ...names);
  mkdirSync(path, { recursive: true });
  return path;
}

describe("version 1", () => {
  const mountInfo = ["memory", "pids", "cpu,cpuacct"]
    .map((name, i) => `3${i} 20 0:2${i} / ${join(root, "v1", name)} rw - cgroup cgroup rw,${name}`)
    .join("\n");

  it("is used below our own group of each controller", () => {
    directory("v1/memory/mine");
    directory("v1/pids");
    directory("v1/cpu,cpuacct/mine");
    const own = "4:memory:/mine\n3:pids:/\n2:cpu,cpuacct:/mine\n0::/";
    expect(findCgroupV1(mountInfo, own)).toEqual({
      kind: "v1",
      memory: join(root, "v1/memory/mine/bindery"),
      pids: join(root, "v1/pids/bindery"),
      cpu: join(root, "v1/cpu,cpuacct/mine/bindery"),
    });
  });

  it("is not used when a controller is missing or cannot be written", () => {
    expect(findCgroupV1(mountInfo, "4:memory:/mine\n0::/")).toBeNull();
    expect(findCgroupV1(mountInfo, "4:memory:/gone\n3:pids:/\n2:cpu,cpuacct:/mine")).toBeNull();
    expect(findCgroupV1("", "")).toBeNull();
  });
});

describe("version 2", () => {
  it("is used in a group that was delegated to us", () => {
    const group = directory("v2/service");
    const found = findCgroupV2(
      `30 20 0:26 / ${join(root, "v2")} rw - cgroup2 cgroup2 rw`,
      "0::/service",
    );
    expect(found).toEqual({ kind: "v2", directory: join(group, "bindery") });
    expect(readFileSync(join(group, "cgroup.subtree_control"), "utf8")).toBe("+memory +pids +cpu");
  });

  it("is not used in a group that is not ours", () => {
    expect(
      findCgroupV2(`30 20 0:26 / ${join(root, "v2")} rw - cgroup2 cgroup2 rw`, "0::/gone"),
    ).toBeNull();
  });

  it("gets its limits, and is read by its counters", () => {
    const cgroups: Cgroups = { kind: "v2", directory: directory("v2/limits") };
    const [group = ""] = cgroupDirectories(cgroups, "one");
    makeCgroup(cgroups, "one", limits);
    expect(readFileSync(join(group, "memory.max"), "utf8")).toBe("1000000");
    expect(readFileSync(join(group, "pids.max"), "utf8")).toBe("50");
    expect(readFileSync(join(group, "cpu.max"), "utf8")).toBe("150000 100000");
    writeFileSync(join(group, "memory.current"), "4096\n");
    writeFileSync(join(group, "memory.events"), "low 0\noom 3\noom_kill 2\n");
    writeFileSync(join(group, "cgroup.procs"), "12\n34\n");
    expect(readCgroup([group])).toEqual({ memoryBytes: 4096, outOfMemoryKills: 2 });
    expect(processesIn([group])).toEqual([12, 34]);
  });
});

it("reads the counters of version 1", () => {
  const group = directory("v1/counters");
  writeFileSync(join(group, "memory.usage_in_bytes"), "8192\n");
  writeFileSync(join(group, "memory.oom_control"), "oom_kill_disable 0\nunder_oom 0\noom_kill 7\n");
  expect(readCgroup([group])).toEqual({ memoryBytes: 8192, outOfMemoryKills: 7 });
});

it("tells nothing of groups that are gone or never were", () => {
  expect(readCgroup([])).toEqual({ memoryBytes: null, outOfMemoryKills: 0 });
  expect(readCgroup([join(root, "gone")])).toEqual({ memoryBytes: null, outOfMemoryKills: 0 });
  expect(processesIn([join(root, "gone")])).toEqual([]);
  expect(removeCgroup([join(root, "gone")])).toBe(true);
});

it("sweeps groups that were left behind, and no young ones", () => {
  const cgroups: Cgroups = { kind: "v2", directory: directory("v2/swept") };
  const [old, young] = [directory("v2/swept/old"), directory("v2/swept/young")];
  utimesSync(old, 1_000, 1_000);
  sweepCgroups(cgroups, Date.now());
  expect([existsSync(old), existsSync(young)]).toEqual([false, true]);
  sweepCgroups({ kind: "none" }, Date.now());
});

it("asks systemd for the same limits", () => {
  const words = systemdRunArguments(
    {
      kind: "systemd",
      user: true,
      path: "/usr/bin/systemd-run",
      properties: ["OOMPolicy=continue"],
    },
    "one",
    limits,
  );
  expect(words).toEqual([
    ...["/usr/bin/systemd-run", "--user", "--scope", "--quiet", "--collect", "--unit=bindery-one"],
    ...["--property=MemoryMax=1000000", "--property=MemorySwapMax=0", "--property=TasksMax=50"],
    ...["--property=CPUQuota=150%", "--property=OOMPolicy=continue", "--"],
  ]);
});

it.each([
  [
    "0::/user.slice/app.slice/bindery-one.scope\n",
    "/sys/fs/cgroup/user.slice/app.slice/bindery-one.scope",
  ],
  ["0::/user.slice/app.slice/bindery-other.scope\n", null],
  ["4:memory:/x\n0::/\n", null],
])("finds the scope in %j", (processCgroup, directory) => {
  expect(scopeDirectory(processCgroup, "one")).toBe(directory);
});
