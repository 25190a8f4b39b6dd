/** The gateway's numbers in Prometheus' text form. */
import type { GatewayMetrics } from "#gateway/gateway-metrics.ts";

interface Metric {
  readonly name: string;
  readonly kind: "counter" | "gauge";
  readonly help: string;
  readonly samples: readonly (readonly [labels: Readonly<Record<string, string>>, value: number])[];
}

export function renderGatewayMetrics(metrics: GatewayMetrics): string {
  return `${scalars(metrics).map(render).join("\n")}\n${latency(metrics.latency)}\n`;
}

function scalars(metrics: GatewayMetrics): Metric[] {
  const { bytes, connections, held, tunnels } = metrics;
  return [
    {
      name: "bindery_gateway_requests_total",
      kind: "counter",
      help: "Responses by who answered and class of status.",
      samples: Object.entries(metrics.requests).flatMap(([answerer, classes]) =>
        Object.entries(classes).map(([status, count]) => [{ answerer, status }, count] as const),
      ),
    },
    {
      name: "bindery_gateway_upstream_faults_total",
      kind: "counter",
      help: "Requests that a session or the API gave no answer to.",
      samples: Object.entries(metrics.upstreamFaults).flatMap(([upstream, faults]) =>
        Object.entries(faults).map(([fault, count]) => [{ upstream, fault }, count] as const),
      ),
    },
    one(
      "bindery_gateway_unknown_sessions_total",
      "counter",
      "Requests for sessions that do not exist.",
      metrics.unknownSessions,
    ),
    one(
      "bindery_gateway_malformed_requests_total",
      "counter",
      "Requests that were not HTTP.",
      metrics.malformedRequests,
    ),
    one(
      "bindery_gateway_refused_hosts_total",
      "counter",
      "Requests with a host name that is not ours.",
      metrics.refusedHosts,
    ),
    one("bindery_gateway_connections", "gauge", "Open connections.", connections.now),
    one("bindery_gateway_connections_total", "counter", "Connections.", connections.total),
    one(
      "bindery_gateway_connections_refused_total",
      "counter",
      "Connections over the limit.",
      connections.refused,
    ),
    one("bindery_gateway_websockets", "gauge", "Open WebSockets.", tunnels.now),
    one("bindery_gateway_websockets_total", "counter", "WebSockets.", tunnels.total),
    one(
      "bindery_gateway_held_requests",
      "gauge",
      "Requests that wait for the API to come back.",
      held.now,
    ),
    one(
      "bindery_gateway_held_given_up_total",
      "counter",
      "Requests that waited in vain.",
      held.givenUp,
    ),
    one("bindery_gateway_routes", "gauge", "Known routes.", metrics.routes),
    {
      name: "bindery_gateway_bytes_total",
      kind: "counter",
      help: "Bytes of bodies and WebSockets, seen from the person.",
      samples: [
        [{ direction: "received" }, bytes.received],
        [{ direction: "sent" }, bytes.sent],
      ],
    },
  ];
}

function one(name: string, kind: Metric["kind"], help: string, value: number): Metric {
  return { name, kind, help, samples: [[{}, value]] };
}

function latency({ boundsMs, counts, count, sumMs }: GatewayMetrics["latency"]): string {
  const name = "bindery_gateway_request_seconds";
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

function render({ name, kind, help, samples }: Metric): string {
  const lines = samples.map(([labels, value]) => sample(name, labels, value));
  return [`# HELP ${name} ${help}`, `# TYPE ${name} ${kind}`, ...lines].join("\n");
}

function sample(name: string, labels: Readonly<Record<string, string>>, value: number): string {
  const pairs = Object.entries(labels).map(([label, text]) => `${label}="${text}"`);
  return `${name}${pairs.length === 0 ? "" : `{${pairs.join(",")}}`} ${value}`;
}
