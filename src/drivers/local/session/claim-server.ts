/** Gives a warm server to a person: content, environment, variables, and the record last. */
import { assert } from "#base/assert.ts";
import type { ClaimOutcome, SessionStart } from "#ports/session-driver.ts";
import { makeEmptyDirectory, moveContent, removeTree } from "./home-content.ts";
import { endKeeper } from "./keeper.ts";
import { noteActivity, writeEnd, writeIdle } from "./keeper-files.ts";
import type { LocalSessions } from "./local-sessions.ts";
import { askServer } from "./server-client.ts";
import { isSessionId, type SessionPlaces } from "./session-places.ts";
import { furnish } from "./start-session.ts";
import { readStored, type StoredSession, writeStored } from "./stored-session.ts";

const CLAIM_TIMEOUT_MS = 5_000;
const NEWBORN_PAUSE_MS = 5;
const GONE: ClaimOutcome = { kind: "gone" };

export async function claimServer(
  shared: LocalSessions,
  id: string,
  request: Omit<SessionStart, "id" | "token">,
): Promise<ClaimOutcome> {
  if (!isSessionId(id)) return GONE;
  const places = shared.places(id);
  const stored = readStored(places);
  const { launchId } = request.purpose;
  if (stored === null || (stored.claimedBy !== null && stored.claimedBy !== launchId)) return GONE;
  if (shared.observer.see(id)?.state.kind !== "running") return GONE;
  if (stored.record.purpose !== null) return { kind: "claimed" };

  // From here on it is this launch's or nobody's: a kill in the middle leaves no server with somebody
  // else's content in the pool.
  const taken = { ...stored, claimedBy: launchId };
  writeStored(places, taken);
  try {
    await bringContent(shared, places, request);
    await handOver(id, places, stored);
  } catch (error) {
    shared.log.warn("a warm server could not be claimed", { id, error });
    await endKeeper(places, "killed", stored.cgroupDirectories);
    return GONE;
  }
  finish(shared, places, { taken, request });
  shared.hints.tell(id);
  return { kind: "claimed" };
}

/** Until the person gets the token nobody but our own server is in there: moving is safe. */
async function bringContent(
  shared: LocalSessions,
  places: SessionPlaces,
  request: Omit<SessionStart, "id" | "token">,
): Promise<void> {
  const signal = AbortSignal.timeout(shared.policy.fetchTimeoutMs);
  makeEmptyDirectory(places.staging);
  await shared.checkout(request.purpose.repo, places.staging, signal);
  moveContent(places.staging, places.home);
  await removeTree(places.staging);
  await furnish(shared, places, request);
}

async function handOver(id: string, places: SessionPlaces, stored: StoredSession): Promise<void> {
  const deadline = performance.now() + CLAIM_TIMEOUT_MS;
  for (;;) {
    const answer = await askServer({
      socket: places.socket,
      method: "POST",
      path: `/user/${id}/api/bindery/claim`,
      authorization: `Bearer ${stored.claimSecret}`,
      timeoutMs: CLAIM_TIMEOUT_MS,
    });
    if (answer.kind === "answered" && answer.status === 200) return;
    if (answer.kind === "answered") throw new Error(`the server answered ${answer.status}`);
    // Between its birth and its first words a socket refuses: a moment later it does not.
    const isNewborn = answer.because.includes("ECONNREFUSED") && performance.now() < deadline;
    if (!isNewborn) throw new Error(answer.because);
    await new Promise((resolve) => setTimeout(resolve, NEWBORN_PAUSE_MS));
  }
}

function finish(
  shared: LocalSessions,
  places: SessionPlaces,
  claim: {
    readonly taken: StoredSession;
    readonly request: Omit<SessionStart, "id" | "token">;
  },
): void {
  const { request, taken } = claim;
  const nowMs = shared.clock.nowMs();
  const { endsAtMs, idleLimitMs, purpose } = request;
  assert(taken.claimedBy === purpose.launchId, "only the launch that took it finishes");
  noteActivity(places, nowMs);
  writeEnd(places, endsAtMs);
  writeIdle(places, idleLimitMs);
  const record = { ...taken.record, purpose, claimedAtMs: nowMs, endsAtMs, idleLimitMs };
  writeStored(places, { ...taken, record });
}
