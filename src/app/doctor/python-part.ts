/** Which Pythons environments can be made from, and why others cannot be used. */
import { currentOwner } from "#drivers/local/sandbox/owner.ts";
import { findPythons } from "#drivers/local/tools/pythons.ts";
import type { Examination, Finding } from "./finding.ts";
import { installHint } from "./install-hint.ts";

const SKIPPED_SHOWN_MAX = 5;

export async function examinePythons({
  config,
  environment,
}: Examination): Promise<readonly Finding[]> {
  const { interpreters, skipped } = await findPythons({
    dataDirectory: config.dataDir,
    env: environment,
    userId: currentOwner(config.sandboxUid).uid,
  });
  const usable: Finding =
    interpreters.length > 0
      ? {
          part: "python",
          state: "good",
          found: interpreters.map(({ version, path }) => `${version} (${path})`).join(", "),
          meaning:
            "Environments are made from these; for another version uv fetches one, if it can.",
          remedy: null,
        }
      : {
          part: "python",
          state: "bad",
          found: "none that a sandbox can run",
          meaning: "No environment can be made, unless uv can fetch a Python.",
          remedy: installHint("python3"),
        };
  if (skipped.length === 0) return [usable];
  const shown = skipped
    .slice(0, SKIPPED_SHOWN_MAX)
    .map(({ path, because }) => `${path}: ${because}`);
  const more = skipped.length - shown.length;
  return [
    usable,
    {
      part: "python, others",
      state: interpreters.length > 0 ? "good" : "limited",
      found: [...shown, ...(more > 0 ? [`and ${more} more`] : [])].join("; "),
      meaning: "These are passed over.",
      remedy: null,
    },
  ];
}
