// The page behind the link of an agreement, used as a person would: read, write a name, sign.

import assert from "node:assert/strict";
import { mkdir } from "node:fs/promises";
import path from "node:path";
import { after, before, test } from "node:test";

import { startBrowser } from "./support/browser.js";
import { mailTo, root, startSteward } from "./support/steward.js";

/** Where a person finds how the page looks. */
const pictures = path.join(root, "target/browser");

const PHONE = { width: 360, height: 740 };
const DESKTOP = { width: 1280, height: 900 };

const BODY = `## What you can expect

Dear {{client.firstName}}, **{{tenant.name}}** cleans your home as we agreed:

1. You leave a key with us, and we never label it.
2. You tell us two days before you need another day:
   - by telephone, or
   - in the app.

> What breaks is replaced.

---

Signed on {{today}}. See [all terms](https://example.com/terms).`;

let server;
let browser;
let company;
let bearer;
let count = 0;

before(async () => {
  await mkdir(pictures, { recursive: true });
  server = await startSteward();
  browser = await startBrowser();
  const flags = ["--family", "cleaning", "--name", "Brighter Homes"];
  company = (await server.command("tenant", "create", ...flags)).id;
  bearer = (await user("tenantAdmin", "office@example.com", "Office")).access_token;
});

after(async () => {
  await browser?.close();
  await server?.stop();
});

/** Makes a user of the company. */
function user(role, email, name) {
  const flags = ["--tenant", company, "--role", role, "--email", email, "--name", name];
  return server.command("user", "create", ...flags);
}

async function call(method, route, body) {
  const response = await fetch(`${server.url}${route}`, {
    method,
    headers: { authorization: `Bearer ${bearer}`, "content-type": "application/json" },
    body: body && JSON.stringify(body),
  });
  assert.ok(response.ok, `${route}: ${await response.clone().text()}`);
  return response.status === 204 ? undefined : response.json();
}

/** Sends a new agreement to a new client; answers its id, the client's, and the URL in the mail. */
async function send(name = "Zoë Peters") {
  count += 1;
  const email = `client${count}@example.com`;
  const made = await user("client", email, name);
  const agreement = { name: `Home cleaning ${count}`, triggerId: 4, audience: "client", body: BODY };
  const { id } = await call("POST", "/agreement", agreement);
  await call("POST", `/agreement/${id}/send`, { userIds: [made.id] });
  const mail = await mailTo(server, email);
  const link = mail.split("\n").find((line) => line.startsWith(`Link: ${server.url}/agreements/`));
  assert.ok(link, mail);
  return { id, client: made.id, url: link.slice("Link: ".length), agreement };
}

async function signedBy(client) {
  return call("GET", `/signed-agreement?userId=${client}`);
}

async function open(url, viewport, { colorScheme = "light", javaScriptEnabled = false } = {}) {
  const context = await browser.newContext({ viewport, colorScheme, javaScriptEnabled });
  const page = await context.newPage();
  page.setDefaultTimeout(10_000);
  const complaints = [];
  page.on("console", (message) => complaints.push(message.text()));
  page.on("request", (request) => {
    if (new URL(request.url()).origin !== server.url) complaints.push(request.url());
  });
  const response = await page.goto(url);
  return { page, complaints, status: response.status(), close: () => context.close() };
}

/** Whether nothing sticks out at the side: measured by the picture of the whole page. */
async function picture(page, name, viewport) {
  const file = path.join(pictures, `signing-${name}.png`);
  const png = await page.screenshot({ path: file, fullPage: true });
  // The width in the header of a PNG.
  assert.equal(png.readUInt32BE(16), viewport.width, `${name}: nothing sticks out`);
}

