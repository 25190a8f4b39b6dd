/** For tests: the real control plane with a cluster that a test scripts. */
import type { ControlPlane } from "#control/control-plane-api.ts";
import { createControlPlane } from "#control/control-plane.ts";
import type { LaunchEvent } from "#core/launch/launch.ts";
import type { Actor } from "#core/operations/command.ts";
import { DEFAULT_POLICY, type Policy } from "#core/policy.ts";
import type { Components } from "#ports/components.ts";
import { PretendWorld } from "./pretend-world.ts";
import { ScriptedCluster } from "./scripted-cluster.ts";
import { VirtualClock } from "./world/virtual-clock.ts";

const silent = () => undefined;
const log = { debug: silent, info: silent, warn: silent, error: silent };
export const person: Actor = { kind: "person", name: "Ada" };
export const machine: Actor = { kind: "machine", incident: "i-1" };
export const DNS = [{ check: "dns", because: "timed out" }] as const;

/** What else would act by itself. */
const QUIET = { warmServersMax: 0, scaleDownAfterMs: Number.POSITIVE_INFINITY };

interface Options {
  readonly names?: readonly string[];
  readonly policy?: Partial<Policy>;
  readonly components?: Components;
}

export async function started({ components, names = ["a", "b", "c"], policy = {} }: Options = {}) {
  const clock = new VirtualClock(1_000_000);
  const world = new PretendWorld(clock);
  const cluster = new ScriptedCluster(clock, names);
  const start = async () => {
    const plane = createControlPlane(
      { ...world.ports, cluster, clock, log, components: components ?? null },
      {
        policy: { ...DEFAULT_POLICY, ...QUIET, ...policy },
        publicUrl: "http://bindery.example/",
        planOptions: {
          platform: "linux-x86_64",
          pythons: ["3.12.0"],
          genericServer: { jupyterlab: "4.4.0" },
          maxConfigFileBytes: 1_000_000,
        },
      },
    );
    await plane.start();
    return plane;
  };
  return { clock, world, cluster, plane: await start(), start };
}

export function submit(plane: ControlPlane, id: string, repo: string): LaunchEvent[] {
  const events: LaunchEvent[] = [];
  plane.launches.submit({
    id,
    repo: { provider: "git", spec: repo, url: `https://host.example/${repo}`, ref: null },
    buildOnly: false,
    clientAddress: null,
    isCanary: false,
  });
  plane.launches.watch(id, 0, (event) => events.push(event));
  return events;
}
