// Two servers behind HAProxy on one PostgreSQL, restarted one after the other under load: not
// one call may fail.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { open, readFile, writeFile } from "node:fs/promises";
import { connect } from "node:http2";
import path from "node:path";

import { framed, message } from "../bench/load.mjs";
import { Ledger } from "./ledger.mjs";
import { Database, Server, check, eventually, freePort, pause } from "./support.mjs";

const GET = "/steward.facilities.v1.OwnerService/GetOwner";
/** How long a server that shall stop still takes calls: HAProxy looks five times meanwhile. */
const DRAIN_DELAY = "--drain-delay=1s";
/** How often each server is restarted. */
const TURNS = 3;

export async function rolling({ scratch }) {
  const database = new Database(path.join(scratch, "rolling-database"), "127.0.0.1", await freePort());
  const ports = { json: await freePort(), grpc: await freePort() };
  const front = `http://127.0.0.1:${ports.json}`;
  // Tokens of one are good for the other, because they have one name for the world.
  const flags = [`--database-url=${database.url}`, `--public-url=${front}`, DRAIN_DELAY];
  const servers = [];
  let balancer;
  try {
    await database.start();
    for (const name of ["one", "two"]) {
      const server = await Server.in(path.join(scratch, `rolling-${name}`), flags);
      servers.push(server);
      await server.start();
    }
    balancer = await haproxy(scratch, ports, servers);
    const tenant = await servers[0].tenant();
    const ledger = new Ledger({ url: front, databaseUrl: () => database.url }, tenant);
    const { json: owner } = await ledger.create("w0");
    ledger.writes.set("w0", owner.id);

    let loaded = true;
    let calls = 0;
    const goesOn = () => loaded;
    const read = async () => {
      while (goesOn()) {
        const { status } = await ledger.call("GET", `/api/public/Owners/${owner.id}`);
        check(status === 200, `a read was answered ${status}`);
        calls += 1;
      }
    };
    const load = Promise.all([
      ...Array.from({ length: 4 }, () => ledger.write(goesOn)),
      ...Array.from({ length: 4 }, read),
      grpc(`http://127.0.0.1:${ports.grpc}`, tenant.bearer, owner.id, goesOn).then((made) => (calls += made)),
    ]);
    load.catch(() => (loaded = false));
    for (let turn = 1; turn <= TURNS && loaded; turn += 1) {
      for (const server of servers) {
        await pause(500);
        await server.stop();
        await server.start();
        await eventually("HAProxy sees it", () => bothUp(ports.json));
      }
    }
    await pause(500);
    loaded = false;
    await load;
    check(ledger.answers.size === 1, `writes were answered ${[...ledger.answers.keys()]}`);
    check([...ledger.writes.values()].every((id) => id !== undefined), "a write failed");
    const { writes } = await ledger.settle();
    console.log(`  ${2 * TURNS} restarts; ${calls} reads and ${writes} writes, none failed`);
    for (const server of servers) await server.stop();
  } finally {
    balancer?.kill();
    for (const server of servers) await server.kill();
    await database.stop();
  }
}

/** Reads over one HTTP/2 connection, several at a time; answers how many. */
async function grpc(url, bearer, id, goesOn) {
  const session = connect(url);
  let ended;
  session.on("error", (error) => (ended = error));
  let made = 0;
  const caller = async () => {
    while (goesOn()) {
      if (ended) throw ended;
      const stream = session.request({
        ":method": "POST",
        ":path": GET,
        "content-type": "application/grpc",
        te: "trailers",
        authorization: `Bearer ${bearer}`,
      });
      stream.end(framed(message({ 1: id })));
      stream.resume();
      let status;
      stream.on("response", (headers) => (status = headers["grpc-status"] ?? status));
      stream.on("trailers", (trailers) => (status = trailers["grpc-status"]));
      await once(stream, "close");
      check(status === "0", `a gRPC call ended with ${status}`);
      made += 1;
    }
  };
  await Promise.all(Array.from({ length: 8 }, caller));
  session.close();
  return made;
}

async function haproxy(scratch, ports, servers) {
  const backend = (options) =>
    servers
      .map(({ port }, at) => `  server s${at} 127.0.0.1:${port} ${options} check inter 200ms fall 1 rise 1`)
      .join("\n");
  const config = path.join(scratch, "haproxy.cfg");
  await writeFile(
    config,
    `global
  maxconn 2000
defaults
  mode http
  timeout connect 2s
  timeout client 60s
  timeout server 60s
  retries 3
  option redispatch 1
  option httpchk GET /readyz
frontend json
  bind 127.0.0.1:${ports.json}
  acl asked path /balancer
  acl few nbsrv(json) lt ${servers.length}
  acl few nbsrv(grpc) lt ${servers.length}
  http-request return status 503 if asked few
  http-request return status 200 if asked
  default_backend json
backend json
${backend("")}
frontend grpc
  bind 127.0.0.1:${ports.grpc} proto h2
  default_backend grpc
backend grpc
${backend("proto h2")}
`,
  );
  const program = existsSync("/usr/sbin/haproxy") ? "/usr/sbin/haproxy" : "haproxy";
  const file = path.join(scratch, "haproxy.log");
  const log = await open(file, "a");
  const child = spawn(program, ["-db", "-f", config], { stdio: ["ignore", log.fd, log.fd] });
  await log.close();
  await eventually("HAProxy sees both", async () => {
    if (child.exitCode !== null) throw new Error(await readFile(file, "utf8"));
    return bothUp(ports.json);
  });
  return child;
}

/** Whether HAProxy sends calls to both servers. */
async function bothUp(port) {
  const response = await fetch(`http://127.0.0.1:${port}/balancer`).catch(() => undefined);
  await response?.arrayBuffer();
  return response?.ok;
}
