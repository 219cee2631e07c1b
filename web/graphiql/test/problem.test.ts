import { expect, test } from "vitest";
import { problemIn, refusalIn } from "../src/session/problem";

test("a problem says the message, the code, a reason of its own, and how long to wait", () => {
  const extensions = { code: "TOO_MANY_REQUESTS", reason: "RATE_LIMITED", retryAfter: 30 };
  const problem = problemIn({ errors: [{ message: "Slow down", extensions }] }, "");
  expect(problem).toEqual({ message: "Slow down", ...extensions });
});

test("a reason that repeats the code is said once", () => {
  const extensions = { code: "INVALID_CREDENTIALS", reason: "INVALID_CREDENTIALS" };
  expect(problemIn({ errors: [{ message: "No", extensions }] }, "")).not.toHaveProperty("reason");
});

test("an answer that has neither data nor errors is a problem too", () => {
  expect(problemIn({}, "The server granted no tokens")).toEqual({ message: "The server granted no tokens" });
});

const revoked = { message: "Revoked", extensions: { code: "UNAUTHENTICATED", reason: "TOKEN_REVOKED" } };

test("a refused field tells why the presented token was refused", () => {
  expect(refusalIn({ data: { me: null }, errors: [{ message: "other" }, { ...revoked, path: ["me"] }] })).toBe(
    "TOKEN_REVOKED",
  );
});

test("what verifyToken says of its argument says nothing of the presented token", () => {
  expect(refusalIn({ errors: [{ ...revoked, path: ["verifyToken"] }] })).toBeNull();
});
