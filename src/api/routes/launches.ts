/** Launches: submit, look, watch, cancel. */
import { Type } from "@sinclair/typebox";
import { failure } from "#core/errors.ts";
import type { LaunchEvent, LaunchView } from "#core/launch/launch.ts";
import { urlPathOf } from "#core/repo/url-path.ts";
import type { ControlPlane } from "#control/control-plane-api.ts";
import { type Answer, json, refuse } from "../http/answer.ts";
import { type Call, type Route, route } from "../http/route.ts";
import {
  LaunchEventSchema,
  LaunchIdSchema,
  type LaunchRequest,
  LaunchRequestSchema,
  LaunchSchema,
  SubmittedSchema,
} from "../schema.ts";
import { eventId, numberAfter, parsePosition, POSITION_FORM } from "../stream/event-ids.ts";
import { hasEventsAfter, watchLaunch } from "../stream/watch-launch.ts";
import { readWish } from "./launch-wish.ts";
import { refuseProvider } from "./offered-provider.ts";

/** How soon a browser comes again when the connection broke. */
const RETRY_MS = 1_000;
const tag = "Launches";
const path = "/api/v1/launches/:id";
const params = Type.Object({ id: LaunchIdSchema });

export const launchRoutes: readonly Route[] = [
  route({
    method: "POST",
    path: "/api/v1/launches",
    operation: "submitLaunch",
    summary: "Asks for a session. Submitting the same wish twice with one id is the same as once.",
    tag,
    access: "page",
    body: LaunchRequestSchema,
    responses: { 202: { description: "Accepted: watch its events.", schema: SubmittedSchema } },
    failures: [
      "repo-spec-invalid",
      "provider-unknown",
      "launch-conflict",
      "queue-full",
      "rate-limited",
    ],
    handle: submit,
  }),
  route({
    method: "GET",
    path: "/api/v1/launches",
    operation: "listLaunches",
    summary: "All launches that are known, without tokens.",
    tag,
    access: "admin",
    responses: { 200: { description: "Launches.", schema: Type.Array(LaunchSchema) } },
    handle: ({ context }) => {
      const launches = context.controlPlane.launches.list();
      return json(
        launches.map((launch) => withoutToken(launchReply(launch, context.controlPlane))),
      );
    },
  }),
  route({
    method: "GET",
    path,
    operation: "getLaunch",
    summary: "A launch as it is now.",
    tag,
    access: "launch",
    params,
    responses: { 200: { description: "The launch.", schema: LaunchSchema } },
    failures: ["launch-not-found"],
    handle: ({ params: { id }, context }) => {
      const launch = context.controlPlane.launches.get(id);
      return launch === null
        ? refuse(failure("launch-not-found"))
        : json(launchReply(launch, context.controlPlane));
    },
  }),
  route({
    method: "GET",
    path: `${path}/events`,
    operation: "watchLaunch",
    summary: "The launch's events as a stream, from the first one or from where the reader was.",
    tag,
    access: "launch",
    isStream: true,
    params,
    query: Type.Object({
      after: Type.Optional(
        Type.String({
          pattern: POSITION_FORM,
          description: "Id or number of the last event that the reader has.",
        }),
      ),
    }),
    responses: {
      200: {
        description:
          "Server-sent events. `Last-Event-ID` resumes. After the last event the stream ends.",
        schema: LaunchEventSchema,
        contentType: "text/event-stream",
      },
      204: { description: "The reader has the last event already." },
    },
    failures: ["launch-not-found", "watchers-exceeded"],
    handle: watch,
  }),
  route({
    method: "DELETE",
    path,
    operation: "cancelLaunch",
    summary: "Ends the wish. A session that it got already lives on.",
    tag,
    access: "launch",
    params,
    responses: { 204: { description: "It has ended, or it had already." } },
    failures: ["launch-not-found"],
    handle: ({ params: { id }, context }) => {
      const isKnown = context.controlPlane.launches.cancel(id);
      return isKnown ? { kind: "empty", status: 204 } : refuse(failure("launch-not-found"));
    },
  }),
];

function submit({ body, facts, isAdmin, context }: Call<unknown, unknown, LaunchRequest>): Answer {
  const wish = readWish(body);
  if (wish.kind === "failed") return refuse(wish.failure);
  const notHere = refuseProvider(wish.repo.provider, context.policy);
  if (notHere !== null) return refuse(notHere);
  if (body.canary === true && !isAdmin) return refuse(failure("token-required"));
  const outcome = context.controlPlane.launches.submit({
    id: body.id ?? context.secrets.id(),
    repo: wish.repo,
    buildOnly: body.buildOnly ?? false,
    ...(body.asOf === undefined ? {} : { asOf: body.asOf }),
    // The machine's own user has no share to keep to.
    clientAddress: isAdmin ? null : facts.clientAddress,
    isCanary: body.canary ?? false,
  });
  if (outcome.kind === "refused") return refuse(outcome.failure);
  const reply = launchReply(outcome.launch, context.controlPlane);
  const urlPath = body.urlPath === undefined ? (reply.urlPath ?? wish.urlPath) : wish.urlPath;
  return json({ ...reply, isNew: outcome.isNew, urlPath }, 202);
}

function watch(call: Call<{ id: string }, { after?: string }>): Answer {
  const { context, facts, params, query, reply, request } = call;
  const { launches } = context.controlPlane;
  const launch = launches.get(params.id);
  if (launch === null) return refuse(failure("launch-not-found"));
  const said = request.headers["last-event-id"] ?? query.after;
  const after = numberAfter(typeof said === "string" ? parsePosition(said) : null, launch);
  if (launch.endedAtMs !== null && !hasEventsAfter(launches, launch.id, after)) {
    return { kind: "empty", status: 204 };
  }
  if (!context.streams.hasRoom(facts.clientAddress)) return refuse(failure("watchers-exceeded"));
  reply.hijack();
  const stream = context.streams.open(reply.raw, facts.clientAddress, reply.getHeaders());
  stream.write(`retry: ${RETRY_MS}\n\n`);
  const frame = (event: LaunchEvent) =>
    context.frames.get(launch.id, event, () => eventFrame(event, launch));
  if (!watchLaunch({ launches, id: launch.id, after, stream, frame })) stream.end();
  return { kind: "taken" };
}

function eventFrame(event: LaunchEvent, launch: LaunchView): string {
  return `id: ${eventId(event.number, launch)}\ndata: ${JSON.stringify(event)}\n\n`;
}

/** Once the session is there, its record knows where the ref ended and the path began. */
function launchReply(launch: LaunchView, { sessions }: ControlPlane): LaunchReply {
  const sessionId = launch.result?.sessionId ?? null;
  const purpose = sessionId === null ? null : (sessions.get(sessionId)?.record.purpose ?? null);
  const { path } = purpose?.repo ?? launch.repo;
  return { ...launch, urlPath: path === undefined ? null : urlPathOf(path) };
}

type LaunchReply = LaunchView & { readonly urlPath: string | null };

function withoutToken(launch: LaunchReply): LaunchReply {
  return launch.result === null ? launch : { ...launch, result: { ...launch.result, token: null } };
}
