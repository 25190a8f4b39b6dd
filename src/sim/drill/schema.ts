/** The shape of a drill's file. */
import { type Static, Type } from "@sinclair/typebox";
import {
  anything,
  block,
  count,
  distribution,
  duration,
  flag,
  list,
  number,
  optional,
  rate,
  text,
} from "./schema-parts.ts";
import { WORLD } from "./schema-world.ts";

const LIMIT = "a number, a share such as 99.5%, or a duration such as 60s";

export const CRITERION = block(
  {
    name: optional(text("What must hold, in words; without it the measure's name.")),
    measure: text("What is measured: `bindery drill --measures`."),
    of: optional(anything("The measure's arguments.")),
    atLeast: optional(number(LIMIT, "Lower limit.")),
    atMost: optional(number(LIMIT, "Upper limit.")),
    is: optional(
      Type.Union([Type.Number(), Type.String()], {
        says: `${LIMIT}, or never`,
        description: "The exact value, or `never`: nothing may have been measured.",
      }),
    ),
  },
  "One thing that must hold.",
);

const ARRIVALS = block(
  {
    rate: optional(
      list(
        Type.Tuple(
          [duration("After the start."), rate("From then on, or on the way to the next point.")],
          { says: "a pair such as [12h, 70/h]" },
        ),
        "Points of a curve: [[0h, 20/h], [12h, 70/h]]. Straight between points, level after the last; two points of one time are a step.",
      ),
    ),
    counted: optional(
      duration(
        "With a rate: in each span of this length as many come as the rate says, and only when is chance. Without it their number is chance, too.",
      ),
    ),
    burst: optional(text("Instead of a rate: `110 within 60s at 10m`.")),
    repos: Type.Union([Type.String(), Type.Record(Type.String(), Type.String())], {
      says: "a name, or a block such as {viral: 60%, rest: 40% zipf(200)}",
      description:
        "Which repositories: one name, or shares. `rest: 40% zipf(200)` are rest-1 … rest-200, the first ones far ahead. `name@ref` is one commit of a repository, with an environment of its own.",
    }),
    length: optional(distribution("How long they stay.")),
    polling: optional(
      text(
        "What their tabs do when the session has ended: `0.5/s for 10m`; without it they are closed.",
      ),
    ),
    patience: optional(duration("Who waits longer leaves.")),
    retries: optional(count("Times that somebody tries again after a failure.")),
    watching: optional(flag("They follow the build and want no session.")),
  },
  "People who come for the same reason.",
);

const EVENT = block(
  {
    at: duration("After the start."),
    fault: text("What happens: `bindery drill --faults`."),
    with: optional(anything("Its arguments.")),
  },
  "Something that happens.",
);

const ABLATION = block(
  {
    name: text("What is missing."),
    without: optional(
      Type.Union([Type.Literal("all"), Type.Array(Type.String())], {
        says: "`all`, or a list of protections",
        description: "Protections that are switched off: `bindery drill --policies`.",
      }),
    ),
    keeps: optional(list(Type.String(), "With `without: all`: those that stay.")),
    policy: optional(anything("Policy values, over those of the drill.")),
    world: optional(WORLD),
    fails: optional(
      list(
        Type.String(),
        "Names of criteria, or letters of common ones, each of which must fail; without it at least one must.",
      ),
    ),
    shows: optional(list(CRITERION, "What such a run must reproduce.")),
  },
  "A run with protections switched off, or in a world that differs, which must fail: it proves that the drill bites.",
);

const COMMON = block(
  {
    D: optional(text("Detection.")),
    M: optional(text("Mitigation.")),
    S: optional(text("Sessions.")),
    H: optional(text("Commands by hand.")),
    A: optional(text("Limits of automation.")),
    C: optional(text("The run without faults.")),
    R: optional(text("Resolution.")),
  },
  "Common criteria that do not hold here, each with the reason.",
);

export const DRILL = block(
  {
    drill: text("Its name: that of the file without `.yaml`."),
    title: text("One line."),
    incident: Type.Union([Type.String(), Type.Null()], {
      says: "the name of a report, or null",
      description: "The published incident that it repeats, or null.",
    }),
    story: text("What happened, and what this drill asks."),
    simulatedOnly: optional(list(Type.String(), "Parts whose real driver does not exist yet.")),
    basedOn: optional(text("Another drill from which every key is taken that is missing here.")),
    starts: Type.String({
      says: "a date such as 2018-01-17T18:00:00-08:00",
      description: "The virtual wall clock at the start; times are shown in its zone.",
    }),
    lasts: duration("How long."),
    world: optional(WORLD),
    policy: optional(
      anything(
        "Policy values (docs/reference/configuration.md) with units, over those of a cluster.",
      ),
    ),
    people: optional(
      block({ arrivals: optional(list(ARRIVALS, "Groups of people.")) }, "Who comes."),
    ),
    events: optional(list(EVENT, "What happens.")),
    must: optional(list(CRITERION, "What must hold beside the common criteria.")),
    except: optional(COMMON),
    ablations: optional(list(ABLATION, "Runs that must fail.")),
  },
  "A drill.",
);

export type RawDrill = Static<typeof DRILL>;
export type RawCriterion = Static<typeof CRITERION>;
export type RawArrivals = Static<typeof ARRIVALS>;
export type RawEvent = Static<typeof EVENT>;
export type RawAblation = Static<typeof ABLATION>;
