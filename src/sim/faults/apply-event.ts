/** Does to the world what an event of a drill says, and writes it down. */
import type { DrillEvent } from "../drill/drill.ts";
import type { World } from "../world/world.ts";
import { CONTROL_FAULTS } from "./control-faults.ts";
import type { Fault } from "./fault.ts";
import { NODE_FAULTS } from "./node-faults.ts";
import { PEOPLE_FAULTS } from "./people-faults.ts";
import { PLATFORM_FAULTS } from "./platform-faults.ts";

const FAULTS: Readonly<Record<string, Fault>> = {
  ...NODE_FAULTS,
  ...CONTROL_FAULTS,
  ...PLATFORM_FAULTS,
  ...PEOPLE_FAULTS,
};

/** Events that a control run has as well: nothing is wrong in them. */
const HARMLESS = new Set(["edge.scale", "people.burst", "people.poll"]);

export function isFault(verb: string): boolean {
  return !HARMLESS.has(verb);
}

export function applyEvent(world: World, event: DrillEvent): void {
  const fault = FAULTS[event.verb];
  if (fault === undefined) throw new Error(`${event.verb} has no effect in this world`);
  const { clock, recorder } = world.context;
  const { bites, subjects, undo } = fault(world, event.values);
  const record = () =>
    recorder.add({
      kind: "fault",
      atMs: clock.nowMs(),
      verb: event.verb,
      what: `${event.verb} ${subjects.join(", ")}`.trim(),
      subjects,
      values: event.values,
    });
  if (bites === undefined) record();
  else bites(record);
  const forMs = event.values["for"];
  if (undo !== undefined && typeof forMs === "number") clock.setTimer(forMs, undo);
}
