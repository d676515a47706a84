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

/** What some names are made of: a first name, and a last name of three parts. */
const FIRST = `Anna Bram Carla Daan Emma Femke Gijs Hanna Ivo Julia Kees Lotte Maria Niels Olga Peter
  Quint Rosa Sander Tess Ursula Victor Wilma Xander Yara Zoe João Zoë Inês Tomás Beatriz Diogo
  Ewa Jakub Kasia Marek Oliver Amelia George Isla Harry Freya Noah Mia Leon Lena Paul Marie`;
const BEGIN = `Van Den Kow Al Ber Bos Cor Dij Eng Fon Ger Haa Jan Kui Lam Mul Noor Oos Pee Roo Sme Ter
  Uit Ver Wes Zwa Sil San Cos Per Rib Mar`;
const MIDDLE = "al den en er gel in kan lo ma ne or pel ro sel ta va wi ze li du";
const END = "berg sen man stra dijk horst kamp veld huis ski ska eira ton ford ley wood";

/** As many owners of each tenant are called so. */
export const RARE = { name: "Wilhelmina Vandenberghe", times: 10 };

/**
 * Gives a tenant owners, whose names share their parts as names do. The index of the search is
 * made anew afterwards, which for many rows is quicker than keeping it up to date.
 */
export async function addOwners(url, tenant, count) {
  const index = "facilities.users_search_idx";
  const [definition] = await psql(url, `SELECT pg_get_indexdef('${index}'::regclass)`);
  const one = (words, nth) => {
    const array = `ARRAY[${words.split(/\s+/).map((word) => `'${word}'`).join(", ")}]`;
    // Multiplied by primes, neighbours are not alike.
    return `(${array})[1 + (n::bigint * ${nth} / 97) % ${words.split(/\s+/).length}]`;
  };
  const last = `${one(BEGIN, 7919)} || ${one(MIDDLE, 104729)} || ${one(END, 1299709)}`;
  await psql(
    url,
    "SET maintenance_work_mem = '512MB'",
    `BEGIN;
     DROP INDEX ${index};
     INSERT INTO facilities.users (tenant_id, role, status, email, name, company_name,
       country_code, phone_number, external_reference_id, address, authorized_amount)
     SELECT ${tenant}, 1, 1, lower(last) || n || '@example.com',
       CASE n % ${count / RARE.times} WHEN 7 THEN '${RARE.name}' ELSE first || ' ' || last END,
       last || ' Vastgoed', '31', (200000000 + n::bigint * 7919 % 99999989)::text, 'ref-' || n,
       jsonb_build_object('street', 'Long Lane', 'street_number', n::text, 'city', 'Utrecht',
         'post_code', '3511 AB', 'country', 'NL'), 650.50
     FROM (SELECT n, ${one(FIRST, 15485863)} AS first, ${last} AS last
       FROM generate_series(1, ${count}) AS n) AS people;
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
