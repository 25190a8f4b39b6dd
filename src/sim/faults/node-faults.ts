/** What goes wrong with machines. */
import { SECOND_MS } from "#base/units.ts";
import type { PretendNode } from "../world/node.ts";
import type { World } from "../world/world.ts";
import { chooseNode, chooseNodes, type Fault, listOf, numberOf, textOf } from "./fault.ts";

/** The agent of a machine writes down so often what it sees there. */
const REPORT_MS = 10 * SECOND_MS;
const OUT_OF_MEMORY = 0.01;
/** A machine that is silent for so long is not ready any more, says the cluster. */
const UNREADY_MS = 40 * SECOND_MS;

/** What stands on a machine may not be reached any more, or again. */
function lookAt(world: World): void {
  world.control.lookAtNodes();
  world.edge.count();
}

/** Something becomes of the machine; its agent says so with its next report. */
function change(world: World, node: PretendNode, to: () => void): void {
  to();
  world.context.clock.setTimer(REPORT_MS, () => node.writeReport());
}

export const NODE_FAULTS: Readonly<Record<string, Fault>> = {
  "node.join": (world, values) => {
    const node = world.cluster.join({
      podNet: textOf(values, "podNet") !== "down",
      dns: textOf(values, "dns") !== "down",
      isReady: values["ready"] !== false,
      hasScratchDisk: values["scratch"] !== false,
    });
    return { subjects: [node.name] };
  },
  "node.podNet": (world, values) => {
    const node = chooseNode(world, textOf(values, "node"));
    const before = node.podNet;
    const set = (isUp: boolean) => {
      node.podNet = isUp;
      lookAt(world);
    };
    set(textOf(values, "state") === "up");
    return { subjects: [node.name], undo: () => set(before) };
  },
  "node.dns": (world, values) => {
    const node = chooseNode(world, textOf(values, "node"));
    node.dns = textOf(values, "state") === "up";
    return { subjects: [node.name], undo: () => void (node.dns = true) };
  },
  "node.lost": (world, values) => {
    const node = chooseNode(world, textOf(values, "node"));
    const { clock } = world.context;
    node.lostSinceMs = clock.nowMs();
    clock.setTimer(UNREADY_MS, () => void (node.isReady = false));
    lookAt(world);
    return { subjects: [node.name] };
  },
  "node.disk": (world, values) => {
    const node = chooseNode(world, textOf(values, "node"));
    const before = node.diskFreeRatio;
    const set = (free: number) => change(world, node, () => void (node.diskFreeRatio = free));
    set(numberOf(values, "free"));
    return { subjects: [node.name], undo: () => set(before) };
  },
  "node.readonly": (world, values) => {
    const node = chooseNode(world, textOf(values, "node"));
    const set = (isReadOnly: boolean) =>
      change(world, node, () => void (node.isReadOnly = isReadOnly));
    set(true);
    return { subjects: [node.name], undo: () => set(false) };
  },
  "node.oom": (world, values) => {
    const node = chooseNode(world, textOf(values, "node"));
    const before = node.memoryFreeRatio;
    const set = (free: number) => change(world, node, () => void (node.memoryFreeRatio = free));
    set(OUT_OF_MEMORY);
    return { subjects: [node.name], undo: () => set(before) };
  },
  "node.addresses": (world, values) => {
    const node = chooseNode(world, textOf(values, "node"));
    const before = node.addresses;
    node.addresses = [];
    return { subjects: [node.name], undo: () => void (node.addresses = before) };
  },
  "node.noScratch": (world, values) => {
    const subjects: string[] = [];
    for (let n = 0; n < numberOf(values, "count"); n += 1) {
      subjects.push(world.cluster.join({ hasScratchDisk: false }).name);
    }
    return { subjects };
  },
  "node.cordon": (world, values) => {
    const nodes = chooseNodes(world, listOf(values, "nodes"));
    for (const node of nodes) world.cluster.bar(node.name, "cordoned");
    return { subjects: nodes.map(({ name }) => name) };
  },
};
