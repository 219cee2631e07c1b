// A service beside the API: whoever has a good access token is told who they are.

import { createServer } from "node:http";
import { Refused, Unknown, Verifier } from "./verifier.mjs";

const verifier = new Verifier({
  jwksUrl: process.env.JWKS_URL,
  statusUrl: process.env.STATUS_LIST_URL,
  issuer: process.env.ISSUER,
  audience: process.env.AUDIENCE,
});

const server = createServer(async (request, response) => {
  const answer = (status, body, headers = {}) =>
    response
      .writeHead(status, { "content-type": "application/json", "cache-control": "no-store", ...headers })
      .end(JSON.stringify(body));
  try {
    const [, token] = /^Bearer +(\S+)$/i.exec(request.headers.authorization ?? "") ?? [];
    const { sub, username } = await verifier.verify(token);
    answer(200, { sub, username });
  } catch (error) {
    if (error instanceof Refused) {
      answer(401, { error: error.message }, { "www-authenticate": 'Bearer error="invalid_token"' });
    } else {
      if (!(error instanceof Unknown)) console.error(error);
      answer(503, { error: "Try again later" }, { "retry-after": "1" });
    }
  }
});

server.listen(Number(process.env.PORT ?? 9000), "127.0.0.1", () =>
  console.log(`Listening on http://127.0.0.1:${server.address().port}`),
);
