/** The shapes that go over the wire: checked when they come in, and all that can go out. */
import { type Static, Type } from "@sinclair/typebox";
import { ERRORS } from "#core/errors.ts";
import { closed, nullable, oneOf, time } from "./schema-parts.ts";
import { LAUNCH_ID_FORM } from "./stream/event-ids.ts";

export const SessionIdSchema = Type.String({ pattern: "^[a-z0-9-]{1,64}$" });
export const EnvironmentKeySchema = Type.String({ pattern: "^[0-9a-f]{64}$" });
export const LaunchIdSchema = Type.String({
  pattern: LAUNCH_ID_FORM,
  description:
    "Chosen by the client, with at least 96 random bits. Who knows it may watch and cancel.",
});
const ProviderSchema = oneOf(["gh", "gl", "gist", "git", "local"]);
const PhaseSchema = oneOf([
  "waiting",
  "queued",
  "fetching",
  "building",
  "pushing",
  "built",
  "launching",
  "ready",
  "failed",
]);

export const FailureSchema = Type.Object(
  {
    code: Type.Unsafe<keyof typeof ERRORS>({ type: "string", enum: Object.keys(ERRORS) }),
    fault: oneOf(["person", "repository", "limits", "platform"]),
    message: Type.String(),
    next: Type.String({ description: "What the reader can do." }),
    retriable: Type.Boolean({ description: "The same request may succeed later." }),
    detail: Type.Optional(
      Type.Object(
        {
          step: Type.Optional(Type.String()),
          file: Type.Optional(Type.String()),
          line: Type.Optional(Type.Integer()),
          package: Type.Optional(Type.String()),
          host: Type.Optional(Type.String()),
          retryAfterSeconds: Type.Optional(Type.Number()),
          suggestions: Type.Optional(Type.Array(Type.String())),
        },
        closed,
      ),
    ),
  },
  { ...closed, title: "Failure" },
);
export const ErrorSchema = Type.Object({ error: FailureSchema }, { ...closed, title: "Error" });

const repoFields = {
  provider: ProviderSchema,
  spec: Type.String({ description: "In BinderHub's form, without the ref." }),
  url: Type.String({ description: "What Git is given." }),
  ref: nullable(Type.String()),
  path: Type.Optional(Type.String()),
};
export const RepoSchema = Type.Object(repoFields, { ...closed, title: "Repo" });
export const ResolvedRepoSchema = Type.Object(
  { ...repoFields, commit: Type.String(), refName: Type.Optional(Type.String()) },
  { ...closed, title: "ResolvedRepo" },
);

const LaunchResultSchema = Type.Object(
  {
    sessionId: nullable(Type.String()),
    path: nullable(Type.String({ description: "`/user/<id>/`; null for a build only." })),
    token: nullable(Type.String({ description: "Opens the session; null in lists." })),
    commit: Type.String(),
    environmentKey: Type.String(),
  },
  { ...closed, title: "LaunchResult" },
);

const launchFields = {
  id: LaunchIdSchema,
  repo: RepoSchema,
  phase: PhaseSchema,
  submittedAtMs: time("When it was submitted."),
  endedAtMs: nullable(time("When it ended.")),
  commit: nullable(Type.String()),
  environmentKey: nullable(Type.String()),
  result: nullable(LaunchResultSchema),
  failure: nullable(FailureSchema),
  attempts: Type.Integer({ description: "Starts of a server for it so far." }),
  urlPath: nullable(
    Type.String({ description: "What to open, when the repository's address named it." }),
  ),
};
export const LaunchSchema = Type.Object(launchFields, { ...closed, title: "Launch" });
export const SubmittedSchema = Type.Object(
  {
    ...launchFields,
    isNew: Type.Boolean({ description: "False when this wish had this id already." }),
  },
  { ...closed, title: "SubmittedLaunch" },
);

export const LaunchEventSchema = Type.Object(
  {
    number: Type.Integer({ description: "From 1, without gaps." }),
    atMs: time("When it happened."),
    phase: PhaseSchema,
    message: Type.String(),
    queue: Type.Optional(
      Type.Object({ position: Type.Integer(), waitMs: nullable(Type.Number()) }, closed),
    ),
    isReused: Type.Optional(Type.Boolean()),
    result: Type.Optional(LaunchResultSchema),
    failure: Type.Optional(FailureSchema),
  },
  { ...closed, title: "LaunchEvent", description: "One `data:` line of an event stream." },
);

