/**
 * The network between a client and the real server: it counts, holds, cuts, and has time pass for the
 * tokens it carries; it answers nothing itself.
 */

import { createServer, request } from "node:http";
import type { AddressInfo } from "node:net";
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from "node:http";
import { expired } from "../../../clients/test/support/tokens.js";

export interface Passing {
  /** The request's body. */
  text: string;
  headers: IncomingHttpHeaders;
  isAnswered: boolean;
  /** The client did not wait for the answer. */
  isAbandoned: boolean;
}

type Match = (passing: Passing) => boolean;

interface Hold {
  match: Match;
  arrive: () => void;
  /** Whether the answer gets lost after all. */
  released: Promise<boolean>;
}

export interface Wire {
  readonly url: string;
  /** Every request so far. */
  readonly passed: Passing[];
  count(word: string): number;
  /** Keep back the answer to the next request that contains `word`: the server has given it already. */
  hold(word: string): { arrived: Promise<void>; release: () => void; lose: () => void };
  /** Break the connection of every request that contains `word`, before the server sees it. */
  cut(word?: string): void;
  /** Break it when the server has answered: the answer is lost. */
  lose(word: string): void;
  mend(): void;
  /** From now on the server is shown this access token as it will be when its time is over. */
  expire(access: string): void;
  /** Whether every access token expires on its way. */
  isSlow: boolean;
  close(): Promise<void>;
}

export async function openWire(target: string): Promise<Wire> {
  const to = new URL(target);
  const passed: Passing[] = [];
  let holds: Hold[] = [];
  let isCut: Match = () => false;
  let isLost: Match = () => false;
  const expiredTokens = new Set<string>();

  const present = (headers: IncomingHttpHeaders): IncomingHttpHeaders => {
    const [, access] = headers.authorization?.match(/^Bearer (.+)$/) ?? [];
    if (!access || !(wire.isSlow || expiredTokens.has(access))) return headers;
    return { ...headers, authorization: `Bearer ${expired(access)}` };
  };

  const pass = async (from: IncomingMessage, back: ServerResponse) => {
    const body = await read(from);
    const passing = { text: body.toString(), headers: from.headers, isAnswered: false, isAbandoned: false };
    back.on("finish", () => (passing.isAnswered = true));
    back.on("close", () => (passing.isAbandoned = !back.writableEnded));
    passed.push(passing);
    if (isCut(passing)) return void from.socket.destroy();
    const { answer, text } = await forward(to, from, { headers: present(from.headers), body });
    if (isLost(passing)) return void from.socket.destroy();
    const held = holds.find(({ match }) => match(passing));
    if (held) {
      holds = holds.filter((hold) => hold !== held);
      held.arrive();
      if (await held.released) return void from.socket.destroy();
    }
    back.writeHead(answer.statusCode ?? 502, answer.headers);
    back.end(text);
  };

  const server = createServer((from, back) => {
    pass(from, back).catch(() => from.socket.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;

  const wire: Wire = {
    url: `http://127.0.0.1:${port}${to.pathname}`,
    passed,
    isSlow: false,
    count: (word) => passed.filter(({ text }) => text.includes(word)).length,
    hold(word) {
      let end: (isLost: boolean) => void = () => {};
      let arrive = () => {};
      const released = new Promise<boolean>((resolve) => (end = resolve));
      const arrived = new Promise<void>((resolve) => (arrive = resolve));
      holds.push({ match: ({ text }) => text.includes(word), arrive, released });
      return { arrived, release: () => end(false), lose: () => end(true) };
    },
    cut: (word = "") => void (isCut = ({ text }) => text.includes(word)),
    lose: (word) => void (isLost = ({ text }) => text.includes(word)),
    expire: (access) => void expiredTokens.add(access),
    mend() {
      isCut = () => false;
      isLost = () => false;
    },
    close() {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
  return wire;
}

async function read(stream: IncomingMessage) {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

async function forward(to: URL, from: IncomingMessage, sent: { headers: IncomingHttpHeaders; body: Buffer }) {
  const answer = await new Promise<IncomingMessage>((resolve, reject) => {
    const options = {
      host: to.hostname,
      port: to.port,
      path: from.url,
      method: from.method,
      headers: { ...sent.headers, host: to.host },
    };
    request(options, resolve).on("error", reject).end(sent.body);
  });
  return { answer, text: await read(answer) };
}
