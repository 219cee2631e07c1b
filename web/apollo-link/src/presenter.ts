/** How an operation shows who sent it: a header, or cookies. */

import type { Operation } from "@apollo/client/core/index.js";
import { bearer } from "./api.js";
import { isObject } from "./errors.js";
import type { Session } from "./session.js";

type Headers = Record<string, string>;

export interface Presenter {
  /** The application asked for it, or presents a token of its own. */
  isSpared(operation: Operation): boolean;
  /** Remember the operation as it came: a second attempt starts from there. */
  prepare(operation: Operation): (session: Session | null) => void;
}

export const headerPresenter: Presenter = {
  isSpared,
  prepare(operation) {
    const headers = withoutAuthorization(headersOf(operation));
    return (session) => {
      const authorization = session?.tokens && { authorization: bearer(session.tokens) };
      operation.setContext({ headers: { ...headers, ...authorization } });
    };
  },
};

/** `mayShow`: whether the cookies are those of who is signed in. */
export function cookiePresenter(credentials: RequestCredentials, mayShow: () => boolean): Presenter {
  return {
    isSpared,
    prepare(operation) {
      const headers = withoutAuthorization(headersOf(operation));
      return () => operation.setContext({ headers, credentials: mayShow() ? credentials : "omit" });
    },
  };
}

function isSpared(operation: Operation) {
  if (operation.getContext()["skipAuth"] === true) return true;
  return Object.entries(headersOf(operation)).some(([name, value]) => isAuthorization(name) && value.trim() !== "");
}

function headersOf(operation: Operation): Headers {
  const headers: unknown = operation.getContext()["headers"];
  if (headers instanceof globalThis.Headers) return Object.fromEntries(headers.entries());
  return isObject(headers) ? (headers as Headers) : {};
}

function withoutAuthorization(headers: Headers): Headers {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !isAuthorization(name)));
}

function isAuthorization(name: string) {
  return name.toLowerCase() === "authorization";
}
