/** Flags and operands, and what is said when they are wrong. */
import { describe, expect, it } from "vitest";
import { AppError } from "#core/errors.ts";
import type { Command } from "../command.ts";
import { parseArguments } from "./parse-arguments.ts";

const COMMAND: Command = {
  name: "open",
  summary: "Open",
  operands: [
    { name: "REPO", isRequired: true },
    { name: "MORE", isRequired: false, isMany: true },
  ],
  flags: [
    { name: "path", value: "PATH", meaning: "" },
    { name: "port", short: "p", value: "PORT", meaning: "" },
    { name: "set", value: "NAME=VALUE", meaning: "", isMany: true },
    { name: "no-browser", value: null, meaning: "" },
  ],
  load: () => Promise.reject(new Error("not run here")),
};
const ONE: Command = { ...COMMAND, operands: COMMAND.operands.slice(0, 1) };

describe("the words of a command line", () => {
  it("are operands and flags, in any order, with values apart or after an equals sign", () => {
    const { operands, flags } = parseArguments(COMMAND, [
      ...["--path", "a b/c.ipynb", "gh/o/n", "--no-browser", "-p", "80", "x"],
      ...["--set", "a=1", "--set=b=2"],
    ]);
    expect(operands).toEqual(["gh/o/n", "x"]);
    expect(flags.text("path")).toBe("a b/c.ipynb");
    expect(flags.text("port")).toBe("80");
    expect(flags.texts("set")).toEqual(["a=1", "b=2"]);
    expect(flags.has("no-browser")).toBe(true);
    expect(flags.has("json")).toBe(false);
  });

  it("after two dashes are operands, whatever they look like", () => {
    expect(parseArguments(COMMAND, ["--", "--path"]).operands).toEqual(["--path"]);
  });

  it("the last value of a flag wins, and an empty one is one", () => {
    const { flags } = parseArguments(COMMAND, ["r", "--path", "a", "--path="]);
    expect(flags.text("path")).toBe("");
  });

  it("a value may begin with a dash only behind an equals sign", () => {
    expect(parseArguments(COMMAND, ["r", "--path=-x"]).flags.text("path")).toBe("-x");
  });

  it.each<[readonly string[], RegExp, Command]>([
    [[], /REPO is missing: bindery open REPO \[MORE …\]/, COMMAND],
    [["a", "b"], /"b" is too much: bindery open REPO/, ONE],
    [["a", "--pth", "x"], /no flag --pth\. Did you mean --path\?/, COMMAND],
    [["a", "--no-browsr"], /Did you mean --no-browser\?/, COMMAND],
    [["a", "-x"], /no flag -x\.$/, COMMAND],
    [["a", "--path"], /--path needs a value: --path PATH/, COMMAND],
    [["a", "--path", "--no-browser"], /--path needs a value/, COMMAND],
    [["a", "--no-browser=1"], /--no-browser takes no value/, COMMAND],
  ])("%j is refused, and it is said why", (words, message, command) => {
    const parse = () => parseArguments(command, words);
    expect(parse).toThrow(message);
    expect(parse).toThrow(AppError);
  });
});
