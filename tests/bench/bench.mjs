// `make bench`: how fast the server is next to PostgreSQL alone, and next to what people would
// use instead.
//
// One release build on one database, everything on loopback. Each round measures each subject
// once, so that a busy moment of the machine meets them all; what counts are the ratios of the
// medians. Writes a table, results.json and a chart per workload. Ends with 1 when a figure that
// is aimed at is missed.
//
//   --short               proves in less than a minute that it runs; its figures mean nothing
//   --only read,list      workloads to measure; "growth" stands for what follows them
//   --subjects grpc,json  ways to ask
//   --rounds 3 --seconds 3
//   --soak 600            also asks for so many seconds whether the memory stays flat
//   --output DIRECTORY    instead of target/bench
//   --perf read/grpc      no table; instead a profile of the server under this load (needs perf)

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { parseArgs, promisify } from "node:util";

import { root, startSteward, token } from "../browser/support/steward.js";
import { memory, growth } from "./growth.mjs";
import { Load, framed } from "./load.mjs";
import { startPeers } from "./peers.mjs";
import { report } from "./report.mjs";
import { RARE, addOwners, psql, someOwners } from "./seed.mjs";
import { workloads } from "./workloads.mjs";

const { values: options } = parseArgs({
  options: {
    short: { type: "boolean", default: false },
    only: { type: "string" },
    subjects: { type: "string" },
    rounds: { type: "string" },
    seconds: { type: "string" },
    soak: { type: "string", default: "0" },
    output: { type: "string", default: path.join(root, "target/bench") },
    perf: { type: "string" },
  },
});
const rounds = Number(options.rounds ?? (options.short ? 1 : 3));
const seconds = Number(options.seconds ?? (options.short ? 1 : 3));
const size = options.short ? 20_000 : 1_000_000;
/** The owners that are read: as many as gRPC has connections, each of which reads one. */
const READ = 4;

/** What is aimed at, in every run. */
const TARGETS = [
  { workload: "read", of: "grpc", to: "pgbench", least: 0.5 },
  { workload: "read", of: "json", to: "grpc", least: 0.95 },
  { workload: "read", of: "json", to: "envoy", least: 3 },
  { workload: "read", of: "json", to: "fastify", least: 3.5 },
  { workload: "read", of: "json", to: "fastapi", least: 8 },
  { workload: "list", of: "json", to: "grpc", least: 0.95 },
];

const listed = (text) => text?.split(",").map((word) => word.trim());
// The mixed workload consists of the calls of two others.
const only = listed(options.only) ?? (options.short ? ["read", "search", "mixed", "growth"] : undefined);
const wanted = (name) => !only || only.includes(name);

const server = await startSteward([], { logToFile: true });
const scratch = await mkdtemp(path.join(tmpdir(), "steward-bench-"));
const sampler = memory(server.pid);
let peers;
let missed = true;
try {
  missed = await main();
} finally {
  sampler.stop();
  await peers?.stop();
  await rm(scratch, { recursive: true });
  await server.stop();
}
process.exitCode = missed && !options.short ? 1 : 0;

async function main() {
  const url = await server.databaseUrl();
  const few = await server.command("tenant", "create", "--name", "Few");
  const tenants = { many: server.tenant, few: few.id };
  const begin = Date.now();
  await addOwners(url, tenants.few, 1000);
  await addOwners(url, tenants.many, size);
  console.log(`${size} owners are there after ${Math.round((Date.now() - begin) / 1000)} s`);
  peers = await startPeers(server, url, tenants.many, scratch);

  const bearer = await token(server);
  const load = new Load(scratch, seconds);
  const ids = await someOwners(url, tenants.many, READ);
  // Parts of a name that ten owners have.
  const searches = [RARE.name, "Vandenberghe", "Wilhelmina", "mina vandenber"];
  const known = workloads(tenants.many, ids, searches);
  await answersAlike(known, bearer);
  const all = known.filter(({ name }) => wanted(name));

  const subjects = await Promise.all(all.map((workload) => ask(workload, load, url, bearer)));
  if (options.perf) return profile(subjects.flat());
  const results = subjects.flat().map((subject) => ({ ...subject, figures: [] }));
  for (let round = 1; round <= rounds; round += 1) {
    for (const result of results) {
      // What is written is not measured in the next one.
      if (result.workload.name === "create" || result.workload.name === "mixed") await psql(url, "CHECKPOINT");
      result.figures.push(await result.measure());
    }
    console.log(`round ${round} of ${rounds} done`);
  }
  const peak = sampler.stop();
  const more = wanted("growth")
    ? await growth({ server, url, tenants, size, load, bearer, ids, short: options.short, soak: Number(options.soak) })
    : [];
  const facts = { rounds, seconds, owners: size, peak, judged: !options.short };
  await mkdir(options.output, { recursive: true });
  return report(results, TARGETS, more, facts, options.output);
}

