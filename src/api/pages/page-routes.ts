/** Our pages: the start page, the page of a launch, and BinderHub's addresses that lead there. */
import { Type } from "@sinclair/typebox";
import { ERRORS, failure, type Failure } from "#core/errors.ts";
import { isProviderId, parseLooseSpec, parseSpec } from "#core/repo/parse-spec.ts";
import type { ProviderId, Repo } from "#core/repo/repo.ts";
import { binderRequest, providerName, repoLabel } from "#core/repo/provider.ts";
import { urlPathOfQuery } from "#core/repo/url-path.ts";
import type { Answer } from "../http/answer.ts";
import { isForeignLink } from "../http/origin-fence.ts";
import { type Call, type Route, route } from "../http/route.ts";
import { joinBase } from "../http/serve-routes.ts";
import { readWish } from "../routes/launch-wish.ts";
import { LaunchIdSchema } from "../schema.ts";
import { isProviderOffered, refuseProvider } from "../routes/offered-provider.ts";
import { errorPage, renderPage } from "./render-page.ts";

type LaunchForm = { repo?: string; ref?: string; labpath?: string; urlpath?: string };

const page = {
  method: "GET",
  operation: null,
  tag: "Pages",
  access: "anyone",
  responses: { 200: { description: "The page.", contentType: "text/html" } },
} as const;

const field = Type.Optional(Type.String({ maxLength: 4_096 }));

export const pageRoutes: readonly Route[] = [
  route({ ...page, path: "/", summary: "The start page.", handle: (call) => homePage(call, {}) }),
  route({
    ...page,
    path: "/about",
    summary: "What this is.",
    handle: ({ context }) =>
      renderPage(context, { template: "about.html", status: 200, title: "About Bindery" }),
  }),
  route({
    ...page,
    path: "/v2/:provider/*",
    summary: "Launches a repository; the address that badges have.",
    handle: launchPage,
  }),
  route({
    ...page,
    path: "/launch",
    summary: "Reads the start page's form and leads to the launch.",
    query: Type.Object({ repo: field, ref: field, labpath: field, urlpath: field }),
    handle: readForm,
  }),
  route({
    ...page,
    path: "/launch/:id",
    summary: "Watches a launch that was submitted elsewhere.",
    params: Type.Object({ id: LaunchIdSchema }),
    handle: (call) => watchPage(call),
  }),
  ...["/repo/:owner/:name", "/repo/:owner/:name/*"].map((path) =>
    route({
      ...page,
      path,
      summary: "Binder's first addresses.",
      params: Type.Object({
        owner: Type.String(),
        name: Type.String(),
        "*": Type.Optional(Type.String()),
      }),
      handle: legacyRedirect,
    }),
  ),
];

function homePage({ context, facts }: Call, form: LaunchForm, problem?: Failure): Answer {
  return renderPage(context, {
    template: "home.html",
    status: problem === undefined ? 200 : ERRORS[problem.code].status,
    title: "Bindery",
    config: { buildToken: context.tokens.build(null, facts.host) },
    texts: {
      folder: context.policy.allowLocalRepos ? ", or a folder of its machine" : "",
      repo: form.repo ?? "",
      ref: form.ref ?? "",
      labpath: form.labpath ?? "",
      urlpath: form.urlpath ?? "",
      problem: problem === undefined ? "" : `${problem.message} ${problem.next}`,
    },
  });
}

function launchPage(call: Call): Answer {
  const [path = "", query = ""] = call.rawUrl.split(/\?(.*)/s);
  const [, , provider = "", ...rest] = path.split("/");
  if (!isProviderId(provider) || !isProviderOffered(provider, call.context.policy)) {
    return errorPage(call.context, failure("provider-unknown"));
  }
  const spec = rest.join("/").replace(/\/+$/, "");
  const parsed = parseSpec(provider, spec);
  if (parsed.kind === "failed") return withoutRef(provider, spec, query, parsed.failure, call);
  const opened = urlPathOfQuery(query);
  const { origin } = call.request.headers;
  const tokenHost = origin !== undefined && URL.canParse(origin) ? new URL(origin).host : null;
  const problem =
    opened.kind === "failed"
      ? failure("request-invalid", `The link cannot be used: ${opened.because}.`)
      : null;
  return waitingPage(call, parsed.repo, {
    launch: { provider, spec },
    urlPath: opened.kind === "read" ? opened.urlPath : null,
    problem,
    buildToken: call.context.tokens.build(`${provider}/${spec}`, tokenHost ?? call.facts.host),
    previewOf: `${providerName(provider)}: ${spec}`,
  });
}

