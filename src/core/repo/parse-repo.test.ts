/** What people paste, and what becomes of it. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseRepo } from "./parse-repo.ts";
import { parseSpec } from "./parse-spec.ts";
import { binderRequest } from "./provider.ts";

const SHA = "0123456789abcdef0123456789abcdef01234567";

/** `provider spec ref [path]`, what the repo amounts to. */
function summary(text: string): string {
  const outcome = parseRepo(text);
  if (outcome.kind === "failed") return `${outcome.failure.code}: ${outcome.failure.message}`;
  const { provider, url, ref, path } = outcome.repo;
  return [provider, url, ref ?? "-", ...(path === undefined ? [] : [path])].join(" ");
}

function message(text: string): string {
  const outcome = parseRepo(text);
  return outcome.kind === "failed" ? outcome.failure.message : "parsed";
}

describe("parseRepo understands", () => {
  it.each([
    // BinderHub's specs.
    ["gh/owner/name/main", "gh https://github.com/owner/name main"],
    ["gh/owner/name", "gh https://github.com/owner/name -"],
    ["gh/owner/name/", "gh https://github.com/owner/name -"],
    ["gh/owner/name/HEAD", "gh https://github.com/owner/name -"],
    ["gh/owner/name.git/main", "gh https://github.com/owner/name main"],
    ["gh/owner/name/feature/x", "gh https://github.com/owner/name feature/x"],
    ["gh/owner/name/feature%2Fx", "gh https://github.com/owner/name feature/x"],
    ["v2/gh/owner/name/main", "gh https://github.com/owner/name main"],
    [`gh/owner/name/${SHA.toUpperCase()}`, `gh https://github.com/owner/name ${SHA}`],
    ["gl/group%2Fproject/main", "gl https://gitlab.com/group/project.git main"],
    ["gl/group%2Fsub%2Fproject/a/b", "gl https://gitlab.com/group/sub/project.git a/b"],
    ["gl/group/project", "gl https://gitlab.com/group/project.git -"],
    ["gist/user/0a1b2c", "gist https://gist.github.com/user/0a1b2c.git -"],
    [`gist/user/0a1b2c/${SHA}`, `gist https://gist.github.com/user/0a1b2c.git ${SHA}`],
    ["git/https%3A%2F%2Fexample.org%2Frepo/main", "git https://example.org/repo main"],
    ["git/git%40example.org%3Ao%2Fr/main", "git git@example.org:o/r main"],
    ["git/https://example.org/repo", "git https://example.org/repo -"],
    ["local/%2Fhome%2Fme%2Fwork/main", "local /home/me/work main"],
    // Folders and Git URLs.
    ["/home/me/my work", "local /home/me/my work -"],
    ["/home//me/./x/../work/", "local /home/me/work -"],
    ["file:///srv/git/repo%20one", "git file:///srv/git/repo%20one -"],
    ["file://localhost/srv/repo", "git file:///srv/repo -"],
    ["https://example.org/a/b.git", "git https://example.org/a/b.git -"],
    ["HTTPS://Example.ORG:443/a/b.git", "git https://example.org/a/b.git -"],
    ["http://example.org:8080/a", "git http://example.org:8080/a -"],
    ["http://127.0.0.1:3000/repo.git", "git http://127.0.0.1:3000/repo.git -"],
    ["http://0x7f.1/repo", "git http://127.0.0.1/repo -"],
    ["http://[::1]:3000/repo", "git http://[::1]:3000/repo -"],
    ["https://example.org/é.git", "git https://example.org/%C3%A9.git -"],
    ["git://example.org/repo", "git git://example.org/repo -"],
    ["ssh://git@example.org:2222/repo", "git ssh://git@example.org:2222/repo -"],
    ["git+ssh://git@example.org/repo", "git ssh://git@example.org/repo -"],
    ["git@github.com:owner/name.git", "git git@github.com:owner/name.git -"],
    ["example.org:repo", "git example.org:repo -"],
    ["  https://example.org/repo\n", "git https://example.org/repo -"],
    // GitHub's pages.
    ["https://github.com/owner/name", "gh https://github.com/owner/name -"],
    ["https://github.com/owner/name/", "gh https://github.com/owner/name -"],
    ["https://github.com/owner/name.git", "gh https://github.com/owner/name -"],
    ["http://www.github.com/owner/name?tab=readme#usage", "gh https://github.com/owner/name -"],
    ["github.com/owner/name", "gh https://github.com/owner/name -"],
    ["https://github.com/owner/name/tree/main", "gh https://github.com/owner/name main"],
    ["https://github.com/owner/name/tree/a/b/c", "gh https://github.com/owner/name a b/c"],
    [
      "https://github.com/owner/name/tree/refs/heads/a/b",
      "gh https://github.com/owner/name refs/heads/a b",
    ],
    [
      "https://github.com/owner/name/blob/main/x%20y.ipynb",
      "gh https://github.com/owner/name main x y.ipynb",
    ],
    [
      `https://github.com/owner/name/blob/${SHA}/d/x.py`,
      `gh https://github.com/owner/name ${SHA} d/x.py`,
    ],
    ["https://github.com/owner/name/blob/HEAD/d/x.py", "gh https://github.com/owner/name - d/x.py"],
    [`https://github.com/owner/name/commit/${SHA}`, `gh https://github.com/owner/name ${SHA}`],
    ["https://github.com/owner/name/pull/12", "gh https://github.com/owner/name refs/pull/12/head"],
    [
      "https://github.com/owner/name/pull/12/files",
      "gh https://github.com/owner/name refs/pull/12/head",
    ],
    [
      "https://github.com/owner/name/releases/tag/v1.0",
      "gh https://github.com/owner/name refs/tags/v1.0",
    ],
    ["https://github.com/owner/name/releases", "gh https://github.com/owner/name -"],
    ["https://github.com/owner/name/issues/5", "gh https://github.com/owner/name -"],
    ["https://raw.githubusercontent.com/o/n/main/x.py", "gh https://github.com/o/n main x.py"],
    ["https://nbviewer.org/github/o/n/blob/main/x.ipynb", "gh https://github.com/o/n main x.ipynb"],
    // GitLab's pages.
    ["https://gitlab.com/group/project", "gl https://gitlab.com/group/project.git -"],
    ["https://gitlab.com/group/sub/project.git", "gl https://gitlab.com/group/sub/project.git -"],
    [
      "https://gitlab.com/g/s/p/-/tree/main/d?ref_type=heads",
      "gl https://gitlab.com/g/s/p.git main d",
    ],
    ["https://gitlab.com/g/p/-/blob/a/b/c.py", "gl https://gitlab.com/g/p.git a b/c.py"],
    [`https://gitlab.com/g/p/-/commit/${SHA}`, `gl https://gitlab.com/g/p.git ${SHA}`],
    [
      "https://gitlab.com/g/p/-/merge_requests/3/diffs",
      "gl https://gitlab.com/g/p.git refs/merge-requests/3/head",
    ],
    ["https://gitlab.com/g/p/-/tags/v1", "gl https://gitlab.com/g/p.git refs/tags/v1"],
    [
      "https://gitlab.example.org/g/p/-/tree/main/d",
      "git https://gitlab.example.org/g/p.git main d",
    ],
    ["https://codeberg.org/o/n/src/branch/main/d", "git https://codeberg.org/o/n main d"],
    // Gists.
    ["https://gist.github.com/user/0a1b2c", "gist https://gist.github.com/user/0a1b2c.git -"],
    [
      `https://gist.github.com/user/0a1b2c/${SHA}#file-x`,
      `gist https://gist.github.com/user/0a1b2c.git ${SHA}`,
    ],
    [`https://gist.github.com/${SHA}`, `git https://gist.github.com/${SHA}.git -`],
    // Binder links.
    ["https://mybinder.org/v2/gh/o/n/main", "gh https://github.com/o/n main"],
    ["https://binder.example.org/base/v2/gl/g%2Fp/main", "gl https://gitlab.com/g/p.git main"],
    [
      "https://mybinder.org/v2/git/https%3A%2F%2Fexample.org%2Fr/main",
      "git https://example.org/r main",
    ],
    ["https://git.example.org/v2/git/project", "git https://git.example.org/v2/git/project -"],
  ])("%s", (text, expected) => {
    expect(summary(text)).toBe(expected);
  });
});

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
    const said = summary(text);
    expect(said).toContain("repo-spec-invalid");
    expect(said).not.toContain("s3cret");
  });

  it("credentials by naming Git's own helpers", () => {
    expect(message("https://user:s3cret@example.org/r")).toContain("credential helper");
  });
});

