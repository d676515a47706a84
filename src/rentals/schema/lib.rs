//! Tables and views of the schema `rentals`, as the migrations leave them.
//!
//! A member of its own, because a changed column re-checks every crate that sees it.
#![allow(missing_docs, reason = "the migrations comment on tables and columns")]

use diesel::{allow_tables_to_appear_in_same_query, joinable, table};

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
    rentals.counters (tenant_id, kind) {
        tenant_id -> Int8,
        kind -> Text,
        last -> Int8,
    }
}

table! {
    rentals.owners (tenant_id) {
        tenant_id -> Int8,
        name -> Text,
        company_name -> Nullable<Text>,
        phone_number -> Nullable<Text>,
        phone_verified -> Bool,
        language -> Int2,
        time_zone -> Text,
        country -> Text,
        currency -> Text,
        tax_name -> Text,
        default_tax_rate -> Numeric,
        business_category_id -> Nullable<Int8>,
        website -> Nullable<Text>,
        store_slug -> Nullable<Text>,
        onboarded_at -> Nullable<Timestamptz>,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
    }
}

table! {
    rentals.businesses (tenant_id) {
        tenant_id -> Int8,
        name -> Nullable<Text>,
        company_name -> Nullable<Text>,
        phone_number -> Nullable<Text>,
        phone_verified -> Bool,
        language -> Int2,
        time_zone -> Text,
        country -> Text,
        currency -> Text,
        tax_name -> Text,
        default_tax_rate -> Numeric,
        business_category_id -> Nullable<Int8>,
        website -> Nullable<Text>,
        store_slug -> Nullable<Text>,
        onboarded_at -> Nullable<Timestamptz>,
        created_at -> Nullable<Timestamptz>,
        updated_at -> Nullable<Timestamptz>,
    }
}

table! {
    rentals.booking_settings (tenant_id) {
        tenant_id -> Int8,
        default_start_time -> Int2,
        default_end_time -> Int2,
        default_start_offset_days -> Nullable<Int2>,
        default_duration_days -> Int2,
        buffer_before_minutes -> Int4,
        buffer_after_minutes -> Int4,
        overdue_hold_hours -> Nullable<Int4>,
        leeway_minutes -> Int4,
        late_fee_mode -> Int2,
        require_shortage_confirmation -> Bool,
        deposit_kind -> Int2,
        deposit_value -> Numeric,
        quote_valid_days -> Int2,
        link_valid_days -> Nullable<Int2>,
        link_shares -> Jsonb,
        emails -> Jsonb,
        return_reminder_hours -> Nullable<Int2>,
        terms -> Jsonb,
        document_notes -> Jsonb,
        signature_code_required -> Bool,
        reserve_on_quote_signed -> Bool,
        insurance_enabled -> Bool,
        insure_automatically -> Bool,
        insurance_joined_by -> Nullable<Text>,
        insurance_joined_at -> Nullable<Timestamptz>,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
    }
}

joinable!(booking_settings -> businesses (tenant_id));
allow_tables_to_appear_in_same_query!(addresses, customers);
allow_tables_to_appear_in_same_query!(booking_settings, businesses);
