/** What the API is given, and what its routes work with. */
import type { Policy } from "#core/policy.ts";
import type { ControlPlane } from "#control/control-plane-api.ts";
import type { Clock } from "#ports/clock.ts";
import type { Log } from "#ports/log.ts";
import type { Secrets } from "#ports/secrets.ts";
import type { PageTokens } from "./http/page-tokens.ts";
import type { RateLimit } from "./http/rate-limit.ts";
import type { Metrics } from "./metrics/metrics.ts";
import type { OperatorDesk } from "./operator-desk.ts";
import type { SiteFiles } from "./pages/site-files.ts";
import type { EventStreams } from "./stream/event-streams.ts";
import type { FrameMemo } from "./stream/frame-memo.ts";

export interface ApiOptions {
  /** Opens everything; in the file `admin-token` of the data directory. */
  readonly adminToken: string;
  /** Signs the tokens of pages and builds; replicas share it. */
  readonly pageTokenSecret: string;
  /** Origins whose pages may launch: null, `*`, or a list separated by spaces or commas. */
  readonly corsAllowOrigin: string | null;
  /** `https://host[:port]` when people come through another proxy; null: what their request says. */
  readonly publicUrl: string | null;
  /** Path under which everything lies, with a slash at both ends. */
  readonly baseUrl: string;
  readonly version: string;
  /** What sessions run, for `/versions`: name and version. */
  readonly serverVersions: Readonly<Record<string, string>>;
  /** The folder with our pages' files. */
  readonly webDirectory: string;
  /** Paths of the session server's big files; a launch page fetches them while it waits. */
  readonly preloadPaths: readonly string[];
  /** Launches per address for those without a token; null for one person's own machine. */
  readonly rateLimit: { readonly limit: number; readonly periodMs: number } | null;
  /** Ask before launching when a link of another site led here: on for one person's own machine. */
  readonly confirmForeignLinks: boolean;
  /** Metrics of the gateway's process in Prometheus' text form, to be shown with ours. */
  readonly gatewayMetrics: (() => Promise<string>) | null;
  readonly bannerHtml: string;
  readonly aboutMessage: string;
}

export interface ApiDeps {
  readonly controlPlane: ControlPlane;
  /** Left out where nothing watches over the control plane. */
  readonly operator?: OperatorDesk;
  readonly policy: Policy;
  readonly clock: Clock;
  readonly secrets: Secrets;
  readonly log: Log;
  /** Made apart, so that the control plane's history can be counted in it. */
  readonly metrics: Metrics;
  readonly options: ApiOptions;
}

export interface ApiContext extends ApiDeps {
  readonly operator: OperatorDesk;
  readonly allowedOrigins: readonly string[];
  readonly tokens: PageTokens;
  readonly rateLimit: RateLimit | null;
  readonly streams: EventStreams;
  readonly frames: FrameMemo;
  readonly binderFrames: FrameMemo;
  readonly site: SiteFiles;
}
