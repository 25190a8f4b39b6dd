/** One line of the route table: how a request must look, who may send it, and what answers. */
import type { Static, TSchema } from "@sinclair/typebox";
import type { FastifyReply, FastifyRequest } from "fastify";
import type { ErrorCode } from "#core/errors.ts";
import type { ApiContext } from "../api-context.ts";
import type { Answer } from "./answer.ts";
import type { RequestFacts } from "./request-facts.ts";

/** Who may: see `access.ts`. */
export type Access =
  | "anyone"
  /** Whoever knows the launch's id. */
  | "launch"
  /** The admin token, or the token in a page of ours. */
  | "page"
  /** The admin token, or the session's own. */
  | "session"
  | "admin";

export interface Call<Params = unknown, Query = unknown, Body = unknown> {
  readonly params: Params;
  readonly query: Query;
  readonly body: Body;
  readonly facts: RequestFacts;
  /** The request brought the admin token. */
  readonly isAdmin: boolean;
  /** Path and query as they came, still percent-encoded, without the base path. */
  readonly rawUrl: string;
  readonly context: ApiContext;
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
}

export interface ResponseDoc {
  readonly description: string;
  /** JSON when present. */
  readonly schema?: TSchema;
  readonly contentType?: string;
}

interface RouteDoc {
  readonly method: "GET" | "POST" | "DELETE";
  /** Fastify's form: `/api/v1/launches/:id`. */
  readonly path: string;
  /** Name of the operation; null keeps it out of the reference (pages and pictures). */
  readonly operation: string | null;
  readonly summary: string;
  readonly tag: string;
  readonly access: Access;
  /** Pages of other sites may not: default for everything but GET. */
  readonly isFenced?: boolean;
  /** It writes to the connection itself; it has no HEAD. */
  readonly isStream?: boolean;
  readonly responses: Readonly<Record<number, ResponseDoc>>;
  /** Failures that are this route's own; those that any route has are left out. */
  readonly failures?: readonly ErrorCode[];
}

export interface RouteShape<P extends TSchema, Q extends TSchema, B extends TSchema> {
  readonly params?: P;
  readonly query?: Q;
  readonly body?: B;
}

type Handler<Params, Query, Body> = (call: Call<Params, Query, Body>) => Answer | Promise<Answer>;

/** A route whose types were checked where it was defined and are forgotten. */
export interface Route extends RouteDoc {
  readonly params?: TSchema;
  readonly query?: TSchema;
  readonly body?: TSchema;
  readonly handle: Handler<unknown, unknown, unknown>;
}

/** Ties the handler's types to the schemas, which the server checks before it calls. */
export function route<P extends TSchema, Q extends TSchema, B extends TSchema>(
  definition: RouteDoc &
    RouteShape<P, Q, B> & { readonly handle: Handler<Static<P>, Static<Q>, Static<B>> },
): Route {
  const { handle } = definition;
  return { ...definition, handle: (call) => handle(call as Call<Static<P>, Static<Q>, Static<B>>) };
}
