// What people would use instead, started and stopped: see peers/.

import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { cp, open, readFile, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { availableParallelism } from "node:os";
import path from "node:path";
import { promisify } from "node:util";

import { root } from "../browser/support/steward.js";

const run = promisify(execFile);
const peers = path.join(root, "tests/bench/peers");
const tools = path.join(root, ".cache/bench/bin");

/** How long a peer may take to start, in milliseconds. */
const START_WITHIN = 30_000;
/** As many connections to PostgreSQL as steward's pool has. */
const POOL = 12;

/**
 * Starts Envoy in front of `server`, and Fastify and FastAPI on its database.
 *
 * @returns {Promise<{ envoy: Peer, fastify: Peer, fastapi: Peer, stop: () => Promise<void> }>}
 *   each with its `url`
 */
export async function startPeers(server, databaseUrl, tenant, scratch) {
  const started = [];
  const stop = () => Promise.all(started.map((peer) => peer.stop()));
  const start = async (name, prepare) => {
    const port = await freePort();
    const peer = await startPeer(name, port, await prepare(port), scratch);
    started.push(peer);
    return peer;
  };
  const workers = availableParallelism();
  // postgresql://role@directory/database, all of it percent-encoded.
  const [, owner, sockets, database] = databaseUrl.match(/^postgresql:\/\/([^@]+)@([^/]+)\/(.+)$/);
  const settings = {
    SOCKETS: decodeURIComponent(sockets),
    DATABASE: database,
    OWNER: owner,
    TENANT: String(tenant),
    WORKERS: String(workers),
    POOL: String(POOL),
  };
  try {
    const envoy = await start("envoy", (port) => envoyOn(port, server, scratch, workers));
    const fastify = await start("fastify", (port) => ({
      command: [process.execPath, path.join(peers, "fastify/server.js")],
      settings: { ...settings, PORT: String(port), NODE_ENV: "production" },
    }));
    const fastapi = await start("fastapi", (port) => ({
      command: [
        path.join(tools, "uvicorn"),
        ...["--app-dir", path.join(peers, "fastapi"), "--host", "127.0.0.1", "--port", port],
        ...["--workers", workers, "--loop", "uvloop", "--http", "httptools"],
        ...["--no-access-log", "--log-level", "warning", "server:app"],
      ].map(String),
      settings,
    }));
    return { envoy, fastify, fastapi, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function envoyOn(port, server, scratch, workers) {
  const descriptors = await contract(scratch);
  const template = await readFile(path.join(peers, "envoy/envoy.json"), "utf8");
  const config = path.join(scratch, "envoy.json");
  const filled = template
    .replace('"$PORT"', port)
    .replace('"$UPSTREAM"', new URL(server.url).port)
    .replace("$DESCRIPTORS", descriptors);
  await writeFile(config, filled);
  return {
    command: [
      path.join(tools, "envoy"),
      ...["--config-path", config, "--concurrency", String(workers), "--log-level", "error"],
      // Several may run on one machine.
      ...["--use-dynamic-base-id", "--drain-time-s", "0"],
    ],
    settings: {},
  };
}

/**
 * The contract as Envoy can read it: its transcoder refuses a service of which one RPC answers
 * with a part of its message, also where that RPC is not called.
 */
async function contract(scratch) {
  const copy = path.join(scratch, "contract");
  await cp(path.join(root, "proto"), path.join(copy, "proto"), { recursive: true });
  await cp(path.join(root, "buf.yaml"), path.join(copy, "buf.yaml"));
  for (const name of ["owner", "owner_company"]) {
    const file = path.join(copy, `proto/steward/facilities/v1/${name}.proto`);
    const text = await readFile(file, "utf8");
    await writeFile(file, text.replaceAll(/^ *response_body: .*\n/gm, ""));
  }
  const descriptors = path.join(scratch, "descriptors.binpb");
  const buf = path.join(root, "tests/browser/node_modules/.bin/buf");
  await run(buf, ["build", "--as-file-descriptor-set", "--output", descriptors], { cwd: copy });
  return descriptors;
}

async function startPeer(name, port, { command: [program, ...words], settings }, scratch) {
  const file = path.join(scratch, `${name}.log`);
  const log = await open(file, "w");
  const child = spawn(program, words, {
    stdio: ["ignore", log.fd, log.fd],
    env: { ...process.env, ...settings },
  });
  await log.close();
  let ended;
  child.once("error", (error) => (ended = error.message));
  child.once("exit", (code, signal) => (ended = `${name} ended with ${code ?? signal}`));
  const url = `http://127.0.0.1:${port}`;
  const deadline = Date.now() + START_WITHIN;
  for (;;) {
    // Any answer will do, such as "not found".
    if (await fetch(url).catch(() => undefined)) break;
    if (ended || Date.now() > deadline) {
      child.kill("SIGKILL");
      throw new Error(`${ended ?? `${name} does not answer`}:\n${await readFile(file, "utf8")}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  const stop = async () => {
    if (ended) return;
    child.kill("SIGTERM");
    const impatient = setTimeout(() => child.kill("SIGKILL"), 10_000);
    await once(child, "exit");
    clearTimeout(impatient);
  };
  return { url, stop };
}

function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}
