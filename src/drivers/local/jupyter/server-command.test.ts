/** The command that starts a server: what is in it, and what must never be. */
import { describe, expect, test } from "vitest";
import { SANDBOX_PATHS, type ServerRequest, serverCommand } from "./server-command.ts";

const request: ServerRequest = {
  serverEnvironment: {
    directory: "/data/server/1",
    interpreterDirectories: ["/opt/python/3.12"],
    pythonVersion: "3.12.4",
  },
  baseUrl: "/user/abc/",
  token: "the-token",
  claimSecret: "the-secret",
  server: "generic",
  isWarm: false,
  variables: { BINDER_REQUEST: "v2/gh/a/b/c" },
  kernelIdleMs: 600_500,
  allowOrigin: null,
};

function settingsOf(command: { variables: Readonly<Record<string, string>> }) {
  return JSON.parse(command.variables["BINDERY_SERVER"] ?? "{}");
}

describe("the command that starts a server", () => {
  test("runs the shared server's own Python in isolated mode", () => {
    const launcher = "/srv/server/bindery/bindery_server.py";
    expect(serverCommand(request).argv).toEqual(["/srv/server/bin/python", "-I", launcher]);
  });

  test("runs the environment's Python where the repository brings the server", () => {
    const { argv } = serverCommand({ ...request, server: "environment" });
    expect(argv).toEqual(["/srv/env/bin/python", "/srv/server/bindery/bindery_server.py"]);
  });

  test("keeps the token and the secret out of everything but the secrets", () => {
    const { secrets, ...rest } = serverCommand(request);
    expect(Object.values(secrets)).toEqual(["the-token", "the-secret"]);
    expect(JSON.stringify(rest)).not.toMatch(/the-token|the-secret/);
  });

  test("shows the server's environment at its place and the interpreter at its own", () => {
    expect(serverCommand(request).binds).toEqual([
      { hostPath: "/data/server/1", insidePath: "/srv/server" },
      { hostPath: "/opt/python/3.12", insidePath: "/opt/python/3.12" },
    ]);
  });

  test("gives people their variables, the environment first on the PATH, and keeps its own settings", () => {
    const variables = { BINDER_REQUEST: "v2/gh/a/b/c", BINDERY_SERVER: "{}", LANG: "de_DE.UTF-8" };
    const command = serverCommand({ ...request, variables });
    expect(command.variables).toMatchObject({
      BINDER_REQUEST: "v2/gh/a/b/c",
      HOME: "/home/jovyan",
      LANG: "de_DE.UTF-8",
      PATH: "/home/jovyan/.local/bin:/srv/env/bin:/usr/local/bin:/usr/bin:/bin",
      JUPYTER_PATH: "/srv/env/share/jupyter",
    });
    expect(settingsOf(command)).toMatchObject({ baseUrl: "/user/abc/", kernelIdleSeconds: 601 });
  });

  test("uses the paths of the host where there is no sandbox", () => {
    const paths = { ...SANDBOX_PATHS, home: "/data/sessions/1/home", server: "/data/server/1" };
    const command = serverCommand({ ...request, paths });
    expect(command.workingDirectory).toBe("/data/sessions/1/home");
    expect(command.argv[0]).toBe("/data/server/1/bin/python");
    expect(settingsOf(command).paths).toEqual(paths);
  });

  test("points pages at the shared files only where the shared server runs", () => {
    const sharedAssets = "/static-server/1/";
    expect(settingsOf(serverCommand({ ...request, sharedAssets }))).toMatchObject({ sharedAssets });
    const own = serverCommand({ ...request, sharedAssets, server: "environment" });
    expect([settingsOf(own).sharedAssets, settingsOf(serverCommand(request)).sharedAssets]).toEqual(
      [null, null],
    );
  });
});
