// Published grpc-web clients in a real browser, on a page of another origin, against the real
// server.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { servePage, startBrowser } from "./support/browser.js";
import { startSteward } from "./support/steward.js";

let home;
let stranger;
let server;
let browser;
let page;
let token;

before(async () => {
  home = await servePage();
  stranger = await servePage();
  server = await startSteward(["--cors-origins", home.origin]);
  browser = await startBrowser();
  page = await openPage(home.origin);
  token = await logIn();
});

after(async () => {
  await browser?.close();
  home?.close();
  stranger?.close();
  await server?.stop();
});

async function openPage(origin) {
  const page = await browser.newPage();
  await page.goto(origin);
  await page.waitForFunction(() => window.clients !== undefined);
  return page;
}

/** Calls from the page; `client` is one of `window.clients`. */
function call(client, service, method, request, token, from = page) {
  return from.evaluate(
    ([client, ...rest]) => window.clients[client](...rest),
    [client, server.url, service, method, request, token],
  );
}

async function logIn() {
  const { answer, error } = await call("connectWeb", "TokenService", "createToken", {
    clientId: server.client.id,
    clientSecret: server.client.secret,
    grantType: "client_credentials",
    scope: "openid api",
  });
  assert.equal(error, undefined);
  return answer.access_token;
}

const connectWeb = (method, request) => call("connectWeb", "OwnerService", method, request, token);
const grpcWebText = (method, request) => call("grpcWebText", "OwnerService", method, request, token);

test("connect-web creates an owner and reads it", async () => {
  const owner = { email: "Ada@Example.com", name: "Ada Lovelace", companyName: "Analytical Engines" };
  const created = await connectWeb("createOwner", { owner });
  assert.equal(created.error, undefined);
  assert.equal(created.answer.name, owner.name);
  assert.equal(created.answer.companyName, owner.companyName);
  const { id } = created.answer;
  assert.match(id, /^\d+$/);

  const read = await page.evaluate(
    ([url, id, token]) =>
      window.clients.connectWeb(url, "OwnerService", "getOwner", { ownerId: BigInt(id) }, token),
    [server.url, id, token],
  );
  assert.deepEqual(read.answer, created.answer);
});

test("connect-web lists owners page by page", async () => {
  for (const name of ["Grace", "Edsger", "Barbara"]) {
    const { error } = await connectWeb("createOwner", {
      owner: { email: `${name}@list.example`, name: `${name} of the list` },
    });
    assert.equal(error, undefined);
  }
  const ask = (pageNumber) =>
    connectWeb("listOwners", { pageNumber, pageSize: 2, search: "of the list" });
  const [first, second] = [await ask(1), await ask(2)];
  assert.deepEqual(first.answer.items.map((item) => item.name), [
    "Grace of the list",
    "Edsger of the list",
  ]);
  assert.deepEqual(second.answer.items.map((item) => item.name), ["Barbara of the list"]);
  assert.equal(first.answer.totalItems, "3");
  assert.equal(first.answer.numberOfPages, 2);
});

test("connect-web learns why an owner is refused", async () => {
  const owner = { email: "twice@example.com", name: "Once" };
  assert.equal((await connectWeb("createOwner", { owner })).error, undefined);
  const again = await connectWeb("createOwner", { owner: { ...owner, email: "TWICE@example.com" } });
  assert.equal(again.error.code, "AlreadyExists");
  assert.equal(again.error.info.length, 1);
  assert.equal(again.error.info[0].reason, "USER_ALREADY_EXISTS");
  assert.equal(again.error.info[0].domain, "facilities.steward");
  assert.ok(again.error.requestId, "the page may read the request id");
});

test("connect-web learns every violation at once", async () => {
  const { error } = await connectWeb("createOwner", { owner: { email: "nobody", name: "" } });
  assert.equal(error.code, "InvalidArgument");
  const fields = error.violations.map((violation) => violation.field).sort();
  assert.deepEqual(fields, ["owner.email", "owner.name"]);
});

test("connect-web learns that a token is missing", async () => {
  const { error } = await call("connectWeb", "OwnerService", "listOwners", {});
  assert.equal(error.code, "Unauthenticated");
  assert.equal(error.info[0].domain, "facilities.steward");
  const forged = await call("connectWeb", "OwnerService", "listOwners", {}, `${token}x`);
  assert.equal(forged.error.code, "Unauthenticated");
});

test("grpc-web calls in its text form", async () => {
  const owner = { email: "text@example.com", name: "In base64: ü € 😀" };
  const created = await grpcWebText("createOwner", { owner });
  assert.equal(created.error, undefined);
  assert.equal(created.answer.name, owner.name);
  const again = await grpcWebText("createOwner", { owner });
  assert.equal(again.error.code, 6, "ALREADY_EXISTS");
  assert.equal(again.error.hasDetails, true);
});

test("a page of an origin that is not configured gets nothing", async () => {
  const foreign = await openPage(stranger.origin);
  const { answer, error } = await call("connectWeb", "OwnerService", "listOwners", {}, token, foreign);
  assert.equal(answer, undefined);
  assert.equal(error.requestId, null, "the browser shows nothing of the answer");
  assert.match(error.message, /fetch/i);
});

test("the log holds no token and no e-mail", () => {
  const log = server.log.join("\n");
  assert.match(log, /OwnerService\/CreateOwner/);
  for (const secret of [token, server.client.secret, "twice@example.com", "Lovelace"]) {
    assert.ok(!log.toLowerCase().includes(secret.toLowerCase()), "a secret was logged");
  }
});
