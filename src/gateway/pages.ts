/** What people and programs read when the gateway itself answers. */
import { createHash } from "node:crypto";
import type { Failure } from "#core/errors.ts";

export interface Answer {
  readonly status: number;
  /** What a person reads first. */
  readonly title: string;
  readonly failure: Failure;
  /** Seconds; the page tries again by itself. Null for an answer that stays. */
  readonly retryAfterSeconds: number | null;
}

export interface RenderedAnswer {
  readonly headers: readonly string[];
  readonly body: string;
}

/** JSON for who asks for JSON, a page for who takes HTML, plain text for the rest (`curl`). */
export function renderAnswer(answer: Answer, accept: string | undefined): RenderedAnswer {
  const wanted = accept?.toLowerCase() ?? "";
  const headers = [
    "Cache-Control",
    "no-store",
    "X-Content-Type-Options",
    "nosniff",
    "Vary",
    "Accept",
  ];
  if (answer.retryAfterSeconds !== null) {
    headers.push("Retry-After", String(answer.retryAfterSeconds));
  }
  if (wanted.includes("text/html")) {
    headers.push("Content-Type", "text/html; charset=utf-8");
    headers.push("Content-Security-Policy", POLICY, "Referrer-Policy", "no-referrer");
    return { headers, body: page(answer) };
  }
  if (/\bapplication\/(?:[\w.-]+\+)?json\b/.test(wanted)) {
    headers.push("Content-Type", "application/json; charset=utf-8");
    return { headers, body: `${JSON.stringify(json(answer))}\n` };
  }
  headers.push("Content-Type", "text/plain; charset=utf-8");
  return { headers, body: text(answer) };
}

function json({ title, failure }: Answer): object {
  return { ...failure, message: sentences(title, failure.message) };
}

function text({ title, failure }: Answer): string {
  return `${sentences(title, failure.message)}\n${failure.next}\n`;
}

/** The title is part of what a program reads, too: clients of Binder look for it. */
function sentences(title: string, message: string): string {
  return `${title}: ${message}`;
}

const STYLE = `:root{color-scheme:light dark;font:16px/1.5 system-ui,sans-serif}
body{max-width:34rem;margin:14vh auto;padding:0 1.5rem}
h1{font-size:1.5rem;font-weight:600}
p{margin:.6rem 0}
.next{opacity:.75}
a{color:inherit}
.wait{display:inline-block;width:1em;height:1em;margin-right:.5em;vertical-align:-.12em;border:2px solid;border-right-color:transparent;border-radius:50%;animation:turn 1s linear infinite}
@keyframes turn{to{transform:rotate(360deg)}}
@media (prefers-reduced-motion:reduce){.wait{animation:none}}`;

/** Asks again and again, and loads the page anew once the answer is another one. */
const SCRIPT = `const again=async()=>{try{
const answer=await fetch(location.href,{headers:{accept:"application/json"},cache:"no-store",redirect:"manual"});
if(answer.status!==503||!answer.headers.has("retry-after"))return location.reload();
}catch{}setTimeout(again,500)};setTimeout(again,500);`;

const sha256 = (code: string) => createHash("sha256").update(code).digest("base64");
const POLICY = [
  "default-src 'none'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  `style-src 'sha256-${sha256(STYLE)}'`,
  `script-src 'sha256-${sha256(SCRIPT)}'`,
].join("; ");

function page({ title, failure, retryAfterSeconds }: Answer): string {
  const isWaiting = retryAfterSeconds !== null;
  const head = isWaiting
    ? `<noscript><meta http-equiv="refresh" content="${retryAfterSeconds + 1}"></noscript>`
    : "";
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
<title>${escapeHtml(title)}</title><style>${STYLE}</style>${head}</head>
<body><h1>${isWaiting ? '<span class="wait"></span>' : ""}${escapeHtml(title)}</h1>
<p>${escapeHtml(failure.message)}</p>
<p class="next">${escapeHtml(failure.next)}</p>
<p><a href="/">Start page</a></p>
${isWaiting ? `<script>${SCRIPT}</script>` : ""}</body></html>
`;
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
