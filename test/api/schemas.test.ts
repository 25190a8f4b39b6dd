/** What is documented is what is sent: the schemas, the types of core and of the client, and real answers agree. */
import { type Static, Type, TypeRegistry } from "@sinclair/typebox";
import { Value } from "@sinclair/typebox/value";
import { describe, expect, expectTypeOf, it } from "vitest";
import { ROUTES } from "#api/route-table.ts";
import type { CommandRequestSchema, CommandSchema } from "#api/command-schema.ts";
import type {
  AuditSchema,
  IncidentsSchema,
  NodesSchema,
  StatusSchema,
} from "#api/operator-schema.ts";
import type {
  BuildSchema,
  EnvironmentSchema,
  FailureSchema,
  LaunchEventSchema,
  LaunchSchema,
  LimitsSchema,
  LoopSchema,
  RepoSchema,
  ResolvedRepoSchema,
  SubmittedSchema,
} from "#api/schema.ts";
import type {
  AuditView,
  CommandRequest,
  IncidentsView,
  NodesView,
} from "#client/operator-calls.ts";
import type { LaunchReply, LimitsView, LoopView, SubmittedView } from "#client/views.ts";
import type { BuildView } from "#core/build/build.ts";
import type { Environment } from "#core/environment/environment.ts";
import { failure, type Failure } from "#core/errors.ts";
import type { LaunchEvent } from "#core/launch/launch.ts";
import type { OperatorCommand } from "#core/operations/command.ts";
import type { OperatorStatus } from "#core/operations/status.ts";
import type { Repo, ResolvedRepo } from "#core/repo/repo.ts";
import { ADMIN_TOKEN, apiUnderTest, session } from "../fixtures/api-under-test.ts";
import { eventsOf } from "../fixtures/event-frames.ts";
import { INCIDENTS } from "../fixtures/operator-things.ts";
import { KEY, readySteps } from "../fixtures/scripted-control-plane.ts";

/** The same fields with the same types; whether they are readonly is nobody's business on the wire. */
type Plain<T> = T extends readonly (infer Item)[]
  ? Plain<Item>[]
  : T extends object
    ? { -readonly [Key in keyof T]: Plain<T[Key]> }
    : T;

// What TypeBox leaves to others: lists of words, and a map of plain values.
TypeRegistry.Set("Unsafe", (schema: { readonly enum?: readonly unknown[] }, value) =>
  schema.enum === undefined
    ? typeof value === "object" && value !== null
    : schema.enum.includes(value),
);

describe("the schemas and the types", () => {
  it("say the same", () => {
    expectTypeOf<Plain<Static<typeof FailureSchema>>>().toEqualTypeOf<Plain<Failure>>();
    expectTypeOf<Plain<Static<typeof RepoSchema>>>().toEqualTypeOf<Plain<Repo>>();
    expectTypeOf<Plain<Static<typeof ResolvedRepoSchema>>>().toEqualTypeOf<Plain<ResolvedRepo>>();
    expectTypeOf<Plain<Static<typeof LaunchEventSchema>>>().toEqualTypeOf<Plain<LaunchEvent>>();
    expectTypeOf<Plain<Static<typeof LaunchSchema>>>().toEqualTypeOf<Plain<LaunchReply>>();
    expectTypeOf<Plain<Static<typeof SubmittedSchema>>>().toEqualTypeOf<Plain<SubmittedView>>();
    expectTypeOf<Plain<Static<typeof BuildSchema>>>().toEqualTypeOf<Plain<BuildView>>();
    expectTypeOf<Plain<Static<typeof EnvironmentSchema>>>().toEqualTypeOf<Plain<Environment>>();
    expectTypeOf<Plain<Static<typeof LimitsSchema>>>().toEqualTypeOf<Plain<LimitsView>>();
    expectTypeOf<Plain<Static<typeof LoopSchema>>>().toEqualTypeOf<Plain<LoopView>>();
    expectTypeOf<Plain<Static<typeof CommandSchema>>>().toEqualTypeOf<Plain<OperatorCommand>>();
    expectTypeOf<Plain<Static<typeof StatusSchema>>>().toEqualTypeOf<Plain<OperatorStatus>>();
    expectTypeOf<Plain<Static<typeof NodesSchema>>>().toEqualTypeOf<Plain<NodesView>>();
    expectTypeOf<Plain<Static<typeof IncidentsSchema>>>().toEqualTypeOf<Plain<IncidentsView>>();
    expectTypeOf<Plain<Static<typeof AuditSchema>>>().toEqualTypeOf<Plain<AuditView>>();
    expectTypeOf<Plain<Static<typeof CommandRequestSchema>>>().toEqualTypeOf<
      Plain<CommandRequest>
    >();
  });
});

