/** A control plane on pretend machines, as tests put it together. */
import type { ControlPlane } from "#control/control-plane-api.ts";
import { type ControlPlanePorts, createControlPlane } from "#control/control-plane.ts";
import { CLUSTER_POLICY } from "#core/cluster-policy.ts";
import type { LaunchEvent } from "#core/launch/launch.ts";
import { DEFAULT_POLICY, type Policy } from "#core/policy.ts";
import { PretendNodes } from "./pretend-nodes.ts";
import { PretendWorld } from "./pretend-world.ts";
import { VirtualClock } from "./world/virtual-clock.ts";

const silent = () => undefined;
const log = { debug: silent, info: silent, warn: silent, error: silent };
export const ID = "launch-0000000000000001";

export function bindery(
  nodes: PretendNodes,
  over: Partial<Policy>,
  given: Partial<ControlPlanePorts> = {},
): ControlPlane {
  const off = { canarySeats: 0, placeholdersMax: 0 };
  const policy = { ...DEFAULT_POLICY, ...CLUSTER_POLICY, ...off, ...over };
  return createControlPlane(
    { ...nodes.ports, clock: nodes.world.clock, log, ...given },
    {
      policy,
      publicUrl: "http://bindery.example/",
      planOptions: {
        platform: "linux-x86_64",
        pythons: ["3.12.0"],
        genericServer: { jupyterlab: "4.4.0" },
        maxConfigFileBytes: policy.maxConfigFileBytes,
      },
    },
  );
}

export function submit(plane: ControlPlane, id = ID): LaunchEvent[] {
  const events: LaunchEvent[] = [];
  plane.launches.submit({
    id,
    repo: { provider: "git", spec: "r", url: "https://host.example/r", ref: null },
    buildOnly: false,
    clientAddress: null,
    isCanary: false,
  });
  plane.launches.watch(id, 0, (event) => events.push(event));
  return events;
}

export async function started(over: Partial<Policy> = {}) {
  const clock = new VirtualClock(1_000_000);
  const nodes = new PretendNodes(new PretendWorld(clock));
  const plane = bindery(nodes, over);
  await plane.start();
  return { clock, nodes, plane, world: nodes.world };
}

export const causes = async (plane: ControlPlane) =>
  (await plane.operations.status()).findings.map(({ cause }) => cause);
