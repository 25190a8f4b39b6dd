/** BinderHub's addresses for other programs: health, versions, providers, metrics, and a hub's. */
import { providerDisplays } from "#core/repo/provider.ts";
import { type Answer, json } from "../http/answer.ts";
import { type Call, type Route, route } from "../http/route.ts";
import { healthOf } from "./health.ts";

const tag = "BinderHub";
const access = "anyone";

export const serviceRoutes: readonly Route[] = [
  route({
    method: "GET",
    path: "/health",
    operation: "health",
    summary: "Whether launches can succeed; HEAD gives the status alone.",
    tag,
    access,
    responses: {
      200: { description: "`ok` is true; `checks` says for each part." },
      503: { description: "`ok` is false." },
    },
    handle: ({ context }) => {
      const health = healthOf(context.controlPlane);
      return json(health, health.ok ? 200 : 503);
    },
  }),
  route({
    method: "GET",
    path: "/versions",
    operation: "versions",
    summary: "Versions of Bindery and of what sessions run.",
    tag,
    access,
    responses: { 200: { description: "`binderhub` and `builder_info`, in BinderHub's shape." } },
    handle: versions,
  }),
  route({
    method: "GET",
    path: "/api/repoproviders",
    operation: "repoProviders",
    summary: "How each provider's repositories are named.",
    tag,
    access,
    responses: { 200: { description: "One element per provider." } },
    handle: ({ context }) => json(providerDisplays(context.policy)),
  }),
  route({
    method: "GET",
    path: "/metrics",
    operation: "metrics",
    summary: "Prometheus metrics under BinderHub's names and our own.",
    tag,
    access,
    responses: {
      200: { description: "See the reference of the metrics.", contentType: "text/plain" },
    },
    handle: async ({ context }) => {
      const bytes = await context.metrics.text(context);
      const contentType = "text/plain; version=0.0.4; charset=utf-8";
      return { kind: "bytes", status: 200, contentType, bytes };
    },
  }),
  route({
    method: "GET",
    path: "/hub/api/health",
    operation: "hubHealth",
    summary: "For those who ask JupyterHub whether it is up.",
    tag,
    access,
    responses: { 200: { description: "It is up; the body is empty." } },
    handle: () => ({ kind: "empty", status: 200 }),
  }),
  ...["/hub/api", "/hub/api/"].map((path) =>
    route({
      method: "GET",
      path,
      operation: path.endsWith("/") ? "hubVersion" : null,
      summary: "For those who ask JupyterHub for its version.",
      tag,
      access,
      responses: { 200: { description: "`version`: Bindery's." } },
      handle: ({ context }) => json({ version: context.options.version }),
    }),
  ),
];

/** Open to every origin, as with BinderHub: federations compare it. */
function versions({ context }: Call): Answer {
  const { version, serverVersions } = context.options;
  const body = { builder_info: { bindery: version, ...serverVersions }, binderhub: version };
  const headers = { "access-control-allow-origin": "*" };
  return { kind: "json", status: 200, body, headers };
}
