/** Lends the real API to the tests: one server for each environment they ask about, two workers each. */

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { TestProject } from "vitest/node";
import { SECRET } from "./tokens";

const ROOT = fileURLToPath(new URL("../../../../", import.meta.url));
const PYTHON = ".venv/bin/python";

declare module "vitest" {
  interface ProvidedContext {
    /** The endpoint in header mode, as the API runs by default. */
    endpoint: string;
    /** The endpoint in cookie mode, for pages of `page`. */
    cookieEndpoint: string;
    page: string;
  }
}

const PAGE = "https://app.example";

export default async function lend(project: TestProject) {
  const secret = `DJANGO_SECRET_KEY=${SECRET}`;
  const servers = await Promise.all([
    Server.start(secret),
    Server.start(secret, "JWT_COOKIE_MODE=true", `CORS_ALLOWED_ORIGINS=${PAGE}`),
  ]);
  const [header, cookie] = servers;
  project.provide("endpoint", header.url);
  project.provide("cookieEndpoint", cookie.url);
  project.provide("page", PAGE);
  return () => Promise.all(servers.map((server) => server.stop()));
}

class Server {
  private constructor(
    readonly url: string,
    private readonly process: ChildProcess,
  ) {}

  static async start(...environment: string[]): Promise<Server> {
    const process = spawn(PYTHON, ["-m", "tests.lend", ...environment], {
      cwd: ROOT,
      stdio: ["pipe", "pipe", "inherit"],
    });
    const lines = createInterface({ input: process.stdout });
    for await (const url of lines) return new Server(url, process);
    throw new Error("The API did not start; what it said is above.");
  }

  /** It stops when its standard input ends, hence also when this process is killed. */
  async stop() {
    const stopped = once(this.process, "exit");
    this.process.stdin?.end();
    await stopped;
  }
}
