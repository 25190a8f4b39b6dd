/** The world of a drill, with a default for everything that its file does not say. */
import { GIB, MINUTE_MS, SECOND_MS } from "#base/units.ts";
import type { ClusterSpec, RepoSpec, WorldSpec } from "./drill.ts";
import type { Reader } from "./reader.ts";
import type { RawWorld } from "./schema-world.ts";

export const DEFAULT_WORLD: WorldSpec = {
  cluster: {
    nodes: 3,
    seatsPerNode: 40,
    nodesMax: 10,
    nodesMaxBudget: 10,
    nodeBootMs: 4 * MINUTE_MS,
    nodeIdleMs: 10 * MINUTE_MS,
    nodeMemoryBytes: 48 * GIB,
    imagePullMs: 25 * SECOND_MS,
    isExact: false,
    sessionStartMs: 3 * SECOND_MS,
    scheduler: "spread",
    placeholders: 0,
  },
  control: { replicas: 2 },
  edge: { replicas: 2, requestsPerHour: 3_600, isEndedForControl: false },
  builds: {
    slots: null,
    length: { kind: "fixed", valueMs: 2 * MINUTE_MS },
    memoryBytes: 2 * GIB,
    areLogsOfCluster: false,
  },
  images: { areCached: true },
  repos: {},
  sessions: { running: 0, length: { kind: "exp", meanMs: 45 * MINUTE_MS } },
  quotas: [],
  certificates: [],
  members: [],
  release: "1.0",
};

const DEFAULT_REPO: RepoSpec = {
  isBuilt: true,
  buildLength: null,
  pullMs: null,
  upstream: "pypi.org",
  isBroken: false,
};

const MEMBER_WEIGHT = 1;

export function readWorld(raw: RawWorld | undefined, reader: Reader): WorldSpec {
  const world = raw ?? {};
  const { edge, builds, sessions } = DEFAULT_WORLD;
  return {
    cluster: readCluster(world.cluster ?? {}, reader),
    control: { replicas: world.control?.replicas ?? DEFAULT_WORLD.control.replicas },
    edge: {
      replicas: world.edge?.replicas ?? edge.replicas,
      requestsPerHour: reader.rate(
        ["world", "edge", "requests"],
        world.edge?.requests,
        edge.requestsPerHour,
      ),
      isEndedForControl: world.edge?.ended === "control",
    },
    builds: {
      slots: world.builds?.slots ?? null,
      length: reader.distribution(
        ["world", "builds", "length"],
        world.builds?.length,
        builds.length,
      ),
      memoryBytes: reader.size(
        ["world", "builds", "memory"],
        world.builds?.memory,
        builds.memoryBytes,
      ),
      areLogsOfCluster: world.builds?.logs === "cluster",
    },
    images: { areCached: world.images?.cached ?? DEFAULT_WORLD.images.areCached },
    repos: readRepos(world.repos ?? {}, reader),
    sessions: {
      running: world.sessions?.running ?? sessions.running,
      length: reader.distribution(
        ["world", "sessions", "length"],
        world.sessions?.length,
        sessions.length,
      ),
    },
    quotas: world.quotas ?? [],
    certificates: (world.certificates ?? []).map(({ host, validFor }, index) => ({
      host,
      validForMs: reader.duration(["world", "certificates", index, "validFor"], validFor, 0),
    })),
    members: (world.members ?? []).map(({ name, weight, full }) => ({
      name,
      weight: weight ?? MEMBER_WEIGHT,
      isFull: full ?? false,
    })),
    release: world.release ?? DEFAULT_WORLD.release,
  };
}

/** A world of which some keys are otherwise, those within its blocks one by one. */
export function worldOver(base: RawWorld | undefined, over: RawWorld): RawWorld {
  const { builds, cluster, control, edge, images, sessions } = base ?? {};
  return {
    ...{ ...base, ...over },
    builds: { ...builds, ...over.builds },
    cluster: { ...cluster, ...over.cluster },
    control: { ...control, ...over.control },
    edge: { ...edge, ...over.edge },
    images: { ...images, ...over.images },
    sessions: { ...sessions, ...over.sessions },
  };
}

function readCluster(raw: NonNullable<RawWorld["cluster"]>, reader: Reader): ClusterSpec {
  const { cluster } = DEFAULT_WORLD;
  const path = ["world", "cluster"];
  const nodes = raw.nodes ?? cluster.nodes;
  const nodesMax = raw.nodesMax ?? Math.max(nodes, cluster.nodesMax);
  if (nodesMax < nodes)
    reader.complain(
      [...path, "nodesMax"],
      "world.cluster.nodesMax is less than the nodes at the start.",
    );
  return {
    nodes,
    seatsPerNode: raw.seatsPerNode ?? cluster.seatsPerNode,
    nodesMax,
    nodesMaxBudget: raw.nodesMaxBudget ?? nodesMax,
    nodeBootMs: reader.duration([...path, "nodeBoot"], raw.nodeBoot, cluster.nodeBootMs),
    nodeIdleMs: reader.duration([...path, "nodeIdle"], raw.nodeIdle, cluster.nodeIdleMs),
    nodeMemoryBytes: reader.size([...path, "nodeMemory"], raw.nodeMemory, cluster.nodeMemoryBytes),
    imagePullMs: reader.duration([...path, "imagePull"], raw.imagePull, cluster.imagePullMs),
    isExact: raw.exact ?? cluster.isExact,
    sessionStartMs: reader.duration(
      [...path, "sessionStart"],
      raw.sessionStart,
      cluster.sessionStartMs,
    ),
    scheduler: raw.scheduler === "pack" ? "pack" : cluster.scheduler,
    placeholders: raw.placeholders ?? cluster.placeholders,
  };
}

function readRepos(raw: NonNullable<RawWorld["repos"]>, reader: Reader): WorldSpec["repos"] {
  return Object.fromEntries(
    Object.entries(raw).map(([name, { built, build, pull, upstream, broken }]) => [
      name,
      {
        isBuilt: built ?? DEFAULT_REPO.isBuilt,
        buildLength: reader.distribution(["world", "repos", name, "build"], build, null),
        pullMs:
          pull === undefined
            ? DEFAULT_REPO.pullMs
            : reader.duration(["world", "repos", name, "pull"], pull, 0),
        upstream: upstream ?? DEFAULT_REPO.upstream,
        isBroken: broken ?? DEFAULT_REPO.isBroken,
      },
    ]),
  );
}
