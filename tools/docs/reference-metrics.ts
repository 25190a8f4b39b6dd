/** docs/reference/metrics.md, from the metrics themselves. */
import { Metrics } from "#api/metrics/metrics.ts";

export async function renderMetrics(): Promise<string> {
  const { registry } = new Metrics({ withProcess: false });
  const all = await registry.getMetricsAsJSON();
  const labels = new Map(
    registry.getMetricsAsArray().map((metric) => [metric.name, labelsOf(metric)]),
  );
  const rows = all
    .toSorted((one, other) => (one.name < other.name ? -1 : 1))
    .map(
      ({ name, type, help }) => `| \`${name}\` | ${type} | ${labels.get(name) ?? ""} | ${help} |`,
    );
  return `# Metrics

Made by \`npm run docs\` from \`src/api/metrics/metrics.ts\`; do not edit.

\`/metrics\` has these, those of the process (\`process_*\`, \`nodejs_*\`), and those of the gateway.
Names with \`binderhub_\` mean what they mean in BinderHub, so that its dashboards work;
\`binderhub_github_rate_limit_remaining\` is missing, since nothing here asks GitHub's REST API. The
label \`repo\` has at most 100 values; all later repositories are \`other\`, and all folders \`local\`.

| metric | type | labels | meaning |
|---|---|---|---|
${rows.join("\n")}
`;
}

function labelsOf(metric: object): string {
  const names: unknown = "labelNames" in metric ? metric.labelNames : [];
  return Array.isArray(names)
    ? names
        .filter((name) => name !== "le")
        .map((name) => `\`${name}\``)
        .join(", ")
    : "";
}
