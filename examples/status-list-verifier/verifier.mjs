// Verifies access tokens by what their issuer publishes: public keys (RFC 7517) and status lists
// (draft-ietf-oauth-status-list). Nobody is asked about a single token.

import { constants, createPublicKey, verify as isSignedBy } from "node:crypto";
import { inflateSync } from "node:zlib";

/** The token opens nothing: sign in again. */
export class Refused extends Error {}
/** Nobody knows now whether it does: no fresh list or key can be had. Answer 503. */
export class Unknown extends Error {}

const rsa = { padding: constants.RSA_PKCS1_PADDING };
const pss = { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST };
const ecdsa = { dsaEncoding: "ieee-p1363" };
const ALGORITHMS = new Map([
  ["RS256", ["sha256", rsa]],
  ["RS384", ["sha384", rsa]],
  ["RS512", ["sha512", rsa]],
  ["PS256", ["sha256", pss]],
  ["PS384", ["sha384", pss]],
  ["PS512", ["sha512", pss]],
  ["ES256", ["sha256", ecdsa]],
  ["ES384", ["sha384", ecdsa]],
  ["ES512", ["sha512", ecdsa]],
  ["EdDSA", [null, {}]],
]);
const KEYS_SECONDS = 300;
const RETRY_SECONDS = 1;
const SKEW_SECONDS = 60;
const PATIENCE_MS = 5000;
const LONGEST_TOKEN = 8192;
// Bytes of a list of eight million entries.
const LONGEST_LIST = 2 ** 20;

export class Verifier {
  #keys = null;
  #lists = new Map();
  #underWay = new Map();

  /**
   * `statusUrl` is where the issuer's lists are, without a number: a token that names another place
   * is refused, and that place is not asked. `now` gives seconds since the epoch.
   */
  constructor({ jwksUrl, statusUrl, issuer, audience, now = () => Date.now() / 1000 }) {
    Object.assign(this, { jwksUrl, issuer, audience, now });
    this.statusUrl = statusUrl.replace(/\/$/, "");
  }

  /** Return the claims of a token that is good now, or throw `Refused` or `Unknown`. */
  async verify(token) {
    const claims = await this.#read(token, "at+jwt", Refused);
    if (!(Number.isSafeInteger(claims.exp) && claims.exp > this.now())) {
      throw new Refused("The token has expired");
    }
    if (this.issuer !== undefined && claims.iss !== this.issuer) {
      throw new Refused("The token is of another issuer");
    }
    if (this.audience !== undefined && ![claims.aud].flat().includes(this.audience)) {
      throw new Refused("The token is for somebody else");
    }
    const { idx, uri } = claims.status?.status_list ?? {};
    if (!Number.isSafeInteger(idx) || idx < 0 || !this.#isOurs(uri)) {
      throw new Refused("The token names no status list");
    }
    const { bits } = await this.#list(uri);
    if (idx >= bits.length * 8) {
      throw new Refused("The token names no entry of its status list");
    }
    if ((bits[Math.floor(idx / 8)] >> (idx % 8)) & 1) {
      throw new Refused("The token has been revoked");
    }
    return claims;
  }

