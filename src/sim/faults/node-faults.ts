/** What goes wrong with machines. */
import { chooseNode, chooseNodes, type Fault, listOf, numberOf, textOf } from "./fault.ts";

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
    node.podNet = textOf(values, "state") === "up";
    return { subjects: [node.name], undo: () => void (node.podNet = before) };
  },
  "node.dns": (world, values) => {
    const node = chooseNode(world, textOf(values, "node"));
    node.dns = textOf(values, "state") === "up";
    return { subjects: [node.name], undo: () => void (node.dns = true) };
  },
  "node.lost": (world, values) => {
    const node = chooseNode(world, textOf(values, "node"));
    node.lostSinceMs = world.context.clock.nowMs();
    world.control.nodeLost(node.name);
    return { subjects: [node.name] };
  },
  "node.disk": (world, values) => {
    const node = chooseNode(world, textOf(values, "node"));
    const before = node.diskFreeRatio;
    node.diskFreeRatio = numberOf(values, "free");
    return { subjects: [node.name], undo: () => void (node.diskFreeRatio = before) };
  },
  "node.readonly": (world, values) => {
    const node = chooseNode(world, textOf(values, "node"));
    node.isReadOnly = true;
    return { subjects: [node.name], undo: () => void (node.isReadOnly = false) };
  },
  "node.oom": (world, values) => {
    const node = chooseNode(world, textOf(values, "node"));
    node.memoryFreeRatio = 0.01;
    return { subjects: [node.name], undo: () => void (node.memoryFreeRatio = 0.4) };
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
    world.edge.count();
    return { subjects: nodes.map(({ name }) => name) };
  },
};
