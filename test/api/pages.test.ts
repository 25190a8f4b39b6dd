/** The pages and the addresses that lead to them: status, what scripts are told, what cannot happen. */
import { describe, expect, it } from "vitest";
import { apiUnderTest } from "../fixtures/api-under-test.ts";

const HTML = { accept: "text/html", host: "binder.example" };

async function page(url: string, headers: Record<string, string> = {}, options = {}) {
  const world = apiUnderTest(options);
  const response = await world.api.inject({ url, headers: { ...HTML, ...headers } });
  return { ...world, response, body: response.body, config: configOf(response.body) };
}

/** As BinderHub's own test reads it: the first script in the head. */
function configOf(html: string): Record<string, unknown> | null {
  const head = html.slice(0, html.indexOf("</head>"));
  const script = /<script[^>]*>([^]*?)<\/script>/.exec(head)?.[1]?.trim();
  if (script === undefined) return null;
  return JSON.parse(script.replace(/^window\.pageConfig = /, "").replace(/;$/, ""));
}

describe("a launch's page", () => {
  it("tells its scripts what BinderHub tells its own, and what ours need", async () => {
    const { response, body, config, controlPlane } = await page(
      "/v2/gh/owner/name/main?labpath=a.ipynb",
    );
    expect(response.statusCode).toBe(200);
    expect(config).toMatchObject({
      baseUrl: "/",
      binderVersion: "1.2.3",
      logoWidth: "320px",
      launch: { provider: "gh", spec: "owner/name/main" },
      urlPath: "doc/tree/a.ipynb",
      mustConfirm: false,
      problem: null,
    });
    expect(config?.["repoProviders"]).toMatchObject([{ id: "gh" }, { id: "gl" }, {}, {}, {}]);
    expect(body).toContain('<meta property="og:title" content="GitHub: owner/name/main">');
    expect(controlPlane.submitted).toEqual([]);
  });

  it.each([
    ["https://my.host", "my.host"],
    ["https://my.origin", "my.origin"],
    [undefined, "binder.example"],
  ])("has a build token for the origin %s", async (origin, expected) => {
    const { config } = await page("/v2/git/https%3A%2F%2Fgit.example%2Fx/HEAD", {
      ...(origin !== undefined && { origin }),
    });
    const [, payload = ""] = String(config?.["buildToken"]).split(".");
    expect(JSON.parse(Buffer.from(payload, "base64url").toString())).toEqual({
      aud: "git/https%3A%2F%2Fgit.example%2Fx/HEAD",
      origin: expected,
      exp: Date.UTC(2026, 0, 1, 0, 5) / 1_000,
    });
  });

  it.each([
    ["an unknown provider", "/v2/nope/owner/name/HEAD", 404],
    ["a spec of another form", "/v2/gh/owner", 400],
    ["a ref that cannot be", "/v2/gh/owner/name/a..b", 400],
  ])("%s is a real error with a way back", async (_, url, status) => {
    const { response, body } = await page(url);
    expect(response.statusCode).toBe(status);
    expect(body).toContain('<a class="button" href="/">Start page</a>');
  });

  it("folders of this machine are an unknown provider where they are not allowed", async () => {
    const { response } = await page(
      "/v2/local/%2Fetc/HEAD",
      {},
      { policy: { allowLocalRepos: false } },
    );
    expect(response.statusCode).toBe(404);
  });

  it("a link without a ref leads to the one with it", async () => {
    const { response } = await page("/v2/gh/owner/name?urlpath=lab");
    expect(response.statusCode).toBe(302);
    expect(response.headers.location).toBe("/v2/gh/owner/name/HEAD?urlpath=lab");
  });

  it("a urlpath that leads elsewhere is refused before anything begins", async () => {
    const { config } = await page("/v2/gh/owner/name/HEAD?urlpath=https%3A%2F%2Fevil.example");
    expect(config).toMatchObject({ urlPath: null, problem: { code: "request-invalid" } });
  });

  it.each([
    [{ "sec-fetch-site": "cross-site" }, true, true],
    [{ "sec-fetch-site": "same-site" }, true, true],
    [{ "sec-fetch-site": "none" }, true, false],
    [{}, true, false],
    [{ "sec-fetch-site": "cross-site" }, false, false],
  ])(
    "asks first when a link of another site led here: %j (%s)",
    async (headers, confirmForeignLinks, mustConfirm) => {
      const { config } = await page("/v2/gh/owner/name/HEAD", headers, {
        options: { confirmForeignLinks },
      });
      expect(config).toMatchObject({ mustConfirm });
    },
  );

  it("nothing that comes from outside can end its script or its markup", async () => {
    const nasty = encodeURIComponent("</script><script>alert(1)</script>\"'<b>\u2028");
    const { body, config, response } = await page(`/v2/gh/owner/name/x?urlpath=${nasty}`);
    expect(response.statusCode).toBe(200);
    expect(body).not.toContain("<script>alert");
    expect(body).not.toContain("<b>");
    expect(JSON.stringify(config)).toContain("alert(1)");
    expect(/window\.pageConfig = (.*)<\/script>/.exec(body)?.[1]).not.toMatch(/[<>\u2028]/);
    const form = await page(`/launch?repo=${nasty}&ref=${nasty}`);
    expect(form.body).not.toContain("<script>alert");
    expect(form.body).not.toContain("<b>");
    expect(form.response.statusCode).toBe(400);
  });

  it("runs no script but ours", async () => {
    const first = await page("/v2/gh/owner/name/HEAD");
    const policy = String(first.response.headers["content-security-policy"]);
    const nonce = /script-src 'self' 'nonce-([^']+)'/.exec(policy)?.[1];
    expect(first.body).toContain(`<script nonce="${nonce}">`);
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).not.toMatch(/script-src[^;]*unsafe|https?:/);
    // Nothing is loaded from elsewhere, and no handler stands in the markup.
    expect(first.body).not.toMatch(/(?:src|href)="(?:https?:)?\/\//);
    expect(first.body).not.toMatch(/\son[a-z]+=/);
  });
});

