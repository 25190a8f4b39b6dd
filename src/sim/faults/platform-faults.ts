/** What goes wrong around the cluster: hosts, builds, quotas, certificates, releases, fellow clusters. */
import { type Fault, numberOf, textOf } from "./fault.ts";

export const PLATFORM_FAULTS: Readonly<Record<string, Fault>> = {
  "quota.freeze": (world, values) => {
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
