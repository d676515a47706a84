// The real server, as a person would start it: its own port, its own data directory.

import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, open, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const run = promisify(execFile);

/** The top of the checkout. */
export const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "../../..");

/** The server under test. */
export const binary = path.resolve(root, process.env.STEWARD_BIN ?? "target/debug/steward");

/** How long the server may take to start on a new data directory, in milliseconds. */
const START_WITHIN = 60_000;

/** How long it may take to stop. */
const STOP_WITHIN = 30_000;

/**
 * Starts a server with a tenant and an API client.
 *
 * @param {string[]} flags further flags of `steward serve`
 * @param {{ logToFile?: boolean, openFiles?: number }} options `logToFile` keeps the log out of
 *   this process, which is for measurements: reading it would cost as much as serving;
 *   `openFiles` is how many files it may have open unless it asks for more
 */
export async function startSteward(flags = [], { logToFile = false, openFiles } = {}) {
  const directory = await mkdtemp(path.join(tmpdir(), "steward-browser-"));
  const data = path.join(directory, "data");
  const file = logToFile ? await open(path.join(directory, "log"), "w") : undefined;
  const words = ["serve", "--listen", "127.0.0.1:0", "--data-dir", data, ...flags];
  const limited = ["-c", 'ulimit -S -n "$1"; shift; exec "$0" "$@"', binary, String(openFiles)];
  const child = spawn(
    openFiles ? "sh" : binary,
    openFiles ? [...limited, ...words] : words,
    { stdio: ["ignore", "pipe", file?.fd ?? "pipe"], env: environment() },
  );
  await file?.close();
  const log = [];
  if (child.stderr) createInterface({ input: child.stderr }).on("line", (line) => log.push(line));
  const stop = async () => {
    if (child.exitCode === null && child.signalCode === null) {
      const impatient = setTimeout(() => child.kill("SIGKILL"), STOP_WITHIN);
      child.kill("SIGTERM");
      await once(child, "exit");
      clearTimeout(impatient);
    }
    await rm(directory, { recursive: true, force: true });
    if (child.exitCode !== 0) {
      throw new Error(`steward ended with ${child.exitCode ?? child.signalCode}:\n${log.join("\n")}`);
    }
  };
  try {
    const url = await listening(child, log);
    await ready(url);
    const tenant = await command(data, "tenant", "create", "--name", "Browser tests");
    const client = await command(data, "client", "create", "--tenant", tenant.id, "--name", "Page");
    return {
      url,
      address: new URL(url).host,
      client: { id: client.client_id, secret: client.client_secret },
      tenant: tenant.id,
      outbox: path.join(data, "outbox"),
      pid: child.pid,
      log,
      data,
      databaseUrl: async () => (await steward(data, "database-url")).trim(),
      command: (...words) => command(data, ...words),
      stop,
    };
  } catch (error) {
    await stop().catch(() => {});
    throw error;
  }
}

/** An access token of `server`'s client. */
export async function token(server) {
  const response = await fetch(`${server.url}/api/connect/token`, {
    method: "POST",
    body: new URLSearchParams({
      grant_type: "client_credentials",
      scope: "openid api",
      client_id: server.client.id,
      client_secret: server.client.secret,
    }),
  });
  if (!response.ok) throw new Error(`no token: ${response.status} ${await response.text()}`);
  return (await response.json()).access_token;
}

/** The plain text of the first mail to an address, once it lies in the outbox. */
export async function mailTo(server, address) {
  const deadline = Date.now() + START_WITHIN;
  for (;;) {
    const names = await readdir(server.outbox).catch(() => []);
    for (const name of names.filter((name) => name.endsWith(".eml"))) {
      const mail = await readFile(path.join(server.outbox, name), "latin1");
      if (mail.includes(`\r\nTo: ${address}\r\n`)) return plainText(mail);
    }
    if (Date.now() > deadline) throw new Error(`no mail to ${address}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** The first part of a mail, decoded (RFC 2045). */
function plainText(mail) {
  const boundary = mail.match(/boundary="([^"]+)"/)[1];
  const part = mail.split(`--${boundary}`)[1];
  const [head, ...rest] = part.split("\r\n\r\n");
  const body = rest.join("\r\n\r\n");
  const bytes = /Content-Transfer-Encoding: base64/i.test(head)
    ? Buffer.from(body, "base64")
    : /Content-Transfer-Encoding: quoted-printable/i.test(head)
      ? Buffer.from(
          body
            .replaceAll("=\r\n", "")
            .replaceAll(/=([0-9A-F]{2})/g, (_, digits) => String.fromCharCode(parseInt(digits, 16))),
          "latin1",
        )
      : Buffer.from(body, "latin1");
  return bytes.toString("utf8").replaceAll("\r\n", "\n");
}

/** Runs a command of steward beside the running server, and reads its JSON. */
async function command(data, ...words) {
  return JSON.parse(await steward(data, ...words));
}

async function steward(data, ...words) {
  const flags = [...words.map(String), "--data-dir", data];
  return (await run(binary, flags, { env: environment() })).stdout;
}

/** Settings of whoever runs the tests must not reach the server under test. */
function environment() {
  const kept = Object.entries(process.env).filter(
    ([name]) => !name.startsWith("STEWARD_") || name === "STEWARD_PG_BIN",
  );
  // Tests call more often than clients may.
  return { ...Object.fromEntries(kept), STEWARD_RATE_LIMITS: "off" };
}

/** The URL that the server prints when it listens. */
function listening(child, log) {
  return new Promise((resolve, reject) => {
    const fail = (why) => reject(new Error(`${binary} ${why}\n${log.join("\n")}`));
    const timer = setTimeout(() => fail("does not start."), START_WITHIN);
    child.once("error", (error) => fail(`cannot be run: ${error.message}. Build it first.`));
    child.once("exit", (code, signal) => fail(`ended at its start with ${code ?? signal}.`));
    createInterface({ input: child.stdout }).on("line", (line) => {
      const url = line.match(/^steward listens on (\S+)/)?.[1];
      if (url) {
        clearTimeout(timer);
        resolve(url);
      }
    });
  });
}

async function ready(url) {
  const deadline = Date.now() + START_WITHIN;
  for (;;) {
    const response = await fetch(`${url}/readyz`);
    if (response.ok) return;
    if (Date.now() > deadline) throw new Error(`not ready: ${await response.text()}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
