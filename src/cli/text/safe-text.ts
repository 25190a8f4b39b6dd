/** Makes text of a repository harmless to a terminal: it may colour itself, and nothing else. */
/* oxlint-disable no-control-regex -- control characters are what this file is about */

/** CSI, OSC and the other string sequences, then the escapes of two characters; C1 forms as well. */
const SEQUENCES =
  /(?:\u001b\[|\u009b)[0-?]*[ -/]*[@-~]?|(?:\u001b[\]PX^_]|[\u009d\u0090\u0098\u009e\u009f])[^\u0007\u001b\u009c]*(?:\u0007|\u001b\\|\u009c)?|\u001b[ -/]*[0-~]?/g;
const COLOUR = /^\u001b\[[0-9;:]{0,32}m$/;
const RESET = "\u001b[0m";

/** One line as a screen may show it: what a carriage return wrote over is gone. */
export function safeLine(line: string, { colours }: { readonly colours: boolean }): string {
  const [last = ""] = line.replace(/\r+$/, "").split("\r").slice(-1);
  let isColoured = false;
  const text = last.replaceAll(SEQUENCES, (sequence) => {
    if (!colours || !COLOUR.test(sequence)) return "";
    isColoured = true;
    return sequence;
  });
  const safe = withoutControls(text).replaceAll("\t", "    ");
  return isColoured ? `${safe}${RESET}` : safe;
}

/** Whole text, line by line. */
export function safeText(text: string, options: { readonly colours: boolean }): string {
  return text
    .split("\n")
    .map((line) => safeLine(line, options))
    .join("\n");
}

/** Every control character but the tab, and but the escape of a colour that was let pass. */
function withoutControls(text: string): string {
  return text.replaceAll(
    /[\u0000-\u0008\u000a-\u001a\u001c-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g,
    "",
  );
}
