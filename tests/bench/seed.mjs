// What the calls are made on: two tenants, one with many owners and one with few.

import { execFile } from "node:child_process";
import { readdirSync } from "node:fs";
import path from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

/** A program of PostgreSQL, which some systems keep out of the path. */
export function program(name) {
  const versions = "/usr/lib/postgresql";
  try {
    const newest = readdirSync(versions).sort((a, b) => b - a)[0];
    return path.join(versions, newest, "bin", name);
  } catch {
    return name;
  }
}

/** Runs statements as the owner of the cluster; answers the last one's rows, a line each. */
export async function psql(url, ...statements) {
  const { stdout } = await run(program("psql"), [
    url,
    ...["--no-psqlrc", "--quiet", "--tuples-only", "--no-align", "--set=ON_ERROR_STOP=1"],
    ...statements.flatMap((statement) => ["--command", statement]),
  ]);
  return stdout.trim().split("\n");
}

/**
 * Gives a tenant owners `Owner 1` to `Owner <count>`. The index of the search is made anew
 * afterwards, which for many rows is quicker than keeping it up to date.
 */
export async function addOwners(url, tenant, count) {
  const index = "facilities.users_search_idx";
  const [definition] = await psql(url, `SELECT pg_get_indexdef('${index}'::regclass)`);
  await psql(
    url,
    "SET maintenance_work_mem = '512MB'",
    `BEGIN;
     DROP INDEX ${index};
     INSERT INTO facilities.users (tenant_id, role, status, email, name, company_name,
       country_code, phone_number, external_reference_id, address, authorized_amount)
     SELECT ${tenant}, 1, 1, 'owner' || n || '@example.com', 'Owner ' || n, 'Company ' || n,
       '31', '2012345' || n, 'ref-' || n,
       jsonb_build_object('street', 'Long Lane', 'street_number', n::text, 'city', 'Utrecht',
         'post_code', '3511 AB', 'country', 'NL'), 650.50
     FROM generate_series(1, ${count}) AS n;
     ${definition};
     COMMIT`,
    "VACUUM ANALYZE facilities.users",
    "VACUUM ANALYZE platform.row_counts",
  );
}

/** The ids of `count` owners from the middle of a tenant's. */
export async function someOwners(url, tenant, count) {
  const ids = await psql(
    url,
    `SELECT id FROM facilities.users WHERE tenant_id = ${tenant} AND id >= (
       SELECT (min(id) + max(id)) / 2 FROM facilities.users WHERE tenant_id = ${tenant})
     ORDER BY id LIMIT ${count}`,
  );
  return ids.map(Number);
}
