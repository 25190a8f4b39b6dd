/** Tables and paragraphs. */
import { describe, expect, it } from "vitest";
import { columns, definitions, wrap } from "./columns.ts";
import { paint } from "./paint.ts";

describe("tables for people", () => {
  it("columns are as wide as they must be, and lines have no blanks at their ends", () => {
    expect(
      columns([
        ["A", "LONG", "C"],
        ["aaaa", "b", ""],
      ]),
    ).toEqual(["A     LONG  C", "aaaa  b"]);
  });

  it("colours take no room", () => {
    const { green } = paint(true);
    expect(
      columns([
        [green("a"), "b"],
        ["cc", "d"],
      ]),
    ).toEqual([`${green("a")}   b`, "cc  d"]);
  });

  it("paragraphs break between words only", () => {
    expect(wrap("one two three fourteen-letters", 8)).toEqual([
      "one two",
      "three",
      "fourteen-letters",
    ]);
    expect(wrap("", 8)).toEqual([]);
  });

  it("a name that is too long stands above its meaning", () => {
    expect(
      definitions(
        [
          ["-a", "one two"],
          ["--a-very-long-name", "x"],
        ],
        { width: 40 },
      ),
    ).toEqual(["  -a             one two", "  --a-very-long-name", "                 x"]);
  });
});
