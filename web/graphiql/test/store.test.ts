import { beforeEach, describe, expect, test } from "vitest";
import type { GraphQLAnswer, GraphQLRequest, Send } from "../src/api";
import { createFetcher } from "../src/fetcher";
import { presentedToken } from "../src/session/session";
import { SessionStore } from "../src/session/store";

const NOW = Date.parse("2030-01-01T12:00:00Z");

const grant = (token: string) => ({
  token,
  refreshToken: `${token}-refresh`,
  expiresAt: "2030-01-01T12:05:00Z",
  payload: { iat: NOW / 1000 },
});
const signedIn = { data: { tokenAuth: { ...grant("first"), user: { username: "demo" } } } };
const refused = (code: string, reason: string, path = ["me"]) => ({
  data: null,
  errors: [{ message: "Refused", path, extensions: { code, reason } }],
});

let answers: GraphQLAnswer[];
let sent: { request: GraphQLRequest; authorization: string | null }[];
let store: SessionStore;

const send = (async (request: GraphQLRequest, headers?: Headers) => {
  sent.push({ request, authorization: headers?.get("Authorization") ?? null });
  return answers.shift() ?? {};
}) as Send;

beforeEach(() => {
  answers = [];
  sent = [];
  store = new SessionStore(send, () => NOW);
});

async function signIn() {
  answers.push(signedIn);
  await store.signIn("demo", "demo");
}

async function ask(request: { query: string; operationName?: string }, headers = {}) {
  await createFetcher(send, store)(request, { headers });
  return sent.at(-1)!.authorization;
}

const session = () => store.view().session;

describe("signing in", () => {
  test("opens a session and presents its access token from then on", async () => {
    await signIn();
    expect(session()).toMatchObject({ kind: "live", username: "demo", expiresAt: NOW + 300_000 });
    expect(await ask({ query: "{ me { username } }" })).toBe("Bearer first");
  });

  test("sends the password as a variable, and presents no token", async () => {
    await signIn();
    expect(sent[0]).toMatchObject({ authorization: null, request: { variables: { password: "demo" } } });
  });

  test("that is refused says why and opens nothing", async () => {
    answers.push(refused("INVALID_CREDENTIALS", "INVALID_CREDENTIALS", ["tokenAuth"]));
    await store.signIn("demo", "wrong");
    expect(store.view()).toMatchObject({ session: { kind: "none" }, problem: { code: "INVALID_CREDENTIALS" } });
  });

  test("is not attempted twice at a time", async () => {
    answers.push(signedIn);
    await Promise.all([store.signIn("demo", "demo"), store.signIn("demo", "demo")]);
    expect(sent).toHaveLength(1);
  });
});

describe("refreshing", () => {
  test("rotates both tokens", async () => {
    await signIn();
    answers.push({ data: { refreshToken: grant("second") } });
    await store.refresh();
    expect(sent[1]?.request.variables).toEqual({ refreshToken: "first-refresh" });
    expect(session()).toMatchObject({ kind: "live", accessToken: "second", refreshToken: "second-refresh" });
  });

  test("that is rejected for good ends the session but keeps its access token", async () => {
    await signIn();
    answers.push(refused("REFRESH_REJECTED", "SESSION_ENDED", ["refreshToken"]));
    await store.refresh();
    expect(session()).toMatchObject({ kind: "ended", by: "server", accessToken: "first" });
  });

  test("that may succeed later leaves the session open", async () => {
    await signIn();
    answers.push(refused("SERVICE_UNAVAILABLE", "REVOCATION_UNAVAILABLE", ["refreshToken"]));
    await store.refresh();
    expect(store.view()).toMatchObject({ session: { kind: "live" }, problem: { code: "SERVICE_UNAVAILABLE" } });
  });
});

describe("logging out", () => {
  beforeEach(async () => {
    await signIn();
    answers.push({ data: { logout: { ok: true } } });
    await store.logOut();
  });

  test("presents the access token whose session is to end", () => {
    expect(sent[1]?.authorization).toBe("Bearer first");
  });

  test("goes on presenting the revoked token, and shows how it is refused", async () => {
    answers.push(refused("UNAUTHENTICATED", "TOKEN_REVOKED"));
    expect(await ask({ query: "{ me { username } }" })).toBe("Bearer first");
    expect(store.view().refusal).toBe("TOKEN_REVOKED");
  });

  test("still lets the schema be read, without the revoked token", async () => {
    const introspection = { query: "query IntrospectionQuery { __schema { x } }", operationName: "IntrospectionQuery" };
    expect(await ask(introspection)).toBeNull();
  });

  test("is followed by no token once it is forgotten", async () => {
    store.forget();
    expect(await ask({ query: "{ me { username } }" })).toBeNull();
  });

  test("is followed by the new token after another sign-in", async () => {
    await signIn();
    expect(store.view()).toMatchObject({ session: { kind: "live" }, refusal: null });
  });
});

test("a logout the server did not confirm leaves the session open", async () => {
  await signIn();
  answers.push(refused("SERVICE_UNAVAILABLE", "REVOCATION_UNAVAILABLE", ["logout"]));
  await store.logOut();
  expect(store.view()).toMatchObject({ session: { kind: "live" }, problem: { code: "SERVICE_UNAVAILABLE" } });
});

test("the header editor's Authorization is sent instead, and the panel is told", async () => {
  await signIn();
  expect(await ask({ query: "{ me { username } }" }, { authorization: "Bearer typed" })).toBe("Bearer typed");
  expect(store.view().isOutranked).toBe(true);
});

test("a late answer about a forgotten token is not taken for news of the next one", async () => {
  await signIn();
  const token = presentedToken(session())!;
  answers.push({ data: { refreshToken: grant("second") } });
  await store.refresh();
  store.noteAnswer(token, refused("UNAUTHENTICATED", "TOKEN_EXPIRED"));
  expect(store.view().refusal).toBeNull();
});
