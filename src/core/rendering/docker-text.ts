/** Words of a Dockerfile: whatever a repository says becomes one quoted value, and never syntax. */

/** `RUN ["program","argument"]`: no shell ever reads it. */
export function execForm(words: readonly string[]): string {
  return JSON.stringify(words).replaceAll("\u2028", "\\u2028").replaceAll("\u2029", "\\u2029");
}

/** `name="value"` for ENV and LABEL. Null where the text cannot stand in one line. */
export function assignment(name: string, value: string): string | null {
  if (!/^[A-Za-z_][A-Za-z0-9_.-]*$/.test(name) || !isOneLine(value)) return null;
  return `${name}=${quoted(value)}`;
}

/** In double quotes only these mean something: what ends them, what escapes, and variables. */
export function quoted(value: string): string {
  return `"${value.replaceAll(/[\\"$]/g, (sign) => `\\${sign}`)}"`;
}

/** A comment that cannot end early, nor be taken for a directive. */
export function comment(text: string): string {
  return `# ${text.replaceAll(/[^\t\x20-\x7e\u00a0-\u2027\u202f-\ud7ff]+/g, " ").trim()}`;
}

function isOneLine(value: string): boolean {
  // oxlint-disable-next-line no-control-regex -- control characters are what is looked for
  return !/[\u0000-\u001f\u007f\u0085\u2028\u2029]/.test(value);
}
