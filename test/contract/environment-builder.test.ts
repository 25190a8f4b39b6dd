/** The contract of the environment builder, kept by the local one with the real package index. */
import { execFileSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { MINUTE_MS } from "#base/units.ts";
import { applyHomeLayer } from "#drivers/local/build/home-layer.ts";
import { type BuildWorld, makeBuildWorld, type RepoText } from "../fixtures/build-world.ts";
import { ownDirectory, runIn } from "../fixtures/session-world.ts";

// Real downloads and copies, beside whatever else the machine does.
vi.setConfig({ testTimeout: 3 * MINUTE_MS, hookTimeout: 3 * MINUTE_MS });

let world: BuildWorld;
beforeAll(async () => {
  world = await makeBuildWorld();
});
afterAll(() => world.close());

async function built(files: RepoText): Promise<{ key: string; lines: readonly string[] }> {
  const { outcome, plan, lines } = await world.build(files);
  expect(outcome, lines.join("\n")).toMatchObject({ kind: "built" });
  return { key: plan.key, lines };
}

/** Runs Python of an environment as a session would. */
async function python(key: string, code: string, home?: string): Promise<string> {
  const { output } = await runIn(world.sandbox, 'exec /srv/env/bin/python -c "$CODE"', {
    binds: [
      { source: join(world.dataDir, "store", key), target: "/srv/env", mode: "read-only" },
      ...(home === undefined
        ? []
        : [{ source: home, target: "/home/jovyan", mode: "read-only" } as const]),
    ],
    variables: { CODE: code, PATH: "/usr/bin:/bin", HOME: "/tmp", PYTHONDONTWRITEBYTECODE: "1" },
  });
  return output;
}

const tag = (): string => (/3\.\d+/.exec(world.site)?.[0] ?? "").replace(".", "");
const place = (...parts: string[]): string => join(world.dataDir, ...parts);

describe("a build", () => {
  it("makes what the requirements name, with what notebooks need, and a kernel of its own", async () => {
    const { key, lines } = await built({ "requirements.txt": "six==1.16.0\nattrs\n" });
    const code =
      "import six, attr, ipykernel, ipywidgets, pip, sys; print(six.__version__, sys.prefix)";
    expect(await python(key, code)).toBe("1.16.0 /srv/env");
    const kernel = JSON.parse(
      readFileSync(place("store", key, "share/jupyter/kernels/python3/kernel.json"), "utf8"),
    ) as { argv: string[] };
    expect(kernel.argv[0]).toBe("/srv/env/bin/python");
    expect(readFileSync(place("store", key, "bin/pip"), "utf8").split("\n")[0]).toBe(
      "#!/srv/env/bin/python",
    );
    expect(lines.join("\n")).toContain("+ six==1.16.0");
  });

  it("is known afterwards, with its lock and its log", async () => {
    const files = { "requirements.txt": "six==1.16.0\nattrs\n" };
    const { key } = await built(files);
    const environment = await world.builder.inspect(key);
    expect(environment).toMatchObject({
      key,
      pythonVersion: expect.stringMatching(/^3\.\d+\.\d+$/),
      server: "generic",
    });
    expect(Object.keys(environment ?? {})).not.toContain("pythonPath");
    expect(environment?.sizeBytes).toBeGreaterThan(1_000_000);
    expect((await world.builder.list()).map((one) => one.key)).toContain(key);
    expect(await world.builder.lock(key)).toMatch(/^six==1\.16\.0 \\\n\s+--hash=sha256:/m);
    expect(await world.builder.log(key)).toContain("+ six==1.16.0");
  });

  it("happens once: the second answer comes at once and says nothing", async () => {
    const files = { "requirements.txt": "six==1.16.0\nattrs\n" };
    await built(files);
    const again = await world.build({ ...files, "README.md": "changed" });
    expect(again.outcome.kind).toBe("built");
    expect(again.lines).toEqual([]);
  });

  it("is not there under another key, and a key is never a path", async () => {
    for (const key of ["0".repeat(64), "../environments/x", "", "/etc/passwd"]) {
      expect(await world.builder.inspect(key)).toBeNull();
      expect(await world.builder.lock(key)).toBeNull();
      expect(await world.builder.log(key)).toBeNull();
      await world.builder.touch(key);
      await world.builder.remove(key);
    }
  });

  it("notes uses, and is gone after it was removed", async () => {
    const { key } = await built({ "requirements.txt": "six==1.15.0" });
    const before = await world.builder.inspect(key);
    await world.builder.touch(key);
    const after = await world.builder.inspect(key);
    expect(after?.lastUsedAtMs).toBeGreaterThan(before?.lastUsedAtMs ?? Number.POSITIVE_INFINITY);
    await world.builder.remove(key);
    await world.builder.remove(key);
    expect(await world.builder.inspect(key)).toBeNull();
    expect(existsSync(place("store", key))).toBe(false);
  });

  it("two at once make two environments", async () => {
    const [one, two] = await Promise.all([
      built({ "requirements.txt": "six==1.16.0\nidna" }),
      built({ "requirements.txt": "six==1.17.0\nidna" }),
    ]);
    expect(await python(one.key, "import six; print(six.__version__)")).toBe("1.16.0");
    expect(await python(two.key, "import six; print(six.__version__)")).toBe("1.17.0");
  });

  it("leaves nothing else behind", () => {
    expect(readdirSync(place("building")).filter((name) => !name.startsWith("."))).toEqual([]);
  });
});

describe("speed", () => {
  it("shares the files of packages between environments", async () => {
    const one = await built({ "requirements.txt": "six==1.16.0\nattrs\n" });
    const two = await built({ "requirements.txt": "six==1.16.0\nidna\n" });
    const inode = (key: string) => statSync(place("store", key, world.site, "six.py")).ino;
    expect(inode(one.key)).toBe(inode(two.key));
  });

  it("compiles modules after the build, and once for all environments that share them", async () => {
    const { key } = await built({ "requirements.txt": "six==1.16.0\nattrs\n" });
    await world.builder.settled();
    const compiled = (of: string) =>
      place("store", of, world.site, `__pycache__/six.cpython-${tag()}.pyc`);
    expect(existsSync(compiled(key))).toBe(true);
    const later = await built({ "requirements.txt": "six==1.16.0\ntoolz\n" });
    expect(statSync(compiled(later.key)).nlink).toBeGreaterThan(1);
    // Python takes it as it is, and tracebacks name the file where it is.
    const code = "import six; print(six.__cached__, six._import_module.__code__.co_filename)";
    const site = `/srv/env/${world.site}`;
    expect(await python(later.key, code)).toBe(
      `${site}/__pycache__/six.cpython-${tag()}.pyc ${site}/six.py`,
    );
    const stale =
      "import importlib.util as u, six; d=open(six.__cached__,'rb').read(16); import os; print(int.from_bytes(d[8:12],'little')==int(os.stat(six.__file__).st_mtime))";
    expect(await python(later.key, stale)).toBe("True");
  });

  it("drops packages from the cache that no environment has any more, and gets them again", async () => {
    const { key } = await built({ "requirements.txt": "six==1.16.0\nidna==3.6\n" });
    await world.builder.settled();
    const holds = (name: string) => cachedFiles().some((line) => line.endsWith(`/${name}`));
    expect(holds("idna/package_data.py")).toBe(true);
    const others = (await world.builder.list()).map((one) => one.key).filter((one) => one !== key);
    await world.builder.remove(key);
    await world.builder.settled();
    const text = readFileSync(place("store", others[0] ?? "", world.site, "six.py"), "utf8");
    expect(text).toContain("__version__");
    expect(cachedFiles().filter((line) => line.includes("idna-3.6.dist-info"))).toEqual([]);
    expect(holds("six.py")).toBe(true);
    const again = await built({ "requirements.txt": "six==1.16.0\nidna==3.6\n" });
    expect(await python(again.key, "import idna; print(idna.__version__)")).toBe("3.6");
  });
});

describe("code of the repository", () => {
  const project: RepoText = {
    "pyproject.toml":
      '[project]\nname = "mine"\nversion = "7"\ndependencies = ["six==1.16.0"]\n[build-system]\nrequires = ["setuptools"]\nbuild-backend = "setuptools.build_meta"\n[tool.setuptools]\npackages = ["mine"]\n',
    "mine/__init__.py": "answer = 42\n",
  };

  it("is installed as a package with what it depends on", async () => {
    const { key } = await built(project);
    expect(await python(key, "import mine, six; print(mine.answer, six.__version__)")).toBe(
      "42 1.16.0",
    );
    expect(await world.builder.lock(key)).toMatch(/^# built from source: mine==7 @ /m);
  });

  it("can be a setup.py that says its dependencies only when it runs", async () => {
    const { key } = await built({
      "setup.py":
        "from setuptools import setup\nsetup(name='old', version='1', py_modules=['old'], install_requires=['six==1.15.0'])\n",
      "old.py": "x = 1\n",
      "requirements.txt": "attrs\n",
    });
    expect(await python(key, "import old, six, attr; print(old.x, six.__version__)")).toBe(
      "1 1.15.0",
    );
  });

  it("stays in the home when it is editable, and what its build adds there is kept", async () => {
    const { key } = await built({
      "lib dir/setup.py":
        "from setuptools import setup\nsetup(name='edit', version='1', py_modules=['edit'])\n",
      "lib dir/edit.py": "x = 'live'\n",
      "requirements.txt": "-e './lib dir'\n",
    });
    const layer = place("store", key, "home-layer");
    expect(existsSync(join(layer, "lib dir/edit.egg-info/PKG-INFO"))).toBe(true);
    expect(existsSync(join(layer, "lib dir/edit.py"))).toBe(false);
  });

  it("builds a package that has no wheel, in the sandbox", async () => {
    const { key, lines } = await built({ "requirements.txt": "docopt==0.6.2\nsix==1.16.0\n" });
    expect(lines.join("\n")).toContain("built from source");
    expect(await python(key, "import docopt, six; print(docopt.__version__)")).toBe("0.6.2");
    expect(await world.builder.lock(key)).toContain("docopt==0.6.2");
  });

  it("installs exactly what a uv.lock says", async () => {
    const pyproject =
      '[project]\nname = "locked"\nversion = "1"\nrequires-python = ">=3.8"\ndependencies = ["six"]\n';
    const { key } = await built({ "pyproject.toml": pyproject, "uv.lock": lockOf(pyproject) });
    expect(await python(key, "import six, ipykernel; print(six.__version__)")).toBe("1.15.0");
  });

  it("runs postBuild in the home as jovyan, by its shebang, and keeps what it changed", async () => {
    const { key, lines } = await built({
      "binder/postBuild": `#!/usr/bin/env python
import os, subprocess, sys
print(os.getcwd(), os.environ["REPO_DIR"], os.environ["NB_USER"], os.getuid(), sys.prefix)
open("/dev/stdout", "w").write("through a pipe\\n")
open("made.txt", "w").write("new")
open("data/changed.txt", "a").write("more")
os.remove("data/removed.txt")
os.makedirs("empty/dir")
subprocess.run([sys.executable, "-m", "pip", "--version"], check=True)
open("/srv/env/marker", "w").write("in the environment")
`,
      "data/changed.txt": "some ",
      "data/same.txt": "same",
      "data/removed.txt": "gone",
    });
    expect(lines).toContain("/home/jovyan /home/jovyan jovyan 1000 /srv/env");
    expect(lines).toContain("through a pipe");
    const layer = (...parts: string[]) => place("store", key, "home-layer", ...parts);
    expect(readFileSync(layer("made.txt"), "utf8")).toBe("new");
    expect(readFileSync(layer("data/changed.txt"), "utf8")).toBe("some more");
    expect(existsSync(layer("empty/dir"))).toBe(true);
    expect(existsSync(layer("data/same.txt"))).toBe(false);
    const home = await ownDirectory(place("fresh home"), world.sandbox);
    mkdirSync(join(home, "data"));
    for (const name of ["changed.txt", "same.txt", "removed.txt"]) {
      writeFileSync(join(home, "data", name), "as checked out");
    }
    execFileSync("chown", ["-R", `${world.sandbox.owner.uid}`, home]);
    const { owner } = world.sandbox;
    await applyHomeLayer(owner, { environment: place("store", key), home });
    expect(readdirSync(join(home, "data")).sort()).toEqual(["changed.txt", "same.txt"]);
    expect(readFileSync(join(home, "data/changed.txt"), "utf8")).toBe("some more");
    expect(statSync(join(home, "made.txt")).uid).toBe(owner.uid);
    expect(readFileSync(place("store", key, "marker"), "utf8")).toBe("in the environment");
  });

  it("runs a postBuild without a shebang or an executable bit by the shell", async () => {
    const { key } = await built({ postBuild: "echo from sh > made.txt\n" });
    expect(readFileSync(place("store", key, "home-layer/made.txt"), "utf8")).toBe("from sh\n");
  });

  it("says the exit code of a postBuild that fails, and leaves nothing", async () => {
    const { outcome, plan } = await world.build({ postBuild: "#!/bin/sh\necho almost\nexit 3\n" });
    expect(outcome).toMatchObject({
      kind: "failed",
      failure: { code: "post-build-failed", message: expect.stringContaining("exit code 3") },
    });
    expect(await world.builder.inspect(plan.key)).toBeNull();
    expect(await world.builder.log(plan.key)).toContain("almost");
    expect(existsSync(place("store", plan.key))).toBe(false);
  });

  it("cannot poison the shared cache or other environments, nor see the host's settings", async () => {
    const victim = await built({ "requirements.txt": "six==1.16.0\nattrs\n" });
    await world.builder.settled();
    const before = cachedFiles();
    const attack = `
import glob, os, sys
tried = []
def attempt(name, action):
    try:
        action()
        tried.append(name)
    except OSError:
        pass
for root in ("/srv/build", "/srv/store", "/srv/cache", "/srv/index", "${world.dataDir}"):
    attempt(f"list {root}", lambda: os.listdir(root) or 1 / 0) if root != "/srv/cache" else None
for path in glob.glob("/srv/cache/archive-v0/*/six.py") + glob.glob("/srv/env/lib/*/site-packages/six.py"):
    attempt("write " + path, lambda: open(path, "a").write("\\nEVIL = 1\\n"))
attempt("new in cache", lambda: open("/srv/cache/evil", "w").write("x"))
attempt("uv", lambda: open("/srv/uv", "w"))
attempt("inputs", lambda: open("/srv/inputs/evil", "w"))
print("TRIED", tried)
print("SECRETS", [name for name in os.environ if "INDEX" in name or "PASSWORD" in name])
`;
    const { lines } = await built({
      "setup.py": `from setuptools import setup\n${attack}\nsetup(name='evil', version='1', py_modules=[], install_requires=['six==1.16.0'])\n`,
      postBuild: `#!/srv/env/bin/python\n${attack}`,
    });
    const said = lines.filter((line) => line.includes("TRIED")).join("\n");
    expect(said).toContain("TRIED");
    expect(said).not.toMatch(/list|inputs|'uv'/);
    const after = new Set(cachedFiles());
    expect(before.filter((line) => !after.has(line))).toEqual([]);
    expect(before.length).toBeGreaterThan(100);
    expect(await python(victim.key, "import six; print(hasattr(six, 'EVIL'))")).toBe("False");
    const fresh = await built({ "requirements.txt": "six==1.16.0\nfilelock\n" });
    expect(await python(fresh.key, "import six; print(hasattr(six, 'EVIL'))")).toBe("False");
    expect(existsSync(place("building/.uv-cache/evil"))).toBe(false);
  });
});

/** Digest and name of every file of the packages in the shared cache. */
function cachedFiles(): readonly string[] {
  const script = 'cd "$1" && find archive-v0 -type f -print0 | xargs -0 sha256sum';
  const listing = execFileSync("sh", ["-c", script, "sh", place("building/.uv-cache")], {
    encoding: "utf8",
    maxBuffer: 100_000_000,
  });
  return listing.split("\n").filter((line) => line !== "");
}

/** A uv.lock that holds an older release than the newest. */
function lockOf(pyproject: string): string {
  const directory = mkdtempSync(join(tmpdir(), "bindery-lock-"));
  const toml = pyproject.replace('"six"', '"six==1.15.0"');
  writeFileSync(join(directory, "pyproject.toml"), toml);
  execFileSync(world.uvPath, ["lock", "--quiet", "--directory", directory], { stdio: "pipe" });
  const lock = readFileSync(join(directory, "uv.lock"), "utf8");
  rmSync(directory, { recursive: true });
  return lock;
}
