/** Puts a route table on the server: checks who asks, calls the route, sends its answer. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { failure } from "#core/errors.ts";
import type { ApiContext } from "../api-context.ts";
import { isAdmin, refuseAccess } from "./access.ts";
import type { Answer } from "./answer.ts";
import { sendFailure } from "./error-answers.ts";
import { isForeignPage } from "./origin-fence.ts";
import { type RequestFacts, requestFacts } from "./request-facts.ts";
import type { Route } from "./route.ts";

export function serveRoutes(
  app: FastifyInstance,
  routes: readonly Route[],
  context: ApiContext,
): void {
  for (const route of routes) serveRoute(app, route, context);
}

function serveRoute(app: FastifyInstance, route: Route, context: ApiContext): void {
  const hasHead = route.method === "GET" && route.isStream !== true;
  app.route({
    method: hasHead ? ["GET", "HEAD"] : route.method,
    url: joinBase(context.options.baseUrl, route.path),
    schema: {
      ...(route.params && { params: route.params }),
      ...(route.query && { querystring: route.query }),
      ...(route.body && { body: route.body }),
    },
    onRequest: async (request, reply) => await refuseStrangers(request, reply, route, context),
    handler: async (request, reply) => {
      const facts = factsOf(request, context);
      const answer = await route.handle({
        params: request.params,
        query: request.query,
        body: request.body,
        facts,
        isAdmin: isAdmin(facts, context),
        rawUrl: rawUrl(request, context.options.baseUrl),
        context,
        request,
        reply,
      });
      return await sendAnswer(reply, answer);
    },
  });
}

function factsOf(request: FastifyRequest, context: ApiContext): RequestFacts {
  const { publicUrl } = context.options;
  return requestFacts(request.headers, request.socket.remoteAddress, publicUrl);
}

/** Before anything of the body is read. */
async function refuseStrangers(
  request: FastifyRequest,
  reply: FastifyReply,
  route: Route,
  context: ApiContext,
): Promise<FastifyReply | undefined> {
  const facts = factsOf(request, context);
  const isFenced = route.isFenced ?? route.method !== "GET";
  if (isFenced && isForeignPage(request.headers, facts.host, context.allowedOrigins)) {
    return sendFailure(reply, failure("origin-refused"));
  }
  const refusal = refuseAccess(route.access, facts, idOf(request.params), context);
  return refusal === null ? undefined : sendFailure(reply, refusal);
}

export async function sendAnswer(reply: FastifyReply, answer: Answer): Promise<FastifyReply> {
  switch (answer.kind) {
    case "json":
      return await reply
        .code(answer.status)
        .headers({ "cache-control": "no-store", ...answer.headers })
        .type("application/json; charset=utf-8")
        .send(JSON.stringify(answer.body));
    case "bytes":
      return await reply
        .code(answer.status)
        .headers({ "cache-control": "no-store", ...answer.headers })
        .type(answer.contentType)
        .send(answer.bytes);
    case "failure":
      return await sendFailure(reply, answer.failure, answer.headers);
    case "redirect":
      return await reply.redirect(answer.location, 302);
    case "empty":
      return await reply.code(answer.status).send();
    case "taken":
      return reply;
  }
}

function idOf(params: unknown): string | null {
  if (typeof params !== "object" || params === null || !("id" in params)) return null;
  return typeof params.id === "string" ? params.id : null;
}

/** `/` + `/build` → `/build`; `/b/` + `/build` → `/b/build`. */
export function joinBase(baseUrl: string, path: string): string {
  return `${baseUrl.replace(/\/$/, "")}${path}`;
}

function rawUrl(request: FastifyRequest, baseUrl: string): string {
  return `/${(request.raw.url ?? "/").slice(baseUrl.length)}`;
}
