/** The shapes of what operators see: status, nodes, incidents, audit. */
import { type TSchema, Type } from "@sinclair/typebox";
import { CAUSES } from "#core/incident/finding.ts";
import { CommandSchema } from "./command-schema.ts";
import { closed, kind, nullable, oneOf, time } from "./schema-parts.ts";

const at = { atMs: time("What the server's clock says.") };

const SubjectSchema = Type.Object(
  {
    kind: oneOf([
      ...["node", "loop", "component", "release", "repository", "member"],
      ...["host", "quota", "edge", "cluster"],
    ] as const),
    name: Type.String(),
  },
  closed,
);
const SeveritySchema = oneOf(["page", "act", "note"]);

const FindingSchema = Type.Object(
  {
    cause: oneOf(CAUSES),
    subject: SubjectSchema,
    severity: SeveritySchema,
    evidence: Type.String({ description: "One sentence with the numbers that it rests on." }),
    sinceMs: time("Since when it is so."),
  },
  { ...closed, title: "Finding" },
);

const NodeSchema = Type.Object(
  {
    name: Type.String(),
    createdAtMs: time("When it joined."),
    isReady: Type.Boolean({ description: "What the cluster says." }),
    bars: Type.Array(oneOf(["unproven", "quarantined", "cordoned", "draining"]), {
      description: "What keeps new sessions off it.",
    }),
    heartbeatAtMs: time("Its last sign of life."),
    addresses: Type.Array(Type.String()),
    seats: Type.Integer(),
    sessions: Type.Integer(),
    diskFreeRatio: Type.Number(),
    memoryFreeRatio: Type.Number(),
    isReadOnly: Type.Boolean(),
    hasScratchDisk: Type.Boolean(),
  },
  closed,
);

const NodeStatusSchema = Type.Object(
  {
    node: NodeSchema,
    probe: nullable(
      Type.Object(
        {
          node: Type.String(),
          atMs: time("When it was probed."),
          failures: Type.Array(
            Type.Object(
              {
                check: oneOf(["pod-network", "dns", "registry", "disk", "read-only", "logs"]),
                because: Type.String(),
              },
              closed,
            ),
          ),
        },
        closed,
      ),
    ),
    health: Type.String({ description: "`healthy`, or why not." }),
  },
  { ...closed, title: "NodeStatus" },
);

export const NodesSchema = Type.Object(
  { ...at, nodes: Type.Array(NodeStatusSchema) },
  { ...closed, title: "Nodes" },
);

const integers = <const K extends readonly string[]>(names: K) =>
  Object.fromEntries(names.map((each) => [each, Type.Integer()])) as Record<
    K[number],
    ReturnType<typeof Type.Integer>
  >;

export const StatusSchema = Type.Object(
  {
    ...at,
    sinceMs: time("When this control plane began to decide."),
    loops: Type.Array(
      Type.Object(
        {
          name: Type.String(),
          lastProgressAtMs: time("When it got work done last."),
          isStalled: Type.Boolean(),
          restarts: Type.Integer(),
        },
        closed,
      ),
    ),
    launches: Type.Object(
      integers([
        ...["asked", "ready", "readyFirstTry", "failedByPlatform", "failedOtherwise", "refused"],
        ...["underWay", "longestSilenceMs"],
      ] as const),
      { ...closed, description: "Since this control plane began, and now." },
    ),
    seats: Type.Object(
      {
        ...integers(["used", "ready", "max", "waiting"] as const),
        waitEstimateErrorMedian: Type.Optional(nullable(Type.Number())),
      },
      closed,
    ),
    builds: Type.Object(
      {
        ...integers(["running", "queued", "slots", "watchersMax"] as const),
        failuresByHost: Type.Record(Type.String(), Type.Integer()),
      },
      closed,
    ),
    nodes: Type.Array(NodeStatusSchema),
    capacity: Type.Object(
      {
        ...integers(["nodesMax", "nodesComing", "seatsPerNode", "pending"] as const),
        nodeBootMs: nullable(Type.Number()),
        placeholders: Type.Object(integers(["wanted", "running"] as const), closed),
      },
      closed,
    ),
    culler: Type.Object(integers(["asked", "refused"] as const), closed),
    findings: Type.Array(FindingSchema),
  },
  { ...closed, title: "OperatorStatus" },
);

const entry = <const K extends string, P extends Record<string, TSchema>>(value: K, fields: P) =>
  Type.Object({ kind: kind(value), atMs: time("When."), ...fields }, closed);

export const IncidentSchema = Type.Object(
  {
    id: Type.String(),
    cause: oneOf(CAUSES),
    subject: SubjectSchema,
    severity: SeveritySchema,
    state: oneOf(["open", "mitigated", "resolved"]),
    openedAtMs: time("When it was found."),
    goneSinceMs: nullable(time("Since when it is not found any more.")),
    resolvedAtMs: nullable(time("When the rule said that it is over.")),
    relatedTo: Type.Array(Type.String(), { description: "Ids of those with the same root." }),
    timeline: Type.Array(
      Type.Union([
        entry("found", { evidence: Type.String() }),
        entry("acted", { command: CommandSchema, by: Type.String(), outcome: Type.String() }),
        entry("paged", { because: Type.String() }),
        entry("gone", {}),
        entry("resolved", { because: Type.String() }),
        entry("reopened", { evidence: Type.String() }),
      ]),
    ),
  },
  { ...closed, title: "Incident" },
);

export const IncidentsSchema = Type.Object(
  { ...at, incidents: Type.Array(IncidentSchema, { description: "Newest first." }) },
  { ...closed, title: "Incidents" },
);

const AuditRecordSchema = Type.Object(
  {
    atMs: time("When it was given."),
    command: CommandSchema,
    actor: Type.Union([
      Type.Object({ kind: kind("person"), name: Type.String() }, closed),
      Type.Object({ kind: kind("machine"), incident: nullable(Type.String()) }, closed),
    ]),
    evidence: Type.String(),
    limit: Type.String({ description: "The limit that was kept, and how much of it was used." }),
    outcome: Type.Union([
      Type.Object({ kind: kind("done"), message: Type.String() }, closed),
      Type.Object({ kind: kind("refused"), because: Type.String() }, closed),
      Type.Object({ kind: kind("failed"), because: Type.String() }, closed),
    ]),
  },
  { ...closed, title: "AuditRecord" },
);

export const AuditSchema = Type.Object(
  { ...at, records: Type.Array(AuditRecordSchema, { description: "Newest first." }) },
  { ...closed, title: "Audit" },
);