describe("the start page", () => {
  it("has one form that works without scripts", async () => {
    const { body, response } = await page("/");
    expect(response.statusCode).toBe(200);
    expect(body).toContain('<form action="/launch" method="get"');
    expect(body).toContain("GitHub");
  });

  it.each([
    ["repo=https://github.com/owner/name", "/v2/gh/owner/name/HEAD"],
    ["repo=gh/owner/name&ref=feature/x", "/v2/gh/owner/name/feature/x"],
    ["repo=owner%2Fname", null],
    ["repo=gh/owner/name&labpath=a b.ipynb", "/v2/gh/owner/name/HEAD?labpath=a%20b.ipynb"],
    ["repo=gh/owner/name&urlpath=lab", "/v2/gh/owner/name/HEAD?urlpath=lab"],
    ["repo=https://git.example.org/x", "/v2/git/https%3A%2F%2Fgit.example.org%2Fx/HEAD"],
    ["repo=/srv/data", "/v2/local/%2Fsrv%2Fdata/HEAD"],
    ["", null],
  ])("leads from %s to %s", async (query, location) => {
    const { response, body } = await page(`/launch?${query}`);
    expect(response.statusCode).toBe(location === null ? 400 : 302);
    expect(response.headers.location ?? null).toBe(location);
    expect(/<p class="problem"[^>]*>[^<]+</.test(body)).toBe(location === null);
  });

  it("waits in place where an address does not tell where its ref ends", async () => {
    const address = "https://github.com/owner/name/tree/feature/x/notebooks";
    const { config, response } = await page(`/launch?repo=${encodeURIComponent(address)}`);
    expect(response.statusCode).toBe(200);
    expect(config).toMatchObject({ launch: { repo: address }, urlPath: null });
  });
});

