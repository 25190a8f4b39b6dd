/** The package indexes that the host's owner has configured for pip and uv. */
import { readPipSettings, wordsOf } from "./pip-settings.ts";
import type { HostEnvironment } from "./run-program.ts";

/** An index with the Simple API, or a local directory full of wheels. */
export type ConfiguredIndex =
  | { readonly kind: "simple"; readonly url: URL }
  | { readonly kind: "directory"; readonly path: string };

/** In the order in which they are asked. Empty when nobody configured any. */
export async function configuredIndexes(env: HostEnvironment): Promise<readonly ConfiguredIndex[]> {
  const pip = await readPipSettings(env);
  const links = [...wordsOf(pip.get("find-links")), ...wordsOf(env["UV_FIND_LINKS"])];
  const addresses = [
    ...wordsOf(env["UV_DEFAULT_INDEX"] ?? env["UV_INDEX_URL"]),
    ...wordsOf(pip.get("index-url")),
    ...wordsOf(pip.get("extra-index-url")),
  ];
  return [
    ...links
      .filter((link) => link.startsWith("/"))
      .map((path) => ({ kind: "directory", path }) as const),
    ...addresses
      .filter((address) => URL.canParse(address))
      .map((address) => ({ kind: "simple", url: new URL(address) }) as const),
  ];
}
