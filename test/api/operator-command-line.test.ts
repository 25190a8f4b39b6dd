/** What somebody on duty sees and does in a terminal. */
import { describe, expect, it } from "vitest";
import { failure, AppError } from "#core/errors.ts";
import type { OperatorCommand } from "#core/operations/command.ts";
import { session } from "../fixtures/api-under-test.ts";
import { INCIDENTS, NOW_MS, STATUS } from "../fixtures/operator-things.ts";
import { servedApi } from "../fixtures/served-api.ts";

const served = servedApi();
const world = () => served({ incidents: INCIDENTS });
/** What a terminal breaks into lines. */
const joined = (text: string) => text.replaceAll(/\n +(?=\S)(?!node-)/g, " ");

describe("status", () => {
  it("is one screen: what is well is short, what is not is named", async () => {
    const { bindery } = await world();
    const { code, error, out: shown } = await bindery("status");
    expect(code).toBe(0);
    const out = joined(shown);
    for (const line of [
      /^control +decides for 1 h$/m,
      /^seats +24 of 80 used, 16 ready, 7 people wait, told waits are off by 20 %,/m,
      /^launches +4 under way, the longest silence is 9 s, 100 asked for so far, 90 ready,/m,
      /98 % of them at the first try/,
      /^builds +1 of 4 slots, 2 wait; repositories failed because of archive\.example \(2\)$/m,
      /^machines +2 of at most 10, 1 take sessions, 1 coming \(2 min each\)$/m,
      /^ +node-2: quarantined for 1 min: no answer in 2 s$/m,
      /^loops +culler made no progress for 10 min, restarted 2 times$/m,
      /^node-dns +node node-2 +open .*3 probes of dns failed$/m,
    ]) {
      expect(out).toMatch(line);
    }
    expect(out).not.toContain("loop-stalled");
    expect(error).toBe("What to do: docs/runbooks/node-dns.md\n");
    expect(out).not.toContain("\u001b");
  });

  it("shows incidents also while the control plane does not answer", async () => {
    const { bindery, controlPlane } = await world();
    controlPlane.operatorStatus = async () => {
      throw new AppError("server-restarting");
    };
    const { code, out } = await bindery("status");
    expect(out).toContain("The control plane does not answer.");
    expect(out).toContain("node-dns");
    expect(code).toBe(1);
  });

  it("is JSON for programs", async () => {
    const { bindery } = await world();
    const [shown] = (await bindery("status", "--json")).json();
    expect(shown).toMatchObject({ status: STATUS, incidents: [{ id: "node-dns-x-2" }] });
  });
});

describe("incidents", () => {
  it("are a list, the newest first", async () => {
    const { bindery } = await world();
    const { error, out } = await bindery("incidents");
    const lines = out.trimEnd().split("\n");
    expect(lines).toHaveLength(3);
    expect(error).toBe("What to do: docs/runbooks/node-dns.md\n");
    expect(lines[1]).toMatch(/^node-dns-x-2 +open +act +node node-2 .*3 probes of dns failed$/);
  });

  it.each([
    [["--quiet"], "node-dns-x-2\nloop-stalled-x-1\n"],
    [["--quiet", "--open"], "node-dns-x-2\n"],
  ])("%j", async (flags, out) => {
    const { bindery } = await world();
    expect((await bindery("incidents", ...flags)).out).toBe(out);
  });

  it("are told from the beginning, by the beginning of an id", async () => {
    const { bindery } = await world();
    const { out } = await bindery("incidents", "node");
    expect(out).toMatch(/^node-dns of node node-2$/m);
    expect(out).toMatch(/docs\/runbooks\/node-dns\.md/);
    expect(out).toMatch(/By the machine: quarantine-node node-2\. node-2 is put aside\.$/m);
    expect(out).toMatch(/Somebody was woken: it is open for 1 min\.$/m);
  });

  it("that do not exist are no incidents", async () => {
    const { bindery } = await world();
    const { code, error } = await bindery("incidents", "nothing");
    expect(error).toContain('Nothing here is called "nothing"');
    expect(code).toBe(1);
  });
});

describe("nodes", () => {
  it("are shown with their bars, probes and health", async () => {
    const { bindery } = await world();
    const { out } = await bindery("nodes");
    expect(out).toMatch(/^node-1 +12\/40 +2 h +50 % +25 % +– +– +healthy$/m);
    expect(out).toMatch(/^node-2 .* quarantined +dns, 5 s ago +quarantined for 1 min/m);
    expect((await bindery("nodes", "--quiet")).out).toBe("node-1\nnode-2\n");
  });
});