/** Either `repo` or `provider` and `spec`; the handler says so when neither or both are given. */
export const LaunchRequestSchema = Type.Object(
  {
    repo: Type.Optional(
      Type.String({ maxLength: 4_096, description: "Any address that a person would paste." }),
    ),
    provider: Type.Optional(Type.String({ maxLength: 32 })),
    spec: Type.Optional(
      Type.String({
        maxLength: 4_096,
        description: "In BinderHub's form; the ref may be left out.",
      }),
    ),
    ref: Type.Optional(
      Type.String({ maxLength: 1_024, description: "Wins over a ref in the address." }),
    ),
    id: Type.Optional(LaunchIdSchema),
    urlPath: Type.Optional(Type.String({ maxLength: 4_096, description: "What to open." })),
    buildOnly: Type.Optional(Type.Boolean()),
    asOf: Type.Optional(
      Type.String({
        pattern: "^[0-9]{4}-[0-9]{2}-[0-9]{2}$",
        description: "Resolve the environment as on this day: nothing that was published later.",
      }),
    ),
    canary: Type.Optional(Type.Boolean({ description: "For the operator only." })),
  },
  { ...closed, title: "LaunchRequest" },
);
export type LaunchRequest = Static<typeof LaunchRequestSchema>;

export const SessionSchema = Type.Object(
  {
    id: Type.String(),
    path: Type.String(),
    state: Type.Object(
      {
        kind: oneOf(["starting", "running", "ended"]),
        end: Type.Optional(
          oneOf([
            "stopped",
            "idle",
            "age",
            "exited",
            "out-of-memory",
            "out-of-disk",
            "node-failed",
            "killed",
          ]),
        ),
        exitCode: Type.Optional(nullable(Type.Integer())),
      },
      closed,
    ),
    purpose: nullable(
      Type.Object(
        {
          launchId: Type.String(),
          repo: ResolvedRepoSchema,
          environmentKey: Type.String(),
          clientAddress: nullable(Type.String()),
          isCanary: Type.Boolean(),
        },
        closed,
      ),
    ),
    createdAtMs: time("When its server was started."),
    claimedAtMs: nullable(time("When it was given to a person.")),
    lastActivityAtMs: time("When a person did something last."),
    endsAtMs: time("When it ends at the latest."),
    idleLimitMs: Type.Integer(),
    outOfMemoryKills: Type.Integer(),
    memoryBytes: nullable(Type.Number()),
  },
  { ...closed, title: "Session" },
);

export const BuildSchema = Type.Object(
  {
    key: Type.String(),
    state: oneOf(["queued", "running", "failed"]),
    startedAtMs: nullable(time("When it began.")),
    watchers: Type.Integer(),
    repoUrl: Type.String(),
    isBackground: Type.Optional(Type.Boolean()),
  },
  { ...closed, title: "Build" },
);

export const EnvironmentSchema = Type.Object(
  {
    key: Type.String(),
    builtAtMs: time("When it was built."),
    lastUsedAtMs: time("When a session used it last."),
    sizeBytes: Type.Number(),
    buildDurationMs: Type.Number(),
    pythonVersion: Type.String(),
    server: oneOf(["generic", "environment"]),
    serverBecause: Type.String(),
    builtFor: Type.String(),
  },
  { ...closed, title: "Environment" },
);

const UseSchema = Type.Object({ used: Type.Integer(), max: Type.Integer() }, closed);
export const LimitsSchema = Type.Object(
  {
    sessions: UseSchema,
    builds: UseSchema,
    queue: UseSchema,
    warm: UseSchema,
    waitEstimateErrorMedian: nullable(Type.Number()),
    policy: Type.Unsafe<Record<string, number | boolean | string>>({
      type: "object",
      additionalProperties: { type: ["number", "boolean", "string"] },
    }),
  },
  { ...closed, title: "Limits" },
);

export const LoopSchema = Type.Object(
  {
    name: Type.String(),
    lastProgressAtMs: time("When it got work done last."),
    isStalled: Type.Boolean(),
    restarts: Type.Integer(),
  },
  { ...closed, title: "Loop" },
);

export const HistoryEntrySchema = Type.Object(
  { kind: oneOf(["launch", "build", "session", "action"]), atMs: time("When it happened.") },
  { additionalProperties: true, title: "HistoryEntry" },
);
