// `make bench`: how much of PostgreSQL's own speed gets through the server.
//
// One release build on one database, everything on loopback. Each round measures each subject
// once, so that a busy moment of the machine meets them all; what counts are the ratios of the
// medians. Ends with 1 when a target is missed.
//
//   ROUNDS=5 SECONDS=4   how often, and how long each
//   ONLY=grpc,json       subjects to measure, by the first word of their names
//   PERF=grpc            no table; instead a profile of the server under this load (needs perf)

import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { readdirSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";

import { root, startSteward, token } from "../browser/support/steward.js";

const run = promisify(execFile);

const ROUNDS = Number(process.env.ROUNDS ?? 5);
const SECONDS = Number(process.env.SECONDS ?? 4);
const OWNERS = 5000;
const CLIENTS = 16;
/** gRPC: 4 connections of 16 streams; JSON, which has no streams: 64 connections. */
const IN_FLIGHT = 64;
/** The owners that are read: as many as gRPC has connections, each of which reads one. */
const READ = 4;

const GET = "steward.facilities.v1.OwnerService/GetOwner";
const LIST = "steward.facilities.v1.OwnerService/ListOwners";

const server = await startSteward(process.env.FLAGS?.split(" ") ?? [], { logToFile: true });
const scratch = await mkdtemp(path.join(tmpdir(), "steward-bench-"));
let failed = true;
try {
  failed = await main();
} finally {
  await rm(scratch, { recursive: true });
  await server.stop();
}
process.exitCode = failed ? 1 : 0;

async function main() {
  const url = await server.databaseUrl();
  const ids = await seed(url);
  const { subjects, targets } = await plan(url, ids);
  if (process.env.PERF) return profile(subjects);

  const results = new Map(subjects.map(({ name }) => [name, []]));
  for (let round = 1; round <= ROUNDS; round += 1) {
    for (const { name, measure } of subjects) results.get(name).push(await measure());
    console.log(`round ${round} of ${ROUNDS} done`);
  }
  return report(results, targets);
}

/** Fills the tenant and pgbench's own tables; answers the ids of the owners to read. */
async function seed(url) {
  await run(program("pgbench"), ["--initialize", "--quiet", "--scale=1", url]);
  const { stdout } = await run(program("psql"), [
    url,
    ...["--no-psqlrc", "--quiet", "--tuples-only", "--no-align", "--set=ON_ERROR_STOP=1"],
    "--command",
    `INSERT INTO facilities.users (tenant_id, role, status, email, name, company_name,
       country_code, phone_number, external_reference_id, address, authorized_amount)
     SELECT ${server.tenant}, 1, 1, 'owner' || n || '@example.com', 'Owner ' || n, 'Company ' || n,
       '31', '2012345' || n, 'ref-' || n,
       jsonb_build_object('street', 'Long Lane', 'number', n::text, 'city', 'Utrecht',
         'zipCode', '3511 AB', 'country', 'NL'), 650.50
     FROM generate_series(1, ${OWNERS}) AS n`,
    ...["--command", "VACUUM ANALYZE facilities.users"],
    ...["--command", "VACUUM ANALYZE pgbench_accounts"],
    ...["--command", `SELECT id FROM facilities.users ORDER BY id DESC OFFSET ${OWNERS / 2} LIMIT ${READ}`],
  ]);
  return stdout.trim().split("\n").map(Number);
}

async function plan(url, ids) {
  const bearer = await token(server);
  const get = await Promise.all(ids.map((id) => requestFile(`get-${id}`, [0x08, ...varint(id)])));
  const list = await Promise.all(ids.map((id) => requestFile(`list-${id}`, [])));
  const owners = "/api/public/owners";
  const row = path.join(scratch, "row.sql");
  await writeFile(
    row,
    `SELECT id, email, name, company_name, country_code, phone_number, address, additional_note,
       authorized_amount, status, external_reference_id, invoice_address, invoice_company,
       invoice_email, attention_to
     FROM facilities.users WHERE tenant_id = ${server.tenant} AND id = ${ids[0]} AND role = 1;`,
  );
  // As the server's role, so that row-level security is on.
  const asServer = { PGOPTIONS: `-c role=steward_app -c steward.tenant_id=${server.tenant}` };
  const everything = [
    { name: "pgbench -S", measure: () => pgbench(url, ["--select-only"]) },
    { name: "pgbench of the owner's row", measure: () => pgbench(url, ["--file", row], asServer) },
    { name: "gRPC GetOwner", measure: () => h2load(GET, get, bearer) },
    { name: "JSON GetOwner", measure: () => wrk(GET, ids.map((id) => `${owners}/${id}`), bearer) },
    { name: "gRPC ListOwners, 15 rows", measure: () => h2load(LIST, list, bearer) },
    { name: "JSON ListOwners, 15 rows", measure: () => wrk(LIST, [owners], bearer) },
  ];
  const only = process.env.ONLY?.toLowerCase().split(",");
  const wanted = ({ name }) => !only || only.some((word) => name.toLowerCase().includes(word));
  return {
    subjects: everything.filter(wanted),
    targets: [
      { of: "gRPC GetOwner", to: "pgbench -S", least: 0.35 },
      { of: "JSON GetOwner", to: "gRPC GetOwner", least: 0.88 },
      { of: "gRPC GetOwner", to: "pgbench of the owner's row" },
      { of: "JSON ListOwners, 15 rows", to: "gRPC ListOwners, 15 rows" },
    ],
  };
}

// --- The load generators, each answering calls a second --------------------------------------

async function pgbench(url, what, environment = {}) {
  const { stdout } = await run(
    program("pgbench"),
    [
      ...["--no-vacuum", "--protocol=prepared", `--client=${CLIENTS}`, "--jobs=2"],
      ...[`--time=${SECONDS}`, ...what, url],
    ],
    { env: { ...process.env, ...environment } },
  );
  return number(stdout, /^tps = ([\d.]+)/m);
}

async function h2load(rpc, files, bearer) {
  return counted(rpc, "grpc", async () => {
    const rates = files.map(async (file) => {
      const { stdout } = await run("h2load", [
        ...["--clients=1", `--max-concurrent-streams=${IN_FLIGHT / files.length}`, "--threads=1"],
        ...[`--duration=${SECONDS}`, "--warm-up-time=1", `--data=${file}`],
        ...["--header=content-type: application/grpc", "--header=te: trailers"],
        ...[`--header=authorization: Bearer ${bearer}`, `${server.url}/${rpc}`],
      ]);
      return number(stdout, /([\d.]+) req\/s/);
    });
    return (await Promise.all(rates)).reduce((sum, rate) => sum + rate);
  });
}

async function wrk(rpc, paths, bearer) {
  const script = path.join(scratch, "paths.lua");
  await writeFile(
    script,
    `local paths = { ${paths.map((one) => JSON.stringify(one)).join(", ")} }
     function request() return wrk.format("GET", paths[math.random(#paths)]) end`,
  );
  return counted(rpc, "json", async () => {
    const { stdout } = await run("wrk", [
      ...["--threads=1", `--connections=${IN_FLIGHT}`, `--duration=${SECONDS}s`],
      ...["--header", `authorization: Bearer ${bearer}`, "--script", script, server.url],
    ]);
    if (/Non-2xx|Socket errors/.test(stdout)) throw new Error(stdout);
    return number(stdout, /Requests\/sec: +([\d.]+)/);
  });
}

/**
 * Measures, and lets the server's own counters say that the calls arrived and went well. The
 * load generators do not read `grpc-status`.
 */
async function counted(rpc, protocol, measure) {
  const before = await counters();
  const rate = await measure();
  const after = await counters();
  const key = (code) => `steward_requests_total{rpc="${rpc}",protocol="${protocol}",code="${code}"}`;
  const good = (after.get(key("OK")) ?? 0) - (before.get(key("OK")) ?? 0);
  if (good < rate * SECONDS * 0.9) {
    throw new Error(`${rpc}: ${rate} answers a second, but the server counted ${good} good calls.`);
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
  return new Map(lines.map((line) => line.split(/ (?=\S+$)/)).map(([name, value]) => [name, Number(value)]));
}

// --- Figures ------------------------------------------------------------------------------------

function report(results, targets) {
  const medians = new Map([...results].map(([name, figures]) => [name, median(figures)]));
  console.log(`\nMedians of ${ROUNDS} rounds of ${SECONDS} s, ${OWNERS} owners:\n`);
  const wide = Math.max(...[...medians.keys()].map((name) => name.length));
  for (const [name, value] of medians) {
    const figures = results.get(name).map(Math.round);
    const range = `${Math.min(...figures)} to ${Math.max(...figures)}`;
    console.log(`  ${name.padEnd(wide)}  ${String(Math.round(value)).padStart(7)} a second  (${range})`);
  }
  console.log();
  let missed = false;
  for (const { of, to, least } of targets) {
    if (!medians.has(of) || !medians.has(to)) continue;
    const ratio = medians.get(of) / medians.get(to);
    const pass = least === undefined || ratio >= least;
    missed ||= !pass;
    const verdict = least === undefined ? "" : `  at least ${least}: ${pass ? "PASS" : "MISS"}`;
    console.log(`  ${ratio.toFixed(3)}  ${of} / ${to}${verdict}`);
  }
  return missed;
}

/** Where the server spends its time under one load. */
async function profile(subjects) {
  const subject = subjects.find(({ name }) => name.toLowerCase().includes(process.env.PERF));
  if (!subject) throw new Error(`no subject is called ${process.env.PERF}`);
  const data = path.join(root, "target/bench.perf");
  const recording = run("perf", [
    ...["record", "--freq=999", "--call-graph=fp", `--pid=${server.pid}`, `--output=${data}`],
    ...["--", "sleep", String(SECONDS)],
  ]);
  const rate = await subject.measure();
  await recording;
  console.log(`${subject.name}: ${rate} a second; see perf report --input ${data}`);
  return false;
}

function median(figures) {
  const sorted = [...figures].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

function number(text, pattern) {
  const found = text.match(pattern)?.[1];
  if (found === undefined) throw new Error(`no figure in:\n${text}`);
  return Number(found);
}

// --- Small things --------------------------------------------------------------------------------

/** A message as it travels, in a file: not compressed, its length, its bytes. */
async function requestFile(name, message) {
  const head = Buffer.alloc(5);
  head.writeUInt32BE(message.length, 1);
  const file = path.join(scratch, name);
  await writeFile(file, Buffer.concat([head, Buffer.from(message)]));
  return file;
}

function varint(value) {
  const bytes = [];
  let rest = value;
  while (rest > 127) {
    bytes.push((rest & 127) | 128);
    rest = Math.floor(rest / 128);
  }
  return [...bytes, rest];
}

/** A program of PostgreSQL, which some systems keep out of the path. */
function program(name) {
  const versions = "/usr/lib/postgresql";
  try {
    const newest = readdirSync(versions).sort((a, b) => b - a)[0];
    return path.join(versions, newest, "bin", name);
  } catch {
    return name;
  }
}
