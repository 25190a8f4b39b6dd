/** Sessions: list, look, end, prolong, read the log. */
import { Type } from "@sinclair/typebox";
import { HOUR_MS, KIB, MIB, SECOND_MS } from "#base/units.ts";
import { failure } from "#core/errors.ts";
import { type Answer, json, refuse, text } from "../http/answer.ts";
import { type Call, type Route, route } from "../http/route.ts";
import { SessionIdSchema, SessionSchema } from "../schema.ts";
import { sessionView } from "./session-view.ts";

const LOG_BYTES_DEFAULT = 256 * KIB;
const LOG_BYTES_MAX = 4 * MIB;
const EXTEND_MAX_MS = 168 * HOUR_MS;
const tag = "Sessions";
const path = "/api/v1/sessions/:id";
const params = Type.Object({ id: SessionIdSchema });

export const sessionRoutes: readonly Route[] = [
  route({
    method: "GET",
    path: "/api/v1/sessions",
    operation: "listSessions",
    summary: "All sessions, servers in the warm pool and ended sessions included.",
    tag,
    access: "admin",
    responses: { 200: { description: "Sessions.", schema: Type.Array(SessionSchema) } },
    handle: ({ context }) => json(context.controlPlane.sessions.list().map(sessionView)),
  }),
  route({
    method: "GET",
    path,
    operation: "getSession",
    summary: "A session as it was seen last.",
    tag,
    access: "session",
    params,
    responses: { 200: { description: "The session.", schema: SessionSchema } },
    failures: ["session-not-found"],
    handle: ({ params: { id }, context }) => {
      const session = context.controlPlane.sessions.get(id);
      return session === null ? refuse(failure("session-not-found")) : json(sessionView(session));
    },
  }),
  route({
    method: "DELETE",
    path,
    operation: "stopSession",
    summary: "Ends a session and answers when nothing of it runs any more.",
    tag,
    access: "session",
    params,
    responses: { 204: { description: "It has ended." } },
    failures: ["session-not-found"],
    handle: async ({ params: { id }, context }) => {
      const outcome = await context.controlPlane.sessions.stop(id);
      return outcome.kind === "stopped"
        ? { kind: "empty", status: 204 }
        : refuse(failure("session-not-found"));
    },
  }),
  route({
    method: "POST",
    path: `${path}/extend`,
    operation: "extendSession",
    summary: "Moves the end of a session to now plus the given time, never past the age limit.",
    tag,
    access: "session",
    params,
    body: Type.Object(
      { byMs: Type.Integer({ minimum: SECOND_MS, maximum: EXTEND_MAX_MS }) },
      { additionalProperties: false },
    ),
    responses: {
      200: { description: "Its new end.", schema: Type.Object({ endsAtMs: Type.Integer() }) },
    },
    failures: ["session-not-found", "extend-refused"],
    handle: extend,
  }),
  route({
    method: "GET",
    path: `${path}/logs`,
    operation: "readSessionLog",
    summary: "The end of the server's output.",
    tag,
    access: "session",
    params,
    query: Type.Object({
      bytes: Type.Optional(Type.Integer({ minimum: 1, maximum: LOG_BYTES_MAX })),
    }),
    responses: { 200: { description: "The log.", contentType: "text/plain" } },
    failures: ["session-not-found"],
    handle: async ({ params: { id }, query, context }) => {
      const bytesMax = query.bytes ?? LOG_BYTES_DEFAULT;
      const log = await context.controlPlane.sessions.logs(id, bytesMax);
      return log === null ? refuse(failure("session-not-found")) : text(log);
    },
  }),
];

async function extend({
  params,
  body,
  context,
}: Call<{ id: string }, unknown, { byMs: number }>): Promise<Answer> {
  const outcome = await context.controlPlane.sessions.extend(params.id, body.byMs);
  return outcome.kind === "extended"
    ? json({ endsAtMs: outcome.endsAtMs })
    : refuse(outcome.failure);
}
