// A headless Chromium, and a page of our own for it.

import { createServer } from "node:http";
import { accessSync, constants } from "node:fs";
import { once } from "node:events";
import { execFile } from "node:child_process";
import path from "node:path";
import { promisify } from "node:util";
import { build } from "esbuild";
import { chromium } from "playwright-core";

import { root } from "./steward.js";

const run = promisify(execFile);
const here = path.join(root, "tests/browser");

/** Where browsers are on the systems we know; STEWARD_CHROMIUM names another. */
const BROWSERS = [
  process.env.STEWARD_CHROMIUM,
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
  "/Applications/Chromium.app/Contents/MacOS/Chromium",
];

/** Starts a browser with a profile of its own, which is thrown away when it closes. */
export function startBrowser() {
  const executablePath = BROWSERS.find(isProgram);
  if (!executablePath) throw new Error("There is no Chromium; run `scripts/setup.sh test`.");
  return chromium.launch({
    executablePath,
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
  });
}

/**
 * Serves the page with the client libraries from loopback, so that calls to the server come
 * from another origin.
 */
export async function servePage() {
  const script = await bundle();
  const html = '<!doctype html><meta charset="utf-8"><title>Clients</title><script type="module" src="/page.js"></script>';
  const answers = new Map([
    ["/", ["text/html; charset=utf-8", html]],
    ["/page.js", ["text/javascript; charset=utf-8", script]],
  ]);
  const server = createServer((request, response) => {
    const [kind, body] = answers.get(request.url) ?? ["text/plain", undefined];
    response.writeHead(body === undefined ? 404 : 200, { "content-type": kind }).end(body);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    origin: `http://127.0.0.1:${server.address().port}`,
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

/** Generates clients from the contract, and puts them into one script with the page. */
async function bundle() {
  const buf = path.join(here, "node_modules/.bin/buf");
  await run(buf, ["generate", "--template", "tests/browser/buf.gen.yaml"], { cwd: root });
  const { outputFiles } = await build({
    entryPoints: [path.join(here, "page.js")],
    alias: { contract: path.join(root, "target/browser/contract") },
    // The generated files lie outside, and import what is installed here.
    nodePaths: [path.join(here, "node_modules")],
    bundle: true,
    format: "esm",
    target: "es2022",
    write: false,
    logLevel: "warning",
  });
  return outputFiles[0].text;
}

function isProgram(file) {
  if (!file) return false;
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
