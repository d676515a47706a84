// What does not grow with the data, and what does not grow with the load.

import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { readFileSync } from "node:fs";
import { Agent, request } from "node:http";
import { connect } from "node:net";
import { promisify } from "node:util";

import { startSteward, token } from "../browser/support/steward.js";
import { IN_FLIGHT, framed, message, number } from "./load.mjs";
import { median } from "./report.mjs";
import { RARE } from "./seed.mjs";

const run = promisify(execFile);
const GET = "/steward.facilities.v1.OwnerService/GetOwner";

/** Memory a process has now, in MB. */
export function memoryOf(pid) {
  return number(readFileSync(`/proc/${pid}/status`, "utf8"), /^VmRSS:\s+(\d+) kB/m) / 1024;
}

/** Looks at the memory of a process until it is stopped, which answers the most there was. */
export function memory(pid) {
  let peak = 0;
  const timer = setInterval(() => (peak = Math.max(peak, memoryOf(pid))), 200);
  const stop = () => {
    clearInterval(timer);
    return peak;
  };
  return { stop };
}

/** All figures: `{ name, value, unit, most }`. */
export async function growth(bench) {
  const { short, soak } = bench;
  const figures = [
    ...(await bySize(bench)),
    ...(await atHalfRate(bench)),
    ...(await idle(short ? 500 : 10_000, short ? 0 : 5000)),
  ];
  return soak ? [...figures, ...(await flat(bench))] : figures;
}

// --- By the size of the tenant ------------------------------------------------------------------

/** How much longer one caller waits in a tenant of many rows than in one of a thousand. */
async function bySize({ server, tenants, size, bearer, short }) {
  const few = await server.command("client", "create", "--tenant", tenants.few, "--name", "Few");
  const client = { id: few.client_id, secret: few.client_secret };
  const bearers = { many: bearer, few: await token({ ...server, client }) };
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const owners = "/api/public/Owners";
  const search = `${owners}?pageSize=15&searchParameter=${encodeURIComponent(RARE.name)}`;
  const asked = {
    "the first page": { few: `${owners}?pageSize=15`, many: `${owners}?pageSize=15` },
    "a page in the middle": {
      few: `${owners}?pageSize=15&pageNo=33`,
      many: `${owners}?pageSize=15&pageNo=${Math.floor(size / 30)}`,
    },
    "a search for ten of them": { few: search, many: search },
    "totalItems": { few: `${owners}?pageSize=1`, many: `${owners}?pageSize=1` },
  };
  const figures = [];
  for (const [name, paths] of Object.entries(asked)) {
    const times = { few: [], many: [] };
    // The first ones find the statements unprepared.
    for (let round = -20; round < (short ? 20 : 200); round += 1) {
      for (const tenant of ["few", "many"]) {
        const took = await time(agent, server.url + paths[tenant], bearers[tenant]);
        if (round >= 0) times[tenant].push(took);
      }
    }
    const [small, large] = [median(times.few), median(times.many)];
    console.log(`  ${name}: ${small.toFixed(2)} ms of 1000, ${large.toFixed(2)} ms of ${size}`);
    figures.push({ name: `${name} of ${size} owners / of 1000`, value: large / small, unit: "x", most: 2 });
  }
  agent.destroy();
  return figures;
}

/** Milliseconds until an answer has arrived whole. */
function time(agent, url, bearer) {
  return new Promise((resolve, reject) => {
    const begin = performance.now();
    const asked = request(url, { agent, headers: { authorization: `Bearer ${bearer}` } }, (answer) => {
      answer.resume().once("end", () => {
        if (answer.statusCode === 200) resolve(performance.now() - begin);
        else reject(new Error(`${url}: ${answer.statusCode}`));
      });
    });
    asked.once("error", reject);
    asked.end();
  });
}

// --- By the load --------------------------------------------------------------------------------

