/** Which texts can be a ref: Git's own rules (git-check-ref-format), and the forms of hashes. */

const REF_LENGTH_MAX = 1_024;

/** 40 hex digits: a commit, taken as it is. */
export function isFullHash(ref: string): boolean {
  return /^[0-9a-f]{40}$/i.test(ref);
}

/** What may be the beginning of a hash, as pages and `git log --oneline` show it. */
export function isShortHash(ref: string): boolean {
  return /^[0-9a-f]{7,39}$/i.test(ref);
}

/** Null when Git allows the name; otherwise what is wrong with it. */
export function whyNotRef(ref: string): string | null {
  if (ref === "") return "it is empty";
  if (ref.length > REF_LENGTH_MAX) return `it is longer than ${REF_LENGTH_MAX} characters`;
  if (/[~^]|@\{/.test(ref)) return "expressions like main~1 or main@{1} are not supported";
  if (/[\p{Cc} :?*[\\]/u.test(ref)) return "it holds characters that Git allows in no ref";
  if (ref.startsWith("-")) return "it begins with a dash";
  if (ref.endsWith(".") || ref.includes("..")) return 'it ends with "." or holds ".."';
  const bad = ref.split("/").find((part) => part === "" || /^\.|\.lock$/.test(part));
  if (bad !== undefined) return "one of its parts is empty, begins with a dot or ends with .lock";
  return ref === "@" ? 'it is only "@"' : null;
}
