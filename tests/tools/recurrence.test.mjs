// The digests of random series that the scheduler is compared with are what python-dateutil and
// zoneinfo say.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";

import { root } from "../browser/support/steward.js";

const python = path.join(root, ".cache/python/bin/python");

test("Python says of series what is kept of them", () => {
  const said = execFileSync(python, ["tests/tools/recurrence.py"], { cwd: root, encoding: "utf8" });
  assert.equal(said, readFileSync(path.join(root, "tests/cleaning/recurrence.tsv"), "utf8"));
});
