/** Bindery's own processes that stand on machines that were put aside: what is wrong there reaches them next. */
import { formatDuration } from "#base/units.ts";
import type { Finding } from "../incident/finding.ts";
import { admits, type NodeObservation } from "../nodes/node.ts";
import type { Policy } from "../policy.ts";
import type { ComponentLook, Detected } from "./observed.ts";

/** Component → since when its machine is put aside. */
export type MisplacedMemory = ReadonlyMap<string, number>;

const NOTHING: Detected<MisplacedMemory> = { memory: new Map(), findings: [] };

interface PlacesObserved {
  readonly components: readonly ComponentLook[];
  /** As last known; null: never. */
  readonly nodes: readonly NodeObservation[] | null;
}

/** A replica of the edge leaves only when others serve: that they do is a matter of its own finding. */
export function detectMisplaced(
  memory: MisplacedMemory,
  { components, nodes }: PlacesObserved,
  policy: Pick<Policy, "misplacedAfterMs" | "edgeReplicasMin">,
  nowMs: number,
): Detected<MisplacedMemory> {
  if (nodes === null || !nodes.some(isAside)) return NOTHING;
  const aside = new Set(nodes.filter(isAside).map(({ name }) => name));
  const open = new Set(nodes.filter(admits).map(({ name }) => name));
  if (open.size === 0) return NOTHING;
  const next = new Map<string, number>();
  const edges = components.filter((one) => one.role === "edge" && serves(one, open)).length;
  const isEdgeSafe = edges >= Math.max(1, policy.edgeReplicasMin);
  const findings: Finding[] = [];
  for (const { name, node, role } of components) {
    if (node === null || !aside.has(node) || (role === "edge" && !isEdgeSafe)) continue;
    const sinceMs = memory.get(name) ?? nowMs;
    next.set(name, sinceMs);
    if (nowMs - sinceMs < policy.misplacedAfterMs) continue;
    findings.push({
      cause: "component-misplaced",
      subject: { kind: "component", name },
      severity: "act",
      evidence: `${name} stands on ${node}, which was put aside ${formatDuration(nowMs - sinceMs)} ago, and ${open.size} other nodes take work`,
      sinceMs,
    });
  }
  return { memory: next, findings };
}

function isAside({ bars }: NodeObservation): boolean {
  return bars.includes("quarantined");
}

function serves({ answers, isReady, node }: ComponentLook, open: ReadonlySet<string>): boolean {
  return isReady && answers !== false && node !== null && open.has(node);
}
