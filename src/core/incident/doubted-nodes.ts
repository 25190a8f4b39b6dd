/** Nodes on which nothing should be placed just now, although nobody has judged them yet. */
import type { ComponentLook } from "../detection/observed.ts";
import type { OperatorStatus } from "../operations/status.ts";

/** So many silent parts of ours on one machine are rather the machine's silence. */
const SILENT_MIN = 2;

/** The last probe was bad, or several of our own parts there are silent. */
export function doubtedNodes(
  status: Pick<OperatorStatus, "nodes"> | null,
  components: readonly Pick<ComponentLook, "answers" | "isReady" | "node">[],
): ReadonlySet<string> {
  const doubted = new Set<string>();
  for (const { node, probe } of status?.nodes ?? []) {
    if (probe !== null && probe.failures.length > 0) doubted.add(node.name);
  }
  const silent: string[] = [];
  for (const { answers, isReady, node } of components) {
    if (node !== null && (!isReady || answers === false)) silent.push(node);
  }
  for (const node of silent) {
    if (silent.filter((other) => other === node).length >= SILENT_MIN) doubted.add(node);
  }
  return doubted;
}
