/** Commands against the real API, with a control plane that does what a test says. */
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { failure } from "#core/errors.ts";
import { ADMIN_TOKEN, session } from "../fixtures/api-under-test.ts";
import { run, start } from "../fixtures/command-line.ts";
import { COMMIT, KEY, readySteps } from "../fixtures/scripted-control-plane.ts";
import { servedApi } from "../fixtures/served-api.ts";

const world = servedApi();

const ENVIRONMENT = {
  key: KEY,
  builtAtMs: 1_000,
  lastUsedAtMs: 2_000,
  sizeBytes: 5 * 1024 * 1024,
  buildDurationMs: 90_000,
  pythonVersion: "3.12.4",
  server: "generic",
  serverBecause: "the repository asks for nothing else",
  builtFor: "https://example.org/a\u001b[2J",
} as const;

describe("open", () => {
  it("prints the session's address with its token, and the phases beside it", async () => {
    const { bindery, controlPlane, url } = await world();
    controlPlane.onSubmit = ({ id }) => controlPlane.play(id, readySteps("s-1", "the token"));
    const ran = await bindery("open", "gh/owner/name", "--no-browser");
    expect(ran.out).toBe(`${url}/user/s-1/lab?token=the+token\n`);
    expect(ran.error).toMatch(/built +The environment is known\.\n.*launching +Launching server/);
    expect(ran.code).toBe(0);
  });

  it.each<[readonly string[], string, string]>([
    [["gh/o/n"], "lab?token=t", ""],
    [["gh/o/n", "--path", "a b.ipynb"], "lab/tree/a%20b.ipynb?token=t", ""],
    [["gh/o/n", "--notebook"], "tree?token=t", ""],
    [["gh/o/n", "--notebook", "--path=a.ipynb"], "notebooks/a.ipynb?token=t", ""],
    [["gh/o/n", "--url", "app/?x=1"], "app/?x=1&token=t", ""],
    [["https://github.com/o/n/blob/main/a.ipynb"], "lab/tree/a.ipynb?token=t", "main"],
    [
      ["https://github.com/o/n/blob/main/a.ipynb", "--notebook"],
      "notebooks/a.ipynb?token=t",
      "main",
    ],
    [["gh/o/n", "--ref", "v1"], "lab?token=t", "v1"],
  ])("%j lands on %s", async (words, landing, ref) => {
    const { bindery, controlPlane, url } = await world();
    controlPlane.onSubmit = ({ id }) => controlPlane.play(id, readySteps("s-1", "t"));
    const { out, code } = await bindery("open", ...words, "--no-browser");
    expect([out, code]).toEqual([`${url}/user/s-1/${landing}\n`, 0]);
    expect(controlPlane.submitted[0]?.repo.ref ?? "").toBe(ref);
  });

  it("with --json every event is a line, and the session the last", async () => {
    const { bindery, controlPlane } = await world();
    controlPlane.onSubmit = ({ id }) => controlPlane.play(id, readySteps("s-1", "t"));
    const { json, error, code } = await bindery("open", "gh/owner/name", "--json");
    expect(json()).toMatchObject([
      { kind: "launch", number: 1, phase: "built", isReused: true },
      { kind: "launch", number: 2, phase: "launching" },
      { kind: "launch", number: 3, phase: "ready" },
      { kind: "session", sessionId: "s-1", token: "t", commit: COMMIT, url: expect.any(String) },
    ]);
    expect([error, code]).toEqual(["", 0]);
  });

  it.each<[Parameters<typeof failure>[0], number]>([
    ["resolve-failed", 1],
    ["repo-not-found", 1],
    ["queue-too-long", 4],
  ])("a launch that fails with %s says so and what to do, and ends with %i", async (why, exit) => {
    const { bindery, controlPlane } = await world();
    const problem = failure(why, "no such thing\u001b[2J", { suggestions: ["main", "dev"] });
    controlPlane.onSubmit = ({ id }) => controlPlane.fail(id, problem);
    const { out, error, code } = await bindery("open", "gh/owner/name");
    expect([out, code]).toEqual(["", exit]);
    expect(error).toContain(`✗ no such thing\n  There are: main, dev\n  ${problem.next}\n`);
  });

  it.each<[Parameters<typeof failure>[0], number]>([
    ["queue-full", 4],
    ["repo-not-allowed", 1],
  ])("a launch that is refused with %s ends with %i", async (why, exit) => {
    const { bindery, controlPlane } = await world();
    controlPlane.refuseWith = failure(why, undefined, { retryAfterSeconds: 30 });
    const plain = await bindery("open", "gh/owner/name");
    expect(plain.error).toContain("Try again in 30 s.");
    const { json, code } = await bindery("open", "gh/owner/name", "--json");
    expect(json()).toMatchObject([{ error: { code: why, next: expect.any(String) } }]);
    expect([plain.code, code]).toEqual([exit, exit]);
  });

  it("without a token it is told that one is needed", async () => {
    const { url } = await world();
    const { code, error } = await run(["open", "gh/owner/name", "--server", url]);
    expect(code).toBe(1);
    expect(error).toContain("This needs a token.");
  });

  it("what is wrong with the command line reaches no server", async () => {
    const { bindery, controlPlane } = await world();
    for (const words of [["owner/name"], ["gh/o/n", "--url", "//evil.example"], []]) {
      expect((await bindery("open", ...words)).code).toBe(2);
    }
    expect(controlPlane.submitted).toEqual([]);
  });

  it("Ctrl-C cancels the launch", async () => {
    const { controlPlane, url } = await world();
    controlPlane.onSubmit = ({ id }) =>
      controlPlane.play(id, [{ phase: "queued", message: "place 1" }]);
    const environment = { ...process.env, BINDERY_TOKEN: ADMIN_TOKEN };
    const words = ["open", "gh/owner/name", "--server", url];
    const { child, until, ended } = start(words, { environment });
    await until(/place 1/);
    child.kill("SIGINT");
    const { code, out, error } = await ended;
    expect([code, out]).toEqual([130, ""]);
    expect(error).toContain("Cancelling the launch");
    expect(controlPlane.cancelled).toEqual([controlPlane.submitted[0]?.id]);
  });
});