/** The ways to ask for a workload. */
async function ask(workload, load, url, bearer) {
  const { scripts, rpcs, messages, calls, webCalls } = workload;
  const files = await Promise.all(
    scripts.map(async ([script, weight]) => [await load.file(script), weight]),
  );
  const bodies = await Promise.all(messages.map((one) => load.file(framed(one))));
  const paths = (workload.paths ?? rpcs).map((rpc) => `/${rpc}`);
  // As the server's role, so that row-level security is on.
  const asServer = { PGOPTIONS: `-c role=steward_app -c steward.tenant_id=${server.tenant}` };
  const mine = (protocol, measure) => () => counted(rpcs, protocol, measure);
  const ways = {
    pgbench: () => load.pgbench(url, files, asServer),
    grpc: mine("grpc", () => load.h2load(server.url, paths, bodies, bearer)),
    "grpc-web": mine("grpc-web", () => load.wrk(server.url, webCalls, bearer)),
    json: mine("json", () => load.wrk(server.url, calls, bearer)),
    envoy: mine("grpc", () => load.wrk(peers.envoy.url, calls, bearer)),
    fastify: () => load.wrk(peers.fastify.url, calls, bearer),
    fastapi: () => load.wrk(peers.fastapi.url, calls, bearer),
  };
  const subjects = listed(options.subjects) ?? Object.keys(ways);
  return subjects.map((subject) => ({ workload, subject, measure: ways[subject] }));
}

/**
 * Makes sure that the peers do the work that they are measured at. Envoy's JSON has other forms
 * for the same facts: ids are texts, and what is absent is left out.
 */
async function answersAlike(all, bearer) {
  for (const { name, calls } of all) {
    for (const call of calls) {
      const answer = async ({ url }) => {
        const { method, path: to, type, body } = call;
        const headers = { authorization: `Bearer ${bearer}`, ...(type && { "content-type": type }) };
        const response = await fetch(url + to, { method, headers, body });
        const text = await response.text();
        assert.ok(response.ok, `${url}${to}: ${response.status} ${text}`);
        return JSON.parse(text);
      };
      const expected = await answer(server);
      for (const peer of [peers.fastify, peers.fastapi]) {
        const same = await answer(peer);
        // Each creation makes another company.
        if (call.method === "POST") same.id = expected.id;
        assert.deepEqual(same, expected, `${peer.url} of ${name}`);
      }
      const transcoded = await answer(peers.envoy);
      assert.equal(transcoded.name, expected.name);
      assert.deepEqual(
        transcoded.items?.map((item) => Number(item.id)),
        expected.items?.map((item) => item.id),
      );
    }
  }
}

/**
 * Measures, and lets the server's own counters say that the calls arrived and went well. The
 * load generators do not read `grpc-status`.
 */
async function counted(rpcs, protocol, measure) {
  const before = await counters();
  const rate = await measure();
  const after = await counters();
  const good = rpcs.reduce((sum, rpc) => {
    const key = `steward_requests_total{rpc="${rpc}",protocol="${protocol}",code="OK"}`;
    return sum + (after.get(key) ?? 0) - (before.get(key) ?? 0);
  }, 0);
  if (good < rate * seconds * 0.9) {
    throw new Error(`${rpcs}: ${rate} answers a second, but the server counted ${good} good calls.`);
  }
  for (const [name, value] of after) {
    // Streams that h2load leaves behind at its end are cancelled.
    const bad = name.startsWith("steward_requests_total{") && !/code="(OK|CANCELLED)"/.test(name);
    if (bad && value !== (before.get(name) ?? 0)) throw new Error(`Calls failed: ${name}`);
  }
  return rate;
}

async function counters() {
  const text = await (await fetch(`${server.url}/metrics`)).text();
  const lines = text.split("\n").filter((line) => line && !line.startsWith("#"));
  return new Map(
    lines.map((line) => line.split(/ (?=\S+$)/)).map(([name, value]) => [name, Number(value)]),
  );
}

/** Where the server spends its time under one load. */
async function profile(subjects) {
  const found = subjects.find(
    ({ workload, subject }) => `${workload.name}/${subject}` === options.perf,
  );
  if (!found) throw new Error(`there is no ${options.perf}`);
  const data = path.join(root, "target/bench.perf");
  const recording = promisify(execFile)("perf", [
    ...["record", "--freq=999", "--call-graph=fp", `--pid=${server.pid}`, `--output=${data}`],
    ...["--", "sleep", String(seconds)],
  ]);
  const rate = await found.measure();
  await recording;
  console.log(`${options.perf}: ${rate} a second; see perf report --input ${data}`);
  return false;
}