  #isOurs(uri) {
    if (typeof uri !== "string" || !uri.startsWith(`${this.statusUrl}/`)) return false;
    return /^(0|[1-9][0-9]{0,8})$/.test(uri.slice(this.statusUrl.length + 1));
  }

  async #list(uri) {
    const kept = this.#lists.get(uri);
    if (kept && this.now() < kept.freshUntil) return kept;
    try {
      return await this.#once(uri, () => this.#fetchList(uri));
    } catch (error) {
      // Its issuer vouches for it until it expires. After that nothing is known.
      if (!kept || this.now() >= kept.expiresAt) throw error;
      kept.freshUntil = Math.min(kept.expiresAt, this.now() + RETRY_SECONDS);
      return kept;
    }
  }

  async #fetchList(uri) {
    const asked = this.now();
    const text = await this.#get(uri, "application/statuslist+jwt");
    const list = await this.#read(text.trim(), "statuslist+jwt", Unknown);
    const { iat, exp, ttl, sub, status_list: status } = list;
    const areTimes = [iat, exp].every(Number.isSafeInteger) && ttl > 0;
    if (sub !== uri || !areTimes || status?.bits !== 1 || typeof status.lst !== "string") {
      throw new Unknown("The status list is not what the token names");
    }
    // By whichever clock it is over first: the issuer's or, from when we asked, our own.
    const expiresAt = Math.min(exp, asked + exp - iat);
    if (iat > asked + SKEW_SECONDS || expiresAt <= this.now()) {
      throw new Unknown("The status list is not of now");
    }
    const kept = { bits: inflated(status.lst), expiresAt, freshUntil: Math.min(expiresAt, asked + ttl) };
    this.#lists.set(uri, kept);
    return kept;
  }

  /** Return what a key of the issuer signed as this type; throw `Failure` if none did. */
  async #read(token, type, Failure) {
    const parts = typeof token === "string" ? token.split(".") : [];
    if (parts.length !== 3 || (type === "at+jwt" && token.length > LONGEST_TOKEN)) {
      throw new Failure("This is no token");
    }
    let header, claims;
    try {
      [header, claims] = parts.slice(0, 2).map((part) => JSON.parse(Buffer.from(part, "base64url")));
    } catch {
      throw new Failure("This is no token");
    }
    if (header?.typ !== type || header.crit !== undefined || typeof header.kid !== "string") {
      throw new Failure(`This is no ${type}`);
    }
    const key = await this.#key(header.kid);
    // The key says what it signs with; a token may only agree.
    if (!key || key.alg !== header.alg) throw new Failure("Nobody we know signed this");
    const signed = Buffer.from(`${parts[0]}.${parts[1]}`);
    const [hash, options] = ALGORITHMS.get(key.alg);
    if (!isSignedBy(hash, signed, { key: key.key, ...options }, Buffer.from(parts[2], "base64url"))) {
      throw new Failure("The signature is wrong");
    }
    if (typeof claims !== "object" || claims === null) throw new Failure("This is no token");
    return claims;
  }

  async #key(kid) {
    const kept = this.#keys;
    const age = kept ? this.now() - kept.asked : Infinity;
    // A key that is not there may be new; made-up names must not have us ask all the time.
    if (age < KEYS_SECONDS && (kept.keys.has(kid) || age < RETRY_SECONDS)) return kept.keys.get(kid);
    const { keys } = await this.#once(this.jwksUrl, () => this.#fetchKeys());
    return keys.get(kid);
  }

  async #fetchKeys() {
    const asked = this.now();
    let found;
    try {
      found = JSON.parse(await this.#get(this.jwksUrl, "application/jwk-set+json")).keys;
      const usable = found.filter(({ use, alg }) => use === "sig" && ALGORITHMS.has(alg));
      const named = usable.map((jwk) => [
        jwk.kid,
        { alg: jwk.alg, key: createPublicKey({ key: jwk, format: "jwk" }) },
      ]);
      this.#keys = { asked, keys: new Map(named) };
    } catch (error) {
      throw new Unknown("No keys can be had", { cause: error });
    }
    return this.#keys;
  }

  /** However many requests wait for something, it is asked for once. */
  async #once(name, ask) {
    if (!this.#underWay.has(name)) {
      this.#underWay.set(name, ask().finally(() => this.#underWay.delete(name)));
    }
    return this.#underWay.get(name);
  }

  async #get(url, accept) {
    try {
      const signal = AbortSignal.timeout(PATIENCE_MS);
      const answer = await fetch(url, { headers: { accept }, redirect: "error", signal });
      if (!answer.ok) throw new Error(`${url} answered ${answer.status}`);
      return await answer.text();
    } catch (error) {
      throw new Unknown("The issuer does not answer", { cause: error });
    }
  }
}

function inflated(lst) {
  try {
    return inflateSync(Buffer.from(lst, "base64url"), { maxOutputLength: LONGEST_LIST });
  } catch (error) {
    throw new Unknown("The status list cannot be read", { cause: error });
  }
}