describe("parseRepo says what to open", () => {
  it.each([
    ["https://github.com/o/n/blob/main/d/x y.ipynb".replace(" ", "%20"), "lab/tree/d/x%20y.ipynb"],
    ["https://github.com/o/n/tree/main", null],
    ["https://mybinder.org/v2/gh/o/n/main", null],
    ["https://mybinder.org/v2/gh/o/n/main?urlpath=lab%2Ftree%2Fx.ipynb", "lab/tree/x.ipynb"],
    ["https://mybinder.org/v2/gh/o/n/main?urlpath=%2F%2Fevil.example", "evil.example"],
    ["https://mybinder.org/v2/gh/o/n/main?filepath=a+b.ipynb", "tree/a%20b.ipynb"],
    ["https://mybinder.org/v2/gh/o/n/main?filepath=d/", "tree/d"],
    ["https://mybinder.org/v2/gh/o/n/main?urlpath=x&labpath=y.ipynb", "doc/tree/y.ipynb"],
  ])("%s → %s", (text, expected) => {
    const outcome = parseRepo(text);
    expect(outcome.kind === "parsed" ? outcome.urlPath : outcome.failure.message).toBe(expected);
  });
});

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
        if (outcome.kind === "failed") return outcome.failure.message.length > 0;
        const request = binderRequest(outcome.repo);
        const [, provider = "", spec = ""] = /^v2\/([a-z]+)\/(.+)$/.exec(request) ?? [];
        const again = parseSpec(provider, spec);
        if (again.kind === "failed") throw new Error(again.failure.message);
        const { path: _path, ...repo } = outcome.repo;
        expect(again.repo).toEqual(repo);
        return true;
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
          parseSpec(provider, text);
        },
      ),
      { numRuns: 2_000 },
    );
  });
});
