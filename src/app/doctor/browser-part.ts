/** A browser that Bindery's own tests can drive; people bring their own. */
import { askProgram } from "./ask-program.ts";
import type { Examination, Finding } from "./finding.ts";
import { installHint } from "./install-hint.ts";

const PROGRAMS = ["chromium", "chromium-browser", "google-chrome"];

export async function examineBrowser({ environment }: Examination): Promise<readonly Finding[]> {
  const part = "chromium";
  for (const program of PROGRAMS) {
    const answer = await askProgram([program, "--version"], environment);
    if (answer.kind !== "said") continue;
    const meaning = "Only for the tests of Bindery's developers.";
    return [{ part, state: "good", found: answer.text, meaning, remedy: null }];
  }
  return [
    {
      part,
      state: "good",
      found: "not installed",
      meaning: "Nothing is missing: only the tests of Bindery's developers need it.",
      remedy: `For those: ${installHint("chromium")}`,
    },
  ];
}
