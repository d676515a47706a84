// The documentation page, used as a person would: log in, find an operation, try it.

import assert from "node:assert/strict";
import { mkdir } from "node:fs/promises";
import path from "node:path";
import { after, before, test } from "node:test";

import { startBrowser } from "./support/browser.js";
import { root, startSteward } from "./support/steward.js";

/** Where a person finds how the page looks. */
const pictures = path.join(root, "target/browser");

let server;
let browser;
let page;
const complaints = [];
const foreign = [];

before(async () => {
  await mkdir(pictures, { recursive: true });
  server = await startSteward();
  browser = await startBrowser();
  page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
  page.setDefaultTimeout(10_000);
  page.on("pageerror", (error) => complaints.push(error.message));
  page.on("console", (message) => {
    if (message.type() === "error") complaints.push(message.text());
  });
  page.on("request", (request) => {
    if (new URL(request.url()).origin !== server.url && !request.url().startsWith("data:")) {
      foreign.push(request.url());
    }
  });
  await page.goto(`${server.url}/docs`);
  await page.locator("details.operation").first().waitFor();
});

after(async () => {
  await browser?.close();
  await server?.stop();
});

/** The card of an operation, opened. */
async function open(method, route) {
  const card = page.locator("details.operation").filter({
    has: page.locator("summary", {
      has: page.locator(".method", { hasText: new RegExp(`^${method}$`, "i") }),
    }).locator(".path", { hasText: new RegExp(`^${route.replaceAll(/[{}]/g, "\\$&")}$`) }),
  });
  await card.locator("summary").first().click();
  return card;
}

async function send(card) {
  await card.getByRole("button", { name: "Send" }).click();
  await card.locator(".status").waitFor();
  return {
    status: await card.locator(".status").innerText(),
    text: await card.locator("[role=status] pre").first().innerText(),
  };
}

test("the page shows every operation", async () => {
  const document = await (await fetch(`${server.url}/openapi/facilities.json`)).json();
  const operations = Object.values(document.paths).flatMap((item) => Object.keys(item));
  assert.equal(await page.locator("details.operation").count(), operations.length);
  await page.screenshot({ path: path.join(pictures, "docs.png") });
});

test("a call without a token is refused, and the page says so", async () => {
  const card = await open("GET", "/api/public/Owners");
  const { status, text } = await send(card);
  assert.match(status, /^401/);
  assert.match(text, /"Status": 401/);
  // The browser itself reports a refused call.
  assert.deepEqual(complaints.splice(0).filter((complaint) => !complaint.includes("401")), []);
  await card.locator("summary").first().click();
});

test("the form gets a token, and operations can be tried", async () => {
  await page.getByLabel("Client id").fill(server.client.id);
  await page.getByLabel("Client secret").fill(server.client.secret);
  await page.getByRole("button", { name: "Get token" }).click();
  await page.getByText(/The token is valid for \d+ minutes/).waitFor();

  const creation = await open("POST", "/api/public/Owners");
  const owner = JSON.stringify({ email: "docs@example.com", name: "Of the page" });
  await creation.getByLabel("Request body").fill(owner);
  const created = await send(creation);
  assert.match(created.status, /^201/);
  assert.match(created.text, /location: \/api\/public\/Owners\/\d+/);
  await page.screenshot({ path: path.join(pictures, "docs-created.png") });
  await creation.locator("summary").first().click();

  const list = await open("GET", "/api/public/Owners");
  await list.getByLabel(/^searchParameter/).fill("of the page");
  const listed = await send(list);
  assert.match(listed.status, /^200/);
  assert.match(listed.text, /"totalItems": 1/);
});

test("the search narrows the operations", async () => {
  await page.getByPlaceholder("Press / to search").fill("country");
  const left = page.locator("details.operation .path");
  await page.waitForFunction(() => document.querySelectorAll("details.operation").length < 10);
  assert.ok((await left.allInnerTexts()).includes("/api/public/country-codes"));
  await page.getByPlaceholder("Press / to search").fill("");
});

test("the page fits a telephone", async () => {
  await page.setViewportSize({ width: 390, height: 800 });
  const overflow = await page.evaluate(
    () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
  );
  await page.screenshot({ path: path.join(pictures, "docs-narrow.png") });
  assert.equal(overflow, 0, "nothing sticks out");
});

test("the page needs nothing from elsewhere, and nothing went wrong in it", () => {
  assert.deepEqual(foreign, []);
  assert.deepEqual(complaints, []);
});