/** Reads at half of the rate that is possible: how much longer the slowest ones take. */
async function atHalfRate({ server, load, bearer, ids }) {
  const bodies = await Promise.all(ids.map((id) => load.file(framed(message({ 1: id })))));
  const most = await load.h2load(server.url, [GET], bodies, bearer);
  const logs = await Promise.all(bodies.map(() => load.file("")));
  const uri = await load.file(`${server.url}${GET}\n`);
  await Promise.all(
    bodies.map((body, at) =>
      run("h2load", [
        ...["--clients=1", `--max-concurrent-streams=${IN_FLIGHT / bodies.length}`, "--threads=1"],
        ...[`--rps=${Math.round(most / 2 / bodies.length)}`, `--duration=${load.seconds}`, "--warm-up-time=1"],
        ...[`--data=${body}`, "--header=content-type: application/grpc", "--header=te: trailers"],
        ...[`--header=authorization: Bearer ${bearer}`, `--log-file=${logs[at]}`, `--input-file=${uri}`],
      ]),
    ),
  );
  const times = [];
  for (const log of logs) {
    for (const line of (await readFile(log, "utf8")).trim().split("\n")) {
      const [, status, took] = line.split("\t").map(Number);
      if (status !== 200) throw new Error(`a read failed: ${line}`);
      times.push(took);
    }
  }
  times.sort((a, b) => a - b);
  const part = (share) => times[Math.floor(times.length * share)];
  console.log(`  half of ${Math.round(most)} reads a second: p50 ${part(0.5)} us, p99 ${part(0.99)} us`);
  return [{ name: "gRPC reads at half rate: p99 / p50", value: part(0.99) / part(0.5), unit: "x", most: 5 }];
}

/** Whether the memory stays flat: the last minute's most against the second one's. */
async function flat({ server, load, bearer, ids, soak }) {
  const bodies = await Promise.all(ids.map((id) => load.file(framed(message({ 1: id })))));
  const parts = [];
  for (let part = 0; part < 10; part += 1) {
    const sampler = memory(server.pid);
    load.seconds = Math.ceil(soak / 10);
    await load.h2load(server.url, [GET], bodies, bearer);
    parts.push(sampler.stop());
  }
  console.log(`  memory over ${soak} s: ${parts.map((part) => part.toFixed(0)).join(", ")} MB`);
  return [{ name: `memory after ${soak} s / after ${soak / 5} s`, value: parts[9] / parts[1], unit: "x", most: 1.1 }];
}

// --- By idle clients ----------------------------------------------------------------------------

/** A server that nobody calls, and one that very many are connected to. */
async function idle(count, rest) {
  const server = await startSteward(["--max-connections", String(count + 100)], { logToFile: true });
  const sockets = [];
  try {
    await new Promise((resolve) => setTimeout(resolve, rest));
    const alone = memoryOf(server.pid);
    const { hostname, port } = new URL(server.url);
    // In batches, so that the backlog of the system holds them.
    for (let made = 0; made < count; made += 100) {
      const batch = Array.from({ length: 100 }, () => open(hostname, Number(port)));
      sockets.push(...(await Promise.all(batch)));
    }
    await Promise.all(sockets.map(live));
    const held = memoryOf(server.pid);
    await new Promise((resolve) => setTimeout(resolve, rest));
    await Promise.all(sockets.map(live));
    console.log(`  ${sockets.length} idle connections held, ${held.toFixed(0)} MB`);
    return [
      { name: "memory of an idle server", value: alone, unit: "MB", most: 40 },
      { name: `idle connections held, of ${count}`, value: sockets.length, least: count },
      { name: `memory of a server with ${count} idle connections`, value: held, unit: "MB" },
    ];
  } finally {
    for (const socket of sockets) socket.destroy();
    await server.stop();
  }
}

function open(host, port) {
  return new Promise((resolve, reject) => {
    const socket = connect(port, host, () => resolve(socket));
    socket.once("error", reject);
  });
}

/** Asks on a connection whether the server lives. */
function live(socket) {
  return new Promise((resolve, reject) => {
    const ended = () => reject(new Error("the server closed an idle connection"));
    socket.once("close", ended);
    socket.once("data", (data) => {
      socket.off("close", ended);
      if (data.toString("latin1").startsWith("HTTP/1.1 200")) resolve();
      else reject(new Error(data.toString("latin1")));
    });
    socket.write("GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n");
  });
}
