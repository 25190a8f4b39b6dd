/** Links that leave the repository are found, also by way of other links. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { findEscapingLink, followLink } from "./symlinks.ts";

const links = (all: Record<string, string>) => new Map(Object.entries(all));

describe("findEscapingLink", () => {
  it.each([
    ["a sibling", { a: "b" }],
    ["up and down inside", { "d/a": "../b/c" }],
    ["to the root itself", { "d/a": ".." }],
    ["a dangling link", { a: "nothing/here" }],
    ["a link to a link", { a: "b", b: "c/d" }],
    ["a loop", { a: "b", b: "a" }],
    ["a link to itself", { a: "a" }],
    ["a submodule's link into the parent", { "sub/a": "../README.md" }],
  ])("lets %s pass", (_what, tree) => {
    expect(findEscapingLink(links(tree))).toBe(null);
  });

  it.each([
    ["an absolute path", { a: "/etc/passwd" }, "a"],
    ["one step too far up", { "d/a": "../../x" }, "d/a"],
    ["out and in again", { a: "../repo/x" }, "a"],
    ["a submodule's link out of the whole", { "sub/a": "../../x" }, "sub/a"],
    ["through a link to a higher folder", { "a/b/up": "../..", t: "a/b/up/../x" }, "t"],
    ["through a link that is itself fine", { "d/e": "../f", out: "d/e/../../x" }, "out"],
    ["through a folder that is an absolute link", { d: "/etc", "e/a": "../d/passwd" }, "d"],
  ])("finds %s", (_what, tree, expected) => {
    expect(findEscapingLink(links(tree))).toBe(expected);
  });

  it("ends for any links", () => {
    const part = fc.constantFrom("a", "b", "c", "..", ".", "");
    const path = fc.array(part, { minLength: 1, maxLength: 5 }).map((parts) => parts.join("/"));
    fc.assert(
      fc.property(fc.array(fc.tuple(path, path)), (pairs) => {
        expect(() => findEscapingLink(new Map(pairs))).not.toThrow();
      }),
    );
  });
});

describe("followLink", () => {
  it.each([
    ["x", { kind: "inside", path: "x" }],
    ["d/x", { kind: "inside", path: "real/x" }],
    ["loop/x", { kind: "loop" }],
    ["out", { kind: "outside" }],
  ])("of %s", (path, expected) => {
    expect(followLink(links({ d: "real", loop: "loop", out: "../x" }), path)).toEqual(expected);
  });
});