/** `/v2/gh/owner/name` is a link with the ref forgotten; everything else is told what is wrong. */
function withoutRef(
  provider: ProviderId,
  spec: string,
  query: string,
  problem: Failure,
  call: Call,
): Answer {
  const loose = parseLooseSpec(provider, spec);
  if (loose.kind === "failed") return errorPage(call.context, problem);
  return redirect(call, binderRequest(loose.repo), query);
}

function readForm(call: Call<unknown, LaunchForm>): Answer {
  const { context, query: form } = call;
  const ref = form.ref?.trim() ?? "";
  const wish = readWish({ repo: form.repo ?? "", ref });
  if (wish.kind === "failed") return homePage(call, form, wish.failure);
  const { repo } = wish;
  const notHere = refuseProvider(repo.provider, context.policy);
  if (notHere !== null) return homePage(call, form, notHere);
  const opened = openedQuery(form) ?? openedQuery({ urlpath: wish.urlPath ?? "" }) ?? "";
  if (repo.path === undefined) return redirect(call, binderRequest(repo), opened);
  // Where a page's address ends its ref is known only later: there is no link to lead to yet.
  const chosen = urlPathOfQuery(openedQuery(form) ?? "");
  return waitingPage(call, repo, {
    launch: { repo: form.repo, ...(ref !== "" && { ref }) },
    urlPath: chosen.kind === "read" ? chosen.urlPath : null,
    problem: null,
    previewOf: repoLabel(repo),
  });
}

/** The query of a Binder link for what is to be opened; null when nothing was said. */
function openedQuery({ labpath, urlpath }: Pick<LaunchForm, "labpath" | "urlpath">): string | null {
  const file = labpath?.trim() ?? "";
  if (file !== "") return `labpath=${encodeURIComponent(file.toWellFormed())}`;
  const address = urlpath?.trim() ?? "";
  return address === "" ? null : `urlpath=${encodeURIComponent(address.toWellFormed())}`;
}

interface Waiting {
  /** What the page submits; null to watch only. */
  readonly launch: Readonly<Record<string, unknown>>;
  readonly urlPath: string | null;
  readonly problem: Failure | null;
  readonly buildToken?: string;
  readonly previewOf: string;
}

function waitingPage(call: Call, repo: Repo | null, waiting: Waiting): Answer {
  const { context, request } = call;
  const { previewOf, ...config } = waiting;
  const label = repo === null ? "Launch" : repoLabel(repo);
  return renderPage(context, {
    template: "launch.html",
    status: 200,
    title: `${label} · Bindery`,
    preview: previewOf,
    config: {
      ...config,
      pageToken: context.tokens.page(),
      preload: context.options.preloadPaths,
      mustConfirm: context.options.confirmForeignLinks && isForeignLink(request.headers),
    },
    texts: { label, provider: repo === null ? "" : providerName(repo.provider) },
  });
}

function watchPage(call: Call<{ id: string }>): Answer {
  const [, query = ""] = call.rawUrl.split(/\?(.*)/s);
  const opened = urlPathOfQuery(query);
  const launch = call.context.controlPlane.launches.get(call.params.id);
  return waitingPage(call, launch?.repo ?? null, {
    launch: { id: call.params.id },
    urlPath: opened.kind === "read" ? opened.urlPath : null,
    problem: null,
    previewOf: "A launch",
  });
}

/** BinderHub leads to `master`, which fewer and fewer repositories have: HEAD is what was meant. */
function legacyRedirect(call: Call<{ owner: string; name: string; "*"?: string }>): Answer {
  const { owner, name, "*": opened = "" } = call.params;
  const query = opened === "" ? "" : `urlpath=${encodeURIComponent(`/${opened}`)}`;
  const place = [owner, name].map(encodeURIComponent).join("/");
  return redirect(call, `v2/gh/${place}/HEAD`, query);
}

function redirect({ context }: Call, path: string, query: string): Answer {
  const location = joinBase(context.options.baseUrl, `/${path}`);
  return { kind: "redirect", location: query === "" ? location : `${location}?${query}` };
}
