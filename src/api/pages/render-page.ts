/** Fills a page's template; everything that comes from outside is escaped, scripts run by nonce only. */
import { ERRORS, type Failure } from "#core/errors.ts";
import { providerDisplays } from "#core/repo/provider.ts";
import type { ApiContext } from "../api-context.ts";
import type { Answer } from "../http/answer.ts";
import { joinBase } from "../http/serve-routes.ts";
import type { PageTemplate } from "./site-files.ts";

export interface PageContent {
  readonly template: PageTemplate;
  readonly status: number;
  readonly title: string;
  /** Shown where links are previewed. */
  readonly preview?: string;
  /** Added to what every page's scripts are told. */
  readonly config?: Readonly<Record<string, unknown>>;
  /** Replacements of the template's own `{{name}}`, escaped here. */
  readonly texts?: Readonly<Record<string, string>>;
}

const PREVIEW = "Bindery: a Git repository as a live session";

export function renderPage(context: ApiContext, page: PageContent): Answer {
  const nonce = context.secrets.token();
  const { options, site } = context;
  const texts: Record<string, string> = {
    title: page.title,
    base: options.baseUrl,
    static: joinBase(options.baseUrl, `/static/${site.version}`),
    version: options.version,
    preview: page.preview ?? PREVIEW,
    about: options.aboutMessage,
    ...page.texts,
  };
  const raw: Record<string, string> = {
    config: configScript({ ...baseConfig(context), ...page.config }, nonce),
    // The operator's own HTML.
    banner: options.bannerHtml === "" ? "" : `<div class="banner">${options.bannerHtml}</div>`,
  };
  const bytes = site
    .template(page.template)
    .replaceAll(/\{\{(\w+)\}\}/g, (_, name) => raw[name] ?? escapeHtml(texts[name] ?? ""));
  return {
    kind: "bytes",
    status: page.status,
    contentType: "text/html; charset=utf-8",
    bytes,
    headers: pageHeaders(nonce),
  };
}

/** The page for an address that leads nowhere, and for everything else that went wrong. */
export function errorPage(context: ApiContext, problem: Failure): Answer {
  const { status } = ERRORS[problem.code];
  const title = status === 404 ? "Binder not found" : "This did not work";
  return renderPage(context, {
    template: "not-found.html",
    status,
    title,
    texts: { heading: title, message: problem.message, next: problem.next },
  });
}

/** What BinderHub tells its pages, in its names, plus what ours need. */
function baseConfig({ options, policy, site }: ApiContext): Record<string, unknown> {
  return {
    baseUrl: options.baseUrl,
    badgeBaseUrl: options.publicUrl,
    logoUrl: joinBase(options.baseUrl, `/static/${site.version}/logo.svg`),
    logoWidth: "320px",
    repoProviders: providerDisplays(policy),
    aboutMessage: options.aboutMessage,
    bannerHtml: options.bannerHtml,
    binderVersion: options.version,
  };
}

/** Readable as JSON by who cuts it out, and unable to end the script. */
function configScript(config: object, nonce: string): string {
  const literal = JSON.stringify(config)
    .replaceAll("<", "\\u003c")
    .replaceAll(">", "\\u003e")
    .replaceAll("\u2028", "\\u2028")
    .replaceAll("\u2029", "\\u2029");
  return `<script nonce="${nonce}">window.pageConfig = ${literal};</script>`;
}

function pageHeaders(nonce: string): Record<string, string> {
  const policy = [
    "default-src 'none'",
    `script-src 'self' 'nonce-${nonce}'`,
    // The terminal that shows the log makes style elements.
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data:",
    "font-src 'self'",
    "connect-src 'self'",
    "form-action 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ];
  return {
    "cache-control": "no-store",
    "content-security-policy": policy.join("; "),
    "cross-origin-opener-policy": "same-origin",
    "referrer-policy": "same-origin",
    "x-frame-options": "DENY",
  };
}

function escapeHtml(text: string): string {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;")
    .replaceAll("'", "&#39;");
}
