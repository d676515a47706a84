// A database on another host that cannot be reached any more, and can be again.
//
// The other host is a network namespace. All of this, the callers too, is in namespaces of its
// own: nothing reaches the machine's network.

import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { readlinkSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

import { Ledger } from "./ledger.mjs";
import { Database, Server, check, eventually, pause } from "./support.mjs";

/** Addresses for documentation (RFC 5737), which exist nowhere. */
const HERE = "192.0.2.1";
const THERE = "192.0.2.2";
const NEXT = "192.0.2.3";
const REQUEST_TIMEOUT = 5000;
/** How long the network is cut: longer than a call may take, and than a connection is believed. */
const CUT = 20_000;
/** How long the server may take to be itself again. */
const BACK_WITHIN = 15_000;
/** How long connections may be believed in that something on the way has forgotten. */
const FORGOTTEN_WITHIN = 30_000;

/** Runs the scenario in a network namespace of its own. */
export async function network({ scratch }) {
  const inside = [process.execPath, fileURLToPath(import.meta.url), scratch];
  const child = spawn("unshare", ["--net", "--", ...inside], { stdio: "inherit" });
  const [code] = await once(child, "exit");
  check(code === 0, `the scenario ended with ${code}`);
}

async function cut(scratch) {
  const ip = (...words) => execFileSync("ip", words, { stdio: "pipe" });
  ip("link", "set", "lo", "up");
  // The other host lives as long as this process in its namespace.
  const host = spawn("unshare", ["--net", "--", "sleep", "600"], { stdio: "ignore" });
  const there = (...words) => execFileSync("nsenter", [`--net=/proc/${host.pid}/ns/net`, "ip", ...words]);
  const namespace = (pid) => readlinkSync(`/proc/${pid}/ns/net`);
  await eventually("another host", () => namespace(host.pid) !== namespace(process.pid));
  ip("link", "add", "here", "type", "veth", "peer", "name", "there", "netns", String(host.pid));
  ip("addr", "add", `${HERE}/29`, "dev", "here");
  ip("link", "set", "here", "up");
  there("addr", "add", `${THERE}/29`, "dev", "there");
  there("link", "set", "lo", "up");
  there("link", "set", "there", "up");

  const database = new Database(path.join(scratch, "network-database"), THERE, 5432, [
    "nsenter",
    `--net=/proc/${host.pid}/ns/net`,
  ]);
  await database.start();
  const flags = ["--pool-wait=1s", `--request-timeout=${REQUEST_TIMEOUT}ms`, "--readiness-interval=200ms"];
  const server = await Server.in(path.join(scratch, "network"), [
    ...flags,
    `--database-url=${database.url}`,
  ]);
  server.databaseUrl = () => database.url;
  try {
    await server.start();
    const ledger = new Ledger(server, await server.tenant());
    let writing = true;
    const writers = Promise.all(Array.from({ length: 8 }, () => ledger.write(() => writing)));
    writers.catch(() => (writing = false));
    await pause(500);

    // Nobody says that it is gone: what is sent is lost, and nothing comes.
    there("link", "set", "there", "down");
    const begin = Date.now();
    await eventually("not ready", async () => !(await fetch(`${server.url}/readyz`)).ok);
    while (Date.now() < begin + CUT) {
      const asked = Date.now();
      const answer = await ledger.call("GET", "/api/public/Owners");
      check([503, 504].includes(answer.status), `a read was answered ${answer.status}`);
      check(Date.now() - asked < REQUEST_TIMEOUT + 2000, "a read waited too long");
      await pause(200);
    }
    check((await fetch(`${server.url}/livez`)).ok, "the server does not live");

    there("link", "set", "there", "up");
    const back = Date.now();
    await server.ready(BACK_WITHIN);
    const then = ledger.answers.get(201);
    await eventually("writes are taken", () => ledger.answers.get(201) > then, BACK_WITHIN);
    console.log(`  back ${Date.now() - back} ms after the network`);

    // Something on the way forgets the connections that there are, as firewalls and address
    // translators do: what is sent on them is lost for ever, and new ones work.
    ip("addr", "del", `${HERE}/29`, "dev", "here");
    ip("addr", "add", `${NEXT}/29`, "dev", "here");
    const forgotten = Date.now();
    await pause(FORGOTTEN_WITHIN);
    const late = Array.from({ length: 50 }, () => ledger.call("GET", "/api/public/Owners"));
    for (const { status } of await Promise.all(late)) {
      check(status === 200, `${Date.now() - forgotten} ms later a read was answered ${status}`);
    }
    writing = false;
    await writers;
    const { writes, acknowledged } = await ledger.settle();
    const answers = [...ledger.answers].map(([code, times]) => `${code}: ${times}`);
    console.log(`  ${acknowledged} of ${writes} writes were acknowledged, all are there once; answers ${answers.join(", ")}`);
    await server.stop();
  } finally {
    await server.kill();
    await database.stop();
    host.kill();
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await cut(process.argv[2]);
