/** The shape of the world in which a drill takes place. */
import { type Static, Type } from "@sinclair/typebox";
import {
  block,
  count,
  distribution,
  duration,
  either,
  flag,
  list,
  optional,
  rate,
  size,
  text,
} from "./schema-parts.ts";

const CLUSTER = block(
  {
    nodes: optional(count("Machines at the start.")),
    seatsPerNode: optional(count("Sessions that one machine holds.")),
    nodesMax: optional(count("Machines that the autoscaler may make.")),
    nodesMaxBudget: optional(count("How far Bindery may raise nodesMax by itself.")),
    nodeBoot: optional(duration("From the wish for a machine until it has joined.")),
    nodeIdle: optional(duration("A machine without sessions goes after this time.")),
    nodeMemory: optional(size("Memory of one machine.")),
    imagePull: optional(duration("Time to pull an image that a node does not hold.")),
    exact: optional(
      flag("Boots and pulls take exactly so long; without it up to 10 and 20 % more or less."),
    ),
    sessionStart: optional(duration("Time from the start of a server to its first answer.")),
    scheduler: optional(
      either(["spread", "pack"], "`spread` prefers the emptiest node, `pack` the fullest."),
    ),
    placeholders: optional(count("Pods that hold seats for people to come.")),
  },
  "The machines.",
);

const REPO = block(
  {
    built: optional(flag("Its environment exists at the start.")),
    build: optional(distribution("How long its build takes.")),
    pull: optional(duration("Time to pull its image, where it is not like others.")),
    upstream: optional(text("Host that its build downloads from.")),
    broken: optional(flag("Its server never answers, wherever it runs.")),
  },
  "A repository that is not like the others.",
);

export const WORLD = block(
  {
    cluster: optional(CLUSTER),
    control: optional(
      block(
        { replicas: optional(count("Control planes, of which one decides.")) },
        "Bindery's control planes.",
      ),
    ),
    edge: optional(
      block(
        {
          replicas: optional(count("Replicas.")),
          requests: optional(rate("Requests of people at work.")),
          ended: optional(
            either(
              ["edge", "control"],
              "Who answers requests for sessions that have ended: the `edge` itself, or the control plane.",
            ),
          ),
        },
        "The proxies in front.",
      ),
    ),
    builds: optional(
      block(
        {
          slots: optional(count("Builds at the same time; without it the policy's buildsMax.")),
          length: optional(distribution("How long one takes.")),
          memory: optional(size("What one needs.")),
          logs: optional(
            either(
              ["own", "cluster"],
              "How their logs come: `own` is told by the builder, `cluster` is read through the cluster's API.",
            ),
          ),
        },
        "Builds.",
      ),
    ),
    images: optional(
      block({ cached: optional(flag("Every node of the start holds every image.")) }, "Images."),
    ),
    repos: optional(
      Type.Record(Type.String(), REPO, {
        says: "a block of keys",
        description: "Repositories that are not like the others, by name.",
      }),
    ),
    sessions: optional(
      block(
        {
          running: optional(count("Sessions at the start.")),
          length: optional(distribution("How long people stay at work.")),
        },
        "Sessions.",
      ),
    ),
    quotas: optional(
      list(
        block({ name: text("Its name."), hard: count("Its limit.") }, "A quota."),
        "Quota objects of the provider.",
      ),
    ),
    certificates: optional(
      list(
        block(
          { host: text("Host name."), validFor: duration("From the start of the drill.") },
          "A certificate.",
        ),
        "Certificates as served.",
      ),
    ),
    members: optional(
      list(
        block(
          {
            name: text("Its name."),
            weight: optional(count("Its part of the traffic.")),
            full: optional(flag("It is full at the start.")),
          },
          "A member.",
        ),
        "Clusters behind one door; the first is the cluster of this world.",
      ),
    ),
    release: optional(text("What runs at the start.")),
  },
  "The world at the start; what is left out has the default.",
);

export type RawWorld = Static<typeof WORLD>;
