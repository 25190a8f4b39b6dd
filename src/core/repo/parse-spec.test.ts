/** BinderHub's specs: its routes are read exactly, in its words. */
import { describe, expect, it } from "vitest";
import { parseSpec } from "./parse-spec.ts";
import { binderRequest } from "./provider.ts";

describe("parseSpec speaks as BinderHub does", () => {
  it.each([
    [
      "gh",
      "owner/name",
      'Spec is not of the form "user/repo/ref", provided: "owner/name". Did you mean "owner/name/HEAD"?',
    ],
    [
      "gh",
      "owner/name/",
      'Spec is not of the form "user/repo/ref", provided: "owner/name". Did you mean "owner/name/HEAD"?',
    ],
    ["gh", "owner/main", 'Spec is not of the form "user/repo/ref", provided: "owner/main".'],
    ["gh", "owner", 'Spec is not of the form "user/repo/ref", provided: "owner".'],
    [
      "gl",
      "group%2Fproject",
      'Spec is not of the form "group%2Fproject/ref", provided: "group%2Fproject". Did you mean "group%2Fproject/HEAD"?',
    ],
    ["bitbucket", "o/n/main", "No provider found for prefix bitbucket"],
  ])("%s/%s", (provider, spec, expected) => {
    const outcome = parseSpec(provider, spec);
    expect(outcome.kind === "failed" && outcome.failure.message).toBe(expected);
  });

  it("takes a gist without a ref", () => {
    const outcome = parseSpec("gist", "user/0a1b");
    expect(outcome.kind === "parsed" && outcome.repo.ref).toBe(null);
  });
});

describe("reading and writing agree", () => {
  it.each([
    "v2/gh/owner/name/main",
    "v2/gh/owner/name/feature/x",
    "v2/gh/owner/name/HEAD",
    "v2/gl/group%2Fsub%2Fproject/main",
    "v2/gist/user/0a1b2c/HEAD",
    "v2/git/https%3A%2F%2Fexample.org%2Frepo/main",
    "v2/git/git%40example.org%3Ao%2Fr/main",
    "v2/local/%2Fhome%2Fme%2Fwork/HEAD",
  ])("%s", (request) => {
    const [, provider = "", spec = ""] = /^v2\/([a-z]+)\/(.+)$/.exec(request) ?? [];
    const outcome = parseSpec(provider, spec);
    expect(outcome.kind === "parsed" && binderRequest(outcome.repo)).toBe(request);
  });
});
