/** `bindery dockerfile` */
import { resolve } from "node:path";
import {
  BASE_PROGRAMS,
  imageOptions,
  type ImageWish,
  writeImageContext,
} from "#app/image-context.ts";
import type { BaseProgram, RenderedImage } from "#core/rendering/image.ts";
import { renderImage } from "#core/rendering/render-image.ts";
import { invalid } from "../arguments/parse-arguments.ts";
import type { Call, GivenFlags, Run } from "../command.ts";
import type { ExitName } from "../exit-codes.ts";
import { planOrThrow, withPlan } from "../launch/plan-call.ts";

export const run: Run = async (call) =>
  await withPlan(call, async (planned): Promise<ExitName> => {
    const { flags, terminal, workingDirectory } = call;
    const plan = planOrThrow(planned.outcome);
    const image = renderImage(plan, imageOptions(planned.repo, wishOf(flags)));
    const output = flags.text("output");
    if (output !== null) {
      const directory = resolve(workingDirectory, output);
      await writeImageContext(image, planned, directory);
      say(call, image, directory);
      return "ok";
    }
    if (terminal.isJson) terminal.json(image);
    else if (image.kind === "made") terminal.out(image.dockerfile.trimEnd());
    else terminal.note(`The repository has its own: ${image.path}.`);
    return "ok";
  });

function wishOf(flags: GivenFlags): ImageWish {
  const baseImage = flags.text("base-image");
  return {
    ...(baseImage === null ? {} : { baseImage: imageName(baseImage) }),
    baseHas: new Set(programsOf(flags.text("base-has") ?? "")),
  };
}

/** It becomes a word of the Dockerfile. Errors: command-invalid. */
export function imageName(text: string): string {
  if (/^[A-Za-z0-9][A-Za-z0-9._/:@-]*$/.test(text)) return text;
  throw invalid(`${JSON.stringify(text)} is not the name of an image.`);
}

function programsOf(text: string): readonly BaseProgram[] {
  return text
    .split(",")
    .map((name) => name.trim())
    .filter((name) => name !== "")
    .map((name) => {
      const program = BASE_PROGRAMS.find((each) => each === name);
      if (program !== undefined) return program;
      throw invalid(`--base-has knows ${BASE_PROGRAMS.join(", ")}, not ${JSON.stringify(name)}.`);
    });
}

function say({ terminal }: Call, image: RenderedImage, directory: string): void {
  const file = image.kind === "own" ? image.path : "Dockerfile";
  if (terminal.isJson) {
    terminal.json({ kind: "context", directory, dockerfile: file });
    return;
  }
  if (image.kind === "made") for (const note of image.notes) terminal.note(note);
  terminal.note(`Build it with \`buildah build --file ${directory}/${file} ${directory}\`.`);
  terminal.out(directory);
}
