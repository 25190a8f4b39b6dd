/** What people paste, and what becomes of it. */
import { describe, expect, it } from "vitest";
import { parseRepo } from "./parse-repo.ts";

const SHA = "0123456789abcdef0123456789abcdef01234567";

/** `provider spec ref [path]`, what the repo amounts to. */
function summary(text: string): string {
  const outcome = parseRepo(text);
  if (outcome.kind === "failed") return `${outcome.failure.code}: ${outcome.failure.message}`;
  const { provider, url, ref, path } = outcome.repo;
  return [provider, url, ref ?? "-", ...(path === undefined ? [] : [path])].join(" ");
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
