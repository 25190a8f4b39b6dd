/** What somebody on duty looks at and does: status, nodes, incidents, audit, commands. */
import { type Static, Type } from "@sinclair/typebox";
import { formatDuration, SECOND_MS } from "#base/units.ts";
import { AppError, failure } from "#core/errors.ts";
import type { Actor, CommandOutcome } from "#core/operations/command.ts";
import type { Clock } from "#ports/clock.ts";
import { CommandRequestSchema, DoneSchema } from "../command-schema.ts";
import { type Answer, json, refuse } from "../http/answer.ts";
import { type Call, type Route, route } from "../http/route.ts";
import {
  AuditSchema,
  IncidentSchema,
  IncidentsSchema,
  NodesSchema,
  StatusSchema,
} from "../operator-schema.ts";

const AUDIT_DEFAULT = 100;
const AUDIT_MAX = 1_000;
/** A control plane that hangs is told as such, not waited for. */
const ANSWER_MS = 5 * SECOND_MS;
const tag = "Operating";
const access = "admin";

export const operatorRoutes: readonly Route[] = [
  route({
    method: "GET",
    path: "/api/v1/operator/status",
    operation: "operatorStatus",
    summary:
      "All at one look: seats, launches, builds, nodes, loops, capacity, and what was found.",
    tag,
    access,
    responses: { 200: { description: "The status.", schema: StatusSchema } },
    failures: ["server-restarting"],
    handle: async ({ context }) => json(await inTime(context.operator.status(), context)),
  }),
  route({
    method: "GET",
    path: "/api/v1/operator/nodes",
    operation: "listNodes",
    summary: "The machines: what the cluster says of each, what our probes say, and its health.",
    tag,
    access,
    responses: { 200: { description: "The machines.", schema: NodesSchema } },
    failures: ["server-restarting"],
    handle: async ({ context }) => {
      const { atMs, nodes } = await inTime(context.operator.status(), context);
      return json({ atMs, nodes });
    },
  }),
  route({
    method: "GET",
    path: "/api/v1/operator/incidents",
    operation: "listIncidents",
    summary: "What is and was wrong, newest first; each with its timeline.",
    tag,
    access,
    responses: { 200: { description: "Incidents.", schema: IncidentsSchema } },
    handle: ({ context: { clock, operator } }) =>
      json({ atMs: clock.nowMs(), incidents: operator.incidents().toReversed() }),
  }),
  route({
    method: "GET",
    path: "/api/v1/operator/incidents/:id",
    operation: "getIncident",
    summary: "One incident with its timeline.",
    tag,
    access,
    params: Type.Object({ id: Type.String({ maxLength: 256 }) }),
    responses: { 200: { description: "The incident.", schema: IncidentSchema } },
    failures: ["incident-not-found"],
    handle: ({ params, context: { operator } }) => {
      const incident = operator.incidents().find(({ id }) => id === params.id);
      return incident === undefined ? refuse(failure("incident-not-found")) : json(incident);
    },
  }),
  route({
    method: "GET",
    path: "/api/v1/operator/audit",
    operation: "readAudit",
    summary: "What was done, by whom, on what evidence and within which limit; newest first.",
    tag,
    access,
    query: Type.Object({
      limit: Type.Optional(Type.Integer({ minimum: 1, maximum: AUDIT_MAX })),
    }),
    responses: { 200: { description: "The records.", schema: AuditSchema } },
    failures: ["server-restarting"],
    handle: async ({ query, context }) => {
      const { clock, operator } = context;
      const records = await inTime(operator.audit(query.limit ?? AUDIT_DEFAULT), context);
      return json({ atMs: clock.nowMs(), records });
    },
  }),
  route({
    method: "POST",
    path: "/api/v1/operator/commands",
    operation: "giveCommand",
    summary: "Carries out a command; it is written into the audit, also when it is refused.",
    tag,
    access,
    body: CommandRequestSchema,
    responses: { 200: { description: "It was done.", schema: DoneSchema } },
    failures: ["command-refused", "command-failed"],
    handle: giveCommand,
  }),
];

async function giveCommand({
  body,
  context,
}: Call<unknown, unknown, Static<typeof CommandRequestSchema>>): Promise<Answer> {
  const { command, evidence = "", incident, person = "operator" } = body;
  const actor: Actor =
    incident === undefined
      ? { kind: "person", name: person }
      : { kind: "machine", incident: incident === "" ? null : incident };
  return answerOf(await context.operator.execute(command, actor, evidence));
}

function answerOf(outcome: CommandOutcome): Answer {
  switch (outcome.kind) {
    case "done":
      return json({ message: outcome.message });
    case "refused":
      return refuse(failure("command-refused", `Refused: ${outcome.because}.`));
    case "failed":
      return refuse(failure("command-failed", `It failed: ${outcome.because}.`));
  }
}

async function inTime<T>(asked: Promise<T>, { clock }: { readonly clock: Clock }): Promise<T> {
  let cancel = () => {};
  const late = new Promise<never>((_resolve, reject) => {
    const message = `The control plane did not answer within ${formatDuration(ANSWER_MS)}.`;
    const because = new AppError("server-restarting", message);
    cancel = clock.setTimer(ANSWER_MS, () => reject(because));
  });
  try {
    return await Promise.race([asked, late]);
  } finally {
    cancel();
  }
}
