// Twenty times the calls that the server can do.

import { execFile } from "node:child_process";
import { mkdirSync } from "node:fs";
import path from "node:path";
import { promisify } from "node:util";

import { Load, framed, message } from "../bench/load.mjs";
import { memory } from "../bench/growth.mjs";
import { median } from "../bench/report.mjs";
import { Server, check, eventually } from "./support.mjs";

const run = promisify(execFile);
const RPC = "steward.facilities.v1.OwnerCompanyService/CreateOwnerCompany";
/** Calls in flight at the most that the server can do, and how many times more are too many. */
const ENOUGH = 64;
const TIMES = 20;
const SECONDS = 4;
/** How often the two loads take turns: a busy moment of the machine meets both. */
const ROUNDS = 3;
/** How long a call waits for its turn: shorter than so many calls would take. */
const POOL_WAIT = "--pool-wait=1s";
/** What accepted calls may lose, and what the server may take in memory, in MB. */
const LEAST = 0.8;
const MOST_MEMORY = 256;

export async function overload({ scratch }) {
  const server = await Server.in(path.join(scratch, "overload"), [POOL_WAIT]);
  await server.start();
  try {
    const { bearer } = await server.tenant();
    const owner = await post(server, bearer, "/api/public/Owners", { email: "o@example.com", name: "O" });
    const place = path.join(scratch, "overload-load");
    mkdirSync(place);
    const load = new Load(place, SECONDS);
    const body = await load.file(framed(message({ 1: owner.json.id, 2: message({ 1: "Made under load" }) })));
    const fire = async (clients) => {
      const before = await counts(server);
      const begin = Date.now();
      await run("h2load", [
        ...[`--clients=${clients}`, `--max-concurrent-streams=${ENOUGH / 4}`, "--threads=1"],
        ...[`--duration=${SECONDS}`, `--data=${body}`, "--header=content-type: application/grpc"],
        ...["--header=te: trailers", `--header=authorization: Bearer ${bearer}`],
        `${server.url}/${RPC}`,
      ]);
      const seconds = (Date.now() - begin) / 1000;
      const after = await counts(server);
      const rates = new Map();
      for (const [code, times] of after) rates.set(code, (times - (before.get(code) ?? 0)) / seconds);
      return rates;
    };
    await fire(4);
    const sampler = memory(server.child.pid);
    const seen = new Map();
    const most = [];
    const under = [];
    for (let round = 1; round <= ROUNDS; round += 1) {
      most.push((await fire(4)).get("OK"));
      const fired = fire(4 * TIMES);
      // Somebody who reads the answers.
      let loaded = true;
      fired.finally(() => (loaded = false)).catch(() => {});
      const others = Array.from({ length: 8 }, async () => {
        while (loaded) {
          const answer = await post(server, bearer, `/api/public/Owners/${owner.json.id}/companies`, { name: "X" });
          seen.set(answer.status, (seen.get(answer.status) ?? 0) + 1);
          check([201, 429, 503].includes(answer.status), `a call was answered ${answer.status}`);
          check(answer.status === 201 || answer.after, `${answer.status} without Retry-After`);
        }
      });
      const rates = await fired;
      await Promise.all(others);
      under.push(rates.get("OK"));
      const all = [...rates].filter(([, rate]) => rate > 0).map(([code, rate]) => `${code} ${Math.round(rate)}`);
      console.log(`  at most ${Math.round(most.at(-1))} a second; ${TIMES} times as many in flight: ${all.join(", ")}`);
      const refusals = ["UNAVAILABLE", "RESOURCE_EXHAUSTED"];
      const refused = refusals.reduce((sum, code) => sum + (rates.get(code) ?? 0), 0);
      check(refused > 0, "nothing was refused, so this was no overload");
      for (const [code, rate] of rates) {
        // Streams that h2load leaves behind at its end are cancelled.
        const fine = ["OK", "CANCELLED", ...refusals].includes(code);
        check(fine || rate === 0, `calls were answered ${code}`);
      }
    }
    const peak = sampler.stop();
    const share = median(under) / median(most);
    const answers = [...seen].map(([code, times]) => `${code}: ${times}`);
    console.log(`  ${share.toFixed(2)} of the most are accepted; by JSON ${answers.join(", ")}; ${peak.toFixed(0)} MB`);
    check(share >= LEAST, `only ${share.toFixed(2)} of the most were accepted`);
    check(peak < MOST_MEMORY, `the server took ${peak.toFixed(0)} MB`);
    // It is itself again as soon as the load is gone.
    await eventually("calls are taken", async () => {
      const answer = await post(server, bearer, "/api/public/Owners", { email: "p@example.com", name: "P" });
      return answer.status === 201;
    }, 5000);
    await server.stop();
  } finally {
    await server.kill();
  }
}

async function post(server, bearer, to, body) {
  const response = await fetch(server.url + to, {
    method: "POST",
    headers: { authorization: `Bearer ${bearer}`, "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  return { status: response.status, after: response.headers.get("retry-after"), json: await response.json() };
}

/** How many gRPC calls ended with each code. */
async function counts(server) {
  const text = await (await fetch(`${server.url}/metrics`)).text();
  const pattern = new RegExp(`^steward_requests_total\\{rpc="${RPC}",protocol="grpc",code="(\\w+)"\\} (\\d+)`, "gm");
  return new Map([...text.matchAll(pattern)].map(([, code, times]) => [code, Number(times)]));
}
