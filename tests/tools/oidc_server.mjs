// An issuer of OpenID Connect for tests (oauth2-mock-server): discovery, keys and signed tokens.
//
// Prints its URL, then reads one JSON object a line and answers each with one:
//   {"do": "key", "alg": "RS256"}                    makes and publishes a key: {"kid"}
//   {"do": "token", "kid", "claims", "expiresIn"}    signs a token: {"token"}
//   {"do": "stop"}, {"do": "start"}                  goes down, and comes up on the same port: {}
// Ends when the other end of its standard input is closed.
import { createRequire } from "node:module";
import { createInterface } from "node:readline";

const require = createRequire(new URL("../browser/package.json", import.meta.url));
const { OAuth2Server } = require("oauth2-mock-server");

const server = new OAuth2Server();
await server.issuer.keys.generate("RS256", { kid: "first" });
await server.start(0, "127.0.0.1");
const { port } = server.address();
server.issuer.url = `http://127.0.0.1:${port}`;
console.log(JSON.stringify({ issuer: server.issuer.url }));

const actions = {
  key: async ({ alg }) => ({ kid: (await server.issuer.keys.generate(alg)).kid }),
  token: async ({ kid, claims, expiresIn }) => ({
    token: await server.issuer.buildToken({
      kid,
      expiresIn,
      scopesOrTransform: (_, payload) => Object.assign(payload, claims),
    }),
  }),
  stop: async () => {
    const url = server.issuer.url;
    await server.stop();
    server.issuer.url = url;
    return {};
  },
  start: async () => {
    await server.start(port, "127.0.0.1");
    server.issuer.url = `http://127.0.0.1:${port}`;
    return {};
  },
};

for await (const line of createInterface({ input: process.stdin })) {
  const request = JSON.parse(line);
  console.log(JSON.stringify(await actions[request.do](request)));
}
process.exit(0);
