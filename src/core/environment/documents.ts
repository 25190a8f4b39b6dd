/** TOML, YAML and JSON of a repository, as plain values; what is malformed is refused with its line. */
import { parse, TomlError } from "smol-toml";
import { type Document, LineCounter, parseAllDocuments, type YAMLError } from "yaml";
import { invalid } from "./requirement-lines.ts";

export type Table = Readonly<Record<string, unknown>>;

export function isTable(value: unknown): value is Table {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function tableOf(value: unknown): Table {
  return isTable(value) ? value : {};
}

export function textOf(value: unknown): string | null {
  return typeof value === "string" ? value : null;
}

/** A text, number or truth value as a text; anything else as JSON. */
export function inWords(value: unknown): string {
  return typeof value === "string" ? value : (JSON.stringify(value) ?? "");
}

/** Of a list its texts, of anything else nothing. */
export function textsOf(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((one) => typeof one === "string") : [];
}

/** Throws `config-invalid`. */
export function parseToml(file: string, text: string): Table {
  try {
    return parse(text);
  } catch (error) {
    const line = error instanceof TomlError ? error.line : 1;
    const what =
      error instanceof TomlError ? (error.message.split("\n")[0] ?? "") : "it cannot be read";
    throw invalid({ file, line }, what.replace(/^Invalid TOML document: /, "").replace(/\.$/, ""));
  }
}

/** JSON; with `hasComments` as editors write it: with comments, and commas at the end of lists. */
export function parseJson(
  file: string,
  text: string,
  { hasComments = false }: { readonly hasComments?: boolean } = {},
): Table {
  const value = jsonValue(file, hasComments ? withoutComments(text) : text);
  if (isTable(value)) return value;
  throw invalid({ file, line: 1 }, "an object is expected");
}

function jsonValue(file: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const message = error instanceof Error ? error.message : "";
    const at = Number(/at position (\d+)/.exec(message)?.[1] ?? 0);
    const line = text.slice(0, at).split("\n").length;
    throw invalid({ file, line }, "it is not JSON");
  }
}

const JSON_PIECE = /"(?:[^"\\\n]|\\.)*"|\/\/[^\n]*|\/\*[^]*?\*\/|,(?=\s*[}\]])/g;

/** The same number of lines. A comma may still be followed by a comment, hence twice. */
function withoutComments(text: string): string {
  const strip = (from: string) =>
    from.replace(JSON_PIECE, (piece) =>
      piece.startsWith('"') ? piece : piece.replace(/[^\n]/g, " "),
    );
  return strip(strip(text));
}

const ALIASES_MAX = 100;

export interface YamlFile {
  readonly value: unknown;
  /** Line of what the keys lead to, from 1. */
  lineOf(keys: readonly (string | number)[]): number;
}

/** One YAML document; an empty file is null. Throws `config-invalid`. */
export function parseYaml(file: string, text: string): YamlFile {
  const lines = new LineCounter();
  const documents = parseAllDocuments(text, {
    ...{ lineCounter: lines, uniqueKeys: true, logLevel: "silent", prettyErrors: false },
    ...{ strict: true, stringKeys: false },
  });
  const list: readonly Document[] = "empty" in documents ? [] : documents;
  const [document, second] = list;
  const lineAt = (offset: number) => Math.max(1, lines.linePos(offset).line);
  if (document === undefined) return { value: null, lineOf: () => 1 };
  const error: YAMLError | undefined = document.errors[0];
  if (error !== undefined) throw invalid({ file, line: lineAt(error.pos[0]) }, oneLine(error));
  if (second !== undefined) {
    throw invalid({ file, line: lineAt(second.range?.[0] ?? 0) }, "one document is expected");
  }
  return {
    value: valueOf(file, document),
    lineOf: (keys) => {
      const node: unknown = document.getIn(keys, true);
      const range = isTable(node) ? node["range"] : undefined;
      return Array.isArray(range) && typeof range[0] === "number" ? lineAt(range[0]) : 1;
    },
  };
}

function valueOf(file: string, document: Document): unknown {
  try {
    return document.toJS({ maxAliasCount: ALIASES_MAX });
  } catch {
    throw invalid({ file, line: 1 }, "it refers to itself too often");
  }
}

function oneLine({ message }: YAMLError): string {
  return (message.split("\n")[0] ?? "").replace(/\.$/, "").slice(0, 200);
}

/** Always the same text for the same meaning: keys in order. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) =>
    isTable(inner) && !("toISOString" in inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : typeof inner === "bigint"
        ? String(inner)
        : inner,
  );
}

/** Line of the first place of `needle`, from 1. */
export function lineOf(text: string, needle: string): number {
  const at = text.indexOf(needle);
  return at < 0 ? 1 : text.slice(0, at).split("\n").length;
}
