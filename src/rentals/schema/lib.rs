//! Tables and views of the schema `rentals`, as the migrations leave them.
//!
//! A member of its own, because a changed column re-checks every crate that sees it.
#![allow(missing_docs, reason = "the migrations comment on tables and columns")]

use diesel::{allow_tables_to_appear_in_same_query, table};

table! {
    rentals.customers (tenant_id, id) {
        tenant_id -> Int8,
        id -> Int8,
        internal_id -> Int8,
        name -> Text,
        kind -> Int2,
        email -> Nullable<Text>,
        phone_number -> Nullable<Text>,
        vat_number -> Nullable<Text>,
        fiscal_name -> Nullable<Text>,
        id_document_kind -> Nullable<Int2>,
        id_document_number -> Nullable<Text>,
        id_verified -> Bool,
        language -> Nullable<Int2>,
        discount_percentage -> Nullable<Numeric>,
        notes -> Nullable<Text>,
        tags -> Array<Text>,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
        deleted_at -> Nullable<Timestamptz>,
        search -> Text,
    }
}

table! {
    rentals.addresses (tenant_id, id) {
        tenant_id -> Int8,
        id -> Int8,
        customer_id -> Nullable<Int8>,
        kind -> Int2,
        label -> Nullable<Text>,
        name -> Nullable<Text>,
        street -> Text,
        street2 -> Nullable<Text>,
        postal_code -> Nullable<Text>,
        city -> Text,
        region -> Nullable<Text>,
        country -> Text,
        phone_number -> Nullable<Text>,
        notes -> Nullable<Text>,
        latitude -> Nullable<Float8>,
        longitude -> Nullable<Float8>,
        main -> Bool,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
        deleted_at -> Nullable<Timestamptz>,
    }
}

table! {
    rentals.items (tenant_id, id) {
        tenant_id -> Int8,
        id -> Int8,
        internal_id -> Int8,
        title -> Text,
        description -> Nullable<Text>,
        item_category_id -> Nullable<Int8>,
        brand -> Nullable<Text>,
        model -> Nullable<Text>,
        sku -> Nullable<Text>,
        tags -> Array<Text>,
        value -> Nullable<Int8>,
        taxable -> Bool,
        tax_rate -> Nullable<Numeric>,
        prices -> Jsonb,
        deposit_kind -> Int2,
        deposit_value -> Int8,
        manage_stock -> Bool,
        stock -> Int4,
        allow_overbooking -> Bool,
        overbooking_limit -> Nullable<Int4>,
        buffer_before_minutes -> Nullable<Int4>,
        buffer_after_minutes -> Nullable<Int4>,
        insurance_class -> Nullable<Text>,
        active -> Bool,
        show_in_store -> Bool,
        address_id -> Nullable<Int8>,
        notes -> Nullable<Text>,
        commitments -> Int8,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
        deleted_at -> Nullable<Timestamptz>,
        search -> Text,
    }
}

table! {
    rentals.item_categories (tenant_id, id) {
        tenant_id -> Int8,
        id -> Int8,
        parent_id -> Nullable<Int8>,
        name -> Text,
        description -> Nullable<Text>,
        show_in_store -> Bool,
        position -> Int4,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
    }
}

table! {
    rentals.item_category_tree (tenant_id, id) {
        tenant_id -> Int8,
        id -> Int8,
        parent_id -> Nullable<Int8>,
        name -> Text,
        description -> Nullable<Text>,
        show_in_store -> Bool,
        position -> Int4,
        depth -> Int4,
        path -> Array<Text>,
        within -> Array<Int8>,
        place -> Array<Int4>,
        items_count -> Int8,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
    }
}

table! {
    rentals.counters (tenant_id, kind) {
        tenant_id -> Int8,
        kind -> Text,
        last -> Int8,
    }
}

allow_tables_to_appear_in_same_query!(addresses, customers);
