/** conda's explicit files: a list of the addresses of packages, one a line. */
import { invalid } from "./requirement-lines.ts";
import { quote } from "./requirement.ts";

const URL =
  /^https?:\/\/[^/\s@#]+\/[^\s#]+\.(?:conda|tar\.bz2)(?:#(?:[0-9a-f]{32}|sha256:[0-9a-f]{64}|[0-9a-f]{64}))?$/;
const LINES_MAX = 20_000;

/** Addresses in the order of the file. Throws `config-invalid` with the line. */
export function explicitLines(file: string, text: string): readonly string[] {
  const found: string[] = [];
  let isMarked = false;
  for (const [index, written] of text.split(/\r\n|\r|\n/).entries()) {
    const words = written.trim();
    const source = { file, line: index + 1 };
    if (words === "" || words.startsWith("#")) continue;
    if (words === "@EXPLICIT") isMarked = true;
    else if (!URL.test(words)) throw invalid(source, `${quote(words)} is not a package's address`);
    else found.push(words);
    if (found.length > LINES_MAX) throw invalid(source, `more than ${LINES_MAX} packages`);
  }
  if (!isMarked) throw invalid({ file, line: 1 }, "the line @EXPLICIT is missing");
  return found;
}
