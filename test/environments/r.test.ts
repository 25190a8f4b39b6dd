/** R of this machine: what install.R asks for, seen from a kernel of R inside a session. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parseLock } from "#core/rendering/lock-text.ts";
import { findR } from "#drivers/local/build/local-steps.ts";
import {
  type Bindery,
  follow,
  makeServedDir,
  removeServedDir,
  startBindery,
} from "../fixtures/e2e-bindery.ts";
import { sessionOf } from "../fixtures/e2e-session.ts";
import { type Folders, makeFolders } from "../fixtures/folders.ts";
import type { Tree } from "../fixtures/git-repository.ts";

const version = await findR();
if (version === null) console.log("R is not tested: it is not here with its kernel");

const LAUNCH_LIMIT_MS = 120_000;

/** A package of the repository: the servers of R's packages are not reached everywhere. */
const PACKAGE: Tree = {
  "pkg/DESCRIPTION": "Package: hello\nVersion: 1.2\nTitle: Hello\nLicense: MIT\n",
  "pkg/NAMESPACE": "export(hello)\n",
  "pkg/R/hello.R": 'hello <- function() "hello from R"\n',
  "install.R": 'install.packages("pkg", repos = NULL, type = "source")\n',
};

describe.skipIf(version === null)("R of this machine", () => {
  let bindery: Bindery;
  let folders: Folders;

  beforeAll(async () => {
    folders = await makeFolders();
    bindery = await startBindery(await makeServedDir());
  });
  afterAll(async () => {
    await bindery.stop();
    await removeServedDir(bindery.dataDir);
    folders.remove();
  });

  it("installs what install.R says, and has a kernel", { timeout: LAUNCH_LIMIT_MS }, async () => {
    const repo = await folders.of({ ...PACKAGE, "requirements.txt": "six\n" });
    const result = await follow(bindery, { repo }).ready;
    const session = sessionOf(bindery, result);
    const kernel = await session.startKernel("ir");
    const code = 'cat(hello::hello(), as.character(getRversion()), Sys.getenv("R_LIBS_USER"))';
    expect(await session.run(kernel, code)).toBe(`hello from R ${version} /srv/env/rlibs`);
    const python = await session.startKernel();
    expect((await session.run(python, "import six; print(six.__name__)")).trim()).toBe("six");
    await bindery.client.stopSession(session.id);
    const lock = parseLock(await bindery.client.environmentLock(result.environmentKey));
    expect(lock).toMatchObject({ r: ["hello=1.2"], npm: [] });
  });

  it("fails with what install.R says", { timeout: LAUNCH_LIMIT_MS }, async () => {
    const repo = await folders.of({ "install.R": 'stop("nothing works here")\n' });
    const { failure } = await follow(bindery, { repo }).ended;
    expect(failure).toMatchObject({ code: "install-failed", detail: { file: "install.R" } });
    expect(failure?.message).toContain("nothing works here");
  });

  it("is refused for another version than this machine's", async () => {
    const repo = await folders.of({ ...PACKAGE, "runtime.txt": "r-3.6-2020-01-01\n" });
    const { failure } = await follow(bindery, { repo }).ended;
    expect(failure).toMatchObject({ code: "config-unsupported" });
    expect(failure?.message).toContain("container builder");
  });
});
