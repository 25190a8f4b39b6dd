/** From a wish to a session in the browser. */
import type { LaunchWishes } from "#client/client.ts";
import { sessionAddress } from "#client/session-address.ts";
import type { Call, GivenFlags } from "../command.ts";
import { exitOf, type ExitName } from "../exit-codes.ts";
import { catchInterrupts } from "../progress/interrupts.ts";
import { createProgress } from "../progress/create-progress.ts";
import { connect } from "../server/connect.ts";
import type { ServerAccess } from "../server/server-access.ts";
import { showFailure } from "../text/show-failure.ts";
import { followLaunch, type LaunchOutcome } from "./follow-launch.ts";
import { landingOf, START_PAGE } from "./landing.ts";
import { openBrowser } from "./open-browser.ts";
import { asOfWish } from "./as-of.ts";
import { readRepo } from "./read-repo.ts";

/** The wish that a command line with a repository means. Errors: those of its parts. */
export function readWish(typed: string, call: Call): LaunchWishes {
  const { flags, workingDirectory, environment } = call;
  const { address, path } = readRepo(typed, { workingDirectory, home: environment["HOME"] });
  const urlPath = landingOf(flags, path);
  return {
    ...refOf(flags),
    ...asOfWish(flags),
    repo: address,
    ...(urlPath === null ? {} : { urlPath }),
  };
}

export function refOf(flags: GivenFlags): { readonly ref?: string } {
  const ref = flags.text("ref");
  return ref === null ? {} : { ref };
}

/** Launches, prints the session's address, and opens it. */
export async function openSession(
  call: Call,
  access: ServerAccess,
  wish: LaunchWishes,
): Promise<ExitName> {
  const outcome = await launch(call, access, wish);
  const { terminal } = call;
  if (outcome.kind === "interrupted") return "interrupted";
  if (outcome.kind === "failed") {
    showFailure(outcome.failure, terminal);
    return exitOf(outcome.failure);
  }
  const { result, urlPath } = outcome;
  const url = sessionAddress({
    origin: access.publicUrl,
    path: result.path ?? "/",
    urlPath: urlPath ?? START_PAGE,
    token: result.token ?? "",
  });
  if (terminal.isJson) terminal.json({ kind: "session", url, ...result });
  else terminal.out(url);
  if (call.flags.has("no-browser") || terminal.isJson) return "ok";
  const { environment } = call;
  const isOpened = await openBrowser({ url, environment, isTerminal: terminal.isOutScreen });
  if (isOpened) terminal.note("It opens in your browser.");
  return "ok";
}

/** With progress, and Ctrl-C cancels. */
export async function launch(
  call: Call,
  access: ServerAccess,
  wish: LaunchWishes,
): Promise<LaunchOutcome> {
  const { terminal } = call;
  const progress = createProgress(terminal, () => performance.now());
  const interrupts = catchInterrupts(() => {
    progress.breakOff();
    terminal.note("Cancelling the launch; once more ends this at once.");
  });
  try {
    const { signal } = interrupts;
    const outcome = await followLaunch({ client: connect(access), wish, progress, signal });
    progress.end();
    return outcome;
  } finally {
    progress.breakOff();
    interrupts.release();
  }
}
