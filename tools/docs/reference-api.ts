/** docs/reference/api.md and openapi.json, from the API's own table of routes. */
import { failuresByStatus, openApi } from "#api/openapi/openapi.ts";
import type { Access, Route } from "#api/http/route.ts";
import { ROUTES } from "#api/route-table.ts";
import { binderyVersion } from "#app/version.ts";

const WHO: Readonly<Record<Access, string>> = {
  anyone: "anyone",
  launch: "who knows the launch's id",
  page: "the admin token, or a page's token",
  session: "the admin token, or the session's own",
  admin: "the admin token",
};

export function renderOpenApi(): string {
  return `${JSON.stringify(openApi(ROUTES, binderyVersion()), null, 2)}\n`;
}

export function renderApi(): string {
  const routes = ROUTES.filter(({ operation }) => operation !== null);
  const tags = [...new Set(routes.map(({ tag }) => tag))];
  const sections = tags.map((tag) =>
    section(
      tag,
      routes.filter((route) => route.tag === tag),
    ),
  );
  return `# API

Made by \`npm run docs\` from the table of routes in \`src/api/\`; do not edit. The exact shapes are in
[openapi.json](openapi.json), which the server also offers at \`/api/openapi.json\`.

A failure is answered with \`{ "error": { "code", "fault", "message", "next", "retriable", "detail" } }\`
and the status that [the catalogue](errors.md) gives its code. Tokens are sent as
\`Authorization: Bearer TOKEN\`; the admin token is in the file \`admin-token\` of the data directory. A
page of another site may launch and change nothing unless \`corsAllowOrigin\` allows its origin
(\`origin-refused\`).

An event stream is a stream of server-sent events. Every event has an id; \`Last-Event-ID\` resumes
after it. Between events a comment (\`:keepalive\`) is sent. The stream ends after the event whose phase
is \`ready\` or \`failed\`; who comes again with that one's id is answered with 204.

${sections.join("\n")}`;
}

function section(tag: string, routes: readonly Route[]): string {
  return `## ${tag}\n\n${routes.map(entry).join("\n")}`;
}

function entry(route: Route): string {
  const path = route.path.replaceAll(/:(\w+)/g, "{$1}").replace("*", "{spec}");
  const answers = Object.entries(route.responses).map(
    ([status, { description }]) => `- ${status}: ${description}`,
  );
  const failures = [...failuresByStatus(route)]
    .toSorted(([one], [other]) => one - other)
    .map(([status, codes]) => `- ${status}: ${codes.map((code) => `\`${code}\``).join(", ")}`);
  return `### ${route.method} ${path}

${route.summary} For ${WHO[route.access]}.

${[...answers, ...failures].join("\n")}
`;
}
