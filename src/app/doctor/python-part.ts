/** Which Pythons environments can be made from, and why others cannot be used. */
import { currentOwner } from "#drivers/local/sandbox/owner.ts";
import { compareVersions, findPythons } from "#drivers/local/tools/pythons.ts";
import type { Examination, Finding } from "./finding.ts";
import { installHint } from "./install-hint.ts";

const SKIPPED_SHOWN_MAX = 5;
/** The Jupyter server needs it; environments may be made from older ones. */
const OLDEST_FOR_SERVER = "3.10";

export async function examinePythons({
  config,
  environment,
}: Examination): Promise<readonly Finding[]> {
  const { interpreters, skipped } = await findPythons({
    dataDirectory: config.dataDir,
    env: environment,
    userId: currentOwner(config.sandboxUid).uid,
  });
  const hasForServer = interpreters.some(
    ({ version }) => compareVersions(version, OLDEST_FOR_SERVER) >= 0,
  );
  const usable: Finding = hasForServer
    ? {
        part: "python",
        state: "good",
        found: interpreters.map(({ version, path }) => `${version} (${path})`).join(", "),
        meaning: "Environments are made from these; for another version uv fetches one, if it can.",
        remedy: null,
      }
    : {
        part: "python",
        state: "bad",
        found: `none from ${OLDEST_FOR_SERVER} on that a sandbox can run`,
        meaning: "The Jupyter server of the sessions cannot be installed.",
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
      state: hasForServer ? "good" : "limited",
      found: [...shown, ...(more > 0 ? [`and ${more} more`] : [])].join("; "),
      meaning: "These are passed over.",
      remedy: null,
    },
  ];
}
