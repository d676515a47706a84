"""The measured calls as one would write them with FastAPI and asyncpg.

uvicorn runs a worker per core; asyncpg keeps each connection's statements prepared. Settings:
SOCKETS (directory of PostgreSQL's socket), DATABASE, OWNER (role to log in as), TENANT, WORKERS,
POOL (connections of all workers together).
"""

import json
import os
from contextlib import asynccontextmanager
from typing import Annotated

import asyncpg
import orjson
from fastapi import FastAPI, HTTPException, Query, Response
from pydantic import BaseModel, Field

TENANT = int(os.environ["TENANT"])
STATUS = ["Unspecified", "Uninvited", "Invited", "Active", "Inactive"]


async def prepare(connection):
    """Reads jsonb as what it is."""
    await connection.set_type_codec(
        "jsonb", schema="pg_catalog", encoder=json.dumps, decoder=orjson.loads
    )


@asynccontextmanager
async def lifespan(app):
    size = -(-int(os.environ["POOL"]) // int(os.environ["WORKERS"]))
    app.state.pool = await asyncpg.create_pool(
        host=os.environ["SOCKETS"],
        database=os.environ["DATABASE"],
        user=os.environ["OWNER"],
        min_size=size,
        max_size=size,
        init=prepare,
        # Nothing is set on a connection between calls, so there is nothing to undo.
        reset=keep,
        # Row-level security is on. The tenant is set once a connection, for there is only one.
        server_settings={"role": "steward_app", "steward.tenant_id": str(TENANT)},
    )
    yield
    await app.state.pool.close()


async def keep(_connection):
    """Leaves a connection as it is."""


app = FastAPI(lifespan=lifespan)


def answer(content, status=200):
    return Response(orjson.dumps(content), status, media_type="application/json")


@app.get("/api/public/Owners/{owner_id}")
async def get_owner(owner_id: int):
    row = await app.state.pool.fetchrow(
        """SELECT id, email, name, company_name, country_code, phone_number, address,
             additional_note, authorized_amount, status, external_reference_id,
             invoice_address, invoice_company, invoice_email, attention_to
           FROM facilities.users WHERE tenant_id = $1 AND id = $2 AND role = 1""",
        TENANT,
        owner_id,
    )
    if row is None:
        raise HTTPException(404)
    return answer(owner(row))


PAGE = """SELECT s.* FROM facilities.owner_summaries s JOIN (
  SELECT u.tenant_id, u.id FROM facilities.users u
  WHERE u.tenant_id = $1 AND u.role = 1 {}
  ORDER BY u.id LIMIT $2 OFFSET $3) p USING (tenant_id, id) ORDER BY s.id"""


@app.get("/api/public/Owners")
async def list_owners(
    page: Annotated[int, Query(alias="pageNo", ge=1)] = 1,
    size: Annotated[int, Query(alias="pageSize", ge=1, le=100)] = 15,
    search: Annotated[str | None, Query(alias="searchParameter", max_length=200)] = None,
):
    pool = app.state.pool
    if search:
        for character in "\\%_":
            search = search.replace(character, "\\" + character)
        pattern = f"%{search}%"
        sql = PAGE.format("AND u.search LIKE platform.fold_text($4)")
        rows = await pool.fetch(sql, TENANT, size, (page - 1) * size, pattern)
        total = await pool.fetchval(
            """SELECT count(*) FROM facilities.users u
               WHERE u.tenant_id = $1 AND u.role = 1 AND u.search LIKE platform.fold_text($2)""",
            TENANT,
            pattern,
        )
    else:
        rows = await pool.fetch(PAGE.format(""), TENANT, size, (page - 1) * size)
        total = await pool.fetchval(
            """SELECT sum(n)::bigint FROM platform.row_counts
               WHERE tenant_id = $1 AND kind = 'facilities.users.1'""",
            TENANT,
        )
    total = total or 0
    return answer(
        {
            "numberOfPages": -(-total // size),
            "totalItems": total,
            "pageSize": size,
            "currentPage": page,
            "items": [summary(row) for row in rows],
        }
    )


class CompanyInput(BaseModel):
    name: Annotated[str, Field(max_length=200)]


@app.post("/api/public/Owners/{owner_id}/companies")
async def create_company(owner_id: int, body: CompanyInput):
    async with app.state.pool.acquire() as connection, connection.transaction():
        row = await connection.fetchrow(
            """INSERT INTO facilities.owner_companies (tenant_id, owner_id, name)
               VALUES ($1, $2, $3) RETURNING id, name, invoice_email, max_mandate_amount,
                 attention_to, country_code, phone_number, external_reference_id,
                 invoice_address""",
            TENANT,
            owner_id,
            body.name,
        )
        created = company(row)
        await connection.execute(
            "SELECT platform.record_event($1, $2, $3, $4, $5, $6, $7, $8)",
            *("bench", "CreateOwnerCompany", "bench", "owner_company.created", "owner_company"),
            *(str(created["id"]), None, created),
        )
    return answer(created, 201)


def amount(value):
    return None if value is None else float(value)


def postal(address):
    names = ("street", "street_number", "post_code", "city", "country", "google_place_id")
    street, number, code, city, country, place = (address.get(name) for name in names)
    return {
        "street": street,
        "streetNumber": number,
        "postCode": code,
        "city": city,
        "country": country,
        "googlePlaceId": place,
    }


def stored(address):
    return address and {"id": address["id"], **postal(address)}


def owner(row):
    return {
        "id": row["id"],
        "email": row["email"],
        "name": row["name"],
        "companyName": row["company_name"],
        "countryCode": row["country_code"],
        "phoneNumber": row["phone_number"],
        "address": row["address"] and postal(row["address"]),
        "additionalNote": row["additional_note"],
        "authorizedAmount": amount(row["authorized_amount"]),
        "status": STATUS[row["status"]],
        "externalReferenceId": row["external_reference_id"],
        "invoiceAddress": stored(row["invoice_address"]),
        "invoiceCompany": row["invoice_company"],
        "invoiceEmail": row["invoice_email"],
        "attentionTo": row["attention_to"],
    }


def summary(row):
    return {
        "id": row["id"],
        "name": row["name"],
        "email": row["email"],
        "companyName": row["company_name"],
        "countryCode": row["country_code"],
        "phoneNumber": row["phone_number"],
        "address": stored(row["address"]),
        "additionalNote": row["additional_note"],
        "authorizedAmount": amount(row["authorized_amount"]),
        "numberOfPropertyUnits": row["property_units"],
        "userStatus": STATUS[row["status"]],
        "externalReferenceId": row["external_reference_id"],
    }


def company(row):
    return {
        "id": row["id"],
        "name": row["name"],
        "invoiceEmail": row["invoice_email"],
        "maxMandateAmount": amount(row["max_mandate_amount"]),
        "attentionTo": row["attention_to"],
        "countryCode": row["country_code"],
        "phoneNumber": row["phone_number"],
        "externalReferenceId": row["external_reference_id"],
        "invoiceAddress": stored(row["invoice_address"]),
    }