describe("build", () => {
  it("asks for no session and prints the environment's key", async () => {
    const { bindery, controlPlane } = await world();
    const [built, , ready] = readySteps("", "");
    controlPlane.onSubmit = ({ id }) => {
      if (built !== undefined && ready !== undefined) controlPlane.play(id, [built, ready]);
    };
    const { out, code, error } = await bindery("build", "gh/owner/name", "--ref", "v1");
    expect([out, code]).toEqual([`${KEY}\n`, 0]);
    expect(error).toContain("The environment was there already:");
    expect(controlPlane.submitted).toMatchObject([{ buildOnly: true, repo: { ref: "v1" } }]);
    const { json } = await bindery("build", "gh/owner/name", "--json");
    expect(json().at(-1)).toMatchObject({
      kind: "environment",
      environmentKey: KEY,
      isReused: true,
    });
  });
});

describe("sessions", () => {
  it("ps shows those in use; all, ids or JSON on demand; never a token", async () => {
    const { bindery, controlPlane } = await world();
    const warm = session("warm-1", "secret");
    controlPlane.sessionList = [
      session("aa-1", "secret"),
      { ...session("aa-2", "secret"), state: { kind: "ended", end: "idle", exitCode: 0 } },
      { ...warm, record: { ...warm.record, purpose: null, claimedAtMs: null } },
    ];
    const plain = await bindery("ps");
    expect(plain.out).toMatch(
      /^SESSION +STATE +REPOSITORY +REF +AGE .*\naa-1 +running +gh\/owner\/name +0123456/,
    );
    expect(plain.out.split("\n")).toHaveLength(3);
    expect((await bindery("ps", "--quiet")).out).toBe("aa-1\n");
    expect((await bindery("ps", "-aq")).out).toBe("aa-1\naa-2\nwarm-1\n");
    const all = await bindery("ps", "--all", "--json");
    expect(all.json()).toMatchObject([[{ id: "aa-1" }, { id: "aa-2" }, { id: "warm-1" }]]);
    expect(plain.out + all.out).not.toContain("secret");
  });

  it("stop ends those that are named, by the beginning of their ids too, or all", async () => {
    const { bindery, controlPlane } = await world();
    controlPlane.sessionList = [session("aa-1", "t"), session("ab-2", "t"), session("b-3", "t")];
    expect(await bindery("stop", "b", "ab")).toMatchObject({ code: 0, out: "b-3\nab-2\n" });
    expect(controlPlane.stopped).toEqual(["b-3", "ab-2"]);
    expect((await bindery("stop", "--all", "--json")).json()).toEqual([
      { stopped: ["aa-1", "ab-2", "b-3"] },
    ]);
  });

  it.each<[readonly string[], number, RegExp]>([
    [["stop"], 2, /Name the sessions to end, or give --all/],
    [["stop", "aa-1", "--all"], 2, /Name the sessions/],
    [["stop", "a"], 2, /"a" is the beginning of several: aa-1, ab-2/],
    [["stop", "zz"], 1, /Nothing here is called "zz"/],
    [["logs"], 2, /Name a session, or an environment/],
    [["logs", "zz"], 1, /Nothing here is called "zz"/],
    [["logs", "aa", "--build", "e"], 2, /Name a session, or an environment/],
  ])("%j ends with %i and nothing stops", async (words, exit, message) => {
    const { bindery, controlPlane } = await world();
    controlPlane.sessionList = [session("aa-1", "t"), session("ab-2", "t")];
    const { code, error } = await bindery(...words);
    expect(code).toBe(exit);
    expect(error).toMatch(message);
    expect(controlPlane.stopped).toEqual([]);
  });

  it("logs prints what a session or a build has said", async () => {
    const { bindery, controlPlane } = await world();
    controlPlane.sessionList = [session("aa-1", "t")];
    controlPlane.environmentList = [ENVIRONMENT];
    expect((await bindery("logs", "aa")).out).toBe("line 1\nline 2\n");
    expect((await bindery("logs", "--build", "eee")).out).toBe("installed\n");
    expect((await bindery("logs", "aa", "--json")).json()).toEqual([{ log: "line 1\nline 2\n" }]);
  });
});

