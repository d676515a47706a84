// The measured calls as one would write them with Fastify and pg: named statements, which pg
// prepares once a connection, and a worker per core.
//
// Setting: PORT, SOCKETS (directory of PostgreSQL's socket), DATABASE, OWNER (role to log in as),
// TENANT, WORKERS, POOL (connections of all workers together).

import cluster from "node:cluster";

import Fastify from "fastify";
import pg from "pg";

const { PORT, SOCKETS, DATABASE, OWNER, TENANT, WORKERS, POOL } = process.env;
const tenant = Number(TENANT);

if (cluster.isPrimary) {
  for (let worker = 0; worker < Number(WORKERS); worker += 1) cluster.fork();
  cluster.on("exit", (worker, code, signal) => {
    console.error(`a worker ended with ${code ?? signal}`);
    process.exit(1);
  });
  process.on("SIGTERM", () => process.exit(0));
} else {
  await serve();
}

async function serve() {
  // Whole numbers fit, and amounts have two decimals.
  pg.types.setTypeParser(pg.types.builtins.INT8, Number);
  pg.types.setTypeParser(pg.types.builtins.NUMERIC, Number);
  const pool = new pg.Pool({
    host: SOCKETS,
    database: DATABASE,
    user: OWNER,
    max: Math.ceil(Number(POOL) / Number(WORKERS)),
    // Row-level security is on. The tenant is set once a connection, for there is only one.
    options: `-c role=steward_app -c steward.tenant_id=${tenant}`,
  });
  const app = Fastify();
  const id = { type: "object", properties: { id: { type: "integer" } } };

  app.get("/api/public/Owners/:id", { schema: { params: id } }, async (request, reply) => {
    const { rows } = await pool.query({
      name: "owner",
      text: `SELECT id, email, name, company_name, country_code, phone_number, address,
               additional_note, authorized_amount, status, external_reference_id,
               invoice_address, invoice_company, invoice_email, attention_to
             FROM facilities.users WHERE tenant_id = $1 AND id = $2 AND role = 1`,
      values: [tenant, request.params.id],
    });
    return rows.length ? owner(rows[0]) : reply.code(404).send({ Title: "Not found" });
  });

  const query = {
    type: "object",
    properties: {
      pageNo: { type: "integer", minimum: 1, default: 1 },
      pageSize: { type: "integer", minimum: 1, maximum: 100, default: 15 },
      searchParameter: { type: "string", maxLength: 200 },
    },
  };
  app.get("/api/public/Owners", { schema: { querystring: query } }, async (request) => {
    const { pageNo, pageSize, searchParameter } = request.query;
    const pattern = searchParameter && `%${searchParameter.replace(/[\\%_]/g, "\\$&")}%`;
    const searched = pattern ? "AND u.search LIKE platform.fold_text($4)" : "";
    const [rows, total] = await Promise.all([
      pool.query({
        name: pattern ? "found" : "page",
        text: `SELECT s.* FROM facilities.owner_summaries s JOIN (
                 SELECT u.tenant_id, u.id FROM facilities.users u
                 WHERE u.tenant_id = $1 AND u.role = 1 ${searched}
                 ORDER BY u.id LIMIT $2 OFFSET $3) p USING (tenant_id, id) ORDER BY s.id`,
        values: [tenant, pageSize, (pageNo - 1) * pageSize, ...(pattern ? [pattern] : [])],
      }),
      pattern
        ? pool.query({
            name: "found total",
            text: `SELECT count(*) AS n FROM facilities.users u
                   WHERE u.tenant_id = $1 AND u.role = 1
                     AND u.search LIKE platform.fold_text($2)`,
            values: [tenant, pattern],
          })
        : pool.query({
            name: "total",
            text: `SELECT sum(n)::bigint AS n FROM platform.row_counts
                   WHERE tenant_id = $1 AND kind = 'facilities.users.1'`,
            values: [tenant],
          }),
    ]);
    const totalItems = total.rows[0].n ?? 0;
    return {
      numberOfPages: Math.ceil(totalItems / pageSize),
      totalItems,
      pageSize,
      currentPage: pageNo,
      items: rows.rows.map(summary),
    };
  });

  const company = {
    type: "object",
    required: ["name"],
    properties: { name: { type: "string", maxLength: 200 } },
  };
  app.post("/api/public/Owners/:id/companies", { schema: { params: id, body: company } }, async (request, reply) => {
    const client = await pool.connect();
    try {
      await client.query("BEGIN");
      const { rows } = await client.query({
        name: "company",
        text: `INSERT INTO facilities.owner_companies (tenant_id, owner_id, name)
               VALUES ($1, $2, $3) RETURNING id, name, invoice_email, max_mandate_amount,
                 attention_to, country_code, phone_number, external_reference_id, invoice_address`,
        values: [tenant, request.params.id, request.body.name],
      });
      const created = companyOf(rows[0]);
      await client.query({
        name: "event",
        text: "SELECT platform.record_event($1, $2, $3, $4, $5, $6, $7, $8)",
        values: [
          ...["bench", "CreateOwnerCompany", request.id, "owner_company.created", "owner_company"],
          ...[String(created.id), null, JSON.stringify(created)],
        ],
      });
      await client.query("COMMIT");
      return reply.code(201).send(created);
    } catch (error) {
      await client.query("ROLLBACK");
      throw error;
    } finally {
      client.release();
    }
  });

  await app.listen({ host: "127.0.0.1", port: Number(PORT) });
}

const STATUS = ["Unspecified", "Uninvited", "Invited", "Active", "Inactive"];

function postal(address) {
  return {
    street: address.street ?? null,
    streetNumber: address.street_number ?? null,
    postCode: address.post_code ?? null,
    city: address.city ?? null,
    country: address.country ?? null,
    googlePlaceId: address.google_place_id ?? null,
  };
}

function stored(address) {
  return address && { id: address.id, ...postal(address) };
}

function owner(row) {
  return {
    id: row.id,
    email: row.email,
    name: row.name,
    companyName: row.company_name,
    countryCode: row.country_code,
    phoneNumber: row.phone_number,
    address: row.address && postal(row.address),
    additionalNote: row.additional_note,
    authorizedAmount: row.authorized_amount,
    status: STATUS[row.status],
    externalReferenceId: row.external_reference_id,
    invoiceAddress: stored(row.invoice_address),
    invoiceCompany: row.invoice_company,
    invoiceEmail: row.invoice_email,
    attentionTo: row.attention_to,
  };
}

function summary(row) {
  return {
    id: row.id,
    name: row.name,
    email: row.email,
    companyName: row.company_name,
    countryCode: row.country_code,
    phoneNumber: row.phone_number,
    address: stored(row.address),
    additionalNote: row.additional_note,
    authorizedAmount: row.authorized_amount,
    numberOfPropertyUnits: row.property_units,
    userStatus: STATUS[row.status],
    externalReferenceId: row.external_reference_id,
  };
}

function companyOf(row) {
  return {
    id: row.id,
    name: row.name,
    invoiceEmail: row.invoice_email,
    maxMandateAmount: row.max_mandate_amount,
    attentionTo: row.attention_to,
    countryCode: row.country_code,
    phoneNumber: row.phone_number,
    externalReferenceId: row.external_reference_id,
    invoiceAddress: stored(row.invoice_address),
  };
}