test("an agreement is read and signed without any script", async () => {
  for (const [screen, viewport] of [["phone", PHONE], ["desktop", DESKTOP]]) {
    const { client, url } = await send();
    const { page, complaints, status, close } = await open(url, viewport);
    assert.equal(status, 200);
    const text = await page.getByRole("article").innerText();
    assert.match(text, /Dear Zoë, Brighter Homes cleans your home/);
    assert.equal(await page.getByRole("listitem").count(), 4);
    assert.equal(await page.locator("canvas").isVisible(), false);
    await picture(page, `asked-${screen}`, viewport);

    await page.getByLabel("Your full name").fill("Zoë Peters");
    await page.getByRole("checkbox").check();
    const button = page.getByRole("button", { name: "Sign", exact: true });
    assert.ok((await button.boundingBox()).height >= 44, "large enough for a thumb");
    await button.click();
    await page.getByRole("heading", { name: "Thank you, it is signed" }).waitFor();
    await picture(page, `thanks-${screen}`, viewport);
    const [signed] = await signedBy(client);
    assert.equal(signed.signerName, "Zoë Peters");
    assert.equal(signed.signatureKind, "typed");
    assert.equal(signed.ipAddress, "127.0.0.1");
    assert.match(signed.userAgent, /Chrome/);
    assert.deepEqual(complaints, []);
    await close();

    const again = await open(url, viewport);
    await again.page.getByRole("heading", { name: "You have signed this agreement" }).waitFor();
    await picture(again.page, `signed-${screen}`, viewport);
    await again.close();
  }
});

test("a signature can be drawn, in the light and in the dark", async () => {
  for (const colorScheme of ["light", "dark"]) {
    const { client, url } = await send();
    const options = { colorScheme, javaScriptEnabled: true };
    const { page, complaints, close } = await open(url, PHONE, options);
    await page.getByLabel("Your full name").fill("Zoë Peters");
    await page.getByRole("checkbox").check();
    const box = await page.locator("canvas").boundingBox();
    await page.locator("canvas").scrollIntoViewIfNeeded();
    const { x, y, width, height } = (await page.locator("canvas").boundingBox()) ?? box;
    await page.mouse.move(x + width * 0.1, y + height * 0.6);
    await page.mouse.down();
    for (let step = 1; step <= 40; step += 1) {
      const wave = Math.sin(step / 2.5) * height * 0.3 * (1 - step / 60);
      await page.mouse.move(x + width * (0.1 + step * 0.019), y + height * 0.5 + wave);
    }
    await page.mouse.up();
    await picture(page, `drawn-${colorScheme}`, PHONE);
    await page.getByRole("button", { name: "Sign", exact: true }).click();
    await page.getByRole("heading", { name: "Thank you, it is signed" }).waitFor();
    assert.deepEqual(complaints, []);
    const [{ id }] = await signedBy(client);
    const signed = await call("GET", `/signed-agreement/${id}`);
    assert.equal(signed.signatureKind, "drawn");
    assert.ok(signed.signatureImage.startsWith("iVBORw0KGgo"), "a PNG");
    await close();
  }
});

test("what is missing is asked for, and a text that has changed is read again", async () => {
  const { id, client, url, agreement } = await send();
  const { page, close } = await open(url, PHONE);
  await page.getByLabel("Your full name").fill("   ");
  await page.getByRole("checkbox").check();
  await page.getByRole("button", { name: "Sign", exact: true }).click();
  await page.getByRole("alert").getByText("Please write your name").waitFor();
  await picture(page, "incomplete-phone", PHONE);

  await call("PUT", `/agreement/${id}`, { ...agreement, body: "Another text, {{client.firstName}}." });
  await page.getByLabel("Your full name").fill("Zoë Peters");
  await page.getByRole("checkbox").check();
  await page.getByRole("button", { name: "Sign", exact: true }).click();
  await page.getByRole("alert").getByText("has been changed meanwhile").waitFor();
  assert.match(await page.getByRole("article").innerText(), /Another text, Zoë/);
  assert.deepEqual(await signedBy(client), []);
  await page.getByRole("checkbox").check();
  await page.getByRole("button", { name: "Sign", exact: true }).click();
  await page.getByRole("heading", { name: "Thank you, it is signed" }).waitFor();
  assert.equal((await signedBy(client))[0].revision, 2);
  await close();
});

test("a link that is none leads to a page that says so", async () => {
  for (const key of ["", "?key=1.1.1.1.x", "?key="]) {
    const { page, status, close } = await open(`${server.url}/agreements/1/sign${key}`, PHONE);
    assert.equal(status, 404);
    await page.getByRole("heading", { name: "This link is not valid" }).waitFor();
    await picture(page, "unknown-phone", PHONE);
    await close();
  }
});
