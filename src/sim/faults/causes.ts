/** Which finding each fault should lead to, and how soon. */
import { MINUTE_MS, SECOND_MS } from "#base/units.ts";
import type { Cause } from "#core/incident/finding.ts";
import type { ArgumentValues } from "../drill/argument.ts";

const DETECTION_MS = 60 * SECOND_MS;
/** A loop is late only after its own interval: two of those of a cluster. */
const LOOP_DETECTION_MS = 2 * MINUTE_MS;
/** What is seen by its slope needs some of it first. */
const SLOPE_DETECTION_MS = 10 * MINUTE_MS;

const CAUSES: Readonly<Record<string, readonly Cause[]>> = {
  "node.podNet": ["node-pod-network"],
  "node.dns": ["node-dns"],
  "node.lost": ["node-lost"],
  "node.disk": ["node-disk-full"],
  "node.readonly": ["node-read-only"],
  "node.oom": ["node-out-of-memory"],
  "node.addresses": ["node-no-address"],
  "node.noScratch": ["node-no-scratch-disk"],
  "node.cordon": ["edge-unschedulable", "edge-down"],
  "watch.freeze": ["watch-frozen"],
  "apiserver.lag": ["cluster-api-unreachable", "control-slow"],
  "culler.hang": ["loop-stalled"],
  "culler.flood": ["culler-flood"],
  "loop.hang": ["loop-stalled"],
  "control.leak": ["control-leak"],
  "control.slow": ["control-slow"],
  "control.wedge": ["control-wedged"],
  "control.pool": ["control-slow", "control-wedged"],
  "quota.freeze": ["quota-ghost"],
  "build.memory": ["build-out-of-memory"],
  "upstream.missing": ["upstream-unavailable"],
  "registry.down": ["node-registry", "upstream-unavailable"],
  "githost.down": ["upstream-unavailable"],
  "edge.wedge": ["edge-replica-wedged", "edge-down"],
  "member.skew": ["member-stale"],
  "member.full": ["member-full"],
  "member.fastFail": ["member-failing"],
};

/** The causes of which one should be found; empty when the verb is no fault, or a fault without a trace. */
export function causesOf(verb: string, values: ArgumentValues): readonly Cause[] {
  switch (verb) {
    case "node.join":
      return causesOfJoin(values);
    case "node.podNet":
    case "node.dns":
      return values["state"] === "up" ? [] : (CAUSES[verb] ?? []);
    case "apiserver.refuse":
      // Single requests that fail are tried again and are nobody's business.
      return values["share"] === 1 ? ["cluster-api-unreachable"] : [];
    case "release.submit":
      return causesOfRelease(values);
    default:
      return CAUSES[verb] ?? [];
  }
}

/** Within which time a fault should be found. */
export function detectionLimitMs(verb: string, values: ArgumentValues): number {
  if (verb === "culler.hang" || verb === "loop.hang") return LOOP_DETECTION_MS;
  const isSlope = verb === "control.leak" || isAbove0(values["leakMemory"]);
  return isSlope ? SLOPE_DETECTION_MS : DETECTION_MS;
}

function causesOfJoin(values: ArgumentValues): readonly Cause[] {
  const causes: Cause[] = [];
  if (values["podNet"] === "down") causes.push("node-pod-network");
  if (values["dns"] === "down") causes.push("node-dns");
  if (values["scratch"] === false) causes.push("node-no-scratch-disk");
  return causes;
}

function causesOfRelease(values: ArgumentValues): readonly Cause[] {
  const { missing } = values;
  if (Array.isArray(missing) && missing.length > 0) return ["release-incomplete"];
  const isBad =
    values["readyBeforePoll"] === true ||
    isAbove0(values["leakMemory"]) ||
    isAbove0(values["stallsAt"]) ||
    isAbove0(values["cullerFlood"]);
  return isBad ? ["release-bad"] : [];
}

function isAbove0(value: unknown): boolean {
  return typeof value === "number" && value > 0;
}
