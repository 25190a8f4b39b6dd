/** The text of a drill's file: its values, and the line on which each of them stands. */
import { isMap, isScalar, isSeq, LineCounter, parseDocument } from "yaml";

/** What is wrong with a drill's file; line 0 is the file as a whole. */
export interface Complaint {
  readonly file: string;
  readonly line: number;
  readonly message: string;
}

export type DrillPath = readonly (string | number)[];

export interface DrillSource {
  readonly file: string;
  /** Null when the text is no YAML or no block of keys. */
  readonly raw: Readonly<Record<string, unknown>> | null;
  readonly complaints: readonly Complaint[];
  /** The line of the key or the item, or of the nearest one above that exists. */
  readonly lineOf: (path: DrillPath) => number;
}

/** Aliases that stand for aliases can make a small file large. */
const ALIASES_MAX = 100;
const TEXT_MAX = 256 * 1_024;

export function readSource(file: string, text: string): DrillSource {
  const none = { file, raw: null, lineOf: () => 0 };
  if (text.length > TEXT_MAX) {
    return {
      ...none,
      complaints: [{ file, line: 0, message: `It is longer than ${TEXT_MAX} characters.` }],
    };
  }
  const counter = new LineCounter();
  const document = parseDocument(text, { lineCounter: counter, prettyErrors: false });
  const complaints = document.errors.map(({ message, pos }) => ({
    file,
    line: counter.linePos(pos[0]).line,
    message: `This is no YAML: ${message.split("\n")[0] ?? ""}`,
  }));
  if (complaints.length > 0) return { ...none, complaints };
  const raw = valueOf(() => document.toJS({ maxAliasCount: ALIASES_MAX }) as unknown);
  if (!isBlock(raw)) {
    return { ...none, complaints: [{ file, line: 1, message: "A drill is a block of keys." }] };
  }
  const lineOf = (path: DrillPath) => {
    const offset = offsetOf(document.contents, path);
    return offset === null ? 1 : counter.linePos(offset).line;
  };
  return { file, raw, complaints, lineOf };
}

export function isBlock(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function valueOf(read: () => unknown): unknown {
  try {
    return read();
  } catch {
    // Too many aliases: then it is no drill.
    return null;
  }
}

/** Where the last part of the path that exists begins in the text. */
function offsetOf(root: unknown, path: DrillPath): number | null {
  let node: unknown = root;
  let offset: number | null = null;
  for (const part of path) {
    if (isMap(node)) {
      const pair = node.items.find(
        ({ key }) => isScalar(key) && String(key.value) === String(part),
      );
      if (pair === undefined) return offset;
      offset = startOf(pair.key) ?? offset;
      node = pair.value;
    } else if (isSeq(node)) {
      node = node.items[Number(part)];
      if (node === undefined) return offset;
      offset = startOf(node) ?? offset;
    } else return offset;
  }
  return offset;
}

function startOf(node: unknown): number | null {
  if (typeof node !== "object" || node === null || !("range" in node)) return null;
  const { range } = node;
  return Array.isArray(range) && typeof range[0] === "number" ? range[0] : null;
}
