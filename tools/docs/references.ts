/** The generated pages: path in the repository → its content. */
import { renderConfiguration } from "./reference-configuration.ts";
import { renderErrors } from "./reference-errors.ts";

export interface Reference {
  readonly path: string;
  readonly render: () => string | Promise<string>;
}

export const REFERENCES: readonly Reference[] = [
  { path: "docs/reference/configuration.md", render: renderConfiguration },
  { path: "docs/reference/errors.md", render: renderErrors },
];
