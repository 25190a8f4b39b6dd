/** What people and operators can do in a drill. */

export const PEOPLE_VERBS = {
  "people.burst": {
    meaning: "People come at once; not a fault.",
    arguments: {
      people: { type: "count", meaning: "How many." },
      repo: { type: "text", meaning: "For which repository." },
      within: {
        type: "duration",
        meaning: "Within which time; 0s: in the same moment.",
        default: 0,
      },
    },
  },
  "people.poll": {
    meaning: "Tabs of ended sessions go on asking; not a fault.",
    arguments: {
      rate: { type: "rate", meaning: "How often each of them." },
      tabs: { type: "count", meaning: "How many tabs." },
      for: { type: "duration", meaning: "For how long." },
    },
  },
  "operator.cordon": {
    meaning: "A person cordons nodes by Bindery's own command; not a fault.",
    arguments: {
      nodes: {
        type: "list",
        meaning: "Names of nodes, or `edge` for all that have an edge replica.",
      },
      isForced: { type: "flag", meaning: "Past the guard.", default: false },
    },
  },
  "operator.command": {
    meaning: "A person gives a command of Bindery; not a fault.",
    arguments: {
      kind: { type: "text", meaning: "The command: `book`, `set-nodes-max` …" },
      node: { type: "text", meaning: "Of the commands about a node.", isOptional: true },
      isForced: { type: "flag", meaning: "cordon-node.", default: false },
      nodesMax: { type: "count", meaning: "set-nodes-max.", isOptional: true },
      count: { type: "count", meaning: "set-placeholders.", isOptional: true },
      repo: { type: "text", meaning: "book.", isOptional: true },
      seats: { type: "count", meaning: "book.", isOptional: true },
      from: { type: "duration", meaning: "book: after the start of the drill.", isOptional: true },
      until: { type: "duration", meaning: "book: after the start of the drill.", isOptional: true },
      loop: { type: "text", meaning: "restart-loop.", isOptional: true },
      component: { type: "text", meaning: "restart-component.", isOptional: true },
      role: { type: "text", meaning: "surge-component.", isOptional: true },
      avoidNodes: { type: "list", meaning: "surge-component.", default: [] },
      release: { type: "text", meaning: "submit-release.", isOptional: true },
      stage: { type: ["staging", "production"], meaning: "rollback-release.", isOptional: true },
      member: { type: "text", meaning: "shift-member.", isOptional: true },
      weight: { type: "count", meaning: "shift-member.", isOptional: true },
      quota: { type: "text", meaning: "repair-quota.", isOptional: true },
      host: { type: "text", meaning: "renew-certificate, use-fallback.", isOptional: true },
      isOn: { type: "flag", meaning: "use-fallback.", default: true },
      session: { type: "text", meaning: "stop-session.", isOptional: true },
      idle: { type: "duration", meaning: "cull.", isOptional: true },
    },
  },
} as const;
