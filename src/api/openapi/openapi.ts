/** The route table as an OpenAPI 3.1 document. */
import type { TSchema } from "@sinclair/typebox";
import { ERRORS, type ErrorCode } from "#core/errors.ts";
import type { Access, Route } from "../http/route.ts";
import { ErrorSchema } from "../schema.ts";

type Json = Readonly<Record<string, unknown>>;

const SECURITY: Readonly<Record<Access, readonly Json[]>> = {
  anyone: [],
  launch: [],
  page: [{ admin: [] }, { page: [] }],
  session: [{ admin: [] }, { session: [] }],
  admin: [{ admin: [] }],
};

/** Failures that any route may answer with; `token-required` only where a token is needed. */
const COMMON_FAILURES: readonly ErrorCode[] = ["request-invalid", "internal"];

export function openApi(routes: readonly Route[], version: string): Json {
  const schemas: Record<string, unknown> = {};
  const paths: Record<string, Record<string, unknown>> = {};
  for (const route of routes) {
    if (route.operation === null) continue;
    const path = (paths[openApiPath(route.path)] ??= {});
    path[route.method.toLowerCase()] = operation(route, schemas);
  }
  return {
    openapi: "3.1.0",
    info: {
      title: "Bindery",
      version,
      description: "Turns a Git repository into a live session. Failures are `{ error: Failure }`.",
    },
    paths,
    components: { schemas: sorted(schemas), securitySchemes: securitySchemes() },
  };
}

/** `/api/v1/launches/:id` → `/api/v1/launches/{id}`; the rest of a path is called `spec`. */
function openApiPath(path: string): string {
  return path.replaceAll(/:(\w+)/g, "{$1}").replace("*", "{spec}");
}

/** Codes that a route may answer with, by status. */
export function failuresByStatus(route: Route): ReadonlyMap<number, readonly ErrorCode[]> {
  const codes = new Set<ErrorCode>([...COMMON_FAILURES, ...(route.failures ?? [])]);
  if (SECURITY[route.access].length > 0) codes.add("token-required");
  if (route.isFenced ?? route.method !== "GET") codes.add("origin-refused");
  if (route.body !== undefined) codes.add("body-too-large");
  const byStatus = new Map<number, ErrorCode[]>();
  for (const code of [...codes].toSorted()) {
    const { status } = ERRORS[code];
    byStatus.set(status, [...(byStatus.get(status) ?? []), code]);
  }
  return byStatus;
}

function operation(route: Route, schemas: Record<string, unknown>): Json {
  const responses: Record<string, unknown> = {};
  for (const [status, { description, schema, contentType }] of Object.entries(route.responses)) {
    const type = contentType ?? (schema === undefined ? null : "application/json");
    const content =
      type === null
        ? {}
        : { [type]: schema === undefined ? {} : { schema: hoist(schema, schemas) } };
    responses[status] = { description, ...(type !== null && { content }) };
  }
  for (const [status, codes] of failuresByStatus(route)) {
    const schema = hoist(ErrorSchema, schemas);
    responses[status] = {
      description: codes.map((code) => `\`${code}\``).join(", "),
      content: { "application/json": { schema } },
    };
  }
  return {
    operationId: route.operation,
    summary: route.summary,
    tags: [route.tag],
    security: SECURITY[route.access],
    parameters: parameters(route, schemas),
    ...(route.body && {
      requestBody: {
        required: true,
        content: { "application/json": { schema: hoist(route.body, schemas) } },
      },
    }),
    responses,
  };
}

function parameters(route: Route, schemas: Record<string, unknown>): readonly Json[] {
  const names = [...route.path.matchAll(/:(\w+)|\*/g)].map(([, name]) => name ?? "spec");
  const inPath = names.map((name) => ({
    name,
    in: "path",
    required: true,
    schema: hoist(properties(route.params)[name] ?? { type: "string" }, schemas),
  }));
  const required: readonly string[] = route.query?.["required"] ?? [];
  const inQuery = Object.entries(properties(route.query)).map(([name, schema]) => ({
    name,
    in: "query",
    required: required.includes(name),
    schema: hoist(schema, schemas),
  }));
  return [...inPath, ...inQuery];
}

function properties(schema: TSchema | undefined): Readonly<Record<string, unknown>> {
  const found: unknown = schema?.["properties"];
  return isRecord(found) ? found : {};
}

/** Schemas with a title are written once and referred to. */
function hoist(schema: unknown, schemas: Record<string, unknown>): unknown {
  if (Array.isArray(schema)) return schema.map((item) => hoist(item, schemas));
  if (!isRecord(schema)) return schema;
  const inner = Object.fromEntries(
    Object.entries(schema).map(([key, value]) => [key, hoist(value, schemas)]),
  );
  const { title } = schema;
  if (typeof title !== "string") return inner;
  schemas[title] = inner;
  return { $ref: `#/components/schemas/${title}` };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function sorted(record: Record<string, unknown>): Json {
  return Object.fromEntries(Object.entries(record).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

function securitySchemes(): Json {
  const bearer = (description: string) => ({ type: "http", scheme: "bearer", description });
  return {
    admin: bearer("The server's own token: the file `admin-token` of the data directory."),
    page: bearer("The token in a page of ours; good for an hour."),
    session: bearer("The session's own token; good for that session."),
  };
}
