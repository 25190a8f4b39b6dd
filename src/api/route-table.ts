/** Every address that the API answers. */
import { buildRoute } from "./binderhub/build.ts";
import { serviceRoutes } from "./binderhub/service.ts";
import { json } from "./http/answer.ts";
import { type Route, route } from "./http/route.ts";
import { openApi } from "./openapi/openapi.ts";
import { pageRoutes } from "./pages/page-routes.ts";
import { staticRoutes } from "./pages/static-routes.ts";
import { environmentRoutes } from "./routes/environments.ts";
import { launchRoutes } from "./routes/launches.ts";
import { operationRoutes } from "./routes/operations.ts";
import { operatorRoutes } from "./routes/operator.ts";
import { sessionRoutes } from "./routes/sessions.ts";

const openApiRoute = route({
  method: "GET",
  path: "/api/openapi.json",
  operation: "openApi",
  summary: "This reference, as OpenAPI 3.1.",
  tag: "Operations",
  access: "anyone",
  responses: { 200: { description: "The document." } },
  handle: ({ context }) => json(openApi(ROUTES, context.options.version)),
});

export const ROUTES: readonly Route[] = [
  ...launchRoutes,
  ...sessionRoutes,
  ...environmentRoutes,
  ...operationRoutes,
  ...operatorRoutes,
  openApiRoute,
  buildRoute,
  ...serviceRoutes,
  ...pageRoutes,
  ...staticRoutes,
];
