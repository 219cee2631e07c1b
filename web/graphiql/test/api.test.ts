import { expect, test } from "vitest";
import { createSend } from "../src/api";

function answering(respond: () => Response | Promise<Response>) {
  const calls: { url: string; init: RequestInit }[] = [];
  const send = createSend("/graphql", async (url, init) => {
    calls.push({ url: String(url), init: init! });
    return respond();
  });
  return { send, calls };
}

test("a request is JSON, says what it accepts, and keeps to its own origin's credentials", async () => {
  const { send, calls } = answering(() => Response.json({ data: { version: "1" } }));
  await send({ query: "{ version }" }, new Headers({ Authorization: "Bearer abc" }));
  const { url, init } = calls[0]!;
  expect(url).toBe("/graphql");
  expect(init).toMatchObject({ method: "POST", credentials: "same-origin", body: '{"query":"{ version }"}' });
  expect(Object.fromEntries(init.headers as Headers)).toEqual({
    accept: "application/graphql-response+json, application/json;q=0.9",
    authorization: "Bearer abc",
    "content-type": "application/json",
  });
});

test("a refusal with a 4xx status is an answer like any other", async () => {
  const refusal = { errors: [{ message: "No", extensions: { code: "INTROSPECTION_DISABLED" } }] };
  const { send } = answering(() => Response.json(refusal, { status: 400 }));
  expect(await send({ query: "{ __schema { types { name } } }" })).toEqual(refusal);
});

test("a page of HTML is reported by its status", async () => {
  const { send } = answering(() => new Response("<h1>Bad gateway</h1>", { status: 502, statusText: "Bad Gateway" }));
  const { errors } = await send({ query: "{ version }" });
  expect(errors?.[0]?.message).toContain("502 Bad Gateway");
});

test("a lost connection is an answer with an error", async () => {
  const { send } = answering(() => Promise.reject(new TypeError("Failed to fetch")));
  const { errors } = await send({ query: "{ version }" });
  expect(errors?.[0]?.message).toContain("Failed to fetch");
});
