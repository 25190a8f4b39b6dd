/** A lock is read back as it was written, and becomes files that ask for the same again. */
import { describe, expect, it } from "vitest";
import { binderFiles, type EnvironmentLock, formatLock, parseLock } from "./lock-text.ts";

const LOCK: EnvironmentLock = {
  builder: "1, uv 0.13.9",
  key: "a".repeat(64),
  repository: "https://example.org/a repo.git",
  commit: "b".repeat(40),
  base: "Debian GNU/Linux 12 (bookworm) sha256:12",
  python: "3.11.2",
  asOf: "2024-01-31",
  apt: [{ name: "jq", version: "1:1.6-2", architecture: "amd64", sha256: "cd" }],
  conda: [],
  r: ["hello=1.2"],
  npm: ["left-pad@1.3.0 sha512-aa=="],
  requirements: "six==1.16.0 \\\n    --hash=sha256:00\nattrs==23.1.0",
  built: ["hello==1 @ file:///home/jovyan/pkg", "far==2 @ git+https://example.org/far@abc"],
};

describe("a lock", () => {
  it("is read back as it was written", () => {
    expect(parseLock(formatLock(LOCK))).toEqual(LOCK);
  });

  it("is a requirements file to pip", () => {
    const lines = formatLock(LOCK).split("\n");
    const other = lines.filter(
      (line) => !/^(?:#.*|$|\s+--hash=\S+|[a-z]+==[\d.]+(?: \\)?)$/.test(line),
    );
    expect(other).toEqual([]);
  });

  it("keeps to its lines whatever the address of the repository is", () => {
    const text = formatLock({ ...LOCK, repository: "x\n# apt: evil=1 all sha256:0" });
    expect(parseLock(text)?.apt).toEqual(LOCK.apt);
  });

  it("is nothing else", () => {
    expect(parseLock("six==1.16.0\n")).toBeNull();
  });
});

it("becomes files that ask for the same again", () => {
  const files = new Map(binderFiles(LOCK).map(({ path, text }) => [path, text]));
  expect(files.get("apt.txt")).toContain("\njq=1:1.6-2\n");
  expect(files.get("runtime.txt")).toBe("python-3.11.2\n");
  const requirements = files.get("requirements.txt") ?? "";
  expect(requirements).toContain(LOCK.requirements);
  expect(requirements).toMatch(/^\.\/pkg$/m);
  expect(requirements).toMatch(/^far @ git\+https:\/\/example\.org\/far@abc$/m);
});

it("asks for conda packages by their addresses", () => {
  const conda = ["https://conda.example/linux-64/a-1-0.conda#00"];
  const files = binderFiles({ ...LOCK, conda, apt: [], built: [], requirements: "" });
  expect(files.map(({ path }) => path)).toEqual(["conda-linux-64.lock"]);
  expect(files[0]?.text).toContain(`@EXPLICIT\n${conda[0]}`);
});

it("asks for conda packages by version and build where pip has packages besides", () => {
  const conda = ["https://conda.example/x/linux-64/a-b-1.2-h_0.conda#00"];
  const [file] = binderFiles({ ...LOCK, conda, apt: [], built: [] });
  expect(file?.path).toBe("environment.yml");
  const [, ...lines] = file?.text.split("\n") ?? [];
  expect(lines).toEqual([
    "channels:",
    '  - "https://conda.example/x"',
    '  - "nodefaults"',
    "dependencies:",
    '  - "a-b=1.2=h_0"',
    "  - pip:",
    '    - "six==1.16.0"',
    '    - "attrs==23.1.0"',
    "",
  ]);
});

it("names the file by the machine that conda's packages are for", () => {
  const conda = ["https://conda.example/linux-aarch64/a-1-0.conda#00"];
  const [file] = binderFiles({ ...LOCK, conda, apt: [], built: [], requirements: "" });
  expect(file?.path).toBe("conda-linux-aarch64.lock");
});
