/** Runs a drill: the real control plane in a pretend world, as fast as it goes. */
import { MINUTE_MS } from "#base/units.ts";
import { CLUSTER_POLICY } from "#core/cluster-policy.ts";
import { DEFAULT_POLICY, type Policy } from "#core/policy.ts";
import { PROTECTIONS } from "#core/protections.ts";
import { applyEvent, isFault } from "../faults/apply-event.ts";
import { World } from "../world/world.ts";
import type { Drill } from "./drill.ts";
import type { DrillRun, RunOptions } from "./drill-run.ts";

export async function runDrill(drill: Drill, options: RunOptions): Promise<DrillRun> {
  const world = await openDrill(drill, options);
  const { clock } = world.context;
  for (let ranMs = 0; ranMs < drill.lastsMs; ranMs += MINUTE_MS) {
    await clock.run(Math.min(MINUTE_MS, drill.lastsMs - ranMs));
  }
  return runOf(world, drill.lastsMs);
}

/** What came of it so far. */
export function runOf({ context: { recorder }, invariants }: World, virtualMs: number): DrillRun {
  return {
    records: recorder.records,
    traceHash: recorder.hash,
    virtualMs,
    realMs: null,
    invariants: invariants.violations,
  };
}

/** The world of the drill at its first moment, with everything that will happen in it. */
export async function openDrill(drill: Drill, options: RunOptions): Promise<World> {
  const policy = drillPolicy(drill, options.without);
  const world = new World(drill, policy, options.seed);
  await world.begin();
  world.crowd.come(drill.arrivals, drill.lastsMs);
  for (const event of drill.events) {
    if (options.isControlRun === true && isFault(event.verb)) continue;
    world.context.clock.setTimer(event.atMs, () => applyEvent(world, event));
  }
  return world;
}

const protectionsByName: Readonly<Record<string, { readonly off: Partial<Policy> }>> = PROTECTIONS;

function drillPolicy(drill: Drill, without: readonly string[]): Policy {
  const off = without.map((name) => protectionsByName[name]?.off ?? {});
  // Spread and not assigned: V8 makes a slow dictionary of what is assigned so much.
  return { ...DEFAULT_POLICY, ...CLUSTER_POLICY, ...drill.policy, ...Object.assign({}, ...off) };
}
