/** BinderHub's launch: `GET /build/<provider>/<spec>` answers with an event stream, always with 200. */
import { createHash } from "node:crypto";
import { type Failure, failure } from "#core/errors.ts";
import type { LaunchEvent, LaunchId, LaunchView } from "#core/launch/launch.ts";
import { parseSpec } from "#core/repo/parse-spec.ts";
import type { Repo } from "#core/repo/repo.ts";
import type { ApiContext } from "../api-context.ts";
import type { Answer } from "../http/answer.ts";
import { type Call, type Route, route } from "../http/route.ts";
import { refuseProvider } from "../routes/offered-provider.ts";
import {
  buildStreamId,
  type BuildStreamId,
  numberAfter,
  parseBuildStreamId,
  REFUSED_ID,
} from "../stream/event-ids.ts";
import { hasEventsAfter, watchLaunch } from "../stream/watch-launch.ts";
import { acceptsEventStream } from "./accept.ts";
import { binderEvent, refusedEvent } from "./binder-event.ts";
import { takeRate } from "./rate-headers.ts";

export const buildRoute: Route = route({
  method: "GET",
  path: "/build/:provider/*",
  operation: "build",
  summary:
    "BinderHub's launch. Needs `Accept: text/event-stream`; failures are events, not statuses.",
  tag: "BinderHub",
  access: "anyone",
  isFenced: true,
  isStream: true,
  responses: {
    200: {
      description:
        "Events with `phase` and `message`, the last one `ready` or `failed`. `Last-Event-ID` " +
        "joins the launch that was begun instead of beginning another.",
      contentType: "text/event-stream",
    },
    204: { description: "The reader has the last event already." },
  },
  handle: build,
});

/** What a request asks for, once it is known to be well-formed. */
interface BuildWish {
  readonly repo: Repo;
  readonly buildOnly: boolean;
  /** `<provider>/<spec>` as in the address: what a build token is for. */
  readonly providerSpec: string;
  readonly token: string | null;
  readonly resume: BuildStreamId | null;
}

function build(call: Call): Answer {
  const { request } = call;
  const lastId = request.headers["last-event-id"];
  if (lastId === REFUSED_ID) return { kind: "empty", status: 204 };
  if (!acceptsEventStream(request.headers.accept)) {
    return refused(failure("request-invalid", "Missing Accept header: text/event-stream"));
  }
  const [path = "", query = ""] = call.rawUrl.split(/\?(.*)/s);
  const searchParams = new URLSearchParams(query);
  const [, , provider = "", ...rest] = path.split("/");
  const spec = rest.join("/").replace(/\/+$/, "");
  const parsed = parseSpec(provider, spec);
  if (parsed.kind === "failed") return refused(parsed.failure);
  const notHere = refuseProvider(parsed.repo.provider, call.context.policy);
  if (notHere !== null) return refused(notHere);
  const wish: BuildWish = {
    repo: parsed.repo,
    buildOnly: searchParams.get("build_only")?.toLowerCase() === "true",
    providerSpec: `${provider}/${spec}`,
    token: searchParams.get("build_token"),
    resume: typeof lastId === "string" ? parseBuildStreamId(lastId) : null,
  };
  return admit(wish, call);
}

function admit(wish: BuildWish, call: Call): Answer {
  const { context, facts, isAdmin, request } = call;
  const tokenHost = hostOf(request.headers.origin) ?? facts.host;
  if (wish.token !== null && !context.tokens.isBuild(wish.token, wish.providerSpec, tokenHost)) {
    return refused(failure("build-token-invalid", "Invalid build token"));
  }
  const known = knownLaunch(wish, context);
  if (known !== null) return follow(known, wish, call);
  const isTrusted = wish.token !== null || isAdmin;
  const rate = isTrusted ? null : takeRate(context, facts.clientAddress);
  if (rate !== null) void call.reply.headers(rate.headers);
  if (rate !== null && rate.failure !== null) return refused(rate.failure);
  const outcome = context.controlPlane.launches.submit({
    id: newLaunchId(wish, context),
    repo: wish.repo,
    buildOnly: wish.buildOnly,
    clientAddress: facts.clientAddress,
    isCanary: false,
  });
  if (outcome.kind === "refused") return refused(outcome.failure);
  return follow(outcome.launch, wish, call);
}

