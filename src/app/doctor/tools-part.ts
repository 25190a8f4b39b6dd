/** What Bindery installs for itself: uv, and the environment of the Jupyter server. */
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { inspectTools } from "#drivers/local/tools/ensure-tools.ts";
import { configuredIndexes } from "#drivers/local/tools/index-configuration.ts";
import { askProgram } from "./ask-program.ts";
import type { Examination, Finding } from "./finding.ts";
import { installHint } from "./install-hint.ts";

export async function examineUv(examination: Examination): Promise<readonly Finding[]> {
  const { config, environment } = examination;
  const { uv } = await inspectTools(config.dataDir);
  if (uv !== null) {
    const works = await askProgram([uv.path, "--version"], environment);
    if (works.kind === "said") return [finding("good", works.text, "Packages can be installed.")];
    const because = works.kind === "failed" ? works.because : "it is gone";
    const remedy = `Remove ${uv.path}: the next start installs it again.`;
    return [finding("bad", `uv does not run: ${because}`, "Nothing can be installed.", remedy)];
  }
  const way = await wayToInstall(examination);
  if (way !== null) {
    return [
      finding("limited", `not installed yet; ${way} is here`, "The first start installs it."),
    ];
  }
  return [
    finding(
      "bad",
      "not installed, and no way to get it",
      "The first start cannot install it: there is neither pip nor uv here, and no package index is configured.",
      installHint("python3-pip"),
    ),
  ];
}

export async function examineServerEnvironment({
  config,
}: Examination): Promise<readonly Finding[]> {
  const names = await readdir(join(config.dataDir, "server")).catch(() => []);
  const whole = names.filter((name) => !name.endsWith(".half"));
  const part = "jupyter server";
  return whole.length > 0
    ? [
        {
          part,
          state: "good",
          found: "installed",
          meaning: "Sessions start from it.",
          remedy: null,
        },
      ]
    : [
        {
          part,
          state: "limited",
          found: "not installed yet",
          meaning: "The first start installs it from the package index; that takes some seconds.",
          remedy: null,
        },
      ];
}

async function wayToInstall({ environment }: Examination): Promise<string | null> {
  for (const python of ["python3", "/usr/bin/python3"]) {
    const pip = await askProgram([python, "-m", "pip", "--version"], environment);
    if (pip.kind === "said") return "pip";
  }
  const uv = await askProgram(["uv", "--version"], environment);
  if (uv.kind === "said") return uv.text;
  return (await configuredIndexes(environment)).length > 0 ? "a configured package index" : null;
}

function finding(
  state: Finding["state"],
  found: string,
  meaning: string,
  remedy: string | null = null,
): Finding {
  return { part: "uv", state, found, meaning, remedy };
}
