// `make torture`: what the server survives. Bounded in time, on this machine alone.
//
//   --only crash,overload   some of them
//   --rounds 50             how often something is killed
//   --seed 1                repeats the chances of a run, which are printed

import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";

import { crash } from "./crash.mjs";
import { network } from "./network.mjs";
import { overload } from "./overload.mjs";
import { rolling } from "./rolling.mjs";
import { full, paused } from "./starve.mjs";

const SCENARIOS = { crash, paused, full, network, overload, rolling };
/** Those that mount a small disk and make networks, which root alone may. */
const FOR_ROOT = ["full", "network"];

const { values: options } = parseArgs({
  options: {
    only: { type: "string" },
    rounds: { type: "string", default: "50" },
    seed: { type: "string" },
  },
});
const seed = Number(options.seed ?? Math.floor(Math.random() * 1e9));
const only = options.only?.split(",");
for (const name of only ?? []) {
  if (!(name in SCENARIOS)) throw new Error(`there is no ${name}; there are ${Object.keys(SCENARIOS)}`);
}
if (process.getuid() !== 0 && FOR_ROOT.some((name) => !only || only.includes(name))) {
  const others = Object.keys(SCENARIOS).filter((name) => !FOR_ROOT.includes(name));
  throw new Error(`${FOR_ROOT.join(" and ")} need root; the others are --only ${others}`);
}
const scratch = mkdtempSync(path.join(tmpdir(), "steward-torture-"));
// PostgreSQL's own account passes through.
execFileSync("chmod", ["755", scratch]);
let failed = 0;
const summary = [];
for (const [name, scenario] of Object.entries(SCENARIOS)) {
  if (only && !only.includes(name)) continue;
  console.log(`\n${name}, seed ${seed}`);
  const begin = Date.now();
  let verdict = "passed";
  try {
    await scenario({ scratch, seed, rounds: Number(options.rounds) });
  } catch (error) {
    verdict = "FAILED";
    failed += 1;
    console.error(error);
  }
  summary.push(`  ${verdict}  ${name}, ${Math.round((Date.now() - begin) / 1000)} s`);
}
if (failed === 0) rmSync(scratch, { recursive: true });
else console.log(`\nLogs and data are kept in ${scratch}`);
console.log(`\n${summary.join("\n")}`);
process.exitCode = failed === 0 ? 0 : 1;
