/** Starts a session: the record first, then what it needs, then its keeper. */
import { chmodSync, chownSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { assert } from "#base/assert.ts";
import { AppError } from "#core/errors.ts";
import type { SessionRecord } from "#core/session/session.ts";
import type { SessionStart } from "#ports/session-driver.ts";
import { SYSTEM_LAYER } from "../build/build-places.ts";
import { applyHomeLayer } from "../build/home-layer.ts";
import { SANDBOX_PATHS } from "../jupyter/server-command.ts";
import { cgroupDirectories, removeCgroup } from "../sandbox/cgroups.ts";
import type { SandboxOwner } from "../sandbox/owner.ts";
import type { SandboxRequest } from "../sandbox/request.ts";
import { type SystemLayer, systemLayerAt } from "../sandbox/system-layer.ts";
import { giveEnvironment, giveVariables, makeGiveDirectory } from "./give-files.ts";
import { makeOwnDirectory } from "./home-content.ts";
import { readKeeper, startKeeper } from "./keeper.ts";
import { noteActivity, writeEnd, writeIdle } from "./keeper-files.ts";
import type { LocalSessions } from "./local-sessions.ts";
import { isAlive } from "./process-identity.ts";
import { plannedVariables } from "./planned-variables.ts";
import { removeSession } from "./remove-session.ts";
import { isSessionId, isSocket, type SessionPlaces } from "./session-places.ts";
import { INSIDE, sessionRequest } from "./session-request.ts";
import { readExit, readStored, writeStored } from "./stored-session.ts";

/** Each look costs two short processes. */
const KEEPER_INTERVAL_SECONDS = 5;

/** A warm server has no purpose yet. */
export type StartRequest =
  | SessionStart
  | { readonly id: string; readonly token: string; readonly endsAtMs: number };

export async function startSession(shared: LocalSessions, request: StartRequest): Promise<void> {
  assert(isSessionId(request.id), "a session id is safe as a file name");
  const places = shared.places(request.id);
  if (isStarted(places)) return;
  try {
    prepare(shared, places, request);
    if ("purpose" in request) await bringContent(shared, places, request);
    const keeper = {
      sandbox: shared.sandbox,
      places,
      request: requestFor(shared, places, request),
      intervalSeconds: shared.keeperIntervalSeconds ?? KEEPER_INTERVAL_SECONDS,
      onExit: () => shared.hints.tell(request.id),
    };
    await shared.gate.pass(
      () => startKeeper(keeper),
      () => isSocket(places.socket) || readExit(places) !== null,
    );
  } catch (error) {
    removeCgroup(cgroupDirectories(shared.sandbox.cgroups, request.id));
    await removeSession(shared.dataDir, request.id);
    throw isDiskFull(error) ? new AppError("disk-full", undefined, { cause: error }) : error;
  }
}

function isDiskFull(error: unknown): boolean {
  const code = (error as NodeJS.ErrnoException).code;
  return code === "ENOSPC" || code === "EDQUOT";
}

/** False also for what a killed control plane left half-made: it is made anew. */
function isStarted(places: SessionPlaces): boolean {
  const keeper = readKeeper(places);
  return readExit(places) !== null || (keeper !== null && isAlive(keeper));
}

function prepare(shared: LocalSessions, places: SessionPlaces, request: StartRequest): void {
  const { clock, dataDir, policy, sandbox, secrets } = shared;
  const { owner } = sandbox;
  makeSessionDirectory(places.directory, owner);
  // Before the record: who reads it listens in there for what the session sends out.
  makeGiveDirectory(places, owner);
  mkdirSync(join(dataDir, "store"), { recursive: true, mode: 0o755 });
  const nowMs = clock.nowMs();
  const before = readStored(places);
  const person = "purpose" in request ? request : null;
  const record: SessionRecord = {
    id: request.id,
    token: request.token,
    createdAtMs: nowMs,
    purpose: person?.purpose ?? null,
    claimedAtMs: person === null ? null : nowMs,
    endsAtMs: request.endsAtMs,
    idleLimitMs: person?.idleLimitMs ?? 0,
  };
  writeStored(places, {
    version: 1,
    record,
    claimedBy: person?.purpose.launchId ?? null,
    claimSecret: before?.claimSecret ?? secrets.token(),
    isFiltered: policy.sessionNetwork === "public" && sandbox.isolation === "bubblewrap",
    cgroupDirectories: cgroupDirectories(sandbox.cgroups, request.id),
    isInScope: sandbox.cgroups.kind === "systemd",
  });
  writeFileSync(places.activity, "", { mode: 0o600 });
  noteActivity(places, nowMs);
  writeEnd(places, request.endsAtMs);
  writeIdle(places, record.idleLimitMs);
  for (const stale of [places.stopAs, places.keeper]) rmSync(stale, { force: true });
  makeOwnDirectory(places.home, owner);
  makeOwnDirectory(places.run, owner);
}

async function bringContent(
  shared: LocalSessions,
  places: SessionPlaces,
  request: SessionStart,
): Promise<void> {
  const signal = AbortSignal.timeout(shared.policy.fetchTimeoutMs);
  await shared.checkout(request.purpose.repo, places.home, signal);
  await furnish(shared, places, request);
}

/** What a home needs besides the repository's content: what the build left in it, and who it is for. */
export async function furnish(
  shared: LocalSessions,
  places: SessionPlaces,
  {
    environment: { key },
    plan,
    variables,
  }: Pick<SessionStart, "environment" | "plan" | "variables">,
): Promise<void> {
  const environment = join(shared.dataDir, "store", key);
  await applyHomeLayer(shared.sandbox.owner, { environment, home: places.home });
  giveEnvironment(places, environmentSeen(shared, places, key));
  giveVariables(places, { ...plannedVariables(plan, seenBy(shared, places)), ...variables });
}

/** Path of an environment as the session sees it. */
function environmentSeen(shared: LocalSessions, places: SessionPlaces, key: string): string {
  assert(/^[0-9a-f]{64}$/.test(key), "an environment key is 64 hex digits");
  return seenBy(shared, places)(`${INSIDE.store}/${key}`);
}

/** Paths inside as the session sees them: others only without isolation. */
function seenBy({ dataDir, sandbox }: LocalSessions, places: SessionPlaces) {
  const mounts = {
    binds: [
      { source: places.give, target: INSIDE.given, mode: "read-only" as const },
      { source: places.home, target: INSIDE.home, mode: "read-write" as const },
    ],
    overlays: [{ lower: join(dataDir, "store"), target: INSIDE.store }],
    symlinks: [{ target: `${INSIDE.given}/env`, path: INSIDE.environment }],
  };
  return (text: string): string => sandbox.seenPath(mounts, text);
}

function requestFor(
  shared: LocalSessions,
  places: SessionPlaces,
  request: StartRequest,
): SandboxRequest {
  const stored = readStored(places);
  assert(stored !== null, "the record is written before anything else");
  const person = "purpose" in request ? request : null;
  const command = shared.serverCommand({
    baseUrl: `/user/${request.id}/`,
    token: request.token,
    claimSecret: stored.claimSecret,
    server: person?.environment.server ?? "generic",
    isWarm: person === null,
    variables:
      person === null
        ? {}
        : { ...plannedVariables(person.plan, (text) => text), ...person.variables },
    paths: {
      ...SANDBOX_PATHS,
      // Without a sandbox /tmp is everybody's.
      ...(shared.sandbox.isolation === "none" ? { runtime: `/tmp/.bindery-${request.id}` } : {}),
    },
  });
  return sessionRequest({
    id: request.id,
    places,
    storeDirectory: join(shared.dataDir, "store"),
    environmentKey: person?.environment.key ?? null,
    interpreterDirectories: shared.interpreterDirectories(),
    command,
    systemLayer: person === null ? null : layerOf(shared, person.environment.key),
    start: person?.plan.start ?? null,
    policy: shared.policy,
  });
}

function layerOf({ dataDir, sandbox }: LocalSessions, key: string): SystemLayer | null {
  const directory = join(dataDir, "store", key, SYSTEM_LAYER);
  return systemLayerAt(directory, sandbox.assets.etcDirectories);
}

/** The sandbox's user may pass through, nobody else may even look. */
function makeSessionDirectory(path: string, owner: SandboxOwner): void {
  mkdirSync(path, { recursive: true, mode: 0o700 });
  if (owner.kind === "self") return;
  chownSync(path, 0, owner.uid);
  chmodSync(path, 0o710);
}
