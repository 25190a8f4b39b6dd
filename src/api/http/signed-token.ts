/** Signed, expiring claims (JSON Web Tokens, HS256): what a page of ours shows to prove that it is one. */
import { createHmac, timingSafeEqual } from "node:crypto";

/** Registered claims of RFC 7519 that are used here; `exp` is in seconds since 1970. */
export interface Claims {
  readonly aud: string;
  readonly exp: number;
  readonly origin?: string;
}

const HEADER = encode({ typ: "JWT", alg: "HS256" });
const TOKEN_LENGTH_MAX = 4_096;

export function signClaims(claims: Claims, secret: string): string {
  const signed = `${HEADER}.${encode(claims)}`;
  return `${signed}.${signature(signed, secret)}`;
}

/** Null when the token is malformed, not ours, or expired. */
export function verifyClaims(token: string, secret: string, nowMs: number): Claims | null {
  if (token.length > TOKEN_LENGTH_MAX) return null;
  const [header, payload, mark, ...rest] = token.split(".");
  if (header === undefined || payload === undefined || mark === undefined) return null;
  if (rest.length > 0 || !isHs256(header)) return null;
  if (!isSameSecret(mark, signature(`${header}.${payload}`, secret))) return null;
  const claims = decode(payload);
  if (!isClaims(claims) || claims.exp * 1_000 <= nowMs) return null;
  return claims;
}

/** Takes equally long whatever the difference is, also for texts of different lengths. */
export function isSameSecret(given: string, expected: string): boolean {
  return timingSafeEqual(digest(given), digest(expected));
}

function digest(text: string): Buffer {
  return createHmac("sha256", "compare").update(text).digest();
}

function signature(text: string, secret: string): string {
  return createHmac("sha256", secret).update(text).digest("base64url");
}

function encode(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString("base64url");
}

function decode(text: string): unknown {
  try {
    return JSON.parse(Buffer.from(text, "base64url").toString());
  } catch {
    return null; // What is not JSON is not a token of ours.
  }
}

function isHs256(header: string): boolean {
  const fields = decode(header);
  return isRecord(fields) && fields["alg"] === "HS256";
}

function isClaims(value: unknown): value is Claims {
  if (!isRecord(value)) return false;
  const { aud, exp, origin } = value;
  const isOriginFine = origin === undefined || typeof origin === "string";
  return typeof aud === "string" && typeof exp === "number" && isOriginFine;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}
