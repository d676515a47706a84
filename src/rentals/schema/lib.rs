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
        bookings_count -> Int4,
        total_spent -> Int8,
        last_booking_at -> Nullable<Timestamptz>,
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
        file_id -> Nullable<Int8>,
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
        photo -> Nullable<Jsonb>,
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
        avatar_file_id -> Nullable<Int8>,
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
        avatar -> Nullable<Jsonb>,
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

table! {
    rentals.bookings (tenant_id, id) {
        tenant_id -> Int8,
        id -> Int8,
        internal_id -> Int8,
        status -> Text,
        previous_status -> Nullable<Text>,
        start_local -> Nullable<Text>,
        end_local -> Nullable<Text>,
        start_at -> Nullable<Timestamptz>,
        end_at -> Nullable<Timestamptz>,
        customer_id -> Nullable<Int8>,
        customer -> Nullable<Jsonb>,
        title -> Nullable<Text>,
        reference -> Nullable<Text>,
        notes -> Nullable<Text>,
        customer_notes -> Nullable<Text>,
        discount -> Nullable<Jsonb>,
        delivery_address -> Nullable<Jsonb>,
        pickup_address_id -> Nullable<Int8>,
        document_settings -> Jsonb,
        language -> Int2,
        currency -> Text,
        total -> Int8,
        totals -> Jsonb,
        progress -> Jsonb,
        source -> Int2,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
        deleted_at -> Nullable<Timestamptz>,
        search -> Text,
    }
}

table! {
    rentals.booking_items (tenant_id, id) {
        tenant_id -> Int8,
        id -> Int8,
        booking_id -> Int8,
        item_id -> Int8,
        position -> Int4,
        title -> Text,
        quantity -> Int4,
        picked_up_quantity -> Int4,
        returned_quantity -> Int4,
        total -> Int8,
        price_edited -> Bool,
        notes -> Nullable<Text>,
        details -> Jsonb,
        hold_from -> Nullable<Timestamptz>,
        hold_till -> Nullable<Timestamptz>,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
        deleted_at -> Nullable<Timestamptz>,
    }
}

table! {
    rentals.activities (tenant_id, id) {
        tenant_id -> Int8,
        id -> Int8,
        booking_id -> Int8,
        kind -> Int2,
        properties -> Jsonb,
        file_id -> Nullable<Int8>,
        author_name -> Nullable<Text>,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
    }
}

table! {
    rentals.booking_services (tenant_id, id) {
        tenant_id -> Int8,
        id -> Int8,
        booking_id -> Int8,
        kind -> Int2,
        title -> Nullable<Text>,
        price -> Int8,
        tax_rate -> Int2,
        notes -> Nullable<Text>,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
        deleted_at -> Nullable<Timestamptz>,
    }
}

table! {
    rentals.booking_payments (tenant_id, id) {
        tenant_id -> Int8,
        id -> Int8,
        booking_id -> Int8,
        kind -> Text,
        amount -> Int8,
        method -> Int2,
        paid_at -> Timestamptz,
        reference -> Nullable<Text>,
        notes -> Nullable<Text>,
        file_id -> Nullable<Int8>,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
        deleted_at -> Nullable<Timestamptz>,
    }
}

table! {
    rentals.item_photos (tenant_id, id) {
        tenant_id -> Int8,
        id -> Int8,
        item_id -> Int8,
        file_id -> Int8,
        position -> Int4,
        alt -> Nullable<Text>,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
    }
}

table! {
    rentals.shortages (tenant_id, item_id) {
        tenant_id -> Int8,
        item_id -> Int8,
        opened_at -> Timestamptz,
    }
}

joinable!(booking_settings -> businesses (tenant_id));
allow_tables_to_appear_in_same_query!(addresses, customers);
allow_tables_to_appear_in_same_query!(booking_settings, businesses);
allow_tables_to_appear_in_same_query!(bookings, booking_items, activities, items, customers);
