// The OpenAPI documents, judged by a validator that is not ours.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, test } from "node:test";
import { promisify } from "node:util";

import { binary, root, startSteward } from "../browser/support/steward.js";

const run = promisify(execFile);
const validator = path.join(root, ".cache/python/bin/openapi-spec-validator");

// Whatever families the program has routes of.
const { stdout: listed } = await run(binary, ["routes"]);
const families = [...new Set(listed.trim().split("\n").map((line) => JSON.parse(line).family))].sort();

let server;
let directory;

before(async () => {
  directory = await mkdtemp(path.join(tmpdir(), "steward-openapi-"));
  server = await startSteward();
});

after(async () => {
  await server?.stop();
  if (directory) await rm(directory, { recursive: true });
});

async function validate(name, text) {
  const file = path.join(directory, name);
  await writeFile(file, text);
  // Fails with what is wrong.
  await run(validator, ["--schema", "3.1", "--errors", "all", file]);
}

for (const family of families) {
  test(`the document of ${family} is valid, as printed and as served`, async () => {
    const { stdout: printed } = await run(binary, ["openapi", "--family", family], { maxBuffer: 1 << 26 });
    await validate(`${family}-printed.json`, printed);

    const response = await fetch(`${server.url}/openapi/${family}.json`);
    assert.equal(response.status, 200);
    assert.match(response.headers.get("content-type"), /^application\/(openapi\+)?json/);
    const served = await response.text();
    await validate(`${family}-served.json`, served);
    assert.deepEqual(JSON.parse(served).paths, JSON.parse(printed).paths);
  });

  // OpenAPI knows paths apart by their literals alone, so the names of parameters do not count.
  const shape = (method, path) => `${method.toUpperCase()} ${path.replaceAll(/{[^}]*}/g, "{}")}`;

  test(`the document of ${family} has every route and no other`, async () => {
    const { stdout } = await run(binary, ["routes"]);
    const routes = stdout.trim().split("\n").map((line) => JSON.parse(line));
    const offered = routes
      .filter((route) => route.family === family)
      .map((route) => shape(route.method, route.path));
    const { paths } = await (await fetch(`${server.url}/openapi/${family}.json`)).json();
    const documented = Object.entries(paths).flatMap(([path, item]) =>
      ["get", "put", "post", "delete", "patch"]
        .filter((method) => item[method])
        .map((method) => shape(method, path)),
    );
    assert.deepEqual(documented.sort(), offered.sort());
  });
}

test("there is a document for each of several families", async () => {
  assert.ok(families.length >= 2, families.join(", "));
  assert.deepEqual((await (await fetch(`${server.url}/docs/families.json`)).json()).sort(), families);
});

test("the validator refuses what is wrong", async () => {
  const wrong = JSON.stringify({ openapi: "3.1.0", info: { title: "No version" }, paths: {} });
  await assert.rejects(validate("wrong.json", wrong));
});