/** The launch that this client began before its connection broke, if it is for the same thing. */
function knownLaunch(wish: BuildWish, { controlPlane }: ApiContext): LaunchView | null {
  const id = wish.resume?.launchId ?? tokenLaunchId(wish);
  const launch = id === null ? null : controlPlane.launches.get(id);
  if (launch === null || !isSameRepo(launch.repo, wish.repo)) return null;
  if (wish.resume !== null || launch.endedAtMs === null) return launch;
  // Asked again with the same token: what became of it is shown as long as it is of use.
  const sessionId = launch.result?.sessionId ?? null;
  const session = sessionId === null ? null : controlPlane.sessions.get(sessionId);
  return session !== null && session.state.kind !== "ended" ? launch : null;
}

/** Resumed after a restart of the control plane: the same id, so that the same session is found. */
function newLaunchId(wish: BuildWish, { controlPlane, secrets }: ApiContext): LaunchId {
  const id = wish.resume?.launchId ?? tokenLaunchId(wish);
  return id !== null && controlPlane.launches.get(id) === null ? id : secrets.id();
}

/** One page, one launch: a client that reconnects without saying where it was brings its token. */
function tokenLaunchId({ token, providerSpec, buildOnly }: BuildWish): LaunchId | null {
  if (token === null) return null;
  const parts = [token, providerSpec, String(buildOnly)].join("\n");
  return createHash("sha256").update(parts).digest("base64url");
}

function follow(launch: LaunchView, wish: BuildWish, call: Call): Answer {
  const { context, facts, reply } = call;
  const { launches } = context.controlPlane;
  const after = numberAfter(wish.resume?.position ?? null, launch);
  if (launch.endedAtMs !== null && !hasEventsAfter(launches, launch.id, after)) {
    return { kind: "empty", status: 204 };
  }
  if (!context.streams.hasRoom(facts.clientAddress)) return refused(failure("watchers-exceeded"));
  reply.hijack();
  const stream = context.streams.open(reply.raw, facts.clientAddress, reply.getHeaders());
  const { origin, clientAddress } = facts;
  const place = { origin, clientAddress, baseUrl: context.options.baseUrl };
  // Known from the first byte: who loses the connection now comes back to this launch.
  stream.write(`id: ${buildStreamId(after, launch)}\n\n`);
  const render = (event: LaunchEvent) => {
    const now = launches.get(launch.id) ?? launch;
    return frame(binderEvent(event, now, place), buildStreamId(event.number, launch));
  };
  const isFollowed = watchLaunch({
    launches,
    id: launch.id,
    after,
    stream,
    // Only the last event says something about the reader: where it sees us.
    frame: (event) =>
      event.phase === "ready"
        ? render(event)
        : context.binderFrames.get(launch.id, event, () => render(event)),
  });
  if (!isFollowed) stream.end();
  return { kind: "taken" };
}

/** A stream of one event. Who reconnects by itself is told to stop by the next answer. */
function refused(problem: Failure): Answer {
  const event = refusedEvent(problem);
  return {
    kind: "bytes",
    status: 200,
    contentType: "text/event-stream",
    bytes: frame(event, REFUSED_ID),
    headers: { "cache-control": "no-cache", ...retryAfter(problem) },
  };
}

function retryAfter({ detail }: Failure): Record<string, string> {
  const seconds = detail?.retryAfterSeconds;
  return seconds === undefined ? {} : { "retry-after": String(Math.ceil(seconds)) };
}

/** `data` comes first: some clients look only at the beginning of a frame. */
function frame(event: object, id: string): string {
  return `data: ${JSON.stringify(event)}\nid: ${id}\n\n`;
}

function isSameRepo(one: Repo, other: Repo): boolean {
  return one.url === other.url && one.ref === other.ref;
}

function hostOf(origin: string | undefined): string | null {
  return origin !== undefined && URL.canParse(origin) ? new URL(origin).host : null;
}
