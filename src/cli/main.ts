#!/usr/bin/env node
/** The door: a command of a person, or one of the two processes that the supervisor starts. */
import { enableCompileCache } from "node:module";
import { homedir } from "node:os";
import { join } from "node:path";

async function main(): Promise<void> {
  const words = process.argv.slice(2);
  cacheCompiledCode();
  if (words[0] === "child") {
    const { runRole } = await import("./child-role.ts");
    return await runRole(words[1] ?? "");
  }
  const { runCommandLine } = await import("./run.ts");
  // The reader of a pipe may leave early, as `head` does, and a terminal may be closed.
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code === "EPIPE") process.exit(0);
  });
  process.stderr.on("error", () => undefined);
  const code = await runCommandLine(words, {
    out: process.stdout,
    error: process.stderr,
    environment: process.env,
    workingDirectory: process.cwd(),
    program: import.meta.filename,
  });
  process.exit(code);
}

/** Later starts, the children's as well, compile nothing again. */
function cacheCompiledCode(): void {
  const caches = process.env["XDG_CACHE_HOME"] || join(homedir(), ".cache");
  process.env["NODE_COMPILE_CACHE"] ??= join(caches, "bindery", "compile-cache");
  enableCompileCache(process.env["NODE_COMPILE_CACHE"]);
}

await main();
