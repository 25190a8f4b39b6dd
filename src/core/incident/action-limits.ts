/** How often the machine may do what: the blast stays small however wrong a diagnosis is. */
import { formatDuration, MINUTE_MS } from "#base/units.ts";
import type { ComponentLook } from "../detection/observed.ts";
import type { OperatorCommand } from "../operations/command.ts";
import type { Policy } from "../policy.ts";

/** Something that was tried; outcome null: it is under way. */
export interface Attempt {
  readonly incident: string;
  readonly command: OperatorCommand;
  readonly atMs: number;
  readonly outcome: "done" | "refused" | "failed" | null;
}

export type LimitPolicy = Pick<
  Policy,
  | "restartIntervalMs"
  | "edgeRestartIntervalMs"
  | "edgeSurgeIntervalMs"
  | "surgeIntervalMs"
  | "rollbackIntervalMs"
  | "quotaRepairIntervalMs"
  | "fallbackIntervalMs"
  | "loopRestartIntervalMs"
>;

interface Limit {
  /** Commands with the same word share the limit. */
  readonly shared: string;
  readonly intervalMs: number;
}

/** Whether it may be done now, and the limit in words for the audit. */
export function withinLimit(
  command: OperatorCommand,
  attempts: readonly Attempt[],
  components: readonly ComponentLook[],
  policy: LimitPolicy,
  nowMs: number,
): { readonly isAllowed: boolean; readonly limit: string } {
  const { intervalMs, shared } = limitOf(command, components, policy);
  if (!Number.isFinite(intervalMs))
    return { isAllowed: false, limit: `no ${shared} by the machine` };
  const used = attempts.filter(
    ({ atMs, command: other, outcome }) =>
      outcome !== "refused" &&
      nowMs - atMs < intervalMs &&
      limitOf(other, components, policy).shared === shared,
  ).length;
  const limit = `1 ${shared} in ${formatDuration(intervalMs)} (${used} so far)`;
  return { isAllowed: used === 0, limit };
}

function limitOf(
  command: OperatorCommand,
  components: readonly ComponentLook[],
  policy: LimitPolicy,
): Limit {
  if (command.kind === "restart-component") return restartLimit(command, components, policy);
  if (command.kind === "surge-component") {
    const shared = `further replica of ${command.role}`;
    const isEdge = command.role === "edge";
    return { shared, intervalMs: isEdge ? policy.edgeSurgeIntervalMs : policy.surgeIntervalMs };
  }
  if (command.kind === "rollback-release")
    return { shared: "rollback", intervalMs: policy.rollbackIntervalMs };
  if (command.kind === "repair-quota")
    return { shared: `repair of ${command.quota}`, intervalMs: policy.quotaRepairIntervalMs };
  if (command.kind === "use-fallback")
    return { shared: `fallback of ${command.host}`, intervalMs: policy.fallbackIntervalMs };
  if (command.kind === "restart-loop")
    return { shared: `restart of loop ${command.loop}`, intervalMs: policy.loopRestartIntervalMs };
  return { shared: command.kind, intervalMs: MINUTE_MS };
}

function restartLimit(
  { component }: Extract<OperatorCommand, { readonly kind: "restart-component" }>,
  components: readonly ComponentLook[],
  policy: LimitPolicy,
): Limit {
  const role = components.find(({ name }) => name === component)?.role;
  if (role === "edge")
    return { shared: "restart of the edge", intervalMs: policy.edgeRestartIntervalMs };
  const shared = role === "control" ? "the control plane" : component;
  return { shared: `restart of ${shared}`, intervalMs: policy.restartIntervalMs };
}
