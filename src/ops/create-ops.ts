/** The watch over Bindery: it looks, finds, keeps incidents, acts, and wakes somebody when it must. */
import { Loops } from "#base/loops.ts";
import { MINUTE_MS } from "#base/units.ts";
import type { Policy } from "#core/policy.ts";
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
  const hurryCanary = () => loops.hurry("canaries");
  const watch = new Watch(ports, policy, { canaries, executor, hurryCanary });
  let cancelFirst: (() => void)[] = [];
  const { buildCanaryIntervalMs, buildCanaryTimeoutMs, canaryIntervalMs, canaryTimeoutMs } = policy;
  const canaryLoops = [
    { name: "canaries", kind: "launch", intervalMs: canaryIntervalMs, limitMs: canaryTimeoutMs },
    {
      name: "build-canaries",
      kind: "build",
      intervalMs: buildCanaryIntervalMs,
      limitMs: buildCanaryTimeoutMs,
    },
  ] as const;
  return {
    start() {
      loops.start({
        name: "watch",
        intervalMs: policy.opsIntervalMs,
        round: (isCurrent) => watch.round(isCurrent),
      });
      cancelFirst = canaryLoops
        .filter(({ intervalMs }) => intervalMs > 0)
        .map(({ intervalMs, kind, limitMs, name }) =>
          // What has just been started is not judged yet.
          clock.setTimer(intervalMs, () =>
            loops.start({
              name,
              intervalMs,
              leaseMs: limitMs + MINUTE_MS,
              round: (isCurrent) => canaries.run(kind, isCurrent),
            }),
          ),
        );
    },
    stop() {
      for (const cancel of cancelFirst) cancel();
      loops.stop();
    },
    incidents: () => watch.incidents,
    audit: (limit = AUDIT_DEFAULT) => executor.audit(limit),
    execute: (command, actor, evidence) => executor.execute(command, actor, evidence),
  };
}
