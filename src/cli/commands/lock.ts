/** `bindery lock` */
import { mkdir, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { AppError } from "#core/errors.ts";
import { binderFiles, parseLock } from "#core/rendering/lock-text.ts";
import type { Call, Run } from "../command.ts";
import { exitOf } from "../exit-codes.ts";
import { asOfWish } from "../launch/as-of.ts";
import { launch, refOf } from "../launch/open-session.ts";
import { readRepo } from "../launch/read-repo.ts";
import { connect } from "../server/connect.ts";
import { findServer } from "../server/server-access.ts";
import { showFailure } from "../text/show-failure.ts";

export const run: Run = async (call) => {
  const { flags, terminal, environment, workingDirectory, operands } = call;
  const [typed = ""] = operands;
  const { address } = readRepo(typed, { workingDirectory, home: environment["HOME"] });
  const access = await findServer(call);
  const wish = { repo: address, buildOnly: true, ...refOf(flags), ...asOfWish(flags) };
  const outcome = await launch(call, access, wish);
  if (outcome.kind === "interrupted") return "interrupted";
  if (outcome.kind === "failed") {
    showFailure(outcome.failure, terminal);
    return exitOf(outcome.failure);
  }
  const key = outcome.result.environmentKey;
  const text = await connect(access).environmentLock(key);
  const output = flags.text("output");
  if (output !== null) await writeFiles(call, text, resolve(workingDirectory, output));
  else if (terminal.isJson) terminal.json({ kind: "lock", environmentKey: key, lock: text });
  else terminal.out(text.replace(/\n$/, ""));
  return "ok";
};

/** Never over what somebody wrote by hand. */
async function writeFiles({ terminal }: Call, text: string, directory: string): Promise<void> {
  const lock = parseLock(text);
  if (lock === null) throw new AppError("internal", "The lock of this environment is too old.");
  const files = binderFiles(lock);
  await mkdir(directory, { recursive: true });
  for (const { path, text: content } of files) {
    await writeFile(join(directory, path), content, { flag: "wx" }).catch((cause: unknown) => {
      if ((cause as NodeJS.ErrnoException).code !== "EEXIST") throw cause;
      throw new AppError("command-invalid", `${join(directory, path)} is there already.`, {
        cause,
      });
    });
  }
  const paths = files.map(({ path }) => join(directory, path));
  if (terminal.isJson) terminal.json({ kind: "files", paths });
  else for (const path of paths) terminal.out(path);
}
