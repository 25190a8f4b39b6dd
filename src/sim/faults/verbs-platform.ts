/** What can happen to builds, hosts, quotas, certificates, releases and fellow clusters. */
import type { ArgumentSpec } from "../drill/argument.ts";

const FOR: ArgumentSpec = {
  type: "duration",
  meaning: "Time after which it is over by itself; without it, it stays.",
  isOptional: true,
};
const MEMBER: ArgumentSpec = { type: "text", meaning: "Name of the member." };

export const PLATFORM_VERBS = {
  "quota.freeze": {
    meaning:
      "The provider's count of what is used stands still at the limit: every creation is refused.",
    arguments: {
      quota: { type: "text", meaning: "Its name.", default: "pods" },
      member: {
        type: "text",
        meaning: "The member that has it; without it this cluster.",
        isOptional: true,
      },
    },
  },
  "build.slow": {
    meaning: "Builds of a repository take this long from now on.",
    arguments: {
      repo: { type: "text", meaning: "The repository." },
      duration: { type: "duration", meaning: "How long." },
      lines: { type: "rate", meaning: "Lines of log that it writes.", default: 0 },
    },
  },
  "build.memory": {
    meaning: "A build of a repository begins and asks for too much memory.",
    arguments: {
      repo: { type: "text", meaning: "The repository." },
      share: { type: "share", meaning: "Of the memory of its node." },
      node: { type: "text", meaning: "Where it runs: a node's name or `edge`.", default: "edge" },
    },
  },
  "prefix.bump": {
    meaning: "Another builder makes other environments: none of the old ones fits the new key.",
    arguments: { builder: { type: "text", meaning: "Its version.", default: "next" } },
  },
  "upstream.missing": {
    meaning: "A host that builds download from answers 404.",
    arguments: { host: { type: "text", meaning: "The host." }, for: FOR },
  },
  "registry.down": {
    meaning: "The registry of images does not answer.",
    arguments: { for: FOR },
  },
  "githost.down": {
    meaning: "A host of repositories does not answer.",
    arguments: { host: { type: "text", meaning: "The host.", default: "github.com" }, for: FOR },
  },
  "cert.renewFails": {
    meaning: "The authority refuses to renew the certificate of a host.",
    arguments: { host: { type: "text", meaning: "The host." } },
  },
  "release.submit": {
    meaning: "A release of Bindery itself is submitted; what is wrong with it is said here.",
    arguments: {
      release: { type: "text", meaning: "Its name." },
      urgent: {
        type: "flag",
        meaning: "It does not wait while people are turned away.",
        default: false,
      },
      readyBeforePoll: {
        type: "flag",
        meaning: "It says ready before the session answers.",
        default: false,
      },
      missing: { type: "list", meaning: "What it refers to and does not exist.", default: [] },
      leakMemory: { type: "size", meaning: "Memory that each launch leaves.", default: 0 },
      stallsAt: { type: "count", meaning: "Launches after which it stalls; 0: never.", default: 0 },
      cullerFlood: { type: "rate", meaning: "Useless stops that its culler asks for.", default: 0 },
      members: { type: "list", meaning: "Only these members are reached.", default: [] },
    },
  },
  "member.skew": {
    meaning: "A member serves another release than the declared one.",
    arguments: { member: MEMBER, release: { type: "text", meaning: "What it serves." } },
  },
  "member.full": {
    meaning: "A member says that it is full.",
    arguments: { member: MEMBER, for: FOR },
  },
  "member.fastFail": {
    meaning: "A member fails every launch, quickly, and so always looks empty.",
    arguments: { member: MEMBER, for: FOR },
  },
  "member.deployFails": {
    meaning: "Releases do not reach a member.",
    arguments: { member: MEMBER, for: FOR },
  },
} as const;
