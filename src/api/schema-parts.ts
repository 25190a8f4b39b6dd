/** Pieces of which the shapes on the wire are made. */
import { type TSchema, Type } from "@sinclair/typebox";

export const closed = { additionalProperties: false } as const;

export const nullable = <T extends TSchema>(schema: T) => Type.Union([schema, Type.Null()]);

export const oneOf = <const T extends readonly string[]>(values: T) =>
  Type.Unsafe<T[number]>({ type: "string", enum: [...values] });

export const time = (description: string) =>
  Type.Integer({ description: `${description} In milliseconds since 1970.` });

/** Tells the members of a union apart. */
export const kind = <const K extends string>(value: K) => Type.Literal(value);