describe("an answer", () => {
  const ID = "launch-0123456789abcdef";
  const addresses: Readonly<Record<string, string>> = {
    "/api/v1/history": "/api/v1/history?kind=launch",
  };
  const withSchema = ROUTES.flatMap((route) =>
    Object.entries(route.responses).flatMap(([status, { schema, contentType }]) =>
      schema === undefined || contentType !== undefined
        ? []
        : [{ method: route.method, path: route.path, status: Number(status), schema }],
    ),
  );

  it.each(withSchema)(
    "of $method $path is what its schema says",
    async ({ method, path, status, schema }) => {
      const { api } = fullWorld();
      const url = (addresses[path] ?? path)
        .replace("launches/:id", `launches/${ID}`)
        .replace("sessions/:id", "sessions/session-1")
        .replace("incidents/:id", "incidents/node-dns-x-2")
        .replace(":key", KEY);
      const payload = path.endsWith("/launches")
        ? { repo: "gh/owner/name", id: ID }
        : path.endsWith("/extend")
          ? { byMs: 1_000 }
          : path.endsWith("/commands")
            ? { command: { kind: "cull", idleMs: 1_000 } }
            : { bytesMax: 0 };
      const host = "binder.example";
      const origin = `http://${host}`;
      const headers = { authorization: `Bearer ${ADMIN_TOKEN}`, host, origin };
      const submit = { url: "/api/v1/launches", method: "POST", headers } as const;
      await api.inject({ ...submit, payload: { repo: "gh/owner/name", id: ID } });
      const response = await api.inject({
        method,
        url,
        headers,
        ...(method === "POST" && { payload }),
      });
      expect(response.statusCode).toBe(status);
      expect([...Value.Errors(schema, response.json())]).toEqual([]);
    },
  );

  it("that is an event is what its schema says", async () => {
    const { api, controlPlane } = fullWorld();
    const headers = { authorization: `Bearer ${ADMIN_TOKEN}` };
    const submit = { url: "/api/v1/launches", method: "POST", headers } as const;
    await api.inject({ ...submit, payload: { repo: "gh/owner/name", id: ID } });
    const broken = "another-0123456789abcdef";
    await api.inject({ ...submit, payload: { repo: "gh/owner/name", id: broken } });
    controlPlane.fail(
      broken,
      failure("resolve-failed", "No.", { file: "requirements.txt", line: 3 }),
    );
    const route = ROUTES.find(({ operation }) => operation === "watchLaunch");
    const schema = route?.responses[200]?.schema ?? Type.Never();
    for (const id of [ID, broken]) {
      const stream = await api.inject({ url: `/api/v1/launches/${id}/events` });
      const events = eventsOf(stream.body);
      expect(events.length).toBeGreaterThan(0);
      for (const event of events) {
        expect([...Value.Errors(schema, event)]).toEqual([]);
      }
    }
  });
});

function fullWorld() {
  const world = apiUnderTest({ incidents: INCIDENTS });
  const { controlPlane } = world;
  void controlPlane.operations.execute(
    { kind: "drain-node", node: "node-1" },
    { kind: "machine", incident: null },
    "it is empty",
  );
  controlPlane.onSubmit = ({ id }) => {
    if (id.startsWith("another")) return;
    controlPlane.play(id, [
      {
        phase: "queued",
        message: "Place 1.",
        queue: { position: 1, waitMs: null },
      },
      ...readySteps("session-1", "the-token"),
    ]);
  };
  const running = session("session-1", "the-token");
  controlPlane.sessionList = [
    running,
    { ...running, record: { ...running.record, id: "warm-1", purpose: null, claimedAtMs: null } },
    { ...running, memoryBytes: null, state: { kind: "ended", end: "idle", exitCode: null } },
  ];
  controlPlane.buildList = [
    { key: KEY, state: "running", startedAtMs: null, watchers: 2, repoUrl: "https://x.example" },
  ];
  controlPlane.environmentList = [
    {
      key: KEY,
      builtAtMs: 1,
      lastUsedAtMs: 2,
      sizeBytes: 3,
      buildDurationMs: 4,
      pythonVersion: "3.12.1",
      server: "generic",
      serverBecause: "nothing asks for another",
      builtFor: "https://x.example",
    },
  ];
  controlPlane.historyList = [
    {
      kind: "launch",
      atMs: 1,
      launchId: "launch-1",
      provider: "gh",
      spec: "o/n",
      ref: null,
      commit: null,
      outcome: "ready",
      code: null,
      attempts: 1,
      durationMs: 1,
    },
  ];
  return world;
}
