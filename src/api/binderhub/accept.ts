/** Does the client want an event stream? It must say so: a link, a picture or a crawler launches nothing. */

/** `Accept` is a list with parameters (RFC 9110, 12.5.1); the stream may stand anywhere in it. */
export function acceptsEventStream(accept: string | undefined): boolean {
  return (accept ?? "").split(",").some((item) => {
    const [type, ...parameters] = item.split(";").map((part) => part.trim().toLowerCase());
    const isRefused = parameters.some((parameter) => /^q=0(\.0*)?$/.test(parameter));
    return type === "text/event-stream" && !isRefused;
  });
}
