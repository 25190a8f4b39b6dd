/** The generated pages: path in the repository → its content. */
import { renderApi, renderOpenApi } from "./reference-api.ts";
import { renderConfiguration } from "./reference-configuration.ts";
import { renderDrills } from "./reference-drills.ts";
import { renderEnvironments } from "./reference-environments.ts";
import { renderErrors } from "./reference-errors.ts";
import { renderMetrics } from "./reference-metrics.ts";

export interface Reference {
  readonly path: string;
  readonly render: () => string | Promise<string>;
}

export const REFERENCES: readonly Reference[] = [
  { path: "docs/reference/api.md", render: renderApi },
  { path: "docs/reference/configuration.md", render: renderConfiguration },
  { path: "docs/reference/drills.md", render: renderDrills },
  { path: "docs/reference/environments.md", render: renderEnvironments },
  { path: "docs/reference/errors.md", render: renderErrors },
  { path: "docs/reference/metrics.md", render: renderMetrics },
  { path: "docs/reference/openapi.json", render: renderOpenApi },
];
