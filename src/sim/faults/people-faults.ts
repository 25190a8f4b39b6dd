/** What people and operators do. */
import type { Arrivals } from "../drill/drill.ts";
import { chooseNodes, type Fault, listOf, numberOf, textOf } from "./fault.ts";
import { operatorCommand } from "./operator-command.ts";

const BURST_MANNERS: Pick<
  Arrivals,
  "length" | "patienceMs" | "retries" | "isWatching" | "polling"
> = { length: null, patienceMs: 600_000, retries: 1, isWatching: false, polling: null };

export const PEOPLE_FAULTS: Readonly<Record<string, Fault>> = {
  "people.burst": (world, values) => {
    const { clock, prng } = world.context;
    const draws = prng.fork(`burst-${clock.nowMs()}`);
    const repo = textOf(values, "repo");
    for (let n = 0; n < numberOf(values, "people"); n += 1) {
      const delayMs = Math.floor(draws.fraction() * numberOf(values, "within"));
      clock.setTimer(delayMs, () => world.crowd.arrive(repo, BURST_MANNERS, 1));
    }
    return { subjects: [repo] };
  },
  "people.poll": (world, values) => {
    const polling = { perHour: numberOf(values, "rate"), forMs: numberOf(values, "for") };
    world.crowd.poll(polling, numberOf(values, "tabs"));
    return { subjects: ["tabs"] };
  },
  "operator.cordon": (world, values) => {
    const nodes = chooseNodes(world, listOf(values, "nodes"));
    for (const { name } of nodes) {
      const isForced = values["isForced"] === true;
      world.command({ kind: "cordon-node", node: name, isForced });
    }
    return { subjects: nodes.map(({ name }) => name) };
  },
  "operator.command": (world, values) => {
    const command = operatorCommand(values, world.drill.starts.atMs);
    world.command(command);
    return { subjects: [command.kind] };
  },
};
