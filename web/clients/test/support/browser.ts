/**
 * As much of a browser as these clients use: `localStorage`, cookies, and a `fetch` that remembers.
 *
 * The requests are real, and so are the answers. Where a browser holds the page of another origin, it
 * asks the API before each request, as browsers do, and withholds answers that the API did not allow.
 */

import { isAllowed } from "./cors";

export interface Exchange {
  method: string;
  url: URL;
  /** As the client gave them to `fetch`. */
  headers: Headers;
  /** The parsed body; null where there was none. */
  body: any;
  /** Its status and headers, once it is there; the client reads the body. */
  answer: Response;
}

export class Browser {
  readonly localStorage = new Storage();
  readonly cookies = new Map<string, string>();
  readonly exchanges: Exchange[] = [];

  /** `page` is the origin of the page, where that is not the API's own. */
  constructor(readonly page?: string) {}

  readonly fetch: typeof fetch = async (input, init) => {
    const request = new Request(input, init);
    const { method, headers, credentials } = request;
    const url = new URL(request.url);
    const body = typeof init?.body === "string" ? JSON.parse(init.body) : null;
    const exchange: Exchange = { method, url, headers, body, answer: Response.error() };
    this.exchanges.push(exchange);
    const answer = await fetch(input, { ...init, headers: this.complete(headers, credentials) });
    exchange.answer = answer;
    if (this.page && !(await isAllowed(this.page, request, answer))) throw new TypeError("Failed to fetch");
    if (credentials === "include") this.keepCookies(answer);
    return answer;
  };

  /** The names of the operations sent so far, in order; those of a batch in one array. */
  get sent(): (string | string[])[] {
    return this.exchanges.map(({ url, body }) => {
      if (Array.isArray(body)) return body.map((entry) => entry.operationName);
      return body ? body.operationName : url.searchParams.get("operationName");
    });
  }

  get last(): Exchange {
    const last = this.exchanges.at(-1);
    if (!last) throw new Error("Nothing was sent.");
    return last;
  }

  /** Return another browser that holds a copy of what this one stores. */
  copy(): Browser {
    const copy = new Browser(this.page);
    copy.localStorage.takeOver(this.localStorage);
    this.cookies.forEach((value, name) => copy.cookies.set(name, value));
    return copy;
  }

  /** Return the headers with what a browser adds to them. */
  private complete(given: Headers, credentials: RequestCredentials): Headers {
    const headers = new Headers(given);
    if (this.page) headers.set("origin", this.page);
    const cookies = [...this.cookies].map((pair) => pair.join("=")).join("; ");
    if (cookies && credentials === "include") headers.set("cookie", cookies);
    return headers;
  }

  private keepCookies(answer: Response) {
    for (const line of answer.headers.getSetCookie()) {
      const [pair = "", ...attributes] = line.split("; ");
      const [name = "", value = ""] = pair.split("=");
      const expires = attributes.find((attribute) => attribute.startsWith("expires="))?.slice("expires=".length);
      if (expires && Date.parse(expires) < Date.now()) this.cookies.delete(name);
      else this.cookies.set(name, value);
    }
  }
}

export class Storage {
  private readonly items = new Map<string, string>();

  getItem(name: string): string | null {
    return this.items.get(name) ?? null;
  }

  setItem(name: string, value: string) {
    this.items.set(name, value);
  }

  clear() {
    this.items.clear();
  }

  takeOver(other: Storage) {
    other.items.forEach((value, name) => this.items.set(name, value));
  }
}