describe("do", () => {
  it.each<[string, OperatorCommand]>([
    ["quarantine-node node-1", { kind: "quarantine-node", node: "node-1" }],
    ["release-node node-1", { kind: "release-node", node: "node-1" }],
    ["cordon-node node-1", { kind: "cordon-node", node: "node-1", isForced: false }],
    ["cordon-node node-1 --force", { kind: "cordon-node", node: "node-1", isForced: true }],
    ["uncordon-node node-1", { kind: "uncordon-node", node: "node-1" }],
    ["drain-node node-1", { kind: "drain-node", node: "node-1" }],
    ["recycle-node node-1", { kind: "recycle-node", node: "node-1" }],
    ["set-nodes-max 20", { kind: "set-nodes-max", nodesMax: 20 }],
    ["set-placeholders 0", { kind: "set-placeholders", count: 0 }],
    [
      "book course --seats 200 --from 2026-03-03T08:00Z --until +3h",
      {
        ...{ kind: "book", repo: "course", seats: 200 },
        fromMs: Date.UTC(2026, 2, 3, 8),
        untilMs: NOW_MS + 3 * 3_600_000,
      },
    ],
    ["restart-loop culler", { kind: "restart-loop", loop: "culler" }],
    ["restart-component control", { kind: "restart-component", component: "control" }],
    [
      "surge-component edge --avoid node-1 --avoid node-2",
      { kind: "surge-component", role: "edge", avoidNodes: ["node-1", "node-2"] },
    ],
    ["submit-release 2.0", { kind: "submit-release", release: "2.0" }],
    [
      "submit-release 2.0 --emergency",
      { kind: "submit-release", release: "2.0", isEmergency: true },
    ],
    ["rollback-release production", { kind: "rollback-release", stage: "production" }],
    ["shift-member ovh 0.5", { kind: "shift-member", member: "ovh", weight: 0.5 }],
    ["repair-quota pods", { kind: "repair-quota", quota: "pods" }],
    ["renew-certificate a.example", { kind: "renew-certificate", host: "a.example" }],
    ["use-fallback a.example", { kind: "use-fallback", host: "a.example", isOn: true }],
    ["use-fallback a.example --off", { kind: "use-fallback", host: "a.example", isOn: false }],
    ["stop-session sess", { kind: "stop-session", session: "session-1" }],
    ["cull --idle 30m", { kind: "cull", idleMs: 1_800_000 }],
    ["declare node-dns node-1", { kind: "declare", cause: "node-dns", subject: "node-1" }],
  ])("%s", async (words, command) => {
    const { bindery, controlPlane } = await world();
    controlPlane.sessionList = [session("session-1", "t")];
    const ran = await bindery("do", ...words.split(" "));
    expect(ran).toMatchObject({ out: "It is done.\n", code: 0 });
    expect(controlPlane.commands).toEqual([command]);
  });

  it.each([
    [["reboot"], /has no command "reboot"/],
    [["drain-node"], /NODE is missing/],
    [["drain-nod", "x"], /Did you mean drain-node/],
    [["set-nodes-max", "many"], /COUNT should be a whole number/],
    [["book", "course", "--seats", "3"], /--from TIME is missing/],
    [["cull"], /--idle TIME is missing/],
    [["cull", "--idle", "soon"], /--idle should be a time/],
    [["declare", "node-dsn", "x"], /Did you mean node-dns/],
    [["rollback-release", "all"], /STAGE is staging or production/],
  ])("%j does nothing", async (words, message) => {
    const { bindery, controlPlane } = await world();
    const { code, error } = await bindery("do", ...words);
    expect(error).toMatch(message);
    expect(code).toBe(2);
    expect(controlPlane.commands).toEqual([]);
  });

  it("says why a command was refused", async () => {
    const { bindery, controlPlane } = await world();
    controlPlane.commandOutcome = { kind: "refused", because: "node-1 is the last one" };
    const { code, error } = await bindery("do", "drain-node", "node-1");
    expect(error).toContain("Refused: node-1 is the last one.");
    expect(code).toBe(1);
    controlPlane.commandOutcome = { kind: "failed", because: "the cluster is silent" };
    expect((await bindery("do", "drain-node", "node-1")).error).toContain("the cluster is silent");
  });

  it("writes down who and why, which the audit shows", async () => {
    const { bindery } = await world();
    await bindery("do", "drain-node", "node-1", "--because", "its disk is old", "--as", "ada");
    const { out } = await bindery("audit");
    expect(joined(out)).toMatch(/drain-node node-1 by ada: it is done; because its disk is old/);
  });

  it("counts what would be culled", async () => {
    const { bindery, controlPlane } = await world();
    controlPlane.sessionList = [session("session-1", "t"), session("session-2", "t")];
    const ran = await bindery("do", "cull", "--idle", "30m", "--dry-run");
    expect(ran.out).toMatch(/^2 of 2 sessions are idle/);
    expect(controlPlane.commands).toEqual([]);
  });

  it("alone explains its commands", async () => {
    const { bindery } = await world();
    const { code, out } = await bindery("do");
    expect(out).toMatch(/quarantine-node NODE +Put a machine aside/);
    expect(code).toBe(0);
  });
});

it("who has no token is told so", async () => {
  const { bindery } = await served({ options: { adminToken: "another" } });
  expect((await bindery("status")).error).toContain(failure("token-required").message);
});
