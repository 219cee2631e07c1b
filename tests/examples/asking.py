"""Asks the example, by a clock of the test's, about a token of an issuer of the test's."""

import json
import subprocess
from typing import Any

from tests.examples.recipe import EXAMPLES

LIFETIME = 60
SCRIPT = """
import { generateKeyPairSync, sign } from "node:crypto";
import { deflateSync } from "node:zlib";
import { Verifier } from "./verifier.mjs";

const { lifetime, moments, behind, entries, header, claims, list, jwk, options } =
  JSON.parse(process.argv[1]);
const start = 1_000_000_000;
const uri = "https://api.example.com/status/0";
const { publicKey, privateKey } = generateKeyPairSync("ed25519");
const known = publicKey.export({ format: "jwk" });
const key = { ...known, kid: "one", alg: "EdDSA", use: "sig", ...jwk };
const encoded = (value) => Buffer.from(JSON.stringify(value)).toString("base64url");
const signed = (header, claims) => {
  const text = `${encoded({ kid: "one", alg: "EdDSA", ...header })}.${encoded(claims)}`;
  return `${text}.${sign(null, Buffer.from(text), privateKey).toString("base64url")}`;
};
const lst = deflateSync(Buffer.alloc(entries / 8));
const kept = signed({ typ: "statuslist+jwt" }, {
  sub: uri, iat: start, exp: start + lifetime, ttl: lifetime / 2,
  status_list: { bits: 1, lst: lst.toString("base64url") },
  ...list,
});
const status = { status_list: { idx: 7, uri } };
const token = signed({ typ: "at+jwt", ...header }, { exp: start + 86_400, status, ...claims });

let now = start - behind, isAway = false;
globalThis.fetch = async (url) => {
  if (isAway && url === uri) throw new Error("away");
  return new Response(url === uri ? kept : JSON.stringify({ keys: [key] }));
};
const verifier = new Verifier({
  jwksUrl: "https://api.example.com/jwks",
  statusUrl: "https://api.example.com/status",
  now: () => now,
  ...options,
});
const answers = [];
for (const moment of moments) {
  now = start - behind + moment;
  const said = verifier.verify(token).then(() => "let in");
  answers.push(await said.catch((error) => error.constructor.name));
  isAway = true;
}
console.log(JSON.stringify(answers));
"""


def answers(*moments: float, **differences: Any) -> list[str]:
    """Return what the example says at moments, in seconds since its only list was made.

    That is handed out for the first of them alone. `behind` is how far its clock is: the moments
    are by the issuer's.
    """
    usual = {"lifetime": LIFETIME, "behind": 0, "entries": 1024, "moments": moments}
    process = subprocess.run(
        ["node", "--input-type=module", "-e", SCRIPT, json.dumps(usual | differences)],
        cwd=EXAMPLES / "status-list-verifier",
        capture_output=True,
        text=True,
        check=True,
    )
    found: list[str] = json.loads(process.stdout)
    return found
