/** A rendered image on the disk: the Dockerfile, its context, and the repository's content in it. */
import { chmod, copyFile, lstat, mkdir, readdir, realpath, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { AppError } from "#core/errors.ts";
import type { BaseProgram, ImageOptions, RenderedImage } from "#core/rendering/image.ts";
import { CONTENT } from "#core/rendering/image.ts";
import type { ResolvedRepo } from "#core/repo/repo.ts";
import { readServerLock } from "#drivers/local/jupyter/server-versions.ts";
import { PINNED_UV } from "#drivers/local/tools/tool-versions.ts";
import type { PlannedRepository } from "./plan-repository.ts";
import { binderyVersion } from "./version.ts";

const DEFAULT_BASE_IMAGE = "docker.io/library/debian:bookworm-slim";
export const BASE_PROGRAMS: readonly BaseProgram[] = [
  ...(["uv", "node", "micromamba", "pixi", "r", "julia"] as const),
];

/** What a person may decide about an image; the rest is Bindery's. */
export interface ImageWish {
  readonly baseImage?: string;
  readonly baseHas?: ReadonlySet<BaseProgram>;
  readonly user?: { readonly name: string; readonly uid: number };
  readonly repositoryDirectory?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly appendix?: string;
}

export function imageOptions(repo: ResolvedRepo, wish: ImageWish): ImageOptions {
  return {
    baseImage: wish.baseImage ?? DEFAULT_BASE_IMAGE,
    baseHas: wish.baseHas ?? new Set(),
    uvVersion: PINNED_UV.version,
    serverLock: readServerLock(),
    user: wish.user ?? { name: "jovyan", uid: 1000 },
    repositoryDirectory: wish.repositoryDirectory ?? null,
    labels: {
      // A folder of this machine is nobody else's business.
      ...(repo.provider === "local" ? {} : { "org.opencontainers.image.source": repo.url }),
      "org.opencontainers.image.revision": repo.commit,
      "repo2docker.repo": repo.provider === "local" ? "local" : repo.url,
      "repo2docker.ref": repo.commit,
      "repo2docker.version": `bindery ${binderyVersion()}`,
      ...wish.labels,
    },
    appendix: wish.appendix ?? null,
  };
}

/** Into a directory that is empty or not there. Errors: command-invalid. */
export async function writeImageContext(
  image: RenderedImage,
  planned: PlannedRepository,
  directory: string,
): Promise<void> {
  await mkdir(directory, { recursive: true });
  if ((await readdir(directory)).length > 0) {
    throw new AppError("command-invalid", `${directory} is not empty.`);
  }
  if (image.kind === "own") return await planned.checkout(directory);
  const content = join(directory, CONTENT);
  await mkdir(content);
  await planned.checkout(content);
  for (const { path, text, isExecutable } of image.context) {
    const target = join(directory, path);
    await mkdir(dirname(target), { recursive: true });
    await writeFile(target, text);
    await chmod(target, isExecutable ? 0o755 : 0o644);
  }
  for (const { from, to } of image.copies) await copyInside(content, from, join(directory, to));
  await writeFile(join(directory, "Dockerfile"), image.dockerfile);
}

/** A link of the repository could lead out of it. */
async function copyInside(root: string, from: string, to: string): Promise<void> {
  const source = await realpath(join(root, from));
  const isInside = source.startsWith(`${await realpath(root)}/`);
  if (!isInside || !(await lstat(source)).isFile()) {
    throw new AppError("config-invalid", `${from} is no file of the repository.`, {
      detail: { file: from },
    });
  }
  await mkdir(dirname(to), { recursive: true });
  await copyFile(source, to);
}
