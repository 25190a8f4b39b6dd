/** The words of which the shape of a drill is made; `says` is what a wrong value should have been. */
import { type TSchema, Type } from "@sinclair/typebox";
import { DURATION_PATTERN, RATE_PATTERN, SIZE_PATTERN } from "./quantities.ts";

export const duration = (description: string) =>
  Type.String({
    pattern: DURATION_PATTERN,
    says: "a duration such as 90s, 45m or 15h30m",
    description,
  });
export const size = (description: string) =>
  Type.String({ pattern: SIZE_PATTERN, says: "a size such as 512MiB or 4GiB", description });
export const rate = (description: string) =>
  Type.String({ pattern: RATE_PATTERN, says: "a rate such as 20/h, 5/min or 0.5/s", description });
export const count = (description: string) =>
  Type.Integer({ minimum: 0, says: "a whole number, 0 or more", description });
export const text = (description: string) =>
  Type.String({ minLength: 1, says: "a text", description });
export const flag = (description: string) => Type.Boolean({ says: "true or false", description });
export const distribution = (description: string) =>
  Type.String({ says: "exp(MEAN), uniform(FROM,TO) or a duration", description });
export const either = (words: readonly string[], description: string) =>
  Type.String({
    pattern: `^(${words.join("|")})$`,
    says: `one of ${words.join(", ")}`,
    description,
  });
export const list = <T extends TSchema>(items: T, description: string) =>
  Type.Array(items, { says: "a list", description });
export const block = <T extends Record<string, TSchema>>(properties: T, description: string) =>
  Type.Object(properties, { additionalProperties: false, says: "a block of keys", description });
export const optional = <T extends TSchema>(type: T) => Type.Optional(type);
export const anything = (description: string) =>
  Type.Record(Type.String(), Type.Unknown(), { says: "a block of keys", description });
export const number = (says: string, description: string) =>
  Type.Union([Type.Number(), Type.String()], { says, description });
