/** The watch over Bindery: it looks, finds, keeps incidents, acts, and wakes somebody when it must. */
import { Loops } from "#base/loops.ts";
import type { Policy } from "#core/policy.ts";
import type { CanaryKind } from "#ports/operator.ts";
import { createCanaryLoops } from "./canary-loops.ts";
import { CanaryRunner } from "./canary-runner.ts";
import { Executor } from "./executor.ts";
import type { Ops, OpsPorts } from "./ops-ports.ts";
import { Watch } from "./watch.ts";

const AUDIT_DEFAULT = 100;

export function createOps(ports: OpsPorts, policy: Policy): Ops {
  const { clock, log } = ports;
  const loops = new Loops({ clock, log, leaseMs: policy.loopLeaseMs });
  const canaries = new CanaryRunner(ports, policy);
  const executor = new Executor(ports, policy);
  const canaryLoops = createCanaryLoops(loops, canaries, ports, policy);
  const hurryCanary = (kind: CanaryKind) => canaryLoops[kind].hurry();
  const watch = new Watch(ports, policy, { canaries, executor, hurryCanary });
  return {
    start() {
      loops.start({
        name: "watch",
        intervalMs: policy.opsIntervalMs,
        round: (isCurrent) => watch.round(isCurrent),
      });
      for (const canaryLoop of Object.values(canaryLoops)) canaryLoop.startLater();
    },
    stop() {
      for (const canaryLoop of Object.values(canaryLoops)) canaryLoop.stop();
      loops.stop();
    },
    incidents: () => watch.incidents,
    audit: (limit = AUDIT_DEFAULT) => executor.audit(limit),
    execute: (command, actor, evidence) => executor.execute(command, actor, evidence),
  };
}
