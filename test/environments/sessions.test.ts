/** Repositories of the corpus launched for real: what holds inside their sessions, asked in a kernel. */
import { mkdtempSync, rmSync } from "node:fs";
import { chmod } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  type Bindery,
  follow,
  makeServedDir,
  removeServedDir,
  startBindery,
} from "../fixtures/e2e-bindery.ts";
import { sessionOf } from "../fixtures/e2e-session.ts";
import { writeFolder } from "../fixtures/git-repository.ts";
import { CORPUS, type Sample } from "./corpus.ts";

let bindery: Bindery;
let place = "";
const launched = CORPUS.filter((sample) => sample.inside !== undefined);

beforeAll(async () => {
  place = mkdtempSync(join(tmpdir(), "bindery-corpus-"));
  await chmod(place, 0o755);
  bindery = await startBindery(await makeServedDir());
});
afterAll(async () => {
  await bindery.stop();
  await removeServedDir(bindery.dataDir);
  rmSync(place, { recursive: true, force: true });
});

async function folderOf({ files, name }: Sample): Promise<string> {
  const folder = join(place, String(CORPUS.findIndex((each) => each.name === name)));
  const tree = Object.entries(files).map(([path, text]) => [
    path,
    text.startsWith("#!") ? { executable: text } : text,
  ]);
  await writeFolder(folder, Object.fromEntries(tree) as Parameters<typeof writeFolder>[1]);
  return folder;
}

const PREAMBLE = `
import importlib.metadata, json, os, subprocess, sys
def sh(command):
    return subprocess.run(command, shell=True, capture_output=True, text=True).stdout.strip()
def version(name):
    return importlib.metadata.version(name)
def installed(name):
    try:
        return bool(version(name))
    except importlib.metadata.PackageNotFoundError:
        return False
answers = {}
for question in json.loads(QUESTIONS):
    try:
        answers[question] = str(eval(question))
    except Exception as error:
        answers[question] = repr(error)
print(json.dumps(answers))
`;

/** The package index is asked by each of them, and the machine is shared. */
const LAUNCH_LIMIT_MS = 120_000;

describe("inside a session of", () => {
  it.each(launched)("$name", { timeout: LAUNCH_LIMIT_MS }, async (sample) => {
    const repo = await folderOf(sample);
    const result = await follow(bindery, { repo }).ready;
    const session = sessionOf(bindery, result);
    const kernel = await session.startKernel();
    const questions = Object.keys(sample.inside ?? {});
    const code = `QUESTIONS = ${JSON.stringify(JSON.stringify(questions))}\n${PREAMBLE}`;
    const answers: unknown = JSON.parse(await session.run(kernel, code));
    await bindery.client.stopSession(session.id);
    expect(answers).toEqual(sample.inside);
  });
});

describe("what this machine cannot do", () => {
  it("is refused with the way out, before anything is built", async () => {
    const sample = CORPUS.find(({ name }) => name === "Project.toml");
    if (sample === undefined) throw new Error("the corpus has lost a sample");
    const { failure } = await follow(bindery, { repo: await folderOf(sample) }).ended;
    expect(failure).toMatchObject({ code: "config-unsupported" });
    expect(failure?.message).toContain("container builder");
  });

  it.each([
    ["package.json that wants another Node than any", "config-unsupported", "Node ^4.0.0"],
    ["a version in apt.txt", "resolve-failed", "apt.txt:1"],
  ])("%s", { timeout: LAUNCH_LIMIT_MS }, async (name, code, part) => {
    const sample = CORPUS.find((each) => each.name === name);
    if (sample === undefined) throw new Error("the corpus has lost a sample");
    const files = name.includes("apt") ? { "apt.txt": "jq=0.0.1-none\n" } : sample.files;
    const repo = await folderOf({ ...sample, files });
    const { failure } = await follow(bindery, { repo }).ended;
    expect(failure).toMatchObject({ code });
    expect(failure?.message).toContain(part);
  });
});
