/** Turns whatever goes wrong into a failure of the catalogue: the public part only. */
import type { FastifyError, FastifyReply, FastifyRequest } from "fastify";
import { AppError, ERRORS, type Failure, failure } from "#core/errors.ts";
import type { ApiContext } from "../api-context.ts";

/** Fastify's codes for requests that cannot be read. */
const TOO_LARGE = new Set(["FST_ERR_CTP_BODY_TOO_LARGE"]);

/** The failure that a thrown value stands for; what is a bug of ours goes to the log with an id. */
export function failureOfThrown(
  thrown: unknown,
  request: FastifyRequest,
  context: Pick<ApiContext, "log" | "secrets">,
): Failure {
  if (thrown instanceof AppError && thrown.failure.code !== "internal") return thrown.failure;
  if (isRequestError(thrown)) {
    if (TOO_LARGE.has(thrown.code)) return failure("body-too-large");
    return failure("request-invalid", requestMessage(thrown));
  }
  const errorId = context.secrets.id().slice(0, 12);
  const route = request.routeOptions.url ?? "unknown";
  context.log.error("request failed", { error: thrown, errorId, method: request.method, route });
  return failure("internal", `Bindery has a bug (error ${errorId}).`);
}

export function sendFailure(
  reply: FastifyReply,
  problem: Failure,
  headers: Readonly<Record<string, string>> = {},
): FastifyReply {
  const { status } = ERRORS[problem.code];
  const retryAfter = problem.detail?.retryAfterSeconds;
  if (retryAfter !== undefined) void reply.header("retry-after", String(Math.ceil(retryAfter)));
  if (status === 401) void reply.header("www-authenticate", "Bearer");
  return reply
    .code(status)
    .headers({ "cache-control": "no-store", ...headers })
    .type("application/json; charset=utf-8")
    .send(JSON.stringify({ error: problem }));
}

function isRequestError(thrown: unknown): thrown is FastifyError {
  if (!(thrown instanceof Error) || !("code" in thrown)) return false;
  const status = "statusCode" in thrown ? thrown.statusCode : 500;
  return typeof status === "number" && status >= 400 && status < 500;
}

/** Which field is wrong and how; nothing of what was sent is repeated. */
function requestMessage(error: FastifyError): string {
  const [first] = error.validation ?? [];
  if (first === undefined) return "The request is malformed.";
  const field = `${error.validationContext ?? "request"}${first.instancePath}`;
  if (first.params["error"] === "mapping") return `${field.slice(0, 200)}/kind is unknown.`;
  const extra = first.params["additionalProperty"];
  const name = typeof extra === "string" && /^\w{1,64}$/.test(extra) ? ` (${extra})` : "";
  return `${field.slice(0, 200)} ${first.message ?? "is malformed"}${name}.`;
}
