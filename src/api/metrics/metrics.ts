/** Everything that is counted, for Prometheus: BinderHub's names, so that its dashboards work, and ours. */
import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from "prom-client";
import { ERRORS } from "#core/errors.ts";
import type { ControlPlane } from "#control/control-plane-api.ts";
import type { Clock } from "#ports/clock.ts";
import type { History, HistoryEntry } from "#ports/history.ts";
import type { Log } from "#ports/log.ts";
import type { OperatorDesk } from "../operator-desk.ts";
import { BoundedLabel } from "./bounded-label.ts";
import { OperatingMetrics } from "./operating-metrics.ts";

/** Repositories that get a label of their own; all later ones share `other`. */
const REPO_LABELS_MAX = 100;
const PATIENCE_MS = 2_000;
const BUILD_SECONDS = [60, 120, 300, 600, 1_800, 3_600, 7_200];
const LAUNCH_SECONDS = [2, 5, 10, 20, 30, 60, 120, 300, 600];
const OUR_SECONDS = [0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30, 60, 300, 1_800];
const REQUEST_SECONDS = [0.001, 0.005, 0.02, 0.1, 0.5, 2];
const SESSION_SECONDS = [60, 600, 1_800, 3_600, 3 * 3_600, 6 * 3_600, 24 * 3_600];

/** What a scrape looks at, besides what was counted. */
interface Scrape {
  readonly controlPlane: ControlPlane;
  readonly streams: { readonly size: number };
  readonly clock: Clock;
  readonly log: Log;
  readonly options: { readonly gatewayMetrics: (() => Promise<string>) | null };
  readonly operator: OperatorDesk;
}

export class Metrics {
  readonly registry = new Registry();
  readonly #repos = new BoundedLabel(REPO_LABELS_MAX);
  readonly #counted = countedMetrics(this.registry);
  readonly #observed = observedMetrics(this.registry);
  readonly operating = new OperatingMetrics(this.registry);

  constructor(options: { readonly withProcess: boolean }) {
    if (options.withProcess) collectDefaultMetrics({ register: this.registry });
  }

  /** The same history, with what goes into it counted. */
  counted(history: History): History {
    return {
      append: (entry) => {
        this.count(entry);
        history.append(entry);
      },
      recent: (kind, limit) => history.recent(kind, limit),
    };
  }

  count(entry: HistoryEntry): void {
    if (entry.kind === "action") {
      this.operating.countCommand(entry);
      return;
    }
    const seconds = entry.durationMs / 1_000;
    switch (entry.kind) {
      case "launch":
        this.#countLaunch(entry, seconds);
        break;
      case "build": {
        const status = entry.outcome === "built" ? "success" : "failure";
        this.#counted.binderBuildTime.observe({ status }, seconds);
        this.#counted.binderBuilds.inc({ status, provider: "", repo: "" });
        this.#counted.builds.inc({ outcome: entry.outcome, code: entry.code ?? "" });
        this.#counted.buildTime.observe({ outcome: entry.outcome }, seconds);
        break;
      }
      case "session":
        this.#counted.sessionEnds.inc({ end: entry.end });
        this.#counted.sessionTime.observe(seconds);
        break;
    }
  }

  /** `route` is the pattern, never the address; `seconds` is null where time says nothing. */
  countRequest(route: string, method: string, status: number, seconds: number | null): void {
    this.#counted.requests.inc({ route, method, status: `${Math.floor(status / 100)}xx` });
    if (seconds !== null) this.#counted.requestTime.observe({ route }, seconds);
  }

  /** All of it in Prometheus' text form; the gateway's is left out when it does not come in time. */
  async text(scrape: Scrape): Promise<string> {
    this.#look(scrape);
    const { operator, options } = scrape;
    const { gatewayMetrics } = options;
    const [status, theirs] = await Promise.all([
      inTime("the operator's", operator.status(), scrape),
      gatewayMetrics === null ? "" : inTime("the gateway's", gatewayMetrics(), scrape),
    ]);
    this.operating.look(operator.incidents(), status);
    const ours = await this.registry.metrics();
    if (theirs === null) return ours;
    return theirs === "" ? ours : `${ours.trimEnd()}\n${theirs}`;
  }

  /** 99th percentile of this process's event loop since the last look; null: it is not measured. */
  async loopLagMs(): Promise<number | null> {
    // Looking at the first of them takes all of them down.
    await this.registry.getSingleMetric("nodejs_eventloop_lag_seconds")?.get();
    const p99 = await this.registry.getSingleMetric("nodejs_eventloop_lag_p99_seconds")?.get();
    const seconds = p99?.values[0]?.value;
    return seconds === undefined || Number.isNaN(seconds) ? null : Math.round(seconds * 1_000);
  }

