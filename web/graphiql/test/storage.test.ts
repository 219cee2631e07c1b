import { describe, expect, test } from "vitest";
import { redact, redactStored } from "../src/storage";

describe("redaction", () => {
  test.each([
    ['mutation { tokenAuth(username: "demo", password: "s3\\"cret") { token } }', 'password: ""'],
    ['mutation { changePassword(oldPassword: "s3cret", newPassword: """s3cret""") { ok } }', 'newPassword: ""'],
    ['mutation ($password: String! = "s3cret") { x }', '$password: String! = ""'],
    ['{"username": "demo", "password": "s3cret"}', '"password": ""'],
    ['mutation { refreshToken(refreshToken: "s3cret") { token } }', 'refreshToken: ""'],
    ["# curl -H 'Authorization: Bearer eyJh-s3cret.eyJz.c2ln_'", "Bearer '"],
  ])("empties the secret in %s", (text, remainder) => {
    expect(redact(text)).not.toMatch(/s3|cret/);
    expect(redact(text)).toContain(remainder);
  });

  test("leaves an ordinary query as it is", () => {
    const query = '{ me { username } user(name: "password") { token } }';
    expect(redact(query)).toBe(query);
  });
});

describe("a stored value", () => {
  test("loses headers and secrets wherever they are nested", () => {
    const tabs = { tabs: [{ query: '{ a(password: "s3cret") }', headers: '{"Authorization": "x"}' }], activeTabIndex: 0 };
    expect(JSON.parse(redactStored(JSON.stringify(tabs)))).toEqual({
      tabs: [{ query: '{ a(password: "") }', headers: null }],
      activeTabIndex: 0,
    });
  });

  test("may be plain text", () => {
    expect(redactStored("dark")).toBe("dark");
  });
});
