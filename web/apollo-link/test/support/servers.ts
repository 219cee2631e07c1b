/** The real API, once for every configuration the tests need. */

import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { TestProject } from "vitest/node";
import { SECRET } from "../../../clients/test/support/tokens.js";

const ROOT = fileURLToPath(new URL("../../../../", import.meta.url));

/** A refresh whose answer is lost may be tried again however slow the machine is. */
const COMMON = ["WORKERS=1", "REFRESH_GRACE_SECONDS=300", `DJANGO_SECRET_KEY=${SECRET}`];
const CONFIGURATIONS = {
  headers: [],
  strict: ["STRICT_401=true"],
  cookies: ["JWT_COOKIE_MODE=true"],
};

export type ServerName = keyof typeof CONFIGURATIONS;

declare module "vitest" {
  interface ProvidedContext {
    /** Of Apollo Client, which the tests run against. */
    major: number;
    servers: Record<ServerName, string>;
  }
}

export default async function setup(project: TestProject) {
  const lent = await Promise.all(Object.entries(CONFIGURATIONS).map(([name, environ]) => lend(name, environ)));
  project.provide(
    "servers",
    Object.fromEntries(lent.map(({ name, url }) => [name, url])) as Record<ServerName, string>,
  );
  return () => Promise.all(lent.map(({ server }) => stop(server)));
}

async function lend(name: string, environ: string[]) {
  const server = spawn(".venv/bin/python", ["-m", "tests.lend", ...COMMON, ...environ], {
    cwd: ROOT,
    stdio: ["pipe", "pipe", "inherit"],
  });
  const url = await new Promise<string>((resolve, reject) => {
    server.stdout.once("data", (line: Buffer) => resolve(line.toString().trim()));
    server.once("exit", (code) => reject(new Error(`The server "${name}" ended with ${code}`)));
  });
  return { name, url, server };
}

/** It stops when its standard input ends. */
async function stop(server: ChildProcess) {
  const ended = new Promise((resolve) => server.once("exit", resolve));
  server.stdin?.end();
  await ended;
}
