import { describe, expect, test } from "vitest";
import { countdown, localExpiry } from "../src/session/expiry";

const SENT_AT = Date.parse("2030-01-01T12:00:00Z");

describe("the local expiry", () => {
  test("is the token's own life after the request, whatever the server's clock says", () => {
    const anHourAhead = { expiresAt: "2030-01-01T13:05:00+00:00", issuedAt: Date.parse("2030-01-01T13:00:00Z") / 1000 };
    expect(localExpiry(anHourAhead, SENT_AT)).toBe(SENT_AT + 300_000);
  });

  test("is the server's where the payload does not say when the token was issued", () => {
    const expiresAt = "2030-01-01T12:05:00Z";
    expect(localExpiry({ expiresAt, issuedAt: undefined }, SENT_AT)).toBe(Date.parse(expiresAt));
  });

  test("is the server's where the claims contradict each other", () => {
    const expiresAt = "2030-01-01T12:05:00Z";
    const issuedAt = Date.parse("2030-01-01T12:06:00Z") / 1000;
    expect(localExpiry({ expiresAt, issuedAt }, SENT_AT)).toBe(Date.parse(expiresAt));
  });
});

test.each([
  [-5_000, "0:00"],
  [1, "0:01"],
  [299_001, "5:00"],
  [3_723_000, "1:02:03"],
  [86_400_000 * 6 + 61_000, "6 d 0:01:01"],
])("a countdown of %i ms reads %s", (milliseconds, text) => {
  expect(countdown(milliseconds)).toBe(text);
});
