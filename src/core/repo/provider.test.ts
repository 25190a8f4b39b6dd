/** How one repository is called by links, people and limits. */
import { execFileSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import { parseRepo } from "./parse-repo.ts";
import {
  binderRequest,
  canonicalUrl,
  persistentRequest,
  providerDisplays,
  refUrl,
  repoLabel,
  repoUrl,
  slug,
  specWithRef,
} from "./provider.ts";
import type { Repo } from "./repo.ts";

const SHA = "0123456789abcdef0123456789abcdef01234567";

function repo(text: string): Repo {
  const outcome = parseRepo(text);
  if (outcome.kind === "failed") throw new Error(outcome.failure.message);
  return outcome.repo;
}

describe("a repository's names", () => {
  it.each([
    [
      "gh/o/n/a/b",
      "v2/gh/o/n/a/b",
      `v2/gh/o/n/${SHA}`,
      `https://github.com/o/n/tree/${SHA}`,
      "o-n",
      "o/n at a/b",
    ],
    [
      "gl/g%2Fs%2Fp-q/main",
      "v2/gl/g%2Fs%2Fp-q/main",
      `v2/gl/g%2Fs%2Fp-q/${SHA}`,
      `https://gitlab.com/g/s/p-q/tree/${SHA}`,
      "g-s-p_-q",
      "g/s/p-q at main",
    ],
    [
      "gist/u/0a",
      "v2/gist/u/0a/HEAD",
      `v2/gist/u/0a/${SHA}`,
      `https://gist.github.com/u/0a/${SHA}`,
      "0a",
      "gist u/0a",
    ],
    [
      "https://example.org/r.git",
      "v2/git/https%3A%2F%2Fexample.org%2Fr.git/HEAD",
      `v2/git/https%3A%2F%2Fexample.org%2Fr.git/${SHA}`,
      "https://example.org/r.git",
      "https://example.org/r.git",
      "example.org/r",
    ],
    [
      "/home/me/my work",
      "v2/local/%2Fhome%2Fme%2Fmy%20work/HEAD",
      `v2/local/%2Fhome%2Fme%2Fmy%20work/${SHA}`,
      "file:///home/me/my%20work",
      "/home/me/my work",
      "my work",
    ],
  ])("%s", (text, request, persistent, page, slugged, label) => {
    const given = repo(text);
    const resolved = { ...given, commit: SHA };
    expect(binderRequest(given)).toBe(request);
    expect(persistentRequest(resolved)).toBe(persistent);
    expect(refUrl(resolved)).toBe(page);
    expect(slug(given)).toBe(slugged);
    expect(repoLabel(given)).toBe(label);
  });

  it("keeps what a link would cut off a ref", () => {
    expect(specWithRef({ ...repo("gh/o/n"), ref: "fix/100%#1" })).toBe("o/n/fix/100%25%231");
  });

  it("gives the address that git clone takes", () => {
    expect(repoUrl(repo("gh/o/n/main"))).toBe("https://github.com/o/n");
    expect(repoUrl(repo("gl/g%2Fp/main"))).toBe("https://gitlab.com/g/p.git");
  });
});

describe("canonicalUrl", () => {
  it.each([
    "gh/o/n/main",
    "gh/O/N.git/other",
    "git/https%3A%2F%2Fgithub.com%2Fo%2Fn/main",
    "git/https%3A%2F%2FGitHub.com%3A443%2Fo%2Fn.git%2F/main",
    "git/https%3A%2F%2Fwww.github.com%2Fo%2F%2Fn/main",
    "git/http%3A%2F%2Fgithub.com%2Fo%2F%252e%252e%2Fo%2Fn.git/main",
    "git/https%3A%2F%2Fgithub.com.%2Fo%2F%256e/main",
    "ssh://git@github.com/o/n",
    "ssh://git@ssh.github.com:443/o/n.git",
    "git@github.com:o/n.git",
    "git://github.com/o/n",
    "https://github.com/o/n/tree/a/b",
  ])("knows gh/o/n by %s", (text) => {
    expect(canonicalUrl(repo(text))).toBe("https://github.com/o/n");
  });

  it.each([
    ["gl/g%2Fp/main", "https://gitlab.com/g/p.git"],
    [
      "gist/someone/0a1b2c0a1b2c0a1b2c0a1b2c0a1b2c0a",
      "https://gist.github.com/0A1B2C0a1b2c0a1b2c0a1b2c0a1b2c0a",
    ],
    ["/srv/repo", "file:///srv/repo/.git"],
    ["http://0x7f.1:3000/r", "http://127.0.0.1:3000/r.git"],
    ["http://[::1]:3000/r", "http://[0:0:0:0:0:0:0:1]:3000/r"],
  ])("finds %s and %s the same", (one, other) => {
    expect(canonicalUrl(repo(one))).toBe(canonicalUrl(repo(other)));
  });

  it.each([
    ["gh/o/n", "gh/o/m"],
    ["gh/o/n", "gl/o%2Fn/main"],
    ["https://example.org/r", "https://example.org:8443/r"],
    ["https://example.org/r?p=a", "https://example.org/r?p=b"],
    ["/srv/repo", "/srv/Repo"],
  ])("keeps %s and %s apart", (one, other) => {
    expect(canonicalUrl(repo(one))).not.toBe(canonicalUrl(repo(other)));
  });
});

describe("/api/repoproviders", () => {
  const displays = providerDisplays({ allowLocalRepos: true });

  it("lists local folders only where they are allowed", () => {
    expect(displays.map(({ id }) => id)).toEqual(["gh", "gl", "gist", "git", "local"]);
    expect(providerDisplays({ allowLocalRepos: false }).map(({ id }) => id)).not.toContain("local");
  });

  it.each([
    ["gh", "https://github.com/o/n", "o/n"],
    ["gh", "https://github.com/o/n.git", "o/n"],
    ["gh", "o/n", "o/n"],
    ["gh", "https://gitlab.com/o/n", null],
    ["gl", "https://gitlab.com/g/s/p", "g/s/p"],
    ["gl", "https://github.com/o/n", null],
    ["gist", "https://gist.github.com/u/0a1b", "u/0a1b"],
  ])("%s detects %s as %s", (id, text, expected) => {
    const regex = displays.find((display) => display.id === id)?.detect?.regex ?? "";
    expect(new RegExp(regex).exec(text)?.groups?.repo ?? null).toBe(expected);
  });

  it("accepts the specs that links hold", () => {
    for (const text of [
      "gh/o/n/a/b",
      "gl/g%2Fp/main",
      "gist/u/0a",
      "git/https%3A%2F%2Fx.org%2Fr/main",
    ]) {
      const given = repo(text);
      const regex = displays.find(({ id }) => id === given.provider)?.spec.validateRegex ?? "";
      expect(new RegExp(`^(?:${regex})$`).test(specWithRef(given))).toBe(true);
    }
  });

  it("has expressions that Python reads too, once its spelling of groups is used", () => {
    const all = displays.flatMap(({ spec, detect }) => [spec.validateRegex, detect?.regex ?? ""]);
    const script =
      "import json,re,sys; [re.compile(r.replace('(?<','(?P<')) for r in json.load(sys.stdin)]";
    const run = () => execFileSync("python3", ["-c", script], { input: JSON.stringify(all) });
    expect(run).not.toThrow();
  });
});