describe("addresses that are written down elsewhere", () => {
  it.each([
    ["/repo/owner/name", "/v2/gh/owner/name/HEAD"],
    ["/repo/owner/name/", "/v2/gh/owner/name/HEAD"],
    [
      "/repo/owner/name/notebooks/index.ipynb",
      "/v2/gh/owner/name/HEAD?urlpath=%2Fnotebooks%2Findex.ipynb",
    ],
    ["/repo/owner/name/has%20space", "/v2/gh/owner/name/HEAD?urlpath=%2Fhas%20space"],
  ])("%s leads to %s", async (url, location) => {
    const { response } = await page(url);
    expect(response.statusCode).toBe(302);
    expect(response.headers.location).toBe(location);
  });

  it.each([
    ["/badge.svg", "image/svg+xml"],
    ["/badge_logo.svg", "image/svg+xml"],
    ["/assets/images/badge.svg", "image/svg+xml"],
    ["/logo_social.png", "image/png"],
    ["/favicon.ico", "image/x-icon"],
    ["/favicon_building.ico", "image/x-icon"],
    ["/favicon_success.ico", "image/x-icon"],
    ["/favicon_fail.ico", "image/x-icon"],
    ["/robots.txt", "text/plain; charset=utf-8"],
    ["/static/style.css", "text/css; charset=utf-8"],
    ["/static/xterm.mjs", "text/javascript; charset=utf-8"],
    ["/about", "text/html; charset=utf-8"],
  ])("%s is %s", async (url, type) => {
    const { response } = await page(url);
    expect(response.statusCode).toBe(200);
    expect(response.headers["content-type"]).toBe(type);
    expect(response.rawPayload.length).toBeGreaterThan(50);
  });

  it("everything that a page refers to is there", async () => {
    for (const url of ["/", "/v2/gh/owner/name/HEAD", "/about", "/nowhere"]) {
      const { api, body } = await page(url);
      const links = [...body.matchAll(/(?:src|href)="([^"#]+)"/g)].map(([, link = ""]) => link);
      expect(links.length).toBeGreaterThan(3);
      for (const link of links)
        expect([link, (await api.inject({ url: link })).statusCode]).toEqual([link, 200]);
    }
  });

  it.each([
    "/static/home.html",
    "/static/../package.json",
    "/static/tsconfig.json",
    "/static/x/y/z",
  ])("%s is not served", async (url) => {
    expect((await page(url)).response.statusCode).toBe(404);
  });

  it("files with their hash in the address may be kept for good, others are asked for again", async () => {
    const { api, body } = await page("/");
    const link = /href="(\/static\/[0-9a-f]+\/style\.css)"/.exec(body)?.[1] ?? "";
    const kept = await api.inject({ url: link });
    expect(kept.headers["cache-control"]).toContain("immutable");
    const old = await api.inject({ url: "/static/0000000000000000/style.css" });
    expect(old.headers["cache-control"]).toBe("no-cache");
    const etag = String(old.headers.etag);
    const again = await api.inject({
      url: "/static/style.css",
      headers: { "if-none-match": etag },
    });
    expect([again.statusCode, again.body]).toEqual([304, ""]);
    const packed = await api.inject({ url: link, headers: { "accept-encoding": "gzip, br" } });
    expect(packed.headers["content-encoding"]).toBe("gzip");
  });
});

describe("a base path", () => {
  it("stands before everything", async () => {
    const options = { options: { baseUrl: "/binder/" } };
    const home = await page("/binder/", {}, options);
    expect(home.response.statusCode).toBe(200);
    expect(home.body).toContain('<form action="/binder/launch"');
    expect(home.body).toMatch(/href="\/binder\/static\/[0-9a-f]+\/style\.css"/);
    const form = await page("/binder/launch?repo=gh/owner/name", {}, options);
    expect(form.response.headers.location).toBe("/binder/v2/gh/owner/name/HEAD");
    const launch = await page("/binder/v2/gh/owner/name/HEAD", {}, options);
    expect(launch.config).toMatchObject({ launch: { provider: "gh", spec: "owner/name/HEAD" } });
    const outside = await page("/v2/gh/owner/name/HEAD", {}, options);
    expect(outside.response.statusCode).toBe(404);
  });
});
