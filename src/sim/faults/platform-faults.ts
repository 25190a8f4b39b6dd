/** What goes wrong around the cluster: hosts, builds, quotas, certificates, releases, fellow clusters. */
import type { ArgumentValues } from "../drill/argument.ts";
import type { PretendMembers } from "../world/members.ts";
import type { Pod } from "../world/node.ts";
import type { World } from "../world/world.ts";
import { GIB, HOUR_MS } from "#base/units.ts";
import { pressOn } from "../world/memory-pressure.ts";
import { chooseNode, type Fault, type FaultEffect, listOf, numberOf, textOf } from "./fault.ts";

const NODE_MEMORY_BYTES = 52 * GIB;
/** Whoever wants the repository whose build needs too much. */
const WANTS_IT = {
  ...{ length: null, patienceMs: 2 * HOUR_MS, retries: 0, isWatching: false, polling: null },
};

export const PLATFORM_FAULTS: Readonly<Record<string, Fault>> = {
  "cert.renewFails": (world, values) => {
    const host = textOf(values, "host");
    world.platform.certificates.failRenewals(host);
    return { subjects: [host], undo: () => world.platform.certificates.healRenewals(host) };
  },
  "release.submit": (world, values) => {
    const traits = {
      readyBeforePoll: values["readyBeforePoll"] === true,
      missing: listOf(values, "missing"),
      leakMemoryBytes: numberOf(values, "leakMemory"),
      stallsAt: numberOf(values, "stallsAt"),
      cullerFloodPerHour: numberOf(values, "cullerFlood"),
    };
    const release = textOf(values, "release");
    const how = { members: listOf(values, "members"), isUrgent: values["urgent"] === true };
    return { subjects: world.platform.submit(release, traits, how) };
  },
  "member.skew": (world, values) => {
    const member = textOf(values, "member");
    membersOf(world).skew(member, textOf(values, "release"));
    return { subjects: [member] };
  },
  "member.full": (world, values) =>
    switched(values, (member, isOn) => membersOf(world).setFull(member, isOn)),
  "member.fastFail": (world, values) =>
    switched(values, (member, isOn) => membersOf(world).setFastFail(member, isOn)),
  "member.deployFails": (world, values) =>
    switched(values, (member, isOn) => membersOf(world).setDeployFails(member, isOn)),
  "quota.freeze": (world, values) => {
    const fellow = world.platform.federation?.fellows.get(textOf(values, "member"));
    if (fellow !== undefined) {
      fellow.freezeQuota();
      return { subjects: [`${fellow.name}/pods`, fellow.name] };
    }
    const { quota } = world.api;
    quota.hard = Math.min(quota.hard, 15_000);
    quota.frozenUsed = quota.hard;
    return { subjects: [textOf(values, "quota")], undo: () => void (quota.frozenUsed = null) };
  },
  "build.slow": (world, values) => {
    const repo = textOf(values, "repo");
    world.builds.slow.set(repo, {
      lengthMs: numberOf(values, "duration"),
      linesPerHour: numberOf(values, "lines"),
    });
    return { subjects: [repo] };
  },
  "build.memory": (world, values) => {
    const repo = textOf(values, "repo");
    const share = numberOf(values, "share");
    const node = chooseNode(world, textOf(values, "node"));
    const { context, control, crowd, edge } = world;
    const crash = (pod: Pod) => {
      const process = control.replicas.find((one) => one.pod === pod && !one.isStarting);
      return process === undefined ? edge.crash(pod) : control.restart(process.name);
    };
    const press = () => pressOn({ context, crash }, node, share);
    world.builds.hungry.set(repo, { bytes: share * NODE_MEMORY_BYTES, press });
    crowd.arrive(repo, WANTS_IT, 0);
    return { subjects: [repo] };
  },
  "prefix.bump": (world, values) => {
    world.bumpBuilder(textOf(values, "builder"));
    return { subjects: ["builder"] };
  },
  "upstream.missing": (world, values) => {
    const host = textOf(values, "host");
    world.builds.missingHosts.add(host);
    return { subjects: [host], undo: () => void world.builds.missingHosts.delete(host) };
  },
  "registry.down": (world) => {
    for (const node of world.cluster.nodes.values()) node.registry = false;
    const undo = () => {
      for (const node of world.cluster.nodes.values()) node.registry = true;
    };
    return { subjects: ["registry"], undo };
  },
  "githost.down": (world, values) => {
    const host = textOf(values, "host");
    world.repos.downHosts.add(host);
    return { subjects: [host], undo: () => void world.repos.downHosts.delete(host) };
  },
};

function membersOf(world: World): PretendMembers {
  const { federation } = world.platform;
  if (federation === null) throw new Error("this world has no members");
  return federation.members;
}

function switched(
  values: ArgumentValues,
  set: (member: string, isOn: boolean) => void,
): FaultEffect {
  const member = textOf(values, "member");
  set(member, true);
  return { subjects: [member], undo: () => set(member, false) };
}
