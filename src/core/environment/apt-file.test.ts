/** apt.txt: what is taken from it, and what is refused with its line. */
import { describe, expect, test } from "vitest";
import { planEnvironment } from "./plan-environment.ts";
import { OPTIONS, planOf, snapshotOf, wordsOf } from "./planning-in-tests.ts";

describe("apt.txt", () => {
  test.each<[string, string, readonly string[]]>([
    ["one name a line, sorted, each once", "vim\ngit\nvim\n", ["apt git", "apt vim"]],
    ["comments anywhere, blank lines", "# x\n\ngit# y\r\n  vim  \n", ["apt git", "apt vim"]],
    ["an exact version", "git=1:2.39.5-0+deb12u2", ["apt git=1:2.39.5-0+deb12u2"]],
    ["several on one line, as repo2docker", "git vim", ["apt git", "apt vim"]],
    [
      "names with plus, dot and digits",
      "g++\nlibstdc++6\n7zip\npython3.11-dev",
      ["apt 7zip", "apt g++", "apt libstdc++6", "apt python3.11-dev"],
    ],
    ["nothing of a file of comments", "# nothing", []],
  ])("%s", (_, text, words) => {
    expect(wordsOf(planOf({ "apt.txt": text }))).toEqual([...words, "python 3.12"]);
  });

  test.each<[string, string, RegExp]>([
    ["shell text", "git\nvim; echo pwned > /etc/x", /^apt\.txt:2: "vim;".*no shell/],
    ["an option", "--allow-unauthenticated", /^apt\.txt:1: .*options/],
    ["a command", "apt-get install -y foo libbar", /no command \(here: foo, libbar\)/],
    ["a command with sudo", "sudo apt install foo", /no command \(here: foo\)/],
    ["upper case", "Vim", /probably "vim"/],
    ["a removal", "vim-", /removed/],
    ["an address", "https://example.org/x.deb", /^apt\.txt:1: /],
    ["a path", "./x.deb", /^apt\.txt:1: /],
    ["an architecture", "vim:i386", /expected is name or name=version/],
    ["a wrong version", "vim=1$(x)", /no shell/],
    ["a release", "vim/stable", /expected is name or name=version/],
  ])("%s is refused", (_, text, message) => {
    const outcome = planEnvironment(snapshotOf({ "apt.txt": text }), OPTIONS);
    expect(outcome).toMatchObject({
      kind: "refused",
      failure: { code: "config-invalid", message: expect.stringMatching(message) },
      files: [{ path: "apt.txt", verdict: "unusable" }],
    });
  });

  test("two versions of one package contradict each other", () => {
    const outcome = planEnvironment(snapshotOf({ "apt.txt": "a1=1\na1=2" }), OPTIONS);
    expect(outcome).toMatchObject({ kind: "refused", failure: { code: "config-conflict" } });
  });

  test("a directory of that name is refused", () => {
    const outcome = planEnvironment(snapshotOf({ "apt.txt/x": "" }), OPTIONS);
    expect(outcome).toMatchObject({ kind: "refused", failure: { code: "config-invalid" } });
  });

  test("the plan needs a container builder where the machine cannot do it", () => {
    expect(planOf({ "apt.txt": "git" }).engine).toMatchObject({ kind: "container", step: "apt" });
    const localSteps = new Set(["apt", "python", "packages"] as const);
    expect(planOf({ "apt.txt": "git" }, { ...OPTIONS, localSteps }).engine.kind).toBe("local");
  });
});