describe("environments", () => {
  it("are listed, shown and repeated from, with nothing in them that moves a screen", async () => {
    const { bindery, controlPlane } = await world();
    controlPlane.environmentList = [ENVIRONMENT];
    const listed = await bindery("environments");
    expect(listed.out).toMatch(/^KEY +PYTHON .*\neeeeeeeeeeee +3\.12\.4 +generic +5 MiB/);
    const shown = await bindery("environments", "show", "eee");
    expect(shown.out).toMatch(/took +1 min 30 s/);
    expect(listed.out + shown.out).not.toContain("\u001b");
    expect((await bindery("environments", "lock", "e")).out).toBe("numpy==2.0.0\n");
    expect((await bindery("environments", "ls", "-q")).out).toBe(`${KEY}\n`);
    expect((await bindery("environments", "show", "x")).code).toBe(1);
  });

  it.each<[readonly string[], number]>([
    [[], 0],
    [["--keep", "2GiB"], 2 * 1024 ** 3],
    [["--keep=1.5MiB"], 1.5 * 1024 ** 2],
  ])("prune %j keeps %i bytes", async (words, bytesMax) => {
    const { bindery, controlPlane } = await world();
    const { out, error, code } = await bindery("prune", ...words);
    expect([out, code]).toEqual([`${KEY}\n`, 0]);
    expect(error).toBe("Removed 1 environment, 10 B.\n");
    expect(controlPlane.pruned).toEqual([bytesMax]);
  });

  it("prune without an understood size removes nothing", async () => {
    const { bindery, controlPlane } = await world();
    const { code, error } = await bindery("prune", "--keep", "much");
    expect(code).toBe(2);
    expect(error).toContain("--keep needs a size such as 10GiB");
    expect(controlPlane.pruned).toEqual([]);
  });
});

describe("without a server", () => {
  const nowhere = join(tmpdir(), "bindery-nobody-serves-this");

  it.each([
    ["ps"],
    ["logs", "x"],
    ["build", "gh/o/n"],
    ["open", "gh/o/n", "--no-serve"],
    ["prune"],
    ["environments"],
    ["stop", "x"],
  ])("%s ends with 3 and says what to do", async (...words) => {
    const { code, error, out } = await run([...words, "--data-dir", nowhere]);
    expect([code, out]).toEqual([3, ""]);
    expect(error).toContain("`bindery serve`");
  });

  it("an address where none answers is named", async () => {
    const { code, json } = await run(["ps", "--json", "--server", "http://127.0.0.1:1"]);
    expect(code).toBe(3);
    expect(json()).toMatchObject([{ error: { code: "server-unreachable" } }]);
  });

  it.each(["ftp://x", "nonsense", "https://ada:secret@example.org/"])(
    "--server %s is refused, and no secret repeated",
    async (address) => {
      const { code, error } = await run(["ps", "--server", address]);
      expect(code).toBe(2);
      expect(error).not.toContain("secret");
    },
  );
});
