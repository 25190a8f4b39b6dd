/** The API as functions: for the command line, for our own watching, and for tests. */
import type { BuildView } from "#core/build/build.ts";
import type { Environment } from "#core/environment/environment.ts";
import type { LaunchEvent } from "#core/launch/launch.ts";
import { type OperatorCalls, operatorCalls } from "./operator-calls.ts";
import { type ClientOptions, Transport } from "./transport.ts";
import type {
  ExtendedView,
  HistoryView,
  LaunchReply,
  LimitsView,
  LoopView,
  PrunedView,
  SessionView,
  SubmittedView,
} from "./views.ts";
import { watchLaunch, type WatchOptions } from "./watch-launch.ts";

/** Either `repo`, any address that a person would paste, or `provider` and `spec`. */
export interface LaunchWishes {
  readonly repo?: string;
  readonly provider?: string;
  readonly spec?: string;
  readonly ref?: string;
  /** Submitting twice with one id is the same as once; made by the server when left out. */
  readonly id?: string;
  readonly urlPath?: string;
  readonly buildOnly?: boolean;
  /** `2024-01-31`: the environment is resolved as on this day. */
  readonly asOf?: string;
  readonly canary?: boolean;
}

/** Every function throws `FailureError`, for what the server refuses and when it is not there. */
export interface Client extends OperatorCalls {
  /** Submits a launch. */
  launch(wish: LaunchWishes): Promise<SubmittedView>;
  /**
   * The launch's events to the end; it resumes by itself. With the wish it also submits again what a
   * server that started anew has forgotten.
   */
  watchLaunch(
    launch: { readonly id: string; readonly wish?: LaunchWishes },
    options?: WatchOptions,
  ): AsyncGenerator<LaunchEvent, void, undefined>;
  getLaunch(id: string): Promise<LaunchReply>;
  cancelLaunch(id: string): Promise<void>;
  listLaunches(): Promise<readonly LaunchReply[]>;

  listSessions(): Promise<readonly SessionView[]>;
  getSession(id: string): Promise<SessionView>;
  stopSession(id: string): Promise<void>;
  extendSession(id: string, byMs: number): Promise<ExtendedView>;
  sessionLog(id: string, bytesMax?: number): Promise<string>;

  listBuilds(): Promise<readonly BuildView[]>;
  listEnvironments(): Promise<readonly Environment[]>;
  getEnvironment(key: string): Promise<Environment>;
  environmentLock(key: string): Promise<string>;
  environmentLog(key: string): Promise<string>;
  pruneEnvironments(bytesMax: number): Promise<PrunedView>;

  limits(): Promise<LimitsView>;
  listLoops(): Promise<readonly LoopView[]>;
  history(kind: HistoryView["kind"], limit?: number): Promise<readonly HistoryView[]>;
}

export function createClient(options: ClientOptions): Client {
  const transport = new Transport(options);
  return {
    ...launchCalls(transport),
    ...sessionCalls(transport),
    ...environmentCalls(transport),
    ...operationCalls(transport),
    ...operatorCalls(transport),
  };
}

function launchCalls(transport: Transport) {
  const path = "/api/v1/launches";
  const launch = async (wish: LaunchWishes) =>
    await transport.json<SubmittedView>({ method: "POST", path, body: wish });
  const of = (id: string) => `${path}/${encodeURIComponent(id)}`;
  return {
    launch,
    watchLaunch: (
      { id, wish }: { readonly id: string; readonly wish?: LaunchWishes },
      options: WatchOptions = {},
    ) => {
      const resubmit = wish === undefined ? null : () => launch({ ...wish, id });
      return watchLaunch(transport, id, resubmit, options);
    },
    getLaunch: async (id: string) => await transport.json<LaunchReply>({ path: of(id) }),
    cancelLaunch: async (id: string) => {
      await transport.text({ method: "DELETE", path: of(id) });
    },
    listLaunches: async () => await transport.json<readonly LaunchReply[]>({ path }),
  };
}

function sessionCalls(transport: Transport) {
  const path = "/api/v1/sessions";
  const of = (id: string) => `${path}/${encodeURIComponent(id)}`;
  return {
    listSessions: async () => await transport.json<readonly SessionView[]>({ path }),
    getSession: async (id: string) => await transport.json<SessionView>({ path: of(id) }),
    stopSession: async (id: string) => {
      await transport.text({ method: "DELETE", path: of(id) });
    },
    extendSession: async (id: string, byMs: number) =>
      await transport.json<ExtendedView>({
        method: "POST",
        path: `${of(id)}/extend`,
        body: { byMs },
      }),
    sessionLog: async (id: string, bytesMax?: number) => {
      const query = bytesMax === undefined ? "" : `?bytes=${bytesMax}`;
      return await transport.text({ path: `${of(id)}/logs${query}` });
    },
  };
}

function environmentCalls(transport: Transport) {
  const path = "/api/v1/environments";
  const of = (key: string) => `${path}/${encodeURIComponent(key)}`;
  return {
    listBuilds: async () => await transport.json<readonly BuildView[]>({ path: "/api/v1/builds" }),
    listEnvironments: async () => await transport.json<readonly Environment[]>({ path }),
    getEnvironment: async (key: string) => await transport.json<Environment>({ path: of(key) }),
    environmentLock: async (key: string) => await transport.text({ path: `${of(key)}/lock` }),
    environmentLog: async (key: string) => await transport.text({ path: `${of(key)}/log` }),
    pruneEnvironments: async (bytesMax: number) =>
      await transport.json<PrunedView>({
        method: "POST",
        path: `${path}/prune`,
        body: { bytesMax },
      }),
  };
}

function operationCalls(transport: Transport) {
  return {
    limits: async () => await transport.json<LimitsView>({ path: "/api/v1/limits" }),
    listLoops: async () => await transport.json<readonly LoopView[]>({ path: "/api/v1/loops" }),
    history: async (kind: HistoryView["kind"], limit?: number) => {
      const query = limit === undefined ? "" : `&limit=${limit}`;
      const path = `/api/v1/history?kind=${kind}${query}`;
      return await transport.json<readonly HistoryView[]>({ path });
    },
  };
}
