/** The gateway's numbers in Prometheus' text form. */
import type { GatewayMetrics } from "#gateway/gateway-metrics.ts";

interface Metric {
  /** Without the prefix. */
  readonly name: string;
  readonly kind: "counter" | "gauge";
  readonly help: string;
  readonly samples: readonly (readonly [labels: Readonly<Record<string, string>>, value: number])[];
}

const PREFIX = "bindery_gateway_";

export function renderGatewayMetrics(metrics: GatewayMetrics): string {
  return `${scalars(metrics).map(render).join("\n")}\n${latency(metrics.latency)}\n`;
}

function scalars(metrics: GatewayMetrics): Metric[] {
  const { bytes, connections, held, tunnels } = metrics;
  return [
    {
      name: "requests_total",
      kind: "counter",
      help: "Responses by who answered and class of status.",
      samples: nested(metrics.requests, "answerer", "status"),
    },
    {
      name: "upstream_faults_total",
      kind: "counter",
      help: "Requests that a session or the API gave no answer to.",
      samples: nested(metrics.upstreamFaults, "upstream", "fault"),
    },
    {
      name: "bytes_total",
      kind: "counter",
      help: "Bytes of bodies and WebSockets, seen from the person.",
      samples: [
        [{ direction: "received" }, bytes.received],
        [{ direction: "sent" }, bytes.sent],
      ],
    },
    counter(
      "unknown_sessions_total",
      "Requests for sessions that do not exist.",
      metrics.unknownSessions,
    ),
    counter("malformed_requests_total", "Requests that were not HTTP.", metrics.malformedRequests),
    counter(
      "refused_hosts_total",
      "Requests with a host name that is not ours.",
      metrics.refusedHosts,
    ),
    counter("connections_total", "Connections.", connections.total),
    counter("connections_refused_total", "Connections over the limit.", connections.refused),
    counter("websockets_total", "WebSockets.", tunnels.total),
    counter("held_given_up_total", "Requests that waited in vain for the API.", held.givenUp),
    gauge("connections", "Open connections.", connections.now),
    gauge("websockets", "Open WebSockets.", tunnels.now),
    gauge("held_requests", "Requests that wait for the API to come back.", held.now),
    gauge("routes", "Known routes.", metrics.routes),
  ];
}

function counter(name: string, help: string, value: number): Metric {
  return { name, kind: "counter", help, samples: [[{}, value]] };
}

function gauge(name: string, help: string, value: number): Metric {
  return { name, kind: "gauge", help, samples: [[{}, value]] };
}

function nested(
  table: Readonly<Record<string, Readonly<Record<string, number>>>>,
  outer: string,
  inner: string,
): Metric["samples"] {
  return Object.entries(table).flatMap(([row, cells]) =>
    Object.entries(cells).map(([cell, value]) => [{ [outer]: row, [inner]: cell }, value] as const),
  );
}

function latency({ boundsMs, counts, count, sumMs }: GatewayMetrics["latency"]): string {
  const name = `${PREFIX}request_seconds`;
  let sum = 0;
  const buckets = counts.map((inBucket, index) => {
    sum += inBucket;
    const bound = boundsMs[index];
    return [{ le: bound === undefined ? "+Inf" : String(bound / 1_000) }, sum] as const;
  });
  return [
    `# HELP ${name} Time from a request to the header of its response.`,
    `# TYPE ${name} histogram`,
    ...buckets.map(([labels, value]) => sample(`${name}_bucket`, labels, value)),
    sample(`${name}_sum`, {}, sumMs / 1_000),
    sample(`${name}_count`, {}, count),
  ].join("\n");
}

function render({ name: short, kind, help, samples }: Metric): string {
  const name = PREFIX + short;
  const lines = samples.map(([labels, value]) => sample(name, labels, value));
  return [`# HELP ${name} ${help}`, `# TYPE ${name} ${kind}`, ...lines].join("\n");
}

function sample(name: string, labels: Readonly<Record<string, string>>, value: number): string {
  const pairs = Object.entries(labels).map(([label, text]) => `${label}="${text}"`);
  return `${name}${pairs.length === 0 ? "" : `{${pairs.join(",")}}`} ${value}`;
}
