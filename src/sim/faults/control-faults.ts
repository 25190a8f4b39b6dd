/** What goes wrong with Bindery's own processes and with the cluster's API. */
import { type Fault, numberOf, textOf } from "./fault.ts";

export const CONTROL_FAULTS: Readonly<Record<string, Fault>> = {
  "watch.freeze": (world) => {
    world.api.isWatchFrozen = true;
    return { subjects: ["watch"], undo: () => void (world.api.isWatchFrozen = false) };
  },
  "apiserver.refuse": (world, values) => {
    world.api.refuse(numberOf(values, "for"), numberOf(values, "share"));
    return { subjects: ["apiserver"] };
  },
  "apiserver.lag": (world, values) => {
    world.api.setLag(numberOf(values, "by"));
    return { subjects: ["apiserver"], undo: () => world.api.setLag(0) };
  },
  // A culler that asks nobody anything does nothing, whether it hangs or not.
  "culler.hang": (world) => ({
    subjects: ["culler"],
    bites: (bitten) => world.sessions.culler.hang(bitten),
  }),
  "culler.flood": (world, values) => {
    world.floodCuller(numberOf(values, "rate"));
    return { subjects: ["culler"], undo: () => world.floodCuller(0) };
  },
  "control.leak": (world, values) => {
    world.control.leak = {
      handles: numberOf(values, "handles"),
      memoryBytes: numberOf(values, "memory"),
      stallsAt: numberOf(values, "stallsAt"),
    };
    return { subjects: [world.control.leaderReplica?.name ?? "control"] };
  },
  "control.slow": (world, values) => {
    world.control.setSlow(numberOf(values, "by"));
    return { subjects: ["control"], undo: () => world.control.setSlow(0) };
  },
  "control.wedge": (world, values) => {
    const name = world.control.leaderReplica?.name ?? "control";
    world.control.wedge(textOf(values, "door") === "silent");
    return { subjects: [name] };
  },
  "control.crash": (world) => {
    const name = world.control.leaderReplica?.name ?? "control";
    world.control.crashLeader();
    return { subjects: [name] };
  },
  "control.pool": (world) => {
    const name = world.control.leaderReplica?.name ?? "control";
    return { subjects: [name], undo: world.control.wedge() };
  },
  "edge.wedge": (world, values) => {
    const count = numberOf(values, "count");
    world.edge.wedge(count);
    return { subjects: world.edge.replicas.slice(0, count).map(({ name }) => name) };
  },
  "edge.scale": (world, values) => {
    for (let n = 0; n < numberOf(values, "by"); n += 1) world.edge.add([]);
    return { subjects: ["edge"] };
  },
};
