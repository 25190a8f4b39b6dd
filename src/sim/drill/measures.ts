/** Everything that a drill can demand, by name. */
import type { Measure } from "./measure.ts";
import { ACTION_MEASURES } from "./measures-actions.ts";
import { BUILD_MEASURES } from "./measures-builds.ts";
import { EMPTIED_MEASURES } from "./measures-emptied.ts";
import { FAILED_BUILD_MEASURES } from "./measures-failed-builds.ts";
import { INCIDENT_MEASURES } from "./measures-incidents.ts";
import { LAUNCH_MEASURES } from "./measures-launches.ts";
import { LOSS_MEASURES } from "./measures-losses.ts";
import { PART_MEASURES } from "./measures-parts.ts";
import { WAIT_MEASURES } from "./measures-waits.ts";
import { WORLD_MEASURES } from "./measures-world.ts";

export const MEASURES: Readonly<Record<string, Measure>> = {
  ...LAUNCH_MEASURES,
  ...WAIT_MEASURES,
  ...INCIDENT_MEASURES,
  ...ACTION_MEASURES,
  ...WORLD_MEASURES,
  ...PART_MEASURES,
  ...LOSS_MEASURES,
  ...EMPTIED_MEASURES,
  ...BUILD_MEASURES,
  ...FAILED_BUILD_MEASURES,
};
