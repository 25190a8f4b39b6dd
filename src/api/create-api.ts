/** Makes the API: a server on a socket that only the gateway reaches. */
import { chmod, rm } from "node:fs/promises";
import type { Socket } from "node:net";
import {
  fastify,
  type FastifyInstance,
  type FastifyRequest,
  type LightMyRequestResponse,
  type InjectOptions,
} from "fastify";
import { KIB, SECOND_MS } from "#base/units.ts";
import { type Failure, failure } from "#core/errors.ts";
import type { ApiContext, ApiDeps } from "./api-context.ts";
import { failureOfThrown, sendFailure } from "./http/error-answers.ts";
import { corsHeaders, parseAllowedOrigins, PREFLIGHT_HEADERS } from "./http/origin-fence.ts";
import { PageTokens } from "./http/page-tokens.ts";
import { RateLimit } from "./http/rate-limit.ts";
import { joinBase, sendAnswer, serveRoutes } from "./http/serve-routes.ts";
import { deskWithoutWatch } from "./operator-desk.ts";
import { errorPage } from "./pages/render-page.ts";
import { SiteFiles } from "./pages/site-files.ts";
import { ROUTES } from "./route-table.ts";
import { EventStreams } from "./stream/event-streams.ts";
import { FrameMemo } from "./stream/frame-memo.ts";

const HEADERS_MAX_BYTES = 16 * KIB;
const REQUEST_TIMEOUT_MS = 30 * SECOND_MS;
const PATH_PART_MAX = 4 * KIB;
const RATE_CLIENTS_MAX = 10_000;
/** Connections that may wait to be accepted: on a UNIX socket those beyond are refused at once. */
const BACKLOG = 4_096;
const SOCKET_MODE = 0o600;

export interface Api {
  /** Serves on this UNIX socket; what a dead server left there is replaced. */
  listen(socketPath: string): Promise<void>;
  /** Serves on this machine alone and without a gateway: for what holds nothing real. 0 takes a free port. */
  listenHere(port: number): Promise<number>;
  /** Ends every stream and connection: readers come again and resume. */
  close(): Promise<void>;
  /** Answers one request without a socket. */
  inject(request: InjectOptions): Promise<LightMyRequestResponse>;
}

export function createApi(deps: ApiDeps): Api {
  const context = createContext(deps);
  const app = createServer(context);
  return {
    async listen(socketPath) {
      await rm(socketPath, { force: true });
      await app.listen({ path: socketPath, backlog: BACKLOG });
      await chmod(socketPath, SOCKET_MODE);
    },
    async listenHere(port) {
      const address = await app.listen({ host: "127.0.0.1", port });
      return Number(new URL(address).port);
    },
    async close() {
      context.streams.destroyAll();
      await app.close();
    },
    inject: async (request) => await app.inject(request),
  };
}

function createContext(deps: ApiDeps): ApiContext {
  const { clock, options, policy } = deps;
  const { rateLimit } = options;
  return {
    ...deps,
    operator: deps.operator ?? deskWithoutWatch(deps.controlPlane),
    allowedOrigins: parseAllowedOrigins(options.corsAllowOrigin),
    tokens: new PageTokens(options.pageTokenSecret, clock),
    rateLimit:
      rateLimit === null ? null : new RateLimit({ ...rateLimit, clientsMax: RATE_CLIENTS_MAX }),
    streams: new EventStreams(clock, policy),
    frames: new FrameMemo(),
    binderFrames: new FrameMemo(),
    site: new SiteFiles(options.webDirectory),
  };
}

function createServer(context: ApiContext): FastifyInstance {
  const app = fastify({
    logger: false,
    bodyLimit: context.policy.apiBodyMaxBytes,
    requestTimeout: REQUEST_TIMEOUT_MS,
    forceCloseConnections: true,
    return503OnClosing: false,
    exposeHeadRoutes: false,
    http: { maxHeaderSize: HEADERS_MAX_BYTES },
    routerOptions: { maxParamLength: PATH_PART_MAX },
    // What is not in the schema is an error, not something to be dropped in silence.
    ajv: {
      customOptions: {
        removeAdditional: false,
        coerceTypes: true,
        allErrors: false,
        discriminator: true,
      },
    },
    clientErrorHandler: refuseUnreadable,
    frameworkErrors: (error, request, reply) => {
      void sendFailure(reply, failureOfThrown(error, request, context));
    },
  });
  const streams = new Set(streamPatterns(context.options.baseUrl));
  app.addHook("onRequest", async (request, reply) => {
    void reply.headers(corsHeaders(request.headers, context.allowedOrigins));
    void reply.header("x-content-type-options", "nosniff");
  });
  app.addHook("onResponse", async (request, reply) => {
    const pattern = request.routeOptions.url ?? "none";
    const seconds = streams.has(pattern) ? null : reply.elapsedTime / 1_000;
    context.metrics.countRequest(pattern, request.method, reply.statusCode, seconds);
  });
  app.setErrorHandler(async (thrown, request, reply) => {
    const problem = failureOfThrown(thrown, request, context);
    return await sendAnswer(reply, problemAnswer(problem, request, context));
  });
  app.setNotFoundHandler(async (request, reply) => {
    return await sendAnswer(reply, problemAnswer(failure("not-found"), request, context));
  });
  app.options("/*", async (_request, reply) => {
    return await reply.code(200).headers(PREFLIGHT_HEADERS).send();
  });
  serveRoutes(app, ROUTES, context);
  return app;
}

/** Routes whose answers take as long as a launch does. */
function streamPatterns(baseUrl: string): string[] {
  return ROUTES.filter(({ isStream }) => isStream).map(({ path }) => joinBase(baseUrl, path));
}

/** People get a page, programs get JSON. */
function problemAnswer(problem: Failure, request: FastifyRequest, context: ApiContext) {
  const isForPeople = /\btext\/html\b/.test(request.headers.accept ?? "");
  if (isForPeople) return errorPage(context, problem);
  return { kind: "failure", failure: problem } as const;
}

/** What is no HTTP at all, or whose headers are too large. */
function refuseUnreadable(error: Error & { code?: string }, socket: Socket): void {
  if (error.code === "ECONNRESET" || !socket.writable) {
    socket.destroy();
    return;
  }
  const body = JSON.stringify({ error: failure("request-invalid") });
  socket.end(
    "HTTP/1.1 400 Bad Request\r\n" +
      "Content-Type: application/json; charset=utf-8\r\n" +
      `Content-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
  );
}
