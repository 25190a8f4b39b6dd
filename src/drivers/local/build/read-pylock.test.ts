/** The lock that uv writes, read back. */
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { AppError } from "#core/errors.ts";
import { readPylock } from "./read-pylock.ts";

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "bindery-pylock-"));
});
afterEach(() => rmSync(directory, { recursive: true }));
const path = (): string => join(directory, "pylock.toml");

test("what has wheels on the web is named, and nothing else", async () => {
  writeFileSync(
    path(),
    `lock-version = "1.0"
[[packages]]
name = "Six_X"
version = "1.0+local"
wheels = [{ url = "https://example.org/six.whl" }]
[[packages]]
name = "docopt"
version = "0.6.2"
sdist = { url = "https://example.org/docopt.tar.gz" }
[[packages]]
name = "mine"
directory = { path = "." }
[[packages]]
name = "near"
version = "1"
wheels = [{ path = "wheels/near.whl" }]
[[packages]]
name = "-r /etc/passwd"
version = "1"
wheels = [{ url = "https://example.org/x.whl" }]
[[packages]]
name = "evil"
version = "1 --index-url=https://example.org"
wheels = [{ url = "https://example.org/x.whl" }]
`,
  );
  expect(await readPylock(path())).toEqual([{ name: "six-x", version: "1.0+local" }]);
});

test.each([
  ["", []],
  ["packages = 3", []],
  ["packages = [3, {}, []]", []],
])("a lock of %j names nothing", async (text, wheels) => {
  writeFileSync(path(), text);
  expect(await readPylock(path())).toEqual(wheels);
});

test("what is no lock at all is an error, and a link or a device is not read", async () => {
  writeFileSync(path(), "= no toml");
  await expect(readPylock(path())).rejects.toThrow(AppError);
  symlinkSync("/etc/hostname", join(directory, "link"));
  await expect(readPylock(join(directory, "link"))).rejects.toThrow(/ELOOP/);
  await expect(readPylock("/dev/zero")).rejects.toThrow(AppError);
  await expect(readPylock(directory)).rejects.toThrow(AppError);
});
