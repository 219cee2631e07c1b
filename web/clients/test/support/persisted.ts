/** Automatic persisted queries: what a client that uses them may expect of the API, whichever it is. */

import { createHash, randomUUID } from "node:crypto";
import { describe, expect, inject, test } from "vitest";
import { refusalOf, type SetUp, keepTokens } from "./app";
import { Browser, type Exchange } from "./browser";
import { logOut, signIn } from "./plain";

export interface PersistedSetUp extends Pick<SetUp, "refusalsIn"> {
  /** Return what sends a query, and is rejected with the client's own errors. */
  open(browser: Browser, endpoint: string): (query: string) => Promise<unknown>;
  /** How it sends a hash alone, and how the text beside it. */
  sends: { hash: "GET" | "POST"; text: "GET" | "POST" };
}

export const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");

/** Return a name for an operation whose text no server has seen. */
export const newName = () => `Persisted${randomUUID().replaceAll("-", "")}`;

/** Return, for each request, its method, and whether it named a text by its hash and sent the text. */
export const summary = ({ exchanges }: Browser) => exchanges.map(summarize);

/** The tests of persisted queries, for one set-up and one user of the API. */
export function describePersisted(name: string, username: string, { open, sends, refusalsIn }: PersistedSetUp) {
  const endpoint = inject("endpoint");
  const [byHash, byText] = [`${sends.hash} hash`, `${sends.text} hash text`];

  const start = (browser = new Browser()) => ({ browser, ask: open(browser, endpoint) });

  describe(name, () => {
    test("a text is sent once; from then on its hash is enough, also for another client", async () => {
      const query = `query ${newName()} { version }`;
      const first = start();
      await first.ask(query);
      expect(summary(first.browser)).toEqual([byHash, byText]);

      const second = start();
      expect(await second.ask(query)).toMatchObject({ version: expect.any(String) });
      expect(summary(second.browser)).toEqual([byHash]);
    });

    test("every worker knows the text that one of them was sent", async () => {
      const query = `query ${newName()} { version }`;
      await start().ask(query);
      const workers = new Set<string | null>();
      // Many at once need many connections, which the kernel deals out: as it likes on a busy machine.
      for (let count = 24; workers.size < 2; count += 24) {
        const others = Array.from({ length: count }, () => start());
        await Promise.all(others.map(({ ask }) => ask(query)));
        expect(others.flatMap(({ browser }) => summary(browser))).toEqual(others.map(() => byHash));
        for (const { browser } of others) workers.add(browser.last.answer.headers.get("x-worker"));
      }
    });

    test("a protected query is answered by its hash, and refused by it once its token is revoked", async () => {
      const query = `query ${newName()} { me { username } }`;
      const { browser, ask } = start();
      const pair = await signIn(endpoint, username);
      keepTokens(browser, pair);
      await ask(query);
      browser.exchanges.length = 0;
      expect(await ask(query)).toMatchObject({ me: { username } });
      expect(summary(browser)).toEqual([byHash]);

      await logOut(endpoint, pair);
      expect(refusalsIn(await refusalOf(ask(query)))).toEqual([{ code: "UNAUTHENTICATED", reason: "TOKEN_REVOKED" }]);
    });
  });
}

function summarize({ method, url, body }: Exchange): string {
  const sent = body ?? Object.fromEntries(url.searchParams);
  const extensions = typeof sent.extensions === "string" ? JSON.parse(sent.extensions) : sent.extensions;
  return [method, extensions?.persistedQuery && "hash", sent.query && "text"].filter(Boolean).join(" ");
}
