/** `bindery explain` */
import type { Plan, PlanFile } from "#core/environment/plan.ts";
import type { Call, Run } from "../command.ts";
import { exitOf } from "../exit-codes.ts";
import { withPlan } from "../launch/plan-call.ts";
import { columns, wrap } from "../text/columns.ts";
import { engineText } from "../text/plan-text.ts";
import { safeLine } from "../text/safe-text.ts";
import { showFailure } from "../text/show-failure.ts";

const WIDTH_MAX = 100;

export const run: Run = async (call) =>
  await withPlan(call, async ({ outcome, repo }) => {
    const { terminal } = call;
    const isRefused = outcome.kind === "refused";
    const files = isRefused ? outcome.files : outcome.plan.files;
    if (terminal.isJson) {
      const what = isRefused ? { error: outcome.failure } : explained(outcome.plan);
      terminal.json({ kind: "explanation", repo: repo.url, commit: repo.commit, files, ...what });
    } else {
      const lines = [
        ...fileLines(files, call),
        ...(isRefused ? [] : ["", ...planLines(outcome.plan, call)]),
      ];
      for (const line of lines) terminal.out(safeLine(line, { colours: true }));
    }
    if (!isRefused) return "ok";
    if (!terminal.isJson) showFailure(outcome.failure, terminal);
    return exitOf(outcome.failure);
  });

function explained(plan: Plan) {
  const { key, keyInputs, runsRepositoryCode, engine, server, differsFromRepo2docker } = plan;
  return {
    ...{ key, keyInputs, runsRepositoryCode, engine, server, differsFromRepo2docker },
    keyAdvice: keyAdvice(plan),
  };
}

function fileLines(files: readonly PlanFile[], { terminal }: Call): readonly string[] {
  const { bold, dim, red } = terminal.paintOut;
  if (files.length === 0)
    return ["No configuration files: an environment with Python and Jupyter."];
  const painted = { used: bold, ignored: dim, unusable: red };
  const rows = files.map(({ path, verdict, because }) => [
    path,
    painted[verdict](verdict),
    because,
  ]);
  return [bold("Files"), ...columns(rows).map((line) => `  ${line}`)];
}

function planLines(plan: Plan, { terminal }: Call): readonly string[] {
  const { bold, dim } = terminal.paintOut;
  const width = Math.min(WIDTH_MAX, Math.max(40, terminal.columns));
  const inputs = plan.keyInputs.filter(({ value }) => value !== "none");
  const differs = plan.differsFromRepo2docker.flatMap((sentence) => bullet(sentence, width));
  return [
    bold("Built"),
    ...bullet(engineText(plan), width),
    ...bullet(`${plan.server.kind} server: ${plan.server.because}`, width),
    "",
    bold("Environment key"),
    ...columns(inputs.map(({ name, value }) => [`  ${name}`, dim(shortened(value))])),
    ...keyAdvice(plan).flatMap((sentence) => bullet(sentence, width)),
    "",
    bold("Differs from repo2docker"),
    ...(differs.length === 0 ? ["  in nothing"] : differs),
  ];
}

/** What widens the key now, and what an author can do about it. */
function keyAdvice(plan: Plan): readonly string[] {
  const runs = plan.steps.filter(({ files }) => files.includes("."));
  if (!plan.runsRepositoryCode) {
    return ["A commit that changes none of the files that are used installs nothing."];
  }
  const what = [...new Set(runs.map(nameOf))].join(", ");
  return [
    `Every change of any file makes a new environment, because code of the repository runs in the build: ${what || "a lock"}.`,
    "It would be narrower if packages came from an index, and if what postBuild does were done in a notebook or in `start`.",
  ];
}

function nameOf(step: Plan["steps"][number]): string {
  if (step.kind === "postBuild") return step.path;
  if (step.kind !== "project") return step.kind;
  return step.directory === "" ? "the repository's own package" : step.directory;
}

function bullet(sentence: string, width: number): readonly string[] {
  return wrap(sentence, width - 4).map((line, index) => `${index === 0 ? "  - " : "    "}${line}`);
}

function shortened(value: string): string {
  return value.replaceAll(/\b([0-9a-f]{12})[0-9a-f]{28,52}\b/g, "$1…");
}