  #countLaunch(entry: Extract<HistoryEntry, { kind: "launch" }>, seconds: number): void {
    const isReady = entry.outcome === "ready";
    const status = isReady ? "success" : quotaStatus(entry.code);
    const { provider } = entry;
    // A folder's name is nobody's business: the metrics are open.
    const repo = provider === "local" ? "local" : this.#repos.of(`${provider}/${entry.spec}`);
    this.#counted.binderLaunches.inc({ status, provider, repo });
    const retries = isReady ? `${Math.max(0, (entry.attempts ?? 1) - 1)}` : "-1";
    const timed = { status: isReady ? "success" : "failure", retries };
    this.#counted.binderLaunchTime.observe(timed, seconds);
    const fault = entry.code === null ? "" : faultOf(entry.code);
    const attempts = `${entry.attempts ?? ""}`;
    const { code, outcome } = entry;
    this.#counted.launches.inc({ outcome, code: code ?? "", fault, attempts });
    this.#counted.launchTime.observe({ outcome: entry.outcome }, seconds);
  }

  #look({ controlPlane, streams, clock }: Scrape): void {
    const { sessions, builds, queue, warm, waitEstimateErrorMedian } = controlPlane.limits();
    const launching = controlPlane.launches.list().filter(({ endedAtMs }) => endedAtMs === null);
    const observed = this.#observed;
    observed.binderBuilds.set(builds.used);
    observed.binderLaunches.set(launching.length);
    observed.isReady.set(controlPlane.isReady() ? 1 : 0);
    for (const [name, use] of Object.entries({ sessions, builds, queue, warm })) {
      observed.used.set({ limit: name }, use.used);
      observed.max.set({ limit: name }, use.max);
    }
    if (typeof waitEstimateErrorMedian === "number") {
      observed.waitError.set(waitEstimateErrorMedian);
    }
    observed.streams.set(streams.size);
    for (const loop of controlPlane.loops()) {
      const ageSeconds = Math.max(0, clock.nowMs() - loop.lastProgressAtMs) / 1_000;
      observed.loopAge.set({ loop: loop.name }, ageSeconds);
      observed.loopStalled.set({ loop: loop.name }, loop.isStalled ? 1 : 0);
      observed.loopRestarts.set({ loop: loop.name }, loop.restarts);
    }
  }
}

function countedMetrics(registry: Registry) {
  const registers = [registry];
  const counter = <T extends string>(name: string, help: string, labelNames: readonly T[]) =>
    new Counter({ name, help, labelNames, registers });
  const histogram = <T extends string>(
    name: string,
    help: string,
    buckets: number[],
    labelNames: readonly T[],
  ) => new Histogram({ name, help, buckets, labelNames, registers });
  const byRepo = ["status", "provider", "repo"] as const;
  return {
    binderBuildTime: histogram("binderhub_build_time_seconds", "Time of builds.", BUILD_SECONDS, [
      "status",
    ]),
    binderLaunchTime: histogram(
      "binderhub_launch_time_seconds",
      "Time of launches.",
      LAUNCH_SECONDS,
      ["status", "retries"],
    ),
    binderBuilds: counter("binderhub_build_count_total", "Builds that ended.", byRepo),
    binderLaunches: counter("binderhub_launch_count_total", "Launches that ended.", byRepo),
    launches: counter(
      "bindery_launches_total",
      "Launches that ended, by whose fault a failure was and by starts of a server.",
      ["outcome", "code", "fault", "attempts"],
    ),
    launchTime: histogram(
      "bindery_launch_seconds",
      "From the submission of a launch to its end.",
      OUR_SECONDS,
      ["outcome"],
    ),
    builds: counter("bindery_builds_total", "Builds that ended.", ["outcome", "code"]),
    buildTime: histogram(
      "bindery_build_seconds",
      "From the start of a build to its end.",
      OUR_SECONDS,
      ["outcome"],
    ),
    sessionEnds: counter("bindery_session_ends_total", "Sessions that ended, by why.", ["end"]),
    sessionTime: histogram(
      "bindery_session_seconds",
      "How long sessions lived.",
      SESSION_SECONDS,
      [],
    ),
    requests: counter("bindery_http_requests_total", "Requests to the API that were answered.", [
      "route",
      "method",
      "status",
    ]),
    requestTime: histogram(
      "bindery_http_request_seconds",
      "From a request to the end of its answer; streams are left out.",
      REQUEST_SECONDS,
      ["route"],
    ),
  };
}

function observedMetrics(registry: Registry) {
  const registers = [registry];
  const gauge = <T extends string>(name: string, help: string, labelNames: readonly T[] = []) =>
    new Gauge({ name, help, labelNames, registers });
  return {
    binderBuilds: gauge("binderhub_inprogress_builds", "Builds that run."),
    binderLaunches: gauge("binderhub_inprogress_launches", "Launches that have not ended."),
    isReady: gauge("bindery_ready", "1 once what existed was adopted."),
    used: gauge("bindery_limit_used", "What is in use of a limit.", ["limit"]),
    max: gauge("bindery_limit_max", "The limit.", ["limit"]),
    waitError: gauge(
      "bindery_wait_estimate_error",
      "By which share the waits that people were told were wrong, lately: the median.",
    ),
    streams: gauge("bindery_event_streams", "Open event streams."),
    loopAge: gauge("bindery_loop_progress_age_seconds", "Since the loop got work done.", ["loop"]),
    loopStalled: gauge("bindery_loop_stalled", "1 when the loop gets nothing done.", ["loop"]),
    loopRestarts: gauge("bindery_loop_restarts", "How often the loop was started anew.", ["loop"]),
  };
}

/** BinderHub counts launches that met a limit apart from failures. */
function quotaStatus(code: string | null): string {
  return code === "queue-full" || code === "queue-too-long" ? "pod_quota" : "failure";
}

function faultOf(code: string): string {
  return Object.hasOwn(ERRORS, code) ? ERRORS[code as keyof typeof ERRORS].fault : "platform";
}

/** Null when it does not come in time. */
async function inTime<T>(
  what: string,
  asked: Promise<T>,
  { clock, log }: Scrape,
): Promise<T | null> {
  let cancel = () => {};
  const late = new Promise<never>((_resolve, reject) => {
    cancel = clock.setTimer(PATIENCE_MS, () => reject(new Error("it is late")));
  });
  try {
    return await Promise.race([asked, late]);
  } catch (error) {
    log.warn(`${what} metrics are left out`, { error });
    return null;
  } finally {
    cancel();
  }
}
