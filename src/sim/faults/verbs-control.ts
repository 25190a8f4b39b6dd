/** What can happen to Bindery's own parts and to the cluster's API. */
import type { ArgumentSpec } from "../drill/argument.ts";

const FOR: ArgumentSpec = {
  type: "duration",
  meaning: "Time after which it is over by itself; without it, it stays.",
  isOptional: true,
};

export const CONTROL_VERBS = {
  "watch.freeze": {
    meaning: "The watch of the cluster says nothing any more, and its socket stays open.",
    arguments: { for: FOR },
  },
  "apiserver.refuse": {
    meaning: "The cluster's API refuses connections.",
    arguments: {
      for: { type: "duration", meaning: "For how long." },
      share: { type: "share", meaning: "Of the requests.", default: 1 },
    },
  },
  "apiserver.lag": {
    meaning: "The cluster's API answers late.",
    arguments: { by: { type: "duration", meaning: "How late." }, for: FOR },
  },
  "culler.hang": {
    meaning: "The loop that ends idle sessions stops for ever, without an error.",
    arguments: {},
  },
  "culler.flood": {
    meaning: "The loop that ends idle sessions asks for the end of sessions that do not run.",
    arguments: { rate: { type: "rate", meaning: "How often.", default: 180_000 }, for: FOR },
  },
  "loop.hang": {
    meaning: "A loop of the control plane stops for ever, without an error.",
    arguments: { loop: { type: "text", meaning: "Its name." } },
  },
  "control.leak": {
    meaning: "The control plane keeps something of every launch and stalls when it keeps too much.",
    arguments: {
      handles: { type: "count", meaning: "Handles that each launch leaves.", default: 0 },
      memory: { type: "size", meaning: "Memory that each launch leaves.", default: 0 },
      stallsAt: {
        type: "count",
        meaning: "Handles, or launches when only memory leaks, at which it stalls.",
        default: 7_000,
      },
    },
  },
  "control.slow": {
    meaning: "Whatever the control plane asks of the cluster takes longer.",
    arguments: { by: { type: "duration", meaning: "How much longer." }, for: FOR },
  },
  "control.wedge": {
    meaning: "The deciding control plane takes launches and completes none.",
    arguments: {
      door: {
        type: ["silent", "answers"],
        meaning: "`answers`: whoever asks how it is, is told that all is well.",
        default: "silent",
      },
    },
  },
  "control.crash": {
    meaning: "The deciding control plane ends; it is started again.",
    arguments: {},
  },
  "control.pool": {
    meaning:
      "The control plane's connections to the cluster are all in use and are not given back.",
    arguments: { for: FOR },
  },
  "edge.wedge": {
    meaning: "Edge replicas take connections and send no byte.",
    arguments: { count: { type: "count", meaning: "How many.", default: 1 } },
  },
  "edge.scale": {
    meaning: "More edge replicas are wanted; not a fault.",
    arguments: { by: { type: "count", meaning: "How many more.", default: 1 } },
  },
} as const;
