/** Lines of requirements files, in all the forms that people write. */
import { expect, test } from "vitest";
import { AppError } from "../errors.ts";
import { formatLine, requirementLines } from "./requirement-lines.ts";

function read(text: string) {
  return requirementLines("requirements.txt", text).map((line) => {
    const at = line.source.line;
    switch (line.kind) {
      case "requirement":
        return `${at}: ${formatLine(line)}`;
      case "include":
        return `${at}: ${line.isConstraint ? "constraints" : "include"} ${line.path}`;
      case "local":
        return `${at}: ${line.isEditable ? "editable" : "local"} ${line.path} [${line.extras.join()}] ${line.marker}`;
      case "address":
        return `${at}: address ${line.url} ${line.marker} ${line.hashes.join()}`;
      case "option":
        return `${at}: option ${line.option.name} ${line.option.value}`;
    }
  });
}

test.each<[string, string, readonly string[]]>([
  ["comments and blank lines", "# a\n\n  # b\nnumpy # c\n", ["4: numpy"]],
  [
    "a line that ends in a backslash",
    "numpy \\\n  >=1 \\\n  ,<2\nscipy",
    ["1: numpy<2,>=1", "4: scipy"],
  ],
  ["a comment inside a continued line", "numpy \\\n# no\nscipy", ["1: numpy", "3: scipy"]],
  ["a backslash at the very end", "numpy\\", ["1: numpy"]],
  ["Windows line ends", "numpy\r\nscipy\r\n", ["1: numpy", "2: scipy"]],
  [
    "hashes",
    "six==1.16 \\\n --hash=sha256:bb \\\n --hash=sha256:aa",
    ["1: six==1.16 --hash=sha256:aa --hash=sha256:bb"],
  ],
  [
    "-r and -c in all spellings",
    "-r a.txt\n-rb.txt\n--requirement=c.txt\n-c d.txt\n--constraint e.txt",
    [
      "1: include a.txt",
      "2: include b.txt",
      "3: include c.txt",
      "4: constraints d.txt",
      "5: constraints e.txt",
    ],
  ],
  [
    "index options",
    "-i https://a/s\n--extra-index-url=https://b/s --pre\n--no-index\n-f wheels\n--no-binary :all:\n--only-binary=x\n--require-hashes\n--trusted-host a",
    [
      "1: option index-url https://a/s",
      "2: option extra-index-url https://b/s",
      "2: option pre null",
      "3: option no-index null",
      "4: option find-links wheels",
      "5: option no-binary :all:",
      "6: option only-binary x",
      "7: option require-hashes null",
      "8: option trusted-host a",
    ],
  ],
  [
    "options that change nothing here",
    "--prefer-binary\n--use-feature fast-deps\nnumpy",
    ["3: numpy"],
  ],
  [
    "the project itself",
    "-e .\n.\n.[test]\n-e .[a,b]\n--editable=./x\n-e 'sub dir'",
    [
      "1: editable . [] null",
      "2: local . [] null",
      "3: local . [test] null",
      "4: editable . [a,b] null",
      "5: editable ./x [] null",
      "6: editable sub dir [] null",
    ],
  ],
  [
    "directories and archives",
    "./lib\nlib/pkg\nwheels/a-1-py3-none-any.whl\nb.tar.gz[x]\n../up ; os_name == 'nt'",
    [
      "1: local ./lib [] null",
      "2: local lib/pkg [] null",
      "3: local wheels/a-1-py3-none-any.whl [] null",
      "4: local b.tar.gz [x] null",
      '5: local ../up [] os_name == "nt"',
    ],
  ],
  [
    "file addresses inside the home",
    "file:///home/jovyan/pkg\nfile:pkg\nx @ file:///home/jovyan/a.whl",
    ["1: local pkg [] null", "2: local pkg [] null", "3: local a.whl [] null"],
  ],
  [
    "version control",
    "git+https://example.org/x.git@v1#egg=X[a]&subdirectory=s\n-e git+https://example.org/y#egg=y\ngit+https://example.org/z ; os_name=='posix'",
    [
      "1: x[a] @ git+https://example.org/x.git@v1#subdirectory=s",
      "2: y @ git+https://example.org/y",
      '3: address git+https://example.org/z os_name == "posix" ',
    ],
  ],
  [
    "archives on the web",
    "https://example.org/a-1.tar.gz\nb @ https://example.org/b.whl --hash=sha256:aa\nhttps://example.org/c.whl --hash=sha256:bb",
    [
      "1: address https://example.org/a-1.tar.gz null ",
      "2: b @ https://example.org/b.whl --hash=sha256:aa",
      "3: address https://example.org/c.whl null sha256:bb",
    ],
  ],
])("%s", (_, text, lines) => {
  expect(read(text)).toEqual(lines);
});

test.each([
  ["numpy=1.2", "config-invalid", 1],
  ["six\n\nimport numpy", "config-invalid", 3],
  ["numpy \\\n scipy", "config-invalid", 1],
  ["--colour red", "config-invalid", 1],
  ["-r", "config-invalid", 1],
  ["six --hash=zzz", "config-invalid", 1],
  ["six --install-option=x", "config-unsupported", 1],
  ["six\n--index-url https://u:${TOKEN}@example.org", "config-unsupported", 2],
  ["numpy @ file:///tmp/build/numpy", "config-invalid", 1],
  ["hg+https://example.org/x", "config-unsupported", 1],
  ["git+file:///x", "config-unsupported", 1],
  ["six#comment", "config-invalid", 1],
])("%s is refused as %s at line %i", (text, code, line) => {
  const failure = refusalOf(() => requirementLines("a/requirements.txt", text));
  expect(failure).toMatchObject({ code, detail: { file: "a/requirements.txt", line } });
  expect(failure?.message).toContain(`a/requirements.txt:${line}: `);
});

test("a megabyte of anything is taken apart in no time", () => {
  const slow: string[] = [];
  for (const piece of [
    " ",
    "#",
    "[",
    "[]",
    "\\\n",
    "(",
    "a;",
    "-e ",
    "--hash=",
    "a @ ",
    "'\"",
    "egg=#",
    "x/",
  ]) {
    const text = piece.repeat(Math.ceil(2 ** 20 / piece.length));
    const beganAt = performance.now();
    refusalOf(() => requirementLines("r", text));
    refusalOf(() => requirementLines("r", `x ${text}`));
    if (performance.now() - beganAt > 3_000) slow.push(piece);
  }
  expect(slow).toEqual([]);
});

function refusalOf(action: () => unknown) {
  try {
    action();
    return null;
  } catch (error) {
    if (error instanceof AppError) return error.failure;
    throw error;
  }
}
