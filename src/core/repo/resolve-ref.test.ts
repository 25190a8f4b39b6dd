/** Refs become commits exactly, or the person is told what is close. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseLsRemote, resolveRef } from "./resolve-ref.ts";
import { whyNotRef } from "./ref-name.ts";

const hash = (digit: string) => digit.repeat(40);

const LISTING = [
  "ref: refs/heads/main\tHEAD",
  `${hash("1")}\tHEAD`,
  `${hash("2")}\trefs/heads/feature/main`,
  `${hash("1")}\trefs/heads/main`,
  `${hash("3")}\trefs/heads/both`,
  `${hash("4")}\trefs/tags/both`,
  `${hash("5")}\trefs/tags/v1.0`,
  `${hash("6")}\trefs/tags/v1.0^{}`,
  `${hash("7")}\trefs/heads/release/2.x`,
  `${hash("8")}\trefs/pull/12/head`,
  `${hash("9")}\trefs/heads/abcdef1`,
  "",
].join("\n");

function resolve(ref: string | null, more: { path?: string; provider?: "gh" | "git" } = {}) {
  return resolveRef(parseLsRemote(LISTING), { provider: "git", ref, ...more });
}

function commitOf(ref: string | null): string {
  const outcome = resolve(ref);
  return outcome.kind === "found" ? outcome.commit : outcome.failure.code;
}

describe("resolveRef", () => {
  it.each([
    ["the default branch for none", null, hash("1")],
    ["a branch, not another that ends the same", "main", hash("1")],
    ["a branch with a slash", "feature/main", hash("2")],
    ["a branch before a tag", "both", hash("3")],
    ["the tag by its full name", "refs/tags/both", hash("4")],
    ["the commit of an annotated tag", "v1.0", hash("6")],
    ["a full branch name", "refs/heads/main", hash("1")],
    ["a pull request", "refs/pull/12/head", hash("8")],
    ["a name without its refs/", "pull/12/head", hash("8")],
    ["a branch that looks like a hash", "abcdef1", hash("9")],
    ["40 digits as they are", hash("e"), hash("e")],
    ["40 digits in upper case", hash("E"), hash("e")],
    ["nothing by the end of a name", "x", "ref-not-found"],
    ["nothing by a part of a full name", "heads/feature", "ref-not-found"],
    ["nothing for a name that is not there in full", "refs/heads/v1.0", "ref-not-found"],
    ["nothing for a short hash", "1111111", "ref-not-found"],
  ])("takes %s", (_what, ref, expected) => {
    expect(commitOf(ref)).toBe(expected);
  });

  it.each([
    ["mian", ["main"]],
    ["Main", ["main", "feature/main"]],
    ["2.x", ["release/2.x"]],
    ["v1", ["v1.0"]],
    ["hotfix/main", ["feature/main", "main"]],
    ["zzzzzz", []],
  ])("suggests what is close to %s", (ref, expected) => {
    const outcome = resolve(ref);
    expect(outcome.kind === "failed" && (outcome.failure.detail?.suggestions ?? [])).toEqual(
      expected,
    );
  });

  it("asks for all 40 digits of a short hash, and gives them when it knows them", () => {
    const outcome = resolve("6666666");
    expect(outcome.kind === "failed" && outcome.failure.message).toContain(
      `Did you mean ${hash("6")}?`,
    );
    const unknown = resolve("0abcdef");
    expect(unknown.kind === "failed" && unknown.failure.message).toContain("all of its 40 digits");
  });

  it.each([
    ["feature", "main/notebooks/x.ipynb", "feature/main", "notebooks/x.ipynb", hash("2")],
    ["feature", "main", "feature/main", null, hash("2")],
    ["main", "notebooks", "main", "notebooks", hash("1")],
    ["release", "2.x/a/b", "release/2.x", "a/b", hash("7")],
    [hash("e"), "a/b", hash("e"), "a/b", hash("e")],
  ])("finds where the ref %s ends in the path %s", (ref, path, foundRef, foundPath, commit) => {
    expect(resolve(ref, { path })).toMatchObject({ ref: foundRef, path: foundPath, commit });
  });

  it("keeps the path of the default branch", () => {
    expect(resolve(null, { path: "a/b" })).toMatchObject({
      ref: null,
      path: "a/b",
      name: "refs/heads/main",
    });
  });

  it("forwards a renamed default branch on GitHub, with a note, and nowhere else", () => {
    const outcome = resolve("master", { provider: "gh" });
    expect(outcome).toMatchObject({ kind: "found", commit: hash("1"), ref: "master" });
    expect(outcome.kind === "found" && outcome.note).toContain('the default branch "main" is used');
    expect(commitOf("master")).toBe("ref-not-found");
  });

  it("knows an empty repository", () => {
    const outcome = resolveRef(parseLsRemote(""), { provider: "git", ref: null });
    expect(outcome).toMatchObject({ kind: "failed", failure: { code: "repo-empty" } });
  });

  it("knows a repository without a default branch, and what there is instead", () => {
    const listing = `${hash("2")}\trefs/heads/other\n`;
    const outcome = resolveRef(parseLsRemote(listing), { provider: "git", ref: null });
    expect(outcome).toMatchObject({
      kind: "failed",
      failure: { code: "default-branch-missing", detail: { suggestions: ["other"] } },
    });
  });

  it("takes a HEAD that is no branch", () => {
    const outcome = resolveRef(parseLsRemote(`${hash("2")}\tHEAD\n`), {
      provider: "git",
      ref: null,
    });
    expect(outcome).toMatchObject({ kind: "found", commit: hash("2"), name: null });
  });

  it("never throws, whatever a host sends and a person wants", () => {
    const line = fc.oneof(fc.string(), fc.constantFrom(...LISTING.split("\n")));
    fc.assert(
      fc.property(fc.array(line), fc.string(), fc.string(), (lines, ref, path) => {
        const outcome = resolveRef(parseLsRemote(lines.join("\n")), { provider: "gh", ref, path });
        expect(outcome.kind).toMatch(/^(?:found|failed)$/);
      }),
    );
  });
});

describe("whyNotRef", () => {
  it.each(["main", "feature/x", "v1.0", "a-b", "ünïcode", "a@b", "refs/heads/x", "1", "a.b"])(
    "allows %s",
    (ref) => {
      expect(whyNotRef(ref)).toBe(null);
    },
  );

  it.each([
    "",
    "-x",
    "a b",
    "a..b",
    "a~1",
    "a^",
    "a:b",
    "a?",
    "a*",
    "a[b",
    "a\\b",
    "a//b",
    "/a",
    "a/",
    ".a",
    "a/.b",
    "a.lock",
    "a.lock/b",
    "a.",
    "@",
    "a@{1}",
    "a\nb",
    "a\x7f",
  ])("refuses %j", (ref) => {
    expect(whyNotRef(ref)).not.toBe(null);
  });

  it("refuses what is longer than any name", () => {
    expect(whyNotRef("x".repeat(2_000))).toContain("longer");
  });
});
