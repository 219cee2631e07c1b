import { expect, test } from "vitest";
import { readLink, writeLink } from "../src/link";

const PAGE = "https://api.example/graphql?query=old#query=older";

test("a link brings back its query and variables", () => {
  const operation = { query: "query ($id: ID!) { node(id: $id) { id } } # a+b & c", variables: '{"id": "ü"}' };
  expect(readLink(new URL(writeLink(PAGE, operation)))).toEqual(operation);
});

test("a link keeps the query out of the address the server sees, and secrets out of both", () => {
  const link = writeLink(PAGE, { query: 'mutation { tokenAuth(username: "demo", password: "s3cret") { token } }' });
  expect(new URL(link).search).toBe("");
  expect(link).not.toContain("s3cret");
});

test("a link in the style of other GraphiQL pages is understood", () => {
  expect(readLink({ hash: "", search: "?query=%7Bme%7Bid%7D%7D" })).toEqual({ query: "{me{id}}" });
});

test("an address without a query links to nothing", () => {
  expect(readLink({ hash: "", search: "" })).toEqual({});
});
