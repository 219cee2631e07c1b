/** What graphql-request sends by its read-me and examples, and what of a refusal an application can read. */

import { batchRequests, ClientError, gql, GraphQLClient, request, type RequestMiddleware } from "graphql-request";
import { beforeAll, beforeEach, describe, expect, inject, test } from "vitest";
import { refusalOf, refusals } from "../support/app";
import { Browser } from "../support/browser";
import { ME, type MeData, MIXED, SIGN_IN } from "../support/operations";
import { signIn } from "../support/plain";

const endpoint = inject("endpoint");
const VERSION = gql`
  query Version {
    version
  }
`;
const missing = { code: "UNAUTHENTICATED", reason: "TOKEN_MISSING" };

let authorization: string;
beforeAll(async () => {
  authorization = `Bearer ${(await signIn(endpoint, "user11")).token}`;
});

let browser: Browser;
beforeEach(() => {
  browser = new Browser();
});

type Options = NonNullable<ConstructorParameters<typeof GraphQLClient>[1]>;
const open = (options: Options = {}) => new GraphQLClient(endpoint, { fetch: browser.fetch, ...options });

async function clientErrorOf(promise: Promise<unknown>): Promise<ClientError> {
  const error = await refusalOf(promise);
  expect(error).toBeInstanceOf(ClientError);
  return error as ClientError;
}

describe("quick start", () => {
  test("a document is asked by one call", async () => {
    expect(await request(endpoint, VERSION)).toEqual({ version: expect.any(String) });
  });

  test("it accepts both media types, and is answered in application/graphql-response+json", async () => {
    await open().request(VERSION);
    const { headers, answer } = browser.last;
    expect(headers.get("accept")).toBe("application/graphql-response+json, application/json");
    expect(answer.headers.get("content-type")).toBe("application/graphql-response+json; charset=utf-8");
  });

  test("by GET it sends neither a content type nor a header that browsers ask about", async () => {
    expect(await open({ method: "GET" }).request(VERSION)).toEqual({ version: expect.any(String) });
    expect(browser.last.method).toBe("GET");
    expect([...browser.last.headers.keys()]).toEqual(["accept"]);
  });

  test("without operation names, by POST and by GET", async () => {
    for (const method of ["POST", "GET"] as const) {
      const client = open({ method, excludeOperationName: true });
      expect(await client.request(VERSION)).toEqual({ version: expect.any(String) });
    }
  });
});

describe("the token in a header", () => {
  test.each<[string, (client: GraphQLClient) => Promise<MeData>]>([
    ["of the client", (client) => client.setHeader("authorization", authorization).request<MeData>(ME)],
    ["of one request", (client) => client.request<MeData>(ME, {}, { authorization })],
  ])("%s", async (_, ask) => {
    expect((await ask(open())).me?.username).toBe("user11");
  });

  test("that is computed for each request", async () => {
    const { me } = await open({ headers: () => ({ authorization }) }).request<MeData>(ME);
    expect(me?.username).toBe("user11");
  });

  test("that middleware adds by a copy of the others", async () => {
    const requestMiddleware: RequestMiddleware = (request) => {
      const headers = new Headers(request.headers);
      headers.set("authorization", authorization);
      return { ...request, headers };
    };
    expect((await open({ requestMiddleware }).request<MeData>(ME)).me?.username).toBe("user11");
  });

  // The example of middleware spreads `Headers`, which have no properties: the content type is lost.
  test("that middleware adds as its example shows: 415, and the message says what to send", async () => {
    const requestMiddleware: RequestMiddleware = (request) => ({
      ...request,
      headers: { ...request.headers, authorization },
    });
    const { response } = await clientErrorOf(open({ requestMiddleware }).request(ME));
    expect(browser.last.headers.get("content-type")).toBe("text/plain;charset=UTF-8");
    expect(response.status).toBe(415);
    expect(response.errors?.[0]?.message).toContain("Content-Type application/json");
  });
});

describe("batches", () => {
  test("are answered in order", async () => {
    const answers = await batchRequests(endpoint, [{ document: VERSION }, { document: ME }], { authorization });
    expect(answers).toMatchObject([
      { data: { version: expect.any(String) } },
      { data: { me: { username: "user11" } } },
    ]);
  });

  test("are rejected as a whole where one entry is refused, and the error has all answers", async () => {
    const { response } = await clientErrorOf(batchRequests(endpoint, [{ document: VERSION }, { document: ME }]));
    const answers = response as unknown as Record<number, { data: unknown; errors?: [] }>;
    expect(answers[0]).toEqual({ data: { version: expect.any(String) } });
    expect(refusals(answers[1]!.errors!)).toEqual([missing]);
  });
});

describe("error policy", () => {
  test("none, the default: the request is rejected, with the codes and the data of the other fields", async () => {
    const { response } = await clientErrorOf(open().request(MIXED));
    expect(response.data).toEqual({ version: expect.any(String), me: null });
    expect(refusals(response.errors!)).toEqual([missing]);
  });

  test("all: a raw request has the data of the other fields beside the codes", async () => {
    const { data, errors } = await open({ errorPolicy: "all" }).rawRequest(MIXED);
    expect(data).toEqual({ version: expect.any(String), me: null });
    expect(refusals(errors!)).toEqual([missing]);
  });

  test("ignore: the data of the other fields comes alone", async () => {
    expect(await open({ errorPolicy: "ignore" }).request(MIXED)).toEqual({ version: expect.any(String), me: null });
  });

  test.each([
    ["a field that does not exist", "mutation { nothing }", "GRAPHQL_VALIDATION_FAILED"],
    ["a variable that is missing", SIGN_IN, "BAD_USER_INPUT"],
  ])("%s is answered with 400, and the application still reads the code", async (_, text, code) => {
    const { response } = await clientErrorOf(open().request(text));
    expect(response.status).toBe(400);
    expect(response.errors?.[0]?.extensions).toMatchObject({ code });
  });
});
