/** Flags to paths of a session, as a table. */
import { describe, expect, it } from "vitest";
import { givenFlags } from "../arguments/parse-arguments.ts";
import { landingOf } from "./landing.ts";

type Given = Readonly<Record<string, string>>;
const flags = (given: Given) =>
  givenFlags(new Map(Object.entries(given).map(([name, value]) => [name, [value]])));

describe("what a session opens", () => {
  it.each<[Given, string | null, string | null]>([
    [{}, null, null],
    [{}, "nb/a.ipynb", null],
    [{ lab: "" }, null, "lab"],
    [{ lab: "" }, "nb/a.ipynb", "lab/tree/nb/a.ipynb"],
    [{ notebook: "" }, null, "tree"],
    [{ notebook: "" }, "nb/a.ipynb", "notebooks/nb/a.ipynb"],
    [{ path: "a b/c#1.ipynb" }, null, "lab/tree/a%20b/c%231.ipynb"],
    [{ path: "/docs/" }, null, "lab/tree/docs"],
    [{ path: "docs", notebook: "" }, null, "tree/docs"],
    [{ path: "a.ipynb", notebook: "" }, "other.ipynb", "notebooks/a.ipynb"],
    [{ url: "app/?x=1&y=2#z" }, "a.ipynb", "app/?x=1&y=2#z"],
    [{ url: "/rstudio/" }, null, "rstudio/"],
  ])("%j for an address that names %j is %j", (given, addressPath, urlPath) => {
    expect(landingOf(flags(given), addressPath)).toBe(urlPath);
  });

  it.each<[Given, RegExp]>([
    [{ lab: "", notebook: "" }, /--lab and --notebook exclude each other/],
    [{ lab: "", url: "x" }, /exclude each other/],
    [{ path: "a", url: "b" }, /--url and --path exclude each other/],
    [{ url: "https://evil.example/" }, /--url needs a relative path/],
    [{ url: "//evil.example/" }, /--url needs a relative path/],
    [{ url: "javascript:alert(1)" }, /--url needs a relative path/],
    [{ url: "../other/" }, /--url needs a relative path/],
    [{ path: "../../etc/passwd" }, /--path needs a relative path/],
    [{ path: "" }, /--path needs a relative path/],
  ])("%j is refused", (given, message) => {
    expect(() => landingOf(flags(given), null)).toThrow(message);
  });
});
