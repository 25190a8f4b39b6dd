/** What the operator looks at: limits, loops, history; and the tokens of our own pages. */
import { Type } from "@sinclair/typebox";
import { failure } from "#core/errors.ts";
import { type Answer, json, refuse } from "../http/answer.ts";
import { type Call, type Route, route } from "../http/route.ts";
import { HistoryEntrySchema, LimitsSchema, LoopSchema } from "../schema.ts";

const HISTORY_DEFAULT = 100;
const HISTORY_MAX = 1_000;
const tag = "Operations";

export const operationRoutes: readonly Route[] = [
  route({
    method: "GET",
    path: "/api/v1/limits",
    operation: "getLimits",
    summary: "What is in use of each limit, and every limit by name.",
    tag,
    access: "anyone",
    responses: { 200: { description: "The limits.", schema: LimitsSchema } },
    handle: ({ context }) => json(context.controlPlane.limits()),
  }),
  route({
    method: "GET",
    path: "/api/v1/loops",
    operation: "listLoops",
    summary: "The loops of the control plane and when each got work done last.",
    tag,
    access: "admin",
    responses: { 200: { description: "The loops.", schema: Type.Array(LoopSchema) } },
    handle: ({ context }) => json(context.controlPlane.loops()),
  }),
  route({
    method: "GET",
    path: "/api/v1/history",
    operation: "readHistory",
    summary: "What happened, newest first.",
    tag,
    access: "admin",
    query: Type.Object({
      kind: Type.Unsafe<"launch" | "build" | "session" | "action">({
        type: "string",
        enum: ["launch", "build", "session", "action"],
      }),
      limit: Type.Optional(Type.Integer({ minimum: 1, maximum: HISTORY_MAX })),
    }),
    responses: { 200: { description: "Entries.", schema: Type.Array(HistoryEntrySchema) } },
    handle: async ({ query, context }) =>
      json(await context.controlPlane.history(query.kind, query.limit ?? HISTORY_DEFAULT)),
  }),
  route({
    method: "POST",
    path: "/api/v1/page-tokens",
    operation: "renewPageToken",
    summary: "A new token for a page of ours that has been open for long; only browsers get it.",
    tag,
    access: "anyone",
    responses: {
      200: {
        description: "The token, good for an hour.",
        schema: Type.Object({ token: Type.String() }),
      },
    },
    failures: ["origin-refused"],
    handle: renewPageToken,
  }),
];

/** The fence refuses pages of other sites; who sends no Origin is no page at all. */
function renewPageToken({ request, context }: Call): Answer {
  if (request.headers.origin === undefined) return refuse(failure("origin-refused"));
  return json({ token: context.tokens.page() });
}
