/** `bindery repo2docker`: its flags and its log, so that scripts keep working. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { buildWords, type Engine, findEngine, runEngine, runWords } from "#app/container-engine.ts";
import { imageOptions, type ImageWish, writeImageContext } from "#app/image-context.ts";
import type { PlannedRepository } from "#app/plan-repository.ts";
import { AppError } from "#core/errors.ts";
import type { RenderedImage } from "#core/rendering/image.ts";
import { renderImage } from "#core/rendering/render-image.ts";
import { invalid } from "../arguments/parse-arguments.ts";
import type { Call, GivenFlags, Run } from "../command.ts";
import type { ExitName } from "../exit-codes.ts";
import { planOrThrow, withPlan } from "../launch/plan-call.ts";
import { catchInterrupts } from "../progress/interrupts.ts";
import { imageName } from "./dockerfile.ts";

/** As repo2docker names them in its log of lines of JSON. */
type Phase = "fetching" | "building" | "pushing" | "running" | "failed";

export const run: Run = async (call) => {
  const say = (phase: Phase, message: string) => sayLine(call, phase, message);
  try {
    say("fetching", `Picked ${call.operands[0] ?? ""}.\n`);
    return await withPlan(call, (planned) => build(call, planned, say));
  } catch (error) {
    if (error instanceof AppError) say("failed", `${error.failure.message}\n`);
    throw error;
  }
};

type Say = (phase: Phase, message: string) => void;

async function build(call: Call, planned: PlannedRepository, say: Say): Promise<ExitName> {
  const { flags, terminal } = call;
  const plan = planOrThrow(planned.outcome);
  const image = renderImage(plan, imageOptions(planned.repo, wishOf(flags)));
  if (flags.has("no-build")) {
    if (image.kind === "made") terminal.out(image.dockerfile.trimEnd());
    else terminal.out(`# The repository has its own: ${image.path}`);
    return "ok";
  }
  const engine = findEngine(call.environment, flags.text("engine"));
  if (engine === null) {
    const hint =
      "`bindery open` makes a session without one, `bindery dockerfile` writes the image.";
    throw new AppError("tool-missing", `No docker, podman or buildah is here. ${hint}`);
  }
  const name = imageName(flags.text("image-name") ?? flags.text("image") ?? defaultName(planned));
  const interrupts = catchInterrupts(() => undefined);
  const directory = await mkdtemp(join(tmpdir(), "bindery-image-"));
  try {
    await writeImageContext(image, planned, directory);
    const job = { call, engine, name, say, signal: interrupts.signal };
    await step(job, "building", buildWords(engine, buildWishOf(flags, { image, name, directory })));
    if (flags.has("push")) await step(job, "pushing", ["push", name]);
    if (!flags.has("no-run")) await runImage(job);
    return interrupts.signal.aborted ? "interrupted" : "ok";
  } finally {
    interrupts.release();
    await rm(directory, { recursive: true, force: true });
  }
}

interface Job {
  readonly call: Call;
  readonly engine: Engine;
  readonly name: string;
  readonly say: Say;
  readonly signal: AbortSignal;
}

async function step(job: Job, phase: Phase, words: readonly string[]): Promise<void> {
  const { engine, say, signal } = job;
  const code = await runEngine(engine, words, {
    signal,
    onLine: (line) => say(phase, `${line}\n`),
  });
  if (code === 0 || signal.aborted) return;
  throw new AppError("install-failed", `${engine.name} ended with exit code ${code}.`, {
    detail: { step: phase },
  });
}

async function runImage(job: Job): Promise<void> {
  const { call, engine, name } = job;
  const { flags, operands } = call;
  const command = operands.slice(1);
  const ports = flags.texts("publish");
  if (ports.length > 1 && command.length === 0) {
    throw invalid("Several ports need a command that listens on them.");
  }
  const words = runWords(engine, {
    image: name,
    ports: ports.length === 0 && !flags.has("publish-all") ? ["127.0.0.1:8888:8888"] : ports,
    isAllPorts: flags.has("publish-all"),
    volumes: flags.texts("volume"),
    variables: flags.texts("env"),
    command,
  });
  if (words === null) {
    throw new AppError("tool-missing", "buildah builds images and runs none: use --no-run.");
  }
  await step(job, "running", words);
}

function wishOf(flags: GivenFlags): ImageWish {
  const uid = Number(flags.text("user-id") ?? process.getuid?.() ?? 1000);
  const name = flags.text("user-name") ?? userInfo().username;
  const isRoot = flags.text("user-id") === null && uid === 0;
  if (!Number.isInteger(uid) || uid < 0 || (uid === 0 && !isRoot)) {
    throw invalid("--user-id needs the number of a user who is not root.");
  }
  // Whoever is root here is the usual person in the image.
  const user = isRoot ? { name: flags.text("user-name") ?? "jovyan", uid: 1000 } : { name, uid };
  if (!/^[a-z_][a-z0-9_.-]{0,31}$/i.test(user.name))
    throw invalid("--user-name is no user's name.");
  const target = flags.text("target-repo-dir");
  if (target !== null && !/^\/[A-Za-z0-9._/-]+$/.test(target)) {
    throw invalid("--target-repo-dir needs an absolute path without blanks.");
  }
  const appendix = flags.text("appendix");
  return {
    user,
    labels: Object.fromEntries(flags.texts("label").map(pairOf)),
    ...(target === null ? {} : { repositoryDirectory: target }),
    ...(appendix === null ? {} : { appendix }),
  };
}

function buildWishOf(
  flags: GivenFlags,
  { image, name, directory }: { image: RenderedImage; name: string; directory: string },
) {
  const own = image.kind === "own" ? image : null;
  return {
    image: name,
    directory,
    file: own?.path ?? "Dockerfile",
    buildArguments: [
      ...(own?.buildArguments ?? []).map((each) => `${each.name}=${each.value}`),
      ...flags.texts("build-arg"),
    ],
    cacheFrom: flags.texts("cache-from"),
  };
}

function pairOf(text: string): readonly [string, string] {
  const at = text.indexOf("=");
  if (at <= 0) throw invalid(`--label needs NAME=VALUE, not ${JSON.stringify(text)}.`);
  return [text.slice(0, at), text.slice(at + 1)];
}

/** What is in the environment names it, so that a commit that changes nothing there is the same. */
function defaultName({ outcome, repo }: PlannedRepository): string {
  const key = planOrThrow(outcome).key.slice(0, 12);
  return `localhost/bindery-${key}:${repo.commit.slice(0, 12)}`;
}

function sayLine({ flags, terminal }: Call, phase: Phase, message: string): void {
  if (flags.has("json-logs")) terminal.json({ message, phase });
  else if (phase !== "failed") terminal.note(message.replace(/\n$/, ""));
}
