/** Requests of whoever is on duty. */
import { expect } from "vitest";
import type { Actor, OperatorCommand } from "#core/operations/command.ts";
import type { ApiUnderTest } from "../../fixtures/api-under-test.ts";
import { admin, own, type RequestCase, stranger } from "./request-case.ts";

const path = "/api/v1/operator";
const url = `${path}/commands`;
const given = (body: unknown, rest: Omit<RequestCase, "url">): RequestCase => ({
  ...{ method: "POST", url, headers: admin, body },
  ...rest,
});
const nothingDone: RequestCase["check"] = ({ controlPlane }) =>
  expect(controlPlane.commands).toEqual([]);

function wasGiven({ controlPlane }: ApiUnderTest, command: OperatorCommand): void {
  expect(controlPlane.commands).toEqual([command]);
}

function wasBy({ controlPlane }: ApiUnderTest, actor: Actor): void {
  expect(controlPlane.auditList).toMatchObject([{ actor, evidence: "its DNS is gone" }]);
}

const COMMANDS: readonly OperatorCommand[] = [
  { kind: "quarantine-node", node: "node-1" },
  { kind: "release-node", node: "node-1" },
  { kind: "cordon-node", node: "node-1", isForced: true },
  { kind: "uncordon-node", node: "node-1" },
  { kind: "drain-node", node: "node-1" },
  { kind: "recycle-node", node: "node-1" },
  { kind: "set-nodes-max", nodesMax: 7 },
  { kind: "set-placeholders", count: 0 },
  { kind: "book", repo: "course", seats: 200, fromMs: 5, untilMs: 9 },
  { kind: "restart-loop", loop: "culler" },
  { kind: "restart-component", component: "control" },
  { kind: "surge-component", role: "edge", avoidNodes: ["node-1"] },
  { kind: "submit-release", release: "2.0.0", isEmergency: true },
  { kind: "rollback-release", stage: "production" },
  { kind: "shift-member", member: "ovh", weight: 0.5 },
  { kind: "repair-quota", quota: "pods" },
  { kind: "renew-certificate", host: "launch.example" },
  { kind: "use-fallback", host: "archive.example", isOn: false },
  { kind: "stop-session", session: "session-1" },
  { kind: "cull", idleMs: 600_000 },
  { kind: "declare", cause: "node-dns", subject: "node-1" },
];

const bad = (name: string, command: unknown, text: RegExp): RequestCase =>
  given({ command }, { name, status: 400, code: "request-invalid", text, check: nothingDone });

export const OPERATOR_REQUESTS: readonly RequestCase[] = [
  ...["status", "nodes", "incidents", "incidents/x", "audit"].flatMap((of) =>
    [stranger, own, {}].map(
      (headers, index): RequestCase => ({
        name: `${of}, ${["stranger", "a session's token", "no token"][index] ?? ""}`,
        ...{ url: `${path}/${of}`, headers, status: 401, code: "token-required" },
      }),
    ),
  ),
  {
    name: "status",
    url: `${path}/status`,
    headers: admin,
    status: 200,
    json: { seats: { waiting: 7 }, nodes: [{ health: "healthy" }, {}] },
  },
  {
    name: "nodes",
    url: `${path}/nodes`,
    headers: admin,
    status: 200,
    json: { atMs: 1_767_225_600_000, nodes: [{ node: { name: "node-1" } }, {}] },
  },
  {
    name: "incidents, the newest first",
    url: `${path}/incidents`,
    headers: admin,
    status: 200,
    json: { incidents: [{ id: "node-dns-x-2" }, { id: "loop-stalled-x-1" }] },
  },
  {
    name: "an incident",
    url: `${path}/incidents/node-dns-x-2`,
    headers: admin,
    status: 200,
    json: { cause: "node-dns", timeline: [{ kind: "found" }, { kind: "acted" }, {}] },
  },
  {
    name: "an incident that does not exist",
    url: `${path}/incidents/node-dns-x-9`,
    headers: admin,
    status: 404,
    code: "incident-not-found",
  },
  { name: "audit", url: `${path}/audit`, headers: admin, status: 200, json: { records: [] } },
  {
    name: "too much audit",
    url: `${path}/audit?limit=100000`,
    headers: admin,
    status: 400,
    code: "request-invalid",
  },
  ...COMMANDS.map((command) =>
    given(
      { command },
      {
        name: `the command ${command.kind}`,
        status: 200,
        json: { message: "it is done" },
        check: (world) => wasGiven(world, command),
      },
    ),
  ),
  ...[stranger, own, {}].map((headers) =>
    given(
      { command: COMMANDS[0] },
      {
        name: `a command with ${JSON.stringify(headers)}`,
        ...{ headers, status: 401, code: "token-required", check: nothingDone },
      },
    ),
  ),
  given(
    { command: COMMANDS[0], evidence: "its DNS is gone", person: "ada" },
    {
      name: "a command with a reason and a name",
      status: 200,
      check: (world) => wasBy(world, { kind: "person", name: "ada" }),
    },
  ),
  given(
    { command: COMMANDS[0], evidence: "its DNS is gone", incident: "node-dns-x-2" },
    {
      name: "a command of the machine",
      status: 200,
      check: (world) => wasBy(world, { kind: "machine", incident: "node-dns-x-2" }),
    },
  ),
  given({}, { name: "no command", status: 400, code: "request-invalid", text: /'command'/ }),
  bad("a command without a kind", { node: "x" }, /command.*kind/),
  bad("a command that does not exist", { kind: "reboot" }, /command\/kind is unknown/),
  bad("a command without its subject", { kind: "drain-node" }, /'node'/),
  bad("a command without a name", { kind: "drain-node", node: "" }, /command\/node/),
  bad("a command with more", { kind: "drain-node", node: "x", isForced: true }, /isForced/),
  bad("a cause that does not exist", { kind: "declare", cause: "x", subject: "y" }, /\/cause/),
  bad("a count below nothing", { kind: "set-nodes-max", nodesMax: -1 }, /nodesMax/),
];
