/** The public audits of GraphQL over HTTP, those of the package `graphql-http`, each as a test. */

import { type ServerAuditOptions, serverAudits } from "graphql-http";
import { describe, expect, inject, test } from "vitest";

/**
 * In cookie mode a GET must show that no other site's page caused it, and these do not. The draft lets a server do so:
 * "MAY accept other HTTP methods, such as GET" ("Request"), "MAY forbid individual requests [...] for any reason" ("URL").
 */
const GET_UNASKED = new Set(["5A70", "D6D5", "6A70"]);

const withPreflightHeader: typeof fetch = (input, init) => {
  const headers = new Headers(init?.headers);
  headers.set("apollo-require-preflight", "true");
  return fetch(input, { ...init, headers });
};

test("there are audits of every level", () => {
  const levels = serverAudits({ url: inject("endpoint") }).map(({ name }) => name.split(" ")[0]);
  expect(new Set(levels)).toEqual(new Set(["MUST", "SHOULD", "MAY"]));
});

describe.each<[string, ServerAuditOptions, Set<string>]>([
  ["header mode", { url: inject("endpoint") }, new Set()],
  ["cookie mode", { url: inject("cookieEndpoint") }, GET_UNASKED],
  ["cookie mode, asked about", { url: inject("cookieEndpoint"), fetchFn: withPreflightHeader }, new Set()],
])("%s", (_, options, refused) => {
  const audits = serverAudits(options);

  test.each(audits.filter(({ id }) => !refused.has(id)))("$id $name", async ({ id, name, fn }) => {
    expect(await fn()).toEqual({ id, name, status: "ok" });
  });

  test.each([...refused].map((refusedId) => audits.find(({ id }) => id === refusedId)!))(
    "$id is refused: $name",
    async ({ fn }) => {
      expect(await fn()).toMatchObject({ status: "notice", response: { status: 400 } });
    },
  );
});
