/** `bindery plan` */
import type { Plan } from "#core/environment/plan.ts";
import type { Call, Run } from "../command.ts";
import { exitOf } from "../exit-codes.ts";
import { withPlan } from "../launch/plan-call.ts";
import { columns } from "../text/columns.ts";
import { engineText, stepText } from "../text/plan-text.ts";
import { safeLine } from "../text/safe-text.ts";
import { showFailure } from "../text/show-failure.ts";

export const run: Run = async (call) =>
  await withPlan(call, async ({ outcome, repo }) => {
    const { terminal } = call;
    if (outcome.kind === "refused") {
      showFailure(outcome.failure, terminal);
      return exitOf(outcome.failure);
    }
    const { plan } = outcome;
    if (terminal.isJson) {
      terminal.json({ kind: "plan", repo: repo.url, commit: repo.commit, plan });
      return "ok";
    }
    for (const line of planLines(plan, call)) terminal.out(safeLine(line, { colours: true }));
    return "ok";
  });

function planLines(plan: Plan, { terminal }: Call): readonly string[] {
  const { bold, dim } = terminal.paintOut;
  const steps = plan.steps.flatMap((step, index) => {
    const { title, lines } = stepText(step);
    return [`${index + 1}. ${bold(title)}`, ...lines.map((line) => `     ${dim(line)}`)];
  });
  const facts = [
    ["built", engineText(plan)],
    ["server", `${plan.server.kind}: ${plan.server.because}`],
    ["start", plan.start ?? "the Jupyter server"],
    ...(plan.coldStartBecause === null ? [] : [["not warm", plan.coldStartBecause]]),
    ...(plan.asOf === null ? [] : [["as of", plan.asOf]]),
    ["key", plan.key],
  ];
  return [...steps, "", ...columns(facts)];
}
