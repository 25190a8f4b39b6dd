/** What cannot be a repository's address, and what the person is told. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseRepo } from "./parse-repo.ts";
import { parseSpec } from "./parse-spec.ts";
import { binderRequest } from "./provider.ts";

function message(text: string): string {
  const outcome = parseRepo(text);
  return outcome.kind === "failed"
    ? `${outcome.failure.code}: ${outcome.failure.message}`
    : "parsed";
}

describe("parseRepo refuses", () => {
  it.each([
    ["", "nothing was given"],
    ["   ", "nothing was given"],
    ["./here", "Expected an absolute folder"],
    ["../there", "Expected an absolute folder"],
    ["~/work", "Expected an absolute folder"],
    [".", "Expected an absolute folder"],
    ["owner/name", 'Did you mean "gh/owner/name"?'],
    ["just words", "not understood"],
    ["ftp://example.org/repo", "expected https, http, git, ssh or file"],
    ["ext::sh -c touch% /tmp/x", "transport helpers"],
    ["ext::sh", "transport helpers"],
    ["https://exa mple.org/repo", "malformed"],
    ["https://bücher.example/repo", "malformed"],
    ["https://-oProxyCommand=x/repo", "malformed"],
    ["ssh://-oProxyCommand=x/repo", "malformed"],
    ["-oProxyCommand=x@host:path", "malformed"],
    ["git@host:-path", "malformed"],
    ["https://example.org:99999/repo", "port"],
    ["https://exam\\ple.org/repo", "malformed"],
    ["https://[::1/repo", "malformed"],
    ["https://[::1%25eth0]/repo", "malformed"],
    ["file://server/share", "absolute path"],
    ["https://github.com/owner", "https://github.com/owner/name"],
    ["https://github.com/owner/name/whatever/x", "owner/name/tree/REF"],
    ["https://github.com/owner/name/pull/x", "pull/NUMBER"],
    ["https://gitlab.com/group", "group/project"],
    ["https://gist.github.com/user/not-a-gist", "gist.github.com/user/id"],
    ["https://mybinder.org/v2/zenodo/10.5281/zenodo.1/", "No provider found for prefix zenodo"],
    ["https://mybinder.org/v2/gh/o/n/main?urlpath=https%3A%2F%2Fevil.example", "leads out"],
    ["https://mybinder.org/v2/gh/o/n/main?urlpath=..%2F..%2Fother%2F", "leads out"],
    ["https://mybinder.org/v2/gh/o/n/main?urlpath=%zz", "malformed"],
    ["gh/owner", 'not of the form "user/repo/ref"'],
    ["gh/owner/na me/main", 'not of the form "user/repo/ref"'],
    ["gh/owner/name/main~1", "main~1"],
    ["gh/owner/name/a..b", "not a branch, tag or commit"],
    ["gh/owner/name/--upload-pack=x", "begins with a dash"],
    ["gh/owner/name/%ff", "not of the form"],
    ["gl/project/main/x", 'not of the form "group%2Fproject/ref"'],
    ["git/nothing/main", "Unsupported git url"],
    ["https://example.org/a\nb", "control character"],
    [`https://example.org/${"a".repeat(5_000)}`, "at most 4096 characters"],
  ])("%j", (text, expected) => {
    expect(message(text)).toContain(expected);
  });

  it.each([
    "https://user:s3cret@example.org/repo",
    "https://s3cret@github.com/owner/name",
    "https://x-access-token:s3cret@github.com/owner/name",
    "ssh://git:s3cret@example.org/repo",
    "git://s3cret@example.org/repo",
    "git/https%3A%2F%2Fuser%3As3cret%40example.org%2Frepo/main",
    "mybinder.org/v2/git/https%3A%2F%2Fuser%3As3cret%40example.org%2Frepo/main",
    "ftp://user:s3cret@example.org/repo",
    "gh/https://user:s3cret@example.org/repo",
    "https://user:s3cret@exam ple.org/repo",
  ])("credentials in %s, without repeating them", (text) => {
    const said = message(text);
    expect(said).toContain("repo-spec-invalid");
    expect(said).not.toContain("s3cret");
  });

  it("credentials by naming Git's own helpers", () => {
    expect(message("https://user:s3cret@example.org/r")).toContain("credential helper");
  });
});

describe("parsing never throws", () => {
  const pieces = fc.constantFrom(
    ..."gh/ gl/ gist/ git/ local/ v2/ https:// http:// ssh:// file:// ext:: github.com gitlab.com gist.github.com mybinder.org /v2/ / . .. @ : % %2F %ff [ ] ::1 tree blob - ? # urlpath= & ~ \\ \0 \ud800 é owner name main HEAD .git".split(
      " ",
    ),
  );
  const texts = fc.oneof(
    fc.string({ unit: "binary" }),
    fc
      .array(fc.oneof(pieces, fc.string({ maxLength: 4 })), { maxLength: 12 })
      .map((all) => all.join("")),
  );

  it("whatever is pasted, and a repo that comes out can be written and read again", () => {
    fc.assert(
      fc.property(texts, (text) => {
        const outcome = parseRepo(text);
        if (outcome.kind === "failed") return;
        const request = binderRequest(outcome.repo);
        const [, provider = "", spec = ""] = /^v2\/([a-z]+)\/(.+)$/.exec(request) ?? [];
        const again = parseSpec(provider, spec);
        if (again.kind === "failed") throw new Error(again.failure.message);
        const { path: _path, ...repo } = outcome.repo;
        expect(again.repo).toEqual(repo);
      }),
      { numRuns: 2_000 },
    );
  });

  it("whatever a route brings", () => {
    fc.assert(
      fc.property(
        fc.constantFrom("gh", "gl", "gist", "git", "local", "x"),
        texts,
        (provider, text) => {
          expect(parseSpec(provider, text).kind).toMatch(/^(?:parsed|failed)$/);
        },
      ),
      { numRuns: 2_000 },
    );
  });
});
