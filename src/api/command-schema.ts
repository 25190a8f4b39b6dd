/** The commands of operators as they come over the wire. */
import { type Static, Type } from "@sinclair/typebox";
import { CAUSES } from "#core/incident/finding.ts";
import { closed, kind, oneOf, time } from "./schema-parts.ts";

const NAME_MAX = 256;
const TEXT_MAX = 1_000;
const LIST_MAX = 100;
const name = (description?: string) =>
  Type.String({ minLength: 1, maxLength: NAME_MAX, ...(description && { description }) });
const count = (maximum: number) => Type.Integer({ minimum: 0, maximum });
const ofNode = <const K extends string>(value: K) =>
  Type.Object({ kind: kind(value), node: name() }, closed);

const COMMANDS = [
  ofNode("quarantine-node"),
  ofNode("release-node"),
  Type.Object(
    {
      kind: kind("cordon-node"),
      node: name(),
      isForced: Type.Boolean({ description: "Also when nobody would serve any more." }),
    },
    closed,
  ),
  ofNode("uncordon-node"),
  ofNode("drain-node"),
  ofNode("recycle-node"),
  Type.Object({ kind: kind("set-nodes-max"), nodesMax: count(100_000) }, closed),
  Type.Object({ kind: kind("set-placeholders"), count: count(100_000) }, closed),
  Type.Object(
    {
      kind: kind("book"),
      repo: name(),
      seats: count(1_000_000),
      fromMs: time("From when on."),
      untilMs: time("Until when."),
    },
    closed,
  ),
  Type.Object({ kind: kind("restart-loop"), loop: name() }, closed),
  Type.Object({ kind: kind("restart-component"), component: name() }, closed),
  Type.Object(
    {
      kind: kind("surge-component"),
      role: name("control, edge, builder, metrics or other."),
      avoidNodes: Type.Array(name(), { maxItems: LIST_MAX }),
    },
    closed,
  ),
  Type.Object(
    {
      kind: kind("submit-release"),
      release: name(),
      isEmergency: Type.Optional(
        Type.Boolean({ description: "Goes on while others wait for an incident to pass." }),
      ),
    },
    closed,
  ),
  Type.Object({ kind: kind("rollback-release"), stage: oneOf(["staging", "production"]) }, closed),
  Type.Object(
    {
      kind: kind("shift-member"),
      member: name(),
      weight: Type.Number({ minimum: 0, maximum: 1_000_000 }),
    },
    closed,
  ),
  Type.Object({ kind: kind("repair-quota"), quota: name() }, closed),
  Type.Object({ kind: kind("renew-certificate"), host: name() }, closed),
  Type.Object({ kind: kind("use-fallback"), host: name(), isOn: Type.Boolean() }, closed),
  Type.Object({ kind: kind("stop-session"), session: name() }, closed),
  Type.Object(
    {
      kind: kind("cull"),
      idleMs: Type.Integer({ minimum: 0, description: "Never a session at work." }),
    },
    closed,
  ),
  Type.Object(
    { kind: kind("declare"), cause: oneOf(CAUSES), subject: name("Only noted.") },
    closed,
  ),
] as const;

/** Told apart by `kind`, so that what is wrong with one is said in terms of that one. */
export const CommandSchema = Type.Unsafe<Static<(typeof COMMANDS)[number]>>({
  type: "object",
  required: ["kind"],
  discriminator: { propertyName: "kind" },
  oneOf: COMMANDS,
  title: "Command",
});

export const CommandRequestSchema = Type.Object(
  {
    command: CommandSchema,
    evidence: Type.Optional(
      Type.String({ maxLength: TEXT_MAX, description: "Why, for the audit." }),
    ),
    person: Type.Optional(Type.String({ maxLength: 64, description: "Who, for the audit." })),
    incident: Type.Optional(
      Type.String({
        maxLength: NAME_MAX,
        description:
          "Given by the machine for this incident: then the machine's limits are kept, and there must be evidence.",
      }),
    ),
  },
  { ...closed, title: "CommandRequest" },
);

export const DoneSchema = Type.Object(
  { message: Type.String({ description: "What was done." }) },
  { ...closed, title: "Done" },
);
