// Calls as a person makes them from a terminal: nothing but the server's own reflection tells
// the tool what there is.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import path from "node:path";
import { after, before, test } from "node:test";

import { binary, root, startSteward, token } from "../browser/support/steward.js";

const buf = path.join(root, "tests/browser/node_modules/.bin/buf");
const python = path.join(root, ".cache/python/bin/python");

const LIST = "steward.facilities.v1.OwnerService/ListOwners";
const CREATE = "steward.facilities.v1.OwnerService/CreateOwner";

let server;
let bearer;

before(async () => {
  server = await startSteward();
  bearer = await token(server);
});

after(() => server?.stop());

/** Runs a program to its end, whatever its exit code. */
function run(program, words) {
  return new Promise((resolve, reject) => {
    execFile(program, words, { cwd: root, timeout: 60_000 }, (error, stdout, stderr) => {
      if (error && typeof error.code !== "number") reject(error);
      else resolve({ code: error?.code ?? 0, stdout, stderr });
    });
  });
}

/** `buf curl` without a schema. */
function curl(method, request, { protocol = "grpc", reflection = "grpc-v1", authorized = true } = {}) {
  return run(buf, [
    "curl",
    "--http2-prior-knowledge",
    ...["--protocol", protocol],
    ...["--reflect-protocol", reflection],
    ...(authorized ? ["--header", `authorization: Bearer ${bearer}`] : []),
    ...["--data", JSON.stringify(request)],
    `${server.url}/${method}`,
  ]);
}

for (const reflection of ["grpc-v1", "grpc-v1alpha"]) {
  for (const protocol of ["grpc", "grpcweb"]) {
    test(`buf curl creates, lists and fails by ${protocol}, reflected by ${reflection}`, async () => {
      const name = `Of ${protocol} and ${reflection}`;
      const owner = { email: `${protocol}.${reflection}@example.com`, name };
      const created = await curl(CREATE, { owner }, { protocol, reflection });
      assert.equal(created.code, 0, created.stderr);
      assert.equal(JSON.parse(created.stdout).name, name);

      const listed = await curl(LIST, { search: name }, { protocol, reflection });
      assert.equal(listed.code, 0, listed.stderr);
      assert.deepEqual(JSON.parse(listed.stdout).items.map((item) => item.name), [name]);

      const again = await curl(CREATE, { owner }, { protocol, reflection });
      assert.notEqual(again.code, 0);
      const failure = JSON.parse(again.stderr);
      assert.equal(failure.code, "already_exists");
      const info = failure.details.find((detail) => detail.type === "google.rpc.ErrorInfo");
      assert.ok(info, again.stderr);

      const stranger = await curl(LIST, {}, { protocol, reflection, authorized: false });
      assert.equal(JSON.parse(stranger.stderr).code, "unauthenticated");
    });
  }
}

test("reflection lists every service and its methods", async () => {
  const list = ["curl", "--list-methods", "--http2-prior-knowledge", "--protocol", "grpc", server.url];
  const { stdout, stderr, code } = await run(buf, list);
  assert.equal(code, 0, stderr);
  const { stdout: routes } = await run(binary, ["routes"]);
  const offered = new Set(routes.trim().split("\n").map((line) => JSON.parse(line).rpc));
  const methods = new Set(stdout.trim().split("\n").map((line) => line.trim()));
  assert.ok(offered.size > 40);
  for (const rpc of offered) assert.ok(methods.has(rpc), `${rpc} is not reflected`);
});

test("grpc's own client for Python reflects, calls, and checks the health of each service", async () => {
  const { code, stdout, stderr } = await run(python, [
    "tests/tools/python_client.py",
    server.address,
    bearer,
  ]);
  assert.equal(code, 0, stderr);
  assert.match(stdout, /\d+ services serve/);
});
