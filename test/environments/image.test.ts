/** The Dockerfile of a repository built by buildah on a base image made here, and a session from it. */
import { execFileSync, spawn, spawnSync } from "node:child_process";
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:net";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { MINUTE_MS } from "#base/units.ts";
import { run } from "../fixtures/command-line.ts";
import { eventually } from "../fixtures/session-world.ts";
import { writeFolder } from "../fixtures/git-repository.ts";
import { askServer, runInKernel } from "../fixtures/jupyter-client.ts";

const BASE_PACKAGES = "ca-certificates,curl,git,less,python3,python3-pip,unzip";
const CERTIFICATES = "/etc/ssl/certs/ca-certificates.crt";
const CACHE = join(
  process.env["BINDERY_TEST_CACHE"] ?? join(homedir(), ".cache/bindery/test"),
  "images",
);

/** Null when images can be built here. */
function whyNot(): string | null {
  if (process.getuid?.() !== 0) return "only root makes a base image";
  const missing = ["buildah", "debootstrap"].filter(
    (name) => spawnSync("which", [name]).status !== 0,
  );
  return missing.length === 0 ? null : `${missing.join(" and ")} is not installed`;
}

const because = whyNot();
if (because !== null) console.log(`images are not built: ${because}`);

const place = because === null ? mkdtempSync(join(tmpdir(), "bindery-image-")) : "";
// Layers are kept from run to run, as on the machine of somebody who builds images.
const storage = ["--root", join(CACHE, "storage"), "--runroot", join(place, "run")];
// What works without a kernel's full support, too.
const env = {
  ...process.env,
  STORAGE_DRIVER: because === null && hasOverlays() ? "overlay" : "vfs",
  BUILDAH_ISOLATION: "chroot",
};

function hasOverlays(): boolean {
  const words = ["--storage-driver", "overlay", "--root", join(place, "try")];
  return spawnSync("buildah", [...words, "--runroot", join(place, "run"), "info"]).status === 0;
}

/** Nothing can be pulled on machines that test: Debian itself is unpacked, once. */
function makeBase(): void {
  const base = join(CACHE, "base");
  if (!existsSync(base)) {
    const half = `${base}.${process.pid}`;
    mkdirSync(half, { recursive: true });
    const words = [
      "--variant=minbase",
      `--include=${BASE_PACKAGES}`,
      "bookworm",
      join(half, "root"),
    ];
    execFileSync("debootstrap", words, { stdio: "pipe" });
    renameSync(half, base);
  }
  // Machines that test may reach the index through a proxy with an authority of its own.
  const theirs = join(base, "root", CERTIFICATES);
  if (existsSync(CERTIFICATES) && !isSame(CERTIFICATES, theirs)) copyFileSync(CERTIFICATES, theirs);
  const variables = `SSL_CERT_FILE=${CERTIFICATES} PIP_CERT=${CERTIFICATES}`;
  writeFileSync(join(base, "Dockerfile"), `FROM scratch\nADD root /\nENV ${variables}\n`);
  buildah("build", "--quiet", "--layers", "--tag", "localhost/base", base);
}

function isSame(one: string, other: string): boolean {
  return readFileSync(one).equals(readFileSync(other));
}

function buildah(...words: readonly string[]): string {
  return execFileSync("buildah", [...storage, ...words], { env, encoding: "utf8", stdio: "pipe" });
}

const FILES = {
  "binder/apt.txt": "tree\n",
  "binder/requirements.txt": "six==1.16.0\n./pkg\n",
  "binder/postBuild": { executable: '#!/bin/sh\necho "$PWD $(id -un)" > built.txt\n' },
  "binder/start": '#!/bin/sh\nexport FROM_START=yes\nexec "$@"\n',
  "pkg/pyproject.toml":
    '[project]\nname = "hello-pkg"\nversion = "1"\n[build-system]\nrequires = ["setuptools"]\n',
  "pkg/hello_pkg/__init__.py": "X = 7\n",
};

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", () => resolve()));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === "object" && address !== null ? address.port : 0;
}

describe.skipIf(because !== null)("an image of a repository", () => {
  let container = "";
  beforeAll(async () => {
    makeBase();
    const folder = join(place, "repository");
    await writeFolder(folder, FILES);
    const context = join(place, "context");
    const words = ["dockerfile", folder, "--output", context, "--base-image", "localhost/base"];
    const written = await run([...words, "--data-dir", join(place, "data")]);
    if (written.code !== 0) throw new Error(written.error);
    buildah("build", "--layers", "--tag", "localhost/session", context);
    container = buildah("from", "localhost/session").trim();
  }, 10 * MINUTE_MS);
  afterAll(() => {
    if (container !== "") buildah("rm", container);
    buildah("rmi", "--prune", "--force");
    rmSync(place, { recursive: true, force: true });
  });

  it("holds a session with all that the plan says", async () => {
    const port = await freePort();
    const token = "t0ken";
    const server = ["jupyter", "lab", "--no-browser", "--ip=127.0.0.1", `--port=${port}`];
    const entry = [
      "run",
      container,
      "--",
      "/srv/bindery/entrypoint",
      ...server,
      `--IdentityProvider.token=${token}`,
    ];
    const child = spawn("buildah", [...storage, ...entry], {
      env,
      stdio: "ignore",
      detached: true,
    });
    try {
      const address = { origin: `http://127.0.0.1:${port}`, baseUrl: "/", token };
      const ask = (method: "GET" | "POST", path: string) =>
        askServer(address, { method, path, ...(method === "POST" ? { body: {} } : {}) });
      const isUp = () =>
        ask("GET", "api/kernelspecs").then(
          ({ status }) => status === 200,
          () => false,
        );
      await eventually(isUp, "the server answers", MINUTE_MS);
      const { id } = JSON.parse((await ask("POST", "api/kernels")).text) as { readonly id: string };
      const code = [
        "import hello_pkg, os, shutil, six, sys",
        "print(hello_pkg.X, six.__version__, sys.prefix, os.environ['FROM_START'], os.getuid())",
        "print(shutil.which('tree'), open('built.txt').read().strip(), os.environ['REPO_DIR'])",
      ].join("\n");
      expect((await runInKernel(address, id, code)).trim().split("\n")).toEqual([
        "7 1.16.0 /srv/env yes 1000",
        "/usr/bin/tree /home/jovyan jovyan /home/jovyan",
      ]);
    } finally {
      if (child.pid !== undefined) process.kill(-child.pid, "SIGKILL");
    }
  });

  it("says where it comes from", () => {
    const facts = JSON.parse(buildah("inspect", "--type", "image", "localhost/session")) as {
      readonly OCIv1: {
        readonly config: { readonly Labels: Record<string, string>; readonly User: string };
      };
    };
    const { Labels, User } = facts.OCIv1.config;
    expect(User).toBe("jovyan");
    expect(Labels["repo2docker.repo"]).toBe("local");
    expect(Labels["org.opencontainers.image.revision"]).toMatch(/^[0-9a-f]{40}$/);
  });
});
