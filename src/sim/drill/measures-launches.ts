/** How many launches came to a session, and how many at the first try. */
import {
  asked,
  endings,
  failures,
  isOfRepo,
  isOwnDoing,
  mitigatedAtMs,
  PATIENCE_ARGUMENTS,
  REPO_ARGUMENTS,
  shareOf,
  wantsSession,
} from "./launch-wishes.ts";
import {
  FAULT_ARGUMENT,
  faultMeant,
  isWithin,
  type Measure,
  SPAN_ARGUMENTS,
  spanOf,
  textOf,
} from "./measure.ts";

export const LAUNCH_MEASURES = {
  "first-try-success": {
    meaning:
      "Launches that came to a session at the first start of a server, without long silence or wait, of all that were not refused and did not fail by their own repository.",
    unit: "share",
    arguments: { ...REPO_ARGUMENTS, ...SPAN_ARGUMENTS, ...PATIENCE_ARGUMENTS },
    of: (records, values, context) =>
      shareOf(asked(records, values, context), ({ isGood }) => isGood),
  },
  "launch-success": {
    meaning: "Launches that came to a session at last, of the same.",
    unit: "share",
    arguments: { ...REPO_ARGUMENTS, ...SPAN_ARGUMENTS },
    of: (records, values, context) =>
      shareOf(asked(records, values, context), ({ isReady }) => isReady),
  },
  launches: {
    meaning: "Launches that people asked for.",
    unit: "count",
    arguments: { ...REPO_ARGUMENTS, ...SPAN_ARGUMENTS },
    of: (records, values, context) => {
      const span = spanOf(values, context);
      return records.filter(
        (each) =>
          each.kind === "launch-asked" &&
          wantsSession(each) &&
          isWithin(each.atMs, span) &&
          isOfRepo(each.repo, values),
      ).length;
    },
  },
  "mitigated-after": {
    meaning:
      "From the fault to the moment from which on 99 % of the launches of ten minutes succeed at the first try.",
    unit: "duration",
    arguments: { fault: FAULT_ARGUMENT, ...REPO_ARGUMENTS, ...PATIENCE_ARGUMENTS },
    of: (records, values, context) => {
      const fault = faultMeant(records, values);
      if (fault === null) return null;
      const atMs = mitigatedAtMs(records, fault.atMs, values, context);
      return atMs === null ? null : atMs - fault.atMs;
    },
  },
  "launch-failures": {
    meaning:
      "Launches that failed, or whose person left before the end, except by their own repository.",
    unit: "count",
    arguments: { ...REPO_ARGUMENTS, ...SPAN_ARGUMENTS },
    of: (records, values, context) =>
      endings(records, values, context).filter(
        (each) => each.outcome === "left" || (each.outcome === "failed" && !isOwnDoing(each)),
      ).length,
  },
  "failures-saying": {
    meaning: "Failed launches whose message contains a text, of all failed ones.",
    unit: "share",
    arguments: {
      text: { type: "text", meaning: "The text." },
      ...REPO_ARGUMENTS,
      ...SPAN_ARGUMENTS,
    },
    of: (records, values, context) => {
      const failed = failures(records, values, context);
      const text = textOf(values, "text") ?? "";
      return failed.length === 0
        ? null
        : failed.filter(({ message }) => message?.includes(text) === true).length / failed.length;
    },
  },
  "failures-with-code": {
    meaning: "Failed launches with this code of the catalogue.",
    unit: "count",
    arguments: {
      code: { type: "text", meaning: "The code." },
      ...REPO_ARGUMENTS,
      ...SPAN_ARGUMENTS,
    },
    of: (records, values, context) =>
      failures(records, values, context).filter(({ code }) => code === textOf(values, "code"))
        .length,
  },
} as const satisfies Record<string, Measure>;
