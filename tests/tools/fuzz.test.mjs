// Calls that nobody thought of: made by schemathesis from the OpenAPI documents, valid ones and
// invalid ones. None may be answered 5xx, and every answer is as the document says.
//
//   FUZZ_SECONDS=600   how long each family is tried
//   FUZZ_SEED=7        makes other calls, or repeats those of a run that printed its seed
//
// Without a seed the calls are the same each time, so that what a change breaks is its own.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, test } from "node:test";
import { promisify } from "node:util";

import { binary, root, startSteward } from "../browser/support/steward.js";

const run = promisify(execFile);
const schemathesis = path.join(root, ".cache/python/bin/schemathesis");

const { stdout: routes } = await run(binary, ["routes"]);
const families = new Set(routes.trim().split("\n").map((line) => JSON.parse(line).family));
const seconds = Number(process.env.FUZZ_SECONDS ?? Math.ceil(60 / families.size));
const seed = process.env.FUZZ_SEED ?? "1";

let server;
let directory;

before(async () => {
  // What schemathesis remembers from run to run is not kept.
  directory = await mkdtemp(path.join(tmpdir(), "steward-fuzz-"));
  server = await startSteward(["--demo"], { logToFile: true });
});

after(async () => {
  await server?.stop();
  if (directory) await rm(directory, { recursive: true });
});

/** A token of somebody who may do all in the demo's business of a family. */
async function ownerOf(family) {
  const { stdout } = await run(binary, ["tenant", "list", "--data-dir", server.data]);
  const tenants = stdout.trim().split("\n").map((line) => JSON.parse(line));
  const [{ id }] = tenants.filter((tenant) => tenant.family === family);
  const address = ["--email", `fuzz@${family}.example`, "--role", "owner"];
  return (await server.command("user", "create", "--tenant", id, ...address)).access_token;
}

for (const family of families) {
  test(`${family}: every answer is as documented, and none is 5xx (seed ${seed})`, async () => {
    const words = [
      ...["run", `${server.url}/openapi/${family}.json`, "--url", server.url],
      ...["--header", `Authorization: Bearer ${await ownerOf(family)}`],
      // The checks of openapi_checks.py take the place of these two.
      ...["--checks", "all", "--exclude-checks", "positive_data_acceptance,negative_data_rejection"],
      ...["--phases", "examples,coverage,fuzzing", "--max-time", String(seconds)],
      ...["--seed", seed, "--workers", "1", "--continue-on-failure", "--warnings", "off", "--no-color"],
    ];
    const env = { ...process.env, SCHEMATHESIS_HOOKS: path.join(root, "tests/tools/openapi_checks.py") };
    const result = await new Promise((resolve) => {
      execFile(schemathesis, words, { env, cwd: directory, maxBuffer: 1 << 28 }, (error, stdout, stderr) =>
        resolve({ code: error?.code ?? 0, text: stdout + stderr }),
      );
    });
    assert.equal(result.code, 0, result.text.slice(Math.max(0, result.text.indexOf("= FAILURES ="))));
    const calls = Number(result.text.match(/(\d+) generated/)?.[1]);
    assert.ok(calls > 100, `${calls} calls`);
    console.log(`${calls} calls of ${family}`);
  });
}
