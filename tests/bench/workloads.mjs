// What is measured: five workloads, and the seven ways in which each is asked for.

import { framed, message } from "./load.mjs";

const OWNERS = "steward.facilities.v1.OwnerService";
const COMPANIES = "steward.facilities.v1.OwnerCompanyService";
const PAGE = 15;

/** `SELECT` of an owner, as the server writes it. */
const OWNER = `SELECT id, status, email, name, company_name, country_code, phone_number,
  external_reference_id, additional_note, address, authorized_amount, invoice_address,
  invoice_company, invoice_email, attention_to FROM facilities.users`;
const SUMMARY = `SELECT id, status, email, name, company_name, country_code, phone_number,
  external_reference_id, additional_note, address, authorized_amount, property_units
  FROM facilities.owner_summaries`;

/**
 * The workloads.
 *
 * @param {number} tenant whose owners are asked for
 * @param {number[]} ids the owners that are read, by turns
 * @param {string[]} searches texts that a few owners contain each
 */
export function workloads(tenant, ids, searches) {
  const path = "/api/public/Owners";
  const get = {
    sql: ids.map((id) => `${OWNER} WHERE tenant_id = ${tenant} AND id = ANY('{${id}}') AND role = 1;`),
    rpcs: [`${OWNERS}/GetOwner`],
    messages: ids.map((id) => message({ 1: id })),
    calls: ids.map((id) => ({ method: "GET", path: `${path}/${id}` })),
  };
  const create = {
    sql: ids.map((id) => createSql(tenant, id)),
    rpcs: [`${COMPANIES}/CreateOwnerCompany`],
    messages: ids.map((id) => message({ 1: id, 2: message({ 1: "Made by the bench" }) })),
    calls: ids.map((id) => ({
      method: "POST",
      path: `${path}/${id}/companies`,
      type: "application/json",
      body: JSON.stringify({ name: "Made by the bench" }),
    })),
  };
  return [
    { name: "read", title: "Point read", scripts: weighed(get.sql, 1), ...web(get), ...get },
    page("list", "List of 15", { 2: PAGE }, `${path}?pageSize=${PAGE}`, listSql(tenant, "")),
    ...search(tenant, path, searches),
    { name: "create", title: "Create", scripts: weighed(create.sql, 1), ...web(create), ...create },
    mixed(get, create),
  ];
}

function page(name, title, request, path, sql) {
  const list = {
    rpcs: [`${OWNERS}/ListOwners`],
    messages: [0, 1, 2, 3].map(() => message(request)),
    calls: [{ method: "GET", path }],
  };
  return { name, title, scripts: weighed([sql], 1), ...web(list), ...list };
}

function search(tenant, path, searches) {
  const list = {
    rpcs: [`${OWNERS}/ListOwners`],
    messages: searches.map((text) => message({ 2: PAGE, 3: text })),
    calls: searches.map((text) => ({
      method: "GET",
      path: `${path}?pageSize=${PAGE}&searchParameter=${encodeURIComponent(text)}`,
    })),
  };
  const sql = searches.map((text) => listSql(tenant, text.toLowerCase()));
  return [{ name: "search", title: "Search", scripts: weighed(sql, 1), ...web(list), ...list }];
}

/**
 * Four reads and then one creation, over and over. Over gRPC one body serves both: the
 * request to read an owner has its id as field 1, and so has the one to create a company of the
 * owner, whose other field the former does not know.
 */
function mixed(get, create) {
  const both = {
    rpcs: [...get.rpcs, ...create.rpcs],
    paths: [...Array(4).fill(get.rpcs[0]), create.rpcs[0]],
    messages: create.messages,
    calls: [...get.calls.slice(0, 4), create.calls[0]],
  };
  const scripts = [...weighed(get.sql, 4), ...weighed(create.sql, 1)];
  const forms = [...web(get).webCalls.slice(0, 4), web(create).webCalls[0]];
  return { name: "mixed", title: "Mixed: 80 % read, 20 % create", scripts, ...both, webCalls: forms };
}

/** The same calls over grpc-web, as browsers make them over HTTP/1.1. */
function web({ rpcs, messages }) {
  const call = (body) => ({
    method: "POST",
    path: `/${rpcs[0]}`,
    type: "application/grpc-web+proto",
    body: framed(body),
  });
  return { webCalls: messages.map(call) };
}

function weighed(scripts, weight) {
  return scripts.map((script) => [script, weight]);
}

/** A page: its ids, the total, the rows. */
function listSql(tenant, pattern) {
  const rows = `FROM facilities.users r WHERE r.tenant_id = ${tenant} AND r.role = 1${
    pattern && ` AND (r.search LIKE '%${pattern}%')`
  }`;
  return `SELECT array_agg(id) AS ids FROM (
      SELECT r.id ${rows} ORDER BY r.id LIMIT ${PAGE} OFFSET 0) page \\gset
    ${
      pattern
        ? `SELECT count(*) ${rows};`
        : `SELECT n FROM platform.row_counts WHERE tenant_id = ${tenant} AND kind = 'facilities.users.1';`
    }
    ${SUMMARY} WHERE tenant_id = ${tenant} AND id = ANY(:ids::bigint[]);`;
}

/** One transaction, whose beginning travels with its first statement as the server's does. */
function createSql(tenant, owner) {
  return `\\startpipeline
    BEGIN READ WRITE;
    SET LOCAL steward.tenant_id = '${tenant}';
    SELECT id FROM facilities.users WHERE tenant_id = ${tenant} AND id = ${owner} AND role = 1;
    \\endpipeline
    INSERT INTO facilities.owner_companies (tenant_id, owner_id, name)
      VALUES (${tenant}, ${owner}, 'Made by the bench') RETURNING id \\gset
    SELECT platform.record_event('bench', 'CreateOwnerCompany', 'bench', 'owner_company.created',
      'owner_company', :id::text, NULL, '{"id": "1", "name": "Made by the bench"}');
    \\startpipeline
    SELECT;
    COMMIT;
    \\endpipeline`;
}
