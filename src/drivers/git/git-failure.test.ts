/** What Git and hosts say is understood, and never repeated with a secret in it. */
import { describe, expect, it } from "vitest";
import { gitFault, isHashRefused, isRedirect, withoutSecrets } from "./git-failure.ts";

describe("gitFault", () => {
  it.each([
    [
      "remote: Repository not found.\nfatal: repository 'https://github.com/a/b/' not found",
      "repo-not-found",
    ],
    [
      "fatal: could not read Username for 'https://github.com': terminal prompts disabled",
      "repo-not-found",
    ],
    [
      "remote: HTTP Basic: Access denied\nfatal: Authentication failed for 'https://gitlab.com/a/b.git/'",
      "repo-not-found",
    ],
    [
      "git@github.com: Permission denied (publickey).\nfatal: Could not read from remote repository.",
      "repo-not-found",
    ],
    [
      "fatal: unable to access 'https://x/': The requested URL returned error: 403",
      "repo-not-found",
    ],
    ["fatal: https://example.org/info/refs not valid: is this a git repository?", "repo-not-found"],
    ["fatal: '/srv/x' does not appear to be a git repository", "repo-not-found"],
    ["fatal: unable to access 'https://x/': Could not resolve host: x", "repo-unreachable"],
    [
      "fatal: unable to access 'http://x/': Failed to connect to x port 80: Connection refused",
      "repo-unreachable",
    ],
    [
      "fatal: unable to access 'https://x/': The requested URL returned error: 502",
      "repo-unreachable",
    ],
    [
      "fatal: unable to access 'https://x/': The requested URL returned error: 429",
      "repo-unreachable",
    ],
    ["error: RPC failed; curl 28 Operation too slow.\nfatal: early EOF", "repo-unreachable"],
    [
      "fatal: unable to access 'https://x/': SSL certificate problem: self-signed certificate",
      "repo-unreachable",
    ],
    [
      "Host key verification failed.\nfatal: Could not read from remote repository.",
      "repo-unreachable",
    ],
    ["fatal: write error: No space left on device", "disk-full"],
    [
      "error: object 0123: hasDotgit: contains '.git'\nfatal: fsck error in packed object",
      "repo-unsafe",
    ],
    ["fatal: transport 'ext' not allowed", "host-refused"],
    ["fatal: something that nobody has seen", "repo-unreachable"],
  ])("%s", (said, code) => {
    expect(gitFault(said).failure.code).toBe(code);
  });

  it("keeps Git's last words for the log, without progress and secrets, and none for the person", () => {
    const fault = gitFault(
      "Receiving objects:  5% (1/20)\rReceiving objects: 10%\nfatal: bad 'https://u:s3cret@x/'",
    );
    expect(String(fault.cause)).toContain("fatal: bad 'https://…@x/'");
    expect(String(fault.cause)).not.toContain("Receiving");
    expect(JSON.stringify(fault.failure)).not.toContain("x/");
  });
});

it("knows a refused hash from other refusals", () => {
  expect(isHashRefused("fatal: remote error: upload-pack: not our ref 0123")).toBe(true);
  expect(isHashRefused("error: Server does not allow request for unadvertised object 0123")).toBe(
    true,
  );
  expect(isHashRefused("fatal: repository 'x' not found")).toBe(false);
});

it("knows a redirect that was not followed", () => {
  expect(isRedirect("fatal: unable to access 'x': The requested URL returned error: 301")).toBe(
    true,
  );
  expect(isRedirect("fatal: unable to access 'x': The requested URL returned error: 404")).toBe(
    false,
  );
});

it("removes credentials from any address", () => {
  expect(withoutSecrets("at https://a:b@c/d and ssh://t@e")).toBe("at https://…@c/d and ssh://…@e");
});
