/** `bindery build` */
import type { Run } from "../command.ts";
import { exitOf } from "../exit-codes.ts";
import { asOfWish } from "../launch/as-of.ts";
import { launch, refOf } from "../launch/open-session.ts";
import { readRepo } from "../launch/read-repo.ts";
import { findServer } from "../server/server-access.ts";
import { showFailure } from "../text/show-failure.ts";

export const run: Run = async (call) => {
  const { flags, terminal, environment, workingDirectory, operands } = call;
  const [typed = ""] = operands;
  const { address } = readRepo(typed, { workingDirectory, home: environment["HOME"] });
  const wish = { repo: address, buildOnly: true, ...refOf(flags), ...asOfWish(flags) };
  const outcome = await launch(call, await findServer(call), wish);
  if (outcome.kind === "interrupted") return "interrupted";
  if (outcome.kind === "failed") {
    showFailure(outcome.failure, terminal);
    return exitOf(outcome.failure);
  }
  const { result, isReused } = outcome;
  const { environmentKey, commit } = result;
  if (terminal.isJson) terminal.json({ kind: "environment", environmentKey, commit, isReused });
  else {
    terminal.note(isReused ? "The environment was there already:" : "The environment is built:");
    terminal.out(environmentKey);
  }
  return "ok";
};
