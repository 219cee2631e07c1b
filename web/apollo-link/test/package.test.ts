/** The tarball as a stranger gets it: what is in it, and that it works with both majors. */

import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

const PACKAGE = fileURLToPath(new URL("..", import.meta.url));
const MODULES = join(PACKAGE, "../node_modules");
const NAME = "django-graphql-revocation-apollo";

let folder: string;
let tarball: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "package-"));
  run("npm", ["pack", "--pack-destination", folder], PACKAGE);
  tarball = join(folder, readdirSync(folder).find((name) => name.endsWith(".tgz")) ?? "");
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

function run(command: string, parameters: string[], cwd: string) {
  const { status, stdout, stderr } = spawnSync(command, parameters, { cwd, encoding: "utf8" });
  expect(status, stdout + stderr).toBe(0);
  return stdout;
}

test("the tarball holds what is needed, and nothing else", () => {
  const files = run("tar", ["-tzf", tarball], folder)
    .trim()
    .split("\n")
    .map((file) => file.replace(/^package\//, ""));
  const [rest, built] = [
    files.filter((file) => !file.startsWith("dist/")),
    files.filter((file) => file.startsWith("dist/")),
  ];
  expect(rest.sort()).toEqual(["LICENSE", "README.md", "package.json"]);
  expect(built).toContain("dist/index.js");
  expect(
    built.every((file) =>
      file.endsWith(".js") ? built.includes(file.replace(/js$/, "d.ts")) : file.endsWith(".d.ts"),
    ),
  ).toBe(true);
});

test("nothing but its peers comes with it", () => {
  const manifest = JSON.parse(readFileSync(join(PACKAGE, "package.json"), "utf8")) as Record<string, object>;
  expect(manifest["dependencies"]).toBeUndefined();
  expect(Object.keys(manifest["peerDependencies"] ?? {})).toEqual(["@apollo/client", "graphql"]);
});

const CONSUMER = `
import { ApolloClient, ApolloLink, HttpLink, InMemoryCache } from "@apollo/client/core/index.js";
import { AuthError, createAuth, memoryStorage, webStorage } from "${NAME}";
import type { Auth, AuthState, Session, TokenStorage } from "${NAME}";

const auth: Auth = createAuth({ uri: "/graphql", mode: "header", storage: memoryStorage(), onSignedOut: (why: string) => void why });
const client = new ApolloClient({ cache: new InMemoryCache(), link: ApolloLink.from([auth.link, new HttpLink({ uri: "/graphql" })]) });
const detach: () => void = auth.attach(client);
const state: AuthState = auth.state;

// An \`any\` would satisfy anything; these would then not be errors.
type IsAny<Type> = 0 extends 1 & Type ? true : false;
type PublicParts = [Auth["link"], Auth["state"], Auth["subscribe"], ReturnType<Auth["signOut"]>, Parameters<Auth["attach"]>[0], AuthError["cause"], Session["tokens"]];
type Leaks<Parts extends unknown[]> = { [Index in keyof Parts]: IsAny<Parts[Index]> };
const leaks: Leaks<PublicParts> = [false, false, false, false, false, false, false];

// @ts-expect-error: there are two modes
createAuth({ mode: "both" });
// @ts-expect-error: the state is not to be written
state.status = "signedIn";

export { AuthError, auth, client, detach, leaks, webStorage };
export type { TokenStorage };
`;

const RUN = `
import { ApolloLink } from "@apollo/client/core/index.js";
import { AuthError, createAuth } from "${NAME}";
import { createRequire } from "node:module";

const auth = createAuth({ uri: "http://127.0.0.1:9/graphql" });
await auth.ready;
const error = await auth.signIn({ username: "a", password: "b" }).catch((error) => error);
const required = createRequire(import.meta.url)("${NAME}");
console.log(JSON.stringify({
  isLink: auth.link instanceof ApolloLink,
  status: auth.state.status,
  code: error instanceof AuthError && error.code,
  isRequired: typeof required.createAuth === "function",
}));
`;

describe.each([
  ["4", "@apollo/client"],
  ["3", "apollo-client-3"],
])("with Apollo Client %s", (major, apollo) => {
  let project: string;

  beforeAll(() => {
    project = join(folder, `apollo-${major}`);
    const own = join(project, "node_modules", NAME);
    mkdirSync(own, { recursive: true });
    run("tar", ["-xzf", tarball, "--strip-components=1", "-C", own], folder);
    link(apollo, "@apollo/client");
    for (const peer of ["graphql", "rxjs", "@types/node"]) link(peer, peer);
    writeFileSync(join(project, "package.json"), JSON.stringify({ type: "module" }));
    writeFileSync(join(project, "consumer.ts"), CONSUMER);
    writeFileSync(join(project, "run.js"), RUN);
  });

  function link(from: string, to: string) {
    const path = join(project, "node_modules", to);
    mkdirSync(dirname(path), { recursive: true });
    symlinkSync(join(MODULES, from), path);
  }

  test.each(["NodeNext", "Bundler"])("it type-checks as a %s project resolves modules", (resolution) => {
    const module = resolution === "Bundler" ? "ESNext" : resolution;
    const options = [
      "--module",
      module,
      "--moduleResolution",
      resolution,
      "--target",
      "ES2022",
      "--strict",
      "--exactOptionalPropertyTypes",
      "--skipLibCheck",
      "--noEmit",
    ];
    run(process.execPath, [join(MODULES, "typescript/bin/tsc"), ...options, "consumer.ts"], project);
  });

  test("it runs in Node as it is, imported and required", () => {
    expect(JSON.parse(run(process.execPath, ["--no-warnings", "run.js"], project))).toEqual({
      isLink: true,
      status: "signedOut",
      code: "NETWORK_ERROR",
      isRequired: true,
    });
  });
});
