/** From an address on the command line to values in a kernel, and to the end of the session. */
import { afterAll, beforeAll, expect, test } from "vitest";
import type { SessionView } from "#client/views.ts";
import type { LaunchResult } from "#core/launch/launch.ts";
import { type Ran, run, start } from "../fixtures/command-line.ts";
import {
  type Bindery,
  makeEmptyDir,
  removeServedDir,
  startBindery,
} from "../fixtures/e2e-bindery.ts";
import { PLOT_TREE } from "../fixtures/e2e-repositories.ts";
import { type Session, sessionOf } from "../fixtures/e2e-session.ts";
import { type GitServer, startGitServer } from "../fixtures/git-server.ts";

let git: GitServer;
let dataDir: string;
let bindery: Bindery;
let commit: string;
let session: Session;

beforeAll(async () => {
  git = await startGitServer();
  const repository = await git.repository("ada/squares");
  commit = await repository.commit(PLOT_TREE);
  await repository.branch("release", commit);
  dataDir = await makeEmptyDir();
  bindery = await startBindery(dataDir);
});
afterAll(async () => {
  await bindery?.stop();
  await git?.stop();
  await removeServedDir(dataDir);
});

const here = (...words: readonly string[]): Promise<Ran> => run([...words, "--data-dir", dataDir]);

type Line = { readonly kind: string } & Partial<LaunchResult> & { readonly url?: string };

function sessionLine(ran: Ran): Line {
  const line = (ran.json() as readonly Line[]).find(({ kind }) => kind === "session");
  if (line === undefined) throw new Error(`no session: ${ran.out}${ran.error}`);
  return line;
}

test("open builds the environment and prints the session, with every step as a line", async () => {
  const words = ["open", git.url("ada/squares"), "--path", "plot.ipynb", "--json"];
  const { ended } = start([...words, "--data-dir", dataDir], { environment: process.env });
  const ran = await ended;
  expect([ran.code, ran.error]).toEqual([0, ""]);
  const line = sessionLine(ran);
  session = sessionOf(bindery, line as unknown as LaunchResult);
  expect(line.commit).toBe(commit);
  expect(line.url).toBe(
    `${bindery.url}/user/${session.id}/lab/tree/plot.ipynb?token=${session.token}`,
  );
  const phases = (ran.json() as readonly { readonly phase?: string }[]).flatMap(({ phase }) =>
    phase === undefined ? [] : [phase],
  );
  expect([...new Set(phases)]).toEqual([
    ...["waiting", "fetching", "building", "built", "launching", "ready"],
  ]);
  expect((await fetch(line.url ?? "")).status).toBe(200);
});

test("a kernel of the session computes and plots with the repository's packages", async () => {
  const kernel = await session.startKernel();
  const code = `
import numpy as np, pandas as pd, io, os, sys
import matplotlib.pyplot as plt
frame = pd.DataFrame({"x": np.arange(10), "y": np.arange(10) ** 2})
image = io.BytesIO()
frame.plot(x="x", y="y").figure.savefig(image, format="png")
print(frame["y"].sum(), image.getvalue()[1:4].decode(), len(image.getvalue()) > 5_000)
print(os.getcwd(), sorted(name for name in os.listdir() if not name.startswith(".")))
print(os.path.realpath(sys.prefix).startswith("/srv/store/"), os.environ["BINDER_REPO_URL"])`;
  expect((await session.run(kernel, code)).split("\n")).toEqual([
    "285 PNG True",
    "/home/jovyan ['README.md', 'plot.ipynb', 'requirements.txt']",
    `True ${git.url("ada/squares")}`,
    "",
  ]);
});

test("open again reuses the environment, by another ref of the same commit", async () => {
  const ran = await here("open", git.url("ada/squares"), "--ref", "release", "--json");
  expect([ran.code, ran.error]).toEqual([0, ""]);
  const line = sessionLine(ran);
  expect(line.sessionId).not.toBe(session.id);
  expect(ran.out).not.toContain('"building"');
  expect((await here("stop", line.sessionId ?? "")).out).toBe(`${line.sessionId}\n`);
});

test("ps lists the session, and logs shows what its server said", async () => {
  const ps = await here("ps", "--json");
  const [listed, ...more] = ps.json().flat() as readonly SessionView[];
  expect(more).toEqual([]);
  expect(listed).toMatchObject({
    id: session.id,
    state: { kind: "running" },
    purpose: { repo: { commit, url: git.url("ada/squares") } },
  });
  expect(ps.out).not.toContain(session.token);
  expect((await here("ps")).out).toContain(session.id);
  const logs = await here("logs", session.id.slice(0, 12));
  expect(logs.out).toMatch(/kernel/i);
  expect(logs.out).not.toContain(session.token);
});

test("a request without the token is not let in", async () => {
  expect((await session.get("api/kernels", {})).status).toBe(403);
  const wrong = { authorization: "token of-another-session" };
  expect((await session.get("api/kernels", wrong)).status).toBe(403);
});

test("stop ends the session: 424 and Binder not found at its address, none in the list", async () => {
  expect((await session.get("api")).status).toBe(200);
  const stopped = await here("stop", session.id);
  expect([stopped.code, stopped.out]).toEqual([0, `${session.id}\n`]);
  const answer = await session.get("lab");
  expect([answer.status, answer.text]).toEqual([424, expect.stringContaining("Binder not found")]);
  expect(await here("ps")).toMatchObject({ code: 0, out: "", error: "No sessions.\n" });
  expect(await here("stop", session.id)).toMatchObject({ code: 0, error: "" });
});

test("an address that means nothing is refused before anything is asked for", async () => {
  const ran = await here("open", "not a repository");
  expect(ran.code).toBe(2);
  expect(ran.error).not.toContain("    at ");
});
