/** Our launch events in the words of BinderHub's event stream. */
import { formatDuration } from "#base/units.ts";
import { ERRORS, type Failure } from "#core/errors.ts";
import type { LaunchEvent, LaunchResult, LaunchView } from "#core/launch/launch.ts";
import { binderRequest, persistentRequest, refUrl, repoUrl } from "#core/repo/provider.ts";
import type { ResolvedRepo } from "#core/repo/repo.ts";

/** One `data:` line. BinderHub's clients read `phase`, `message` and the fields of `ready`. */
export interface BinderEvent {
  readonly phase: string;
  /** Ends with a line break: clients add none. */
  readonly message: string;
  readonly [field: string]: unknown;
}

export interface BinderPlace {
  /** `https://host`, as the client sees us. */
  readonly origin: string;
  readonly baseUrl: string;
  readonly clientAddress: string;
}

export function binderEvent(
  event: LaunchEvent,
  launch: LaunchView,
  place: BinderPlace,
): BinderEvent {
  const { phase } = event;
  switch (phase) {
    case "waiting":
    case "fetching":
    case "building":
    case "pushing":
    case "launching":
      return { phase, message: line(event.message) };
    case "queued":
      // BinderHub has no queue: for its clients this is waiting, and the message says for how long.
      return { phase: "waiting", message: line(queueMessage(event)), queue: event.queue };
    case "built":
      return {
        phase,
        message: event.isReused
          ? "Found built image, launching...\n"
          : "Built image, launching...\n",
        imageName: imageName(launch.environmentKey ?? ""),
      };
    case "ready":
      return readyEvent(event, launch, place);
    case "failed":
      return failedEvent(event.failure, event.message);
  }
}

/** A failure that came before there was a launch; BinderHub gives these a status. */
export function refusedEvent(failure: Failure): BinderEvent {
  const { status } = ERRORS[failure.code];
  return { phase: "failed", message: line(failure.message), status_code: status, error: failure };
}

/** Environments have no image here; the name is stable and tells which one it is. */
function imageName(environmentKey: string): string {
  return `bindery/environment:${environmentKey}`;
}

function failedEvent(failure: Failure | undefined, message: string): BinderEvent {
  const told = message === "" ? (failure?.message ?? "The launch failed.") : message;
  const next = failure === undefined ? "" : `${failure.next}\n`;
  return { phase: "failed", message: `${line(told)}${next}`, error: failure };
}

function readyEvent(event: LaunchEvent, launch: LaunchView, place: BinderPlace): BinderEvent {
  const result = event.result ?? launch.result;
  if (result === null || result.path === null) return builtOnly(event, result, launch);
  const url = `${place.origin}${result.path}`;
  const repo: ResolvedRepo = { ...launch.repo, commit: result.commit };
  return {
    phase: "ready",
    message: `server running at ${url}\n`,
    image: imageName(result.environmentKey),
    repo_url: repoUrl(repo),
    token: result.token,
    binder_ref_url: refUrl(repo),
    binder_launch_host: `${place.origin}${place.baseUrl}`,
    binder_request: binderRequest(launch.repo),
    binder_persistent_request: persistentRequest(repo),
    binder_client_ip: place.clientAddress,
    url,
  };
}

function builtOnly(
  event: LaunchEvent,
  result: LaunchResult | null,
  launch: LaunchView,
): BinderEvent {
  const key = result?.environmentKey ?? launch.environmentKey ?? "";
  return {
    phase: "ready",
    message: event.isReused ? "Done! Found built image\n" : "Done! Image built\n",
    imageName: imageName(key),
  };
}

function queueMessage({ message, queue }: LaunchEvent): string {
  const waitMs = queue?.waitMs ?? null;
  return waitMs === null ? message : `${message} About ${formatDuration(waitMs)} left.`;
}

function line(message: string): string {
  return message.endsWith("\n") ? message : `${message}\n`;
}
