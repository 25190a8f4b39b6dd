/** What people get wrong, and what rude programs do: each is told what it was, and nothing suffers. */
import { randomBytes } from "node:crypto";
import { readdirSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { MIB } from "#base/units.ts";
import type { LaunchWishes } from "#client/client.ts";
import type { Failure } from "#core/errors.ts";
import { openWatchers } from "../../tools/bench/harness/event-watchers.ts";
import { run } from "../fixtures/command-line.ts";
import {
  type Bindery,
  follow,
  makeServedDir,
  removeServedDir,
  startBindery,
} from "../fixtures/e2e-bindery.ts";
import { PLAIN_TREE, slowBuildTree } from "../fixtures/e2e-repositories.ts";
import { sessionOf } from "../fixtures/e2e-session.ts";
import { readStream } from "../fixtures/e2e-stream.ts";
import type { Frame } from "../fixtures/event-frames.ts";
import type { Tree } from "../fixtures/git-repository.ts";
import { type GitServer, type ServerRule, startGitServer } from "../fixtures/git-server.ts";
import { eventually } from "../fixtures/session-world.ts";

const MAX_REPO_BYTES = 2 * MIB;

let git: GitServer;
let dataDir: string;
let bindery: Bindery;

beforeAll(async () => {
  git = await startGitServer();
  dataDir = await makeServedDir();
  bindery = await startBindery(dataDir, {
    maxRepoBytes: MAX_REPO_BYTES,
    resolveTimeoutMs: 3_000,
    buildGraceMs: 1_000,
  });
});
afterAll(async () => {
  await bindery?.stop();
  await git?.stop();
  await removeServedDir(dataDir);
});

/** The failure of a launch, whether it was refused at the door or failed on its way. */
async function failureOf(to: Bindery, wish: LaunchWishes): Promise<Failure> {
  try {
    const { failure } = await follow(to, wish).ended;
    if (failure !== undefined) return failure;
  } catch (error) {
    const { failure } = error as { readonly failure?: Failure };
    if (failure !== undefined) return failure;
    throw error;
  }
  throw new Error("the launch did not fail");
}

interface BadRepository {
  readonly what: string;
  readonly tree?: Tree;
  readonly rule?: ServerRule;
  /** What is done to it before it is launched. */
  readonly spoil?: (name: string) => Promise<void>;
  readonly wish?: Partial<LaunchWishes>;
  /** Launched instead of it: another path of the same host. */
  readonly page?: string;
  readonly code: Failure["code"];
  readonly says: RegExp;
  readonly detail?: object;
}

const BAD_REPOSITORIES: readonly BadRepository[] = [
  {
    what: "text that is no address",
    wish: { repo: "not a repository" },
    code: "repo-spec-invalid",
    says: /./,
  },
  {
    what: "a page that is not a Git repository",
    page: "/just/a/page",
    code: "repo-not-found",
    says: /no such repository|not a Git repository/,
  },
  {
    what: "a folder that is not there",
    wish: { repo: "/nowhere/at/all" },
    code: "repo-not-found",
    says: /no folder \/nowhere\/at\/all/,
  },
  {
    what: "a repository that is gone",
    tree: PLAIN_TREE,
    rule: { kind: "status", status: 404 },
    code: "repo-not-found",
    says: /no such repository, or that it is private/,
  },
  {
    what: "a private repository",
    tree: PLAIN_TREE,
    rule: { kind: "private", user: "ada", password: "secret" },
    code: "repo-not-found",
    says: /asks for credentials/,
  },
  {
    what: "a host that is silent",
    tree: PLAIN_TREE,
    rule: { kind: "stall" },
    code: "repo-unreachable",
    says: /took too long/,
  },
  {
    what: "a host that breaks down",
    tree: PLAIN_TREE,
    rule: { kind: "status", status: 500 },
    code: "repo-unreachable",
    says: /does not answer/,
  },
  {
    what: "a ref that is not there",
    tree: PLAIN_TREE,
    spoil: async (name) => {
      const repository = await git.repository(name);
      await repository.commit(PLAIN_TREE, { branch: "feature/plots" });
      await repository.commit(PLAIN_TREE, { branch: "unlike" });
    },
    wish: { ref: "feature/plot" },
    code: "ref-not-found",
    says: /feature\/plot/,
    detail: { suggestions: ["feature/plots"] },
  },
  { what: "an empty repository", code: "repo-empty", says: /no commits/ },
  {
    what: "a repository without a default branch",
    tree: PLAIN_TREE,
    spoil: async (name) => await (await git.repository(name)).setHead("nothing"),
    code: "default-branch-missing",
    says: /no branch that exists. There are: main/,
  },
  {
    what: "a repository that is too large",
    tree: { "data.bin": randomBytes(2 * MAX_REPO_BYTES) },
    code: "repo-too-large",
    says: /2 MiB.*maxRepoBytes/,
  },
  {
    what: "a symbolic link out of the tree",
    tree: { ...PLAIN_TREE, "notes/secrets": { symlink: "../../../etc/passwd" } },
    code: "repo-unsafe",
    says: /notes\/secrets/,
  },
  {
    what: "a requirement that does not exist",
    tree: { "requirements.txt": "# first\nsix\nidna==999.9\n" },
    code: "resolve-failed",
    says: /^requirements\.txt:3: .*no version of idna==999\.9/,
    detail: { file: "requirements.txt", line: 3, package: "idna" },
  },
  {
    what: "requirements that contradict each other",
    tree: { "requirements.txt": "six==1.16.0\nsix==1.15.0\n" },
    code: "resolve-failed",
    says: /six==1\.1[56]\.0/,
    detail: { file: "requirements.txt", package: "six" },
  },
  {
    what: "a line that is no requirement",
    tree: { "requirements.txt": "six\nthis is not one\n" },
    code: "config-invalid",
    says: /requirements\.txt/,
    detail: { file: "requirements.txt", line: 2 },
  },
  {
    what: "a file that nothing here builds",
    tree: { "Project.toml": "[deps]\n" },
    code: "config-unsupported",
    says: /Project\.toml/,
    detail: { file: "Project.toml" },
  },
  {
    what: "a postBuild that fails",
    tree: { postBuild: { executable: "#!/bin/sh\necho oh no >&2\nexit 7\n" } },
    code: "post-build-failed",
    says: /7/,
  },
];

describe("a launch of", () => {
  test.each(BAD_REPOSITORIES)("$what fails as $code", async (row) => {
    const name = `bad/${row.what.replaceAll(/\W+/g, "-")}`;
    const repository = await git.repository(name);
    if (row.tree !== undefined) await repository.commit(row.tree);
    await row.spoil?.(name);
    if (row.rule !== undefined) git.rule(name, row.rule);
    const repo = row.page === undefined ? git.url(name) : git.origin + row.page;
    const before = readdirSync(join(dataDir, "environments"));

    const failure = await failureOf(bindery, { repo, ...row.wish });

    expect(failure).toMatchObject({
      code: row.code,
      message: expect.stringMatching(row.says),
      next: expect.stringMatching(/./),
      ...(row.detail === undefined ? {} : { detail: row.detail }),
    });
    expect(JSON.stringify(failure)).not.toContain(dataDir);
    expect(JSON.stringify(failure)).not.toMatch(/secret"|at \w+ \(/);
    const sessions = await bindery.client.listSessions();
    expect(sessions.filter(({ purpose }) => purpose !== null)).toEqual([]);
    const records = readdirSync(join(dataDir, "environments"));
    expect(records.filter((file) => file.endsWith(".json"))).toEqual(
      before.filter((file) => file.endsWith(".json")),
    );
  });

  test("a repository whose file names hold newlines and quotes works", async () => {
    const names = [
      "two\nlines.txt",
      `"quoted" 'names'.txt`,
      "$(touch hacked).txt",
      "ümläut 🎈.txt",
    ];
    const tree = Object.fromEntries(names.map((name) => [name, `in ${name}`]));
    await (await git.repository("odd")).commit({ ...PLAIN_TREE, ...tree });
    const session = sessionOf(bindery, await follow(bindery, { repo: git.url("odd") }).ready);
    const { text } = await session.get("api/contents/?type=directory");
    const { content } = JSON.parse(text) as { readonly content: readonly { name: string }[] };
    const seen = content.map(({ name }) => name);
    expect(seen.toSorted()).toEqual([...Object.keys(PLAIN_TREE), ...names].toSorted());
    for (const name of names) {
      const file = await session.get(`files/${encodeURIComponent(name)}`);
      expect([file.status, file.text]).toEqual([200, `in ${name}`]);
    }
    await bindery.client.stopSession(session.id);
  });

  test("a ref that is not there names similar ones on the command line too", async () => {
    const words = ["open", git.url("bad/a-ref-that-is-not-there"), "--ref", "feature/plot"];
    const ran = await run([...words, "--data-dir", dataDir, "--no-browser"]);
    expect(ran.code).toBe(1);
    expect(ran.error).toMatch(/feature\/plots/);
    expect(ran.error).not.toContain("    at ");
  });
});

describe("an event stream", () => {
  beforeAll(async () => {
    await (await git.repository("long")).commit(slowBuildTree("long"));
    await (await git.repository("endless")).commit(slowBuildTree("endless", 600));
  });

  const numbers = (frames: readonly Frame[]) => frames.map(({ data }) => data?.["number"]);
  const phases = (frames: readonly Frame[]) => frames.map(({ data }) => data?.["phase"]);

  test("goes on where its reader was, however often that one comes again", async () => {
    const { id } = await bindery.client.launch({ repo: git.url("long"), buildOnly: true });
    const path = `/api/v1/launches/${id}/events`;
    const all: Frame[] = [];
    let lastEventId: string | null = null;
    for (let visit = 0; phases(all).at(-1) !== "ready"; visit += 1) {
      expect(visit).toBeLessThan(100);
      const isEnough = (frames: readonly Frame[]) => frames.length >= 3;
      const { status, frames } = await readStream(bindery, path, { lastEventId, isEnough });
      expect(status).toBe(200);
      all.push(...frames);
      lastEventId = frames.at(-1)?.id ?? lastEventId;
    }
    expect(numbers(all)).toEqual(all.map((_, index) => index + 1));
    expect(all.length).toBeGreaterThan(6);
    expect(await readStream(bindery, path, { lastEventId })).toEqual({ status: 204, frames: [] });
  });

  test("of BinderHub's kind goes on as well, without another launch", async () => {
    const spec = `${encodeURIComponent(git.url("long"))}/main`;
    const first = await readStream(bindery, `/build/git/${spec}?build_only=true`, {
      isEnough: (frames) => frames.length >= 1,
    });
    const launches = (await bindery.client.listLaunches()).length;
    const again = await readStream(bindery, `/build/git/${spec}?build_only=true`, {
      lastEventId: first.frames.at(-1)?.id ?? "",
    });
    const both = [...phases(first.frames), ...phases(again.frames)];
    expect(both.at(-1)).toBe("ready");
    expect(both.filter((phase) => phase === both[0])).toHaveLength(1);
    expect((await bindery.client.listLaunches()).length).toBe(launches);
  });

  test("two thousand of them, opened and closed, leave nothing behind", async () => {
    const { id } = await bindery.client.launch({ repo: git.url("endless") });
    const stay = readStream(bindery, `/api/v1/launches/${id}/events`);
    const path = `/api/v1/launches/${id}/events`;
    const pids = [bindery.child("gateway"), bindery.child("control")];
    for (const _ of [1, 2]) {
      const watchers = await openWatchers({
        port: bindery.port,
        path: () => path,
        count: 2_000,
        token: "",
        deadlineMs: 60_000,
        signal: AbortSignal.timeout(60_000),
      });
      expect(await openStreams()).toBe(2_001);
      watchers.close();
      await eventually(async () => (await openStreams()) === 1, "all streams are let go");
    }
    expect([bindery.child("gateway"), bindery.child("control")]).toEqual(pids);
    await bindery.client.cancelLaunch(id);
    expect(phases((await stay).frames).at(-1)).toBe("failed");
  });

  async function openStreams(): Promise<number> {
    const text = await (await fetch(`${bindery.url}/metrics`)).text();
    return Number(/^bindery_event_streams (\d+)$/m.exec(text)?.[1]);
  }
});

describe("garbage", () => {
  const GARBAGE: readonly (readonly [string, string | Buffer, RegExp])[] = [
    ["bytes that are no HTTP", randomBytes(4_096), /^(HTTP\/1\.1 400 .*)?$/],
    ["a TLS handshake", Buffer.from("160301020001000001fc0303", "hex"), /^HTTP\/1\.1 400 /],
    ["an endless header", `GET / HTTP/1.1\r\nX: ${"a".repeat(100_000)}`, /^HTTP\/1\.1 431 /],
    [
      "two lengths",
      head("POST", "/api/v1/launches", ["Content-Length: 1", "Content-Length: 2"]),
      /^HTTP\/1\.1 400 /,
    ],
    [
      "a length and chunks",
      head("POST", "/api/v1/launches", ["Content-Length: 1", "Transfer-Encoding: chunked"]),
      /^HTTP\/1\.1 400 /,
    ],
    ["a path with a NUL", head("GET", "/api\0", []), /^HTTP\/1\.1 400 /],
    ["a proxy's request", head("GET", "http://169.254.169.254/", []), /^HTTP\/1\.1 4\d\d /],
    ["a tunnel", head("CONNECT", "127.0.0.1:22", []), /^HTTP\/1\.1 4\d\d |^$/],
    ["a foreign host", "GET / HTTP/1.1\r\nHost: evil.example\r\n\r\n", /^HTTP\/1\.1 421 /],
    ["no host", "GET / HTTP/1.1\r\n\r\n", /^HTTP\/1\.1 4\d\d /],
    ["a way up", head("GET", "/user/../../../etc/passwd", []), /^HTTP\/1\.1 4\d\d /],
    [
      "a way up in code",
      head("GET", "/static-server/%2e%2e/%2e%2e/etc/passwd", []),
      /^HTTP\/1\.1 404 /,
    ],
    ["no session's id", head("GET", "/user/%00%0d%0a/lab", []), /^HTTP\/1\.1 424 /],
  ];

  function head(method: string, target: string, headers: readonly string[]): string {
    const lines = [
      `${method} ${target} HTTP/1.1`,
      "Host: 127.0.0.1",
      "Connection: close",
      ...headers,
    ];
    return [...lines, "", ""].join("\r\n");
  }

  test.each(GARBAGE)("%s is refused", async (_, bytes, expected) => {
    const answer = await tell(bytes);
    expect(answer.split("\r\n")[0]).toMatch(expected);
    expect(answer).not.toContain("root:");
    await expectCalm();
  });

  const BODIES: readonly (readonly [string, string, number])[] = [
    ["no JSON", "{", 400],
    ["an array", "[]", 400],
    ["an empty wish", "{}", 400],
    ["unknown fields", '{"repo":"gh/a/b","admin":true}', 400],
    ["numbers for texts", '{"repo":42}', 400],
    ["an id that is none", '{"repo":"gh/a/b","id":"../../x"}', 400],
    ["a polluted prototype", '{"__proto__":{"x":1},"repo":"gh/a/b"}', 400],
    ["a spec of another provider's form", '{"provider":"gh","spec":"//"}', 400],
    ["an unknown provider", '{"provider":"zzz","spec":"a"}', 404],
    ["too much", JSON.stringify({ repo: "x".repeat(100_000) }), 413],
  ];
  test.each(BODIES)("a launch with %s is refused", async (_, body, status) => {
    const headers = {
      authorization: `Bearer ${bindery.token}`,
      accept: "application/json",
      "content-type": "application/json",
    };
    const url = `${bindery.url}/api/v1/launches`;
    const answer = await fetch(url, { method: "POST", headers, body });
    expect(answer.status).toBe(status);
    // The gateway's own refusals are a failure by themselves, the API's stand under `error`.
    const said = (await answer.json()) as Failure & { readonly error?: Failure };
    const refusal = { code: expect.any(String), next: expect.any(String) };
    expect(said.error ?? said).toMatchObject(refusal);
    await expectCalm();
  });

  async function tell(bytes: string | Buffer): Promise<string> {
    const socket = connect(bindery.port, "127.0.0.1");
    let text = "";
    socket.on("data", (chunk: Buffer) => {
      text += chunk.toString("latin1");
    });
    socket.on("error", () => undefined);
    socket.end(bytes);
    await new Promise<void>((resolve) => socket.once("close", () => resolve()));
    return text;
  }

  /** Same processes as before, and they answer. */
  async function expectCalm(): Promise<void> {
    expect((await fetch(`${bindery.url}/health`)).status).toBe(200);
    expect(bindery.said()).toBe("");
  }
});

describe("in a deployment for others", () => {
  let others: Bindery;
  let othersDir: string;

  beforeAll(async () => {
    await (await git.repository("private/place")).commit(PLAIN_TREE);
    othersDir = await makeServedDir();
    others = await startBindery(othersDir, { allowPrivateHosts: false, allowLocalRepos: false });
  });
  afterAll(async () => {
    await others?.stop();
    await removeServedDir(othersDir);
  });

  const REFUSED: readonly (readonly [string, (port: number) => string])[] = [
    ["loopback", (port) => `http://127.0.0.1:${port}/private/place.git`],
    ["loopback by name", (port) => `http://localhost:${port}/private/place.git`],
    ["loopback in hexadecimal", (port) => `http://0x7f.1:${port}/private/place.git`],
    ["loopback as one number", (port) => `http://2130706433:${port}/private/place.git`],
    ["loopback of IPv6", (port) => `http://[::1]:${port}/private/place.git`],
    ["loopback inside IPv6", (port) => `http://[::ffff:127.0.0.1]:${port}/private/place.git`],
    ["a private network", () => "https://10.0.0.1/a/b.git"],
    ["a cloud's metadata", () => "http://169.254.169.254/latest/meta-data"],
    ["a name without a dot", () => "https://intranet/a/b.git"],
    ["Git's own protocol", (port) => `git://127.0.0.1:${port}/private/place.git`],
    ["SSH", () => "git@127.0.0.1:private/place.git"],
    ["a folder", () => "/etc"],
    ["a folder as an address", () => "file:///etc"],
  ];
  test.each(REFUSED)("%s is refused, and nothing is asked of it", async (_, address) => {
    git.requests.length = 0;
    const failure = await failureOf(others, { repo: address(git.port) });
    expect(failure).toMatchObject({ code: "host-refused", fault: "limits" });
    expect(git.requests).toEqual([]);
  });
});

test("on a disk that is full nothing is built, and the person is told what to do", async () => {
  const fullDir = await makeServedDir();
  const full = await startBindery(fullDir, { freeDiskMinBytes: Number.MAX_SAFE_INTEGER });
  try {
    await (await git.repository("for-a-full-disk")).commit(PLAIN_TREE);
    const failure = await failureOf(full, { repo: git.url("for-a-full-disk") });
    expect(failure).toMatchObject({ code: "disk-full", fault: "platform", retriable: true });
    expect(failure.next).toContain("bindery prune");
    expect(readdirSync(join(fullDir, "store"))).toEqual([]);
  } finally {
    await full.stop();
    await removeServedDir(fullDir);
  }
});
