/** A browser's cookies for `fetch`: kept for all tabs, sent and set as `credentials` says, HttpOnly or not. */

import { expired } from "../../../clients/test/support/tokens.js";

export class CookieJar {
  readonly #cookies = new Map<string, string>();

  readonly fetch: typeof fetch = async (input, init = {}) => {
    const isAllowed = init.credentials !== "omit";
    const headers = new Headers(init.headers);
    if (isAllowed && this.#cookies.size > 0) headers.set("cookie", this.#text());
    const response = await fetch(input, { ...init, headers });
    if (isAllowed) for (const line of response.headers.getSetCookie()) this.#set(line);
    return response;
  };

  get names(): string[] {
    return [...this.#cookies.keys()];
  }

  value(name: string): string {
    return this.#cookies.get(name) ?? "";
  }

  drop(name: string): void {
    this.#cookies.delete(name);
  }

  /** Let the time of the token pass that this cookie holds. */
  expire(name: string): void {
    this.#cookies.set(name, expired(this.value(name)));
  }

  #text() {
    return [...this.#cookies].map((pair) => pair.join("=")).join("; ");
  }

  #set(line: string) {
    const [pair = "", ...attributes] = line.split(/;\s*/);
    const [name = "", value = ""] = pair.split(/=(.*)/s);
    const isGone = attributes.some((attribute) => /^max-age=0$/i.test(attribute));
    if (isGone) this.#cookies.delete(name);
    else this.#cookies.set(name, value);
  }
}
