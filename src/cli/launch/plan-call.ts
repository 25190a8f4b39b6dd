/** What the commands that only read a repository have in common: its words, and the plan. */
import { planRepository, type PlannedRepository } from "#app/plan-repository.ts";
import { createLineLog } from "#app/line-log.ts";
import { AppError } from "#core/errors.ts";
import type { Plan, PlanOutcome } from "#core/environment/plan.ts";
import { parseRepo } from "#core/repo/parse-repo.ts";
import type { Repo } from "#core/repo/repo.ts";
import { configOf } from "../arguments/setting-flags.ts";
import type { Call } from "../command.ts";
import { catchInterrupts } from "../progress/interrupts.ts";
import { safeLine } from "../text/safe-text.ts";
import { dayOf } from "./as-of.ts";
import { readRepo } from "./read-repo.ts";

/** Fetches the repository that the call names, and plans it. Ctrl-C ends it. */
export async function withPlan<T>(
  call: Call,
  use: (planned: PlannedRepository) => Promise<T>,
): Promise<T> {
  const { environment, flags, terminal } = call;
  const config = configOf(flags, environment);
  const interrupts = catchInterrupts(() => undefined);
  try {
    const wish = {
      config,
      environment,
      repo: repoOf(call),
      subdirectory: flags.text("subdir"),
      asOf: dayOf(flags.text("as-of")),
      log: createLineLog("plan", "silent"),
      signal: interrupts.signal,
      onLine: () => undefined,
    };
    return await planRepository(wish, async (planned) => {
      if (planned.note !== null) terminal.note(safeLine(planned.note, { colours: false }));
      return await use(planned);
    });
  } finally {
    interrupts.release();
  }
}

function repoOf({ operands, workingDirectory, environment, flags }: Call): Repo {
  const [typed = ""] = operands;
  const { address } = readRepo(typed, { workingDirectory, home: environment["HOME"] });
  const parsed = parseRepo(address);
  if (parsed.kind !== "parsed") {
    const { code, message, detail } = parsed.failure;
    throw new AppError(code, message, detail === undefined ? {} : { detail });
  }
  const ref = flags.text("ref");
  return ref === null ? parsed.repo : { ...parsed.repo, ref };
}

/** The plan, or the failure that says why there is none. */
export function planOrThrow(outcome: PlanOutcome): Plan {
  if (outcome.kind === "planned") return outcome.plan;
  const { code, message, detail } = outcome.failure;
  throw new AppError(code, message, detail === undefined ? {} : { detail });
}
