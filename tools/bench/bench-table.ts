/** The benches, in the order in which `npm run bench` runs them. */
import { buildBench } from "./build.ts";
import { crowdBench } from "./crowd.ts";
import { gatewayBench } from "./gateway-bench.ts";
import type { Bench } from "./harness/bench.ts";
import { launchBench } from "./launch.ts";
import { memoryBench } from "./memory.ts";
import { policiesBench } from "./policies.ts";
import { recoveryBench } from "./recovery.ts";
import { simBench } from "./sim.ts";
import { watchersBench } from "./watchers.ts";

export const BENCHES: readonly Bench[] = [
  launchBench,
  buildBench,
  gatewayBench,
  memoryBench,
  crowdBench,
  watchersBench,
  recoveryBench,
  simBench,
  policiesBench,
];
