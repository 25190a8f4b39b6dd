/** What the plan says that the programs of a session find in their environment. Pure. */
import type { Plan } from "#core/environment/plan.ts";

/** `seen` turns a path inside into what the session sees: itself, but for sessions without isolation. */
export function plannedVariables(
  plan: Pick<Plan, "environmentVariables" | "path">,
  seen: (text: string) => string,
): Readonly<Record<string, string>> {
  const path = plan.path.length === 0 ? {} : { PATH: plan.path.join(":") };
  const variables = Object.entries({ ...plan.environmentVariables, ...path });
  return Object.fromEntries(variables.map(([name, value]) => [name, seen(value)]));
}
