// The page behind the link of an invitation, used as a person would: open it, press the button.

import assert from "node:assert/strict";
import { mkdir } from "node:fs/promises";
import path from "node:path";
import { after, before, test } from "node:test";

import { startBrowser } from "./support/browser.js";
import { mailTo, root, startSteward, token } from "./support/steward.js";

/** Where a person finds how the page looks. */
const pictures = path.join(root, "target/browser");

/** Screens as people have them. */
const SCREENS = [
  ["phone", { width: 360, height: 740 }],
  ["desktop", { width: 1280, height: 900 }],
];

let server;
let browser;
let bearer;

before(async () => {
  await mkdir(pictures, { recursive: true });
  server = await startSteward();
  browser = await startBrowser();
  bearer = await token(server);
});

after(async () => {
  await browser?.close();
  await server?.stop();
});

async function post(route, body) {
  const response = await fetch(`${server.url}/api/public/${route}`, {
    method: "POST",
    headers: { authorization: `Bearer ${bearer}`, "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  assert.equal(response.status, 201, await response.clone().text());
  return response.json();
}

/** Records a manager and invites them; answers their id, and the URL in the mail. */
async function invite(name, email, language) {
  const { id } = await post("managers", { name, email });
  await post("Invitations", { userId: id, language });
  const mail = await mailTo(server, email);
  const url = mail.split("\n").find((line) => line.startsWith(`${server.url}/invitations/`));
  assert.ok(url, mail);
  return { id, url };
}

async function statusOf(id) {
  const response = await fetch(`${server.url}/api/public/Users/${id}`, {
    headers: { authorization: `Bearer ${bearer}` },
  });
  return (await response.json()).status;
}

/** A page of a browser that runs no script, and what went wrong in it. */
async function open(url, viewport, colorScheme = "light") {
  const context = await browser.newContext({ viewport, colorScheme, javaScriptEnabled: false });
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
  const file = path.join(pictures, `invitation-${name}.png`);
  const png = await page.screenshot({ path: file, fullPage: true });
  // The width in the header of a PNG.
  assert.equal(png.readUInt32BE(16), viewport.width, `${name}: nothing sticks out`);
}

test("the button accepts, without any script", async () => {
  for (const [screen, viewport] of SCREENS) {
    const { id, url } = await invite("Noor Peters", `${screen}@example.com`, "en");
    const { page, complaints, status, close } = await open(url, viewport);
    assert.equal(status, 200);
    assert.match(await page.getByRole("heading").innerText(), /^Invitation from Browser tests$/);
    assert.match(await page.getByRole("main").innerText(), /Hello Noor Peters/);
    await picture(page, `asked-${screen}`, viewport);
    assert.equal(await statusOf(id), "Invited");

    // By the keyboard alone.
    await page.keyboard.press("Tab");
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name: "Thank you, Noor Peters" }).waitFor();
    await picture(page, `thanks-${screen}`, viewport);
    assert.equal(await page.getByRole("button").count(), 0);
    assert.equal(await statusOf(id), "Active");
    assert.deepEqual(complaints, []);
    await close();

    const again = await open(url, viewport);
    assert.equal(again.status, 410);
    await again.page.getByText("This invitation has already been accepted").waitFor();
    await picture(again.page, `used-${screen}`, viewport);
    await again.close();
  }
});

test("the page is styled under its policy, in the light and in the dark", async () => {
  const { url } = await invite("Sem van Dijk", "style@example.com", "nl");
  for (const scheme of ["light", "dark"]) {
    const viewport = SCREENS[1][1];
    const { page, complaints, close } = await open(url, viewport, scheme);
    const button = page.getByRole("button", { name: "Uitnodiging accepteren" });
    const box = await button.boundingBox();
    assert.ok(box.height >= 44, "large enough for a thumb");
    await picture(page, scheme, viewport);
    assert.deepEqual(complaints, []);
    await close();
  }
});

test("the longest names fit a telephone", async () => {
  const long = `Wilhelmina ${"Donaudampfschifffahrt".repeat(8)}`.slice(0, 200);
  const { url } = await invite(long, "long@example.com", "pt");
  const viewport = SCREENS[0][1];
  const { page, close } = await open(url, viewport);
  await page.getByRole("button", { name: "Aceitar o convite" }).waitFor();
  await picture(page, "long-phone", viewport);
  await close();
});

test("a link that is none leads to a page that says so", async () => {
  const viewport = SCREENS[0][1];
  const { page, status, close } = await open(`${server.url}/invitations/1.1.x.y`, viewport);
  assert.equal(status, 404);
  await page.getByRole("heading", { name: "This link is not valid" }).waitFor();
  await picture(page, "unknown-phone", viewport);
  await close();
});
