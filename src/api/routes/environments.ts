/** Environments and the builds that make them. */
import { Type } from "@sinclair/typebox";
import { failure } from "#core/errors.ts";
import { type Answer, json, refuse, text } from "../http/answer.ts";
import { type Call, type Route, route } from "../http/route.ts";
import { BuildSchema, EnvironmentKeySchema, EnvironmentSchema } from "../schema.ts";

const tag = "Environments";
const path = "/api/v1/environments";
const params = Type.Object({ key: EnvironmentKeySchema });
const missing = failure("environment-not-found");

export const environmentRoutes: readonly Route[] = [
  route({
    method: "GET",
    path: "/api/v1/builds",
    operation: "listBuilds",
    summary: "Builds that wait, run, or failed lately.",
    tag,
    access: "admin",
    responses: { 200: { description: "Builds.", schema: Type.Array(BuildSchema) } },
    handle: ({ context }) => json(context.controlPlane.environments.builds()),
  }),
  route({
    method: "GET",
    path,
    operation: "listEnvironments",
    summary: "Every environment that exists.",
    tag,
    access: "admin",
    responses: { 200: { description: "Environments.", schema: Type.Array(EnvironmentSchema) } },
    handle: async ({ context }) => json(await context.controlPlane.environments.list()),
  }),
  route({
    method: "POST",
    path: `${path}/prune`,
    operation: "pruneEnvironments",
    summary: "Removes least recently used environments that no session uses.",
    tag,
    access: "admin",
    body: Type.Object(
      { bytesMax: Type.Integer({ minimum: 0, description: "How much may be left." }) },
      { additionalProperties: false },
    ),
    responses: {
      200: {
        description: "What was removed.",
        schema: Type.Object({ removed: Type.Array(Type.String()), freedBytes: Type.Number() }),
      },
    },
    handle: async ({ body, context }) =>
      json(await context.controlPlane.environments.prune(body.bytesMax)),
  }),
  route({
    method: "GET",
    path: `${path}/:key`,
    operation: "getEnvironment",
    summary: "One environment.",
    tag,
    access: "admin",
    params,
    responses: { 200: { description: "The environment.", schema: EnvironmentSchema } },
    failures: ["environment-not-found"],
    handle: async ({ params: { key }, context }) => {
      const environment = await context.controlPlane.environments.get(key);
      return environment === null ? refuse(missing) : json(environment);
    },
  }),
  route({
    method: "GET",
    path: `${path}/:key/lock`,
    operation: "readEnvironmentLock",
    summary: "The versions that were installed, as a lock from which it can be repeated.",
    tag,
    access: "admin",
    params,
    responses: { 200: { description: "The lock.", contentType: "text/plain" } },
    failures: ["environment-not-found"],
    handle: async (call) => await textOf(call, "lock"),
  }),
  route({
    method: "GET",
    path: `${path}/:key/log`,
    operation: "readBuildLog",
    summary: "The end of the log of the last build, also of one that failed.",
    tag,
    access: "admin",
    params,
    responses: { 200: { description: "The log.", contentType: "text/plain" } },
    failures: ["environment-not-found"],
    handle: async (call) => await textOf(call, "buildLog"),
  }),
];

async function textOf(
  { params, context }: Call<{ key: string }>,
  what: "lock" | "buildLog",
): Promise<Answer> {
  const content = await context.controlPlane.environments[what](params.key);
  return content === null ? refuse(missing) : text(content);
}
