import { expect, test } from "vitest";
import { authorize } from "../src/authorization";

test("the session's access token is presented", () => {
  const { headers, isOutranked } = authorize({ "X-Trace": 1 }, "abc");
  expect(Object.fromEntries(headers)).toEqual({ authorization: "Bearer abc", "x-trace": "1" });
  expect(isOutranked).toBe(false);
});

test.each(["Authorization", "authorization", "AUTHORIZATION"])("a typed %s outranks the session's token", (name) => {
  const { headers, isOutranked } = authorize({ [name]: "Bearer typed" }, "abc");
  expect(headers.get("Authorization")).toBe("Bearer typed");
  expect(isOutranked).toBe(true);
});

test("an empty typed Authorization makes the request anonymous", () => {
  expect(authorize({ Authorization: "" }, "abc").headers.get("Authorization")).toBe("");
});

test("without a session nothing is presented, and nothing outranked", () => {
  expect(authorize({}, null).headers.has("Authorization")).toBe(false);
  expect(authorize({ Authorization: "Bearer typed" }, null).isOutranked).toBe(false);
});
