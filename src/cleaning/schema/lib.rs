//! Tables and views of the schema `cleaning`, as the migrations leave them.
//!
//! A member of its own, because a changed column re-checks every crate that sees it.
#![allow(missing_docs, reason = "the migrations comment on tables and columns")]

use diesel::{allow_tables_to_appear_in_same_query, table};

table! {
    cleaning.tenants (tenant_id) {
        tenant_id -> Int8,
        name -> Text,
        legal_name -> Nullable<Text>,
        email -> Nullable<Text>,
        phone -> Nullable<Text>,
        website -> Nullable<Text>,
        logo_url -> Nullable<Text>,
        address -> Nullable<Jsonb>,
        time_zone -> Text,
        currency -> Text,
        locale -> Text,
        status -> Int2,
        plan_code -> Nullable<Text>,
        trial_ends_at -> Nullable<Timestamptz>,
        is_sandbox -> Bool,
        stripe_account_id -> Nullable<Text>,
        stripe_publishable_key -> Nullable<Text>,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
        version -> Int4,
    }
}

table! {
    cleaning.owned_tenants (tenant_id) {
        tenant_id -> Int8,
        name -> Text,
        legal_name -> Nullable<Text>,
        email -> Nullable<Text>,
        phone -> Nullable<Text>,
        website -> Nullable<Text>,
        logo_url -> Nullable<Text>,
        address -> Nullable<Jsonb>,
        time_zone -> Text,
        currency -> Text,
        locale -> Text,
        status -> Int2,
        plan_code -> Nullable<Text>,
        trial_ends_at -> Nullable<Timestamptz>,
        is_sandbox -> Bool,
        stripe_account_id -> Nullable<Text>,
        stripe_publishable_key -> Nullable<Text>,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
        version -> Int4,
        owner_id -> Nullable<Int8>,
    }
}

table! {
    cleaning.settings (tenant_id) {
        tenant_id -> Int8,
        groups -> Jsonb,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
        version -> Int4,
    }
}

table! {
    cleaning.tenant_locations (tenant_id, id) {
        tenant_id -> Int8,
        id -> Int8,
        name -> Text,
        description -> Nullable<Text>,
        is_active -> Bool,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
        deleted_at -> Nullable<Timestamptz>,
        version -> Int4,
    }
}

table! {
    cleaning.counted_tenant_locations (tenant_id, id) {
        tenant_id -> Int8,
        id -> Int8,
        name -> Text,
        description -> Nullable<Text>,
        is_active -> Bool,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
        deleted_at -> Nullable<Timestamptz>,
        version -> Int4,
        zip_code_count -> Int8,
        service_count -> Int8,
        cleaner_count -> Int8,
    }
}

table! {
    cleaning.zip_codes (tenant_id, id) {
        tenant_id -> Int8,
        id -> Int8,
        tenant_location_id -> Int8,
        zip -> Text,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
        deleted_at -> Nullable<Timestamptz>,
        version -> Int4,
    }
}

table! {
    cleaning.services (tenant_id, id) {
        tenant_id -> Int8,
        id -> Int8,
        tenant_location_id -> Int8,
        name -> Text,
        description -> Nullable<Text>,
        kind -> Int2,
        min_hours -> Numeric,
        max_hours -> Numeric,
        step_hours -> Numeric,
        is_active -> Bool,
        sort_order -> Int4,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
        version -> Int4,
    }
}

table! {
    cleaning.rates (tenant_id, id) {
        tenant_id -> Int8,
        id -> Int8,
        service_id -> Int8,
        frequency -> Int2,
        amount -> Int8,
        is_active -> Bool,
        revision -> Int4,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
        version -> Int4,
    }
}

table! {
    cleaning.priced_rates (tenant_id, id) {
        tenant_id -> Int8,
        id -> Int8,
        service_id -> Int8,
        frequency -> Int2,
        amount -> Int8,
        is_active -> Bool,
        revision -> Int4,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
        version -> Int4,
        currency -> Text,
    }
}

table! {
    cleaning.extra_rates (tenant_id, id) {
        tenant_id -> Int8,
        id -> Int8,
        service_id -> Int8,
        name -> Text,
        amount -> Int8,
        price_kind -> Int2,
        extra_minutes -> Int4,
        is_active -> Bool,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
        deleted_at -> Nullable<Timestamptz>,
        version -> Int4,
    }
}

table! {
    cleaning.priced_extra_rates (tenant_id, id) {
        tenant_id -> Int8,
        id -> Int8,
        service_id -> Int8,
        name -> Text,
        amount -> Int8,
        price_kind -> Int2,
        extra_minutes -> Int4,
        is_active -> Bool,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
        deleted_at -> Nullable<Timestamptz>,
        version -> Int4,
        currency -> Text,
    }
}

table! {
    cleaning.rooms (tenant_id, id) {
        tenant_id -> Int8,
        id -> Int8,
        name -> Text,
        description -> Nullable<Text>,
        image_url -> Nullable<Text>,
        minutes -> Int4,
        price -> Int8,
        max_quantity -> Int4,
        default_tasks -> Array<Text>,
        is_active -> Bool,
        sort_order -> Int4,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
        deleted_at -> Nullable<Timestamptz>,
        version -> Int4,
    }
}

table! {
    cleaning.priced_rooms (tenant_id, id) {
        tenant_id -> Int8,
        id -> Int8,
        name -> Text,
        description -> Nullable<Text>,
        image_url -> Nullable<Text>,
        minutes -> Int4,
        price -> Int8,
        max_quantity -> Int4,
        default_tasks -> Array<Text>,
        is_active -> Bool,
        sort_order -> Int4,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
        deleted_at -> Nullable<Timestamptz>,
        version -> Int4,
        currency -> Text,
    }
}

table! {
    cleaning.users (tenant_id, id) {
        tenant_id -> Int8,
        id -> Int8,
        first_name -> Text,
        last_name -> Text,
        phone -> Nullable<Text>,
    }
}

table! {
    cleaning.agreements (tenant_id, id) {
        tenant_id -> Int8,
        id -> Int8,
        name -> Text,
        trigger -> Int2,
        audience -> Text,
        body -> Text,
        is_active -> Bool,
        revision -> Int4,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
        deleted_at -> Nullable<Timestamptz>,
        version -> Int4,
    }
}

table! {
    cleaning.signed_agreements (tenant_id, id) {
        tenant_id -> Int8,
        id -> Int8,
        agreement_id -> Int8,
        agreement_name -> Text,
        revision -> Int4,
        user_id -> Int8,
        client_cleaner_request_id -> Nullable<Int8>,
        signer_name -> Text,
        signer_email -> Nullable<Text>,
        signature_image -> Nullable<Bytea>,
        signed_at -> Timestamptz,
        ip_address -> Nullable<Text>,
        user_agent -> Nullable<Text>,
        body -> Text,
        sha256 -> Text,
        file_id -> Nullable<Int8>,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
        deleted_at -> Nullable<Timestamptz>,
        version -> Int4,
    }
}

table! {
    cleaning.lead_sources (tenant_id, id) {
        tenant_id -> Int8,
        id -> Int8,
        audience -> Text,
        name -> Text,
        is_active -> Bool,
        is_system -> Bool,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
        version -> Int4,
    }
}

table! {
    cleaning.churn_reasons (tenant_id, id) {
        tenant_id -> Int8,
        id -> Int8,
        audience -> Text,
        name -> Text,
        is_active -> Bool,
        is_system -> Bool,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
        version -> Int4,
    }
}

table! {
    cleaning.clients (tenant_id, id) {
        tenant_id -> Int8,
        id -> Int8,
        user_id -> Int8,
        status -> Int2,
        first_name -> Text,
        last_name -> Text,
        email -> Nullable<Text>,
        phone -> Nullable<Text>,
        secondary_phone -> Nullable<Text>,
        image_url -> Nullable<Text>,
        contact_preference -> Text,
        lead_source_id -> Nullable<Int8>,
        churn_reason_id -> Nullable<Int8>,
        tags -> Array<Text>,
        birthday -> Nullable<Date>,
        activated_at -> Nullable<Timestamptz>,
        cancelled_at -> Nullable<Timestamptz>,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
        deleted_at -> Nullable<Timestamptz>,
        version -> Int4,
    }
}

table! {
    cleaning.client_status_log (tenant_id, id) {
        tenant_id -> Int8,
        id -> Int8,
        client_id -> Int8,
        from_status -> Nullable<Int2>,
        to_status -> Int2,
        churn_reason_id -> Nullable<Int8>,
        changed_at -> Timestamptz,
    }
}

table! {
    cleaning.locations (tenant_id, id) {
        tenant_id -> Int8,
        id -> Int8,
        client_id -> Int8,
        nickname -> Text,
        address -> Jsonb,
        zip -> Text,
        square_feet -> Nullable<Int4>,
        bedrooms -> Nullable<Int4>,
        bathrooms -> Nullable<Numeric>,
        has_pets -> Bool,
        pet_notes -> Nullable<Text>,
        access_notes -> Nullable<Text>,
        parking_notes -> Nullable<Text>,
        is_default -> Bool,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
        deleted_at -> Nullable<Timestamptz>,
        version -> Int4,
    }
}

table! {
    cleaning.placed_locations (tenant_id, id) {
        tenant_id -> Int8,
        id -> Int8,
        client_id -> Int8,
        nickname -> Text,
        address -> Jsonb,
        zip -> Text,
        square_feet -> Nullable<Int4>,
        bedrooms -> Nullable<Int4>,
        bathrooms -> Nullable<Numeric>,
        has_pets -> Bool,
        pet_notes -> Nullable<Text>,
        access_notes -> Nullable<Text>,
        parking_notes -> Nullable<Text>,
        is_default -> Bool,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
        deleted_at -> Nullable<Timestamptz>,
        version -> Int4,
        tenant_location_id -> Nullable<Int8>,
    }
}

table! {
    cleaning.bookings (tenant_id, id) {
        tenant_id -> Int8,
        id -> Int8,
        client_id -> Int8,
        location_id -> Int8,
        service_id -> Int8,
        tenant_location_id -> Int8,
        frequency -> Int2,
        start_date -> Date,
        end_date -> Nullable<Date>,
        time_preference -> Int2,
        first_visit_hours -> Nullable<Numeric>,
        terms -> Jsonb,
        segments -> Jsonb,
        lead_source_id -> Nullable<Int8>,
        notes -> Nullable<Text>,
        status -> Int2,
        billing_status -> Int2,
        source -> Text,
        generated_through -> Nullable<Date>,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
        deleted_at -> Nullable<Timestamptz>,
        version -> Int4,
    }
}

table! {
    cleaning.shown_bookings (tenant_id, id) {
        tenant_id -> Int8,
        id -> Int8,
        client_id -> Int8,
        location_id -> Int8,
        service_id -> Int8,
        tenant_location_id -> Int8,
        frequency -> Int2,
        start_date -> Date,
        end_date -> Nullable<Date>,
        time_preference -> Int2,
        first_visit_hours -> Nullable<Numeric>,
        terms -> Jsonb,
        segments -> Jsonb,
        lead_source_id -> Nullable<Int8>,
        notes -> Nullable<Text>,
        status -> Int2,
        billing_status -> Int2,
        source -> Text,
        generated_through -> Nullable<Date>,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
        deleted_at -> Nullable<Timestamptz>,
        version -> Int4,
        currency -> Text,
        next_event_date -> Nullable<Date>,
    }
}

table! {
    cleaning.events (tenant_id, id) {
        tenant_id -> Int8,
        id -> Int8,
        request_id -> Int8,
        client_id -> Int8,
        location_id -> Int8,
        original_date -> Nullable<Date>,
        date -> Date,
        start_time -> Int2,
        start_at -> Timestamptz,
        end_at -> Timestamptz,
        promised_start_at -> Timestamptz,
        hours -> Numeric,
        added_hours -> Numeric,
        cleaners_needed -> Int2,
        status -> Int2,
        price -> Int8,
        is_modified -> Bool,
        is_time_confirmed -> Bool,
        notes -> Nullable<Text>,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
        deleted_at -> Nullable<Timestamptz>,
        version -> Int4,
    }
}

table! {
    cleaning.shown_events (tenant_id, id) {
        tenant_id -> Int8,
        id -> Int8,
        request_id -> Int8,
        client_id -> Int8,
        location_id -> Int8,
        original_date -> Nullable<Date>,
        date -> Date,
        start_time -> Int2,
        start_at -> Timestamptz,
        end_at -> Timestamptz,
        promised_start_at -> Timestamptz,
        hours -> Numeric,
        added_hours -> Numeric,
        cleaners_needed -> Int2,
        status -> Int2,
        price -> Int8,
        is_modified -> Bool,
        is_time_confirmed -> Bool,
        notes -> Nullable<Text>,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
        deleted_at -> Nullable<Timestamptz>,
        version -> Int4,
        currency -> Text,
        time_zone -> Text,
        cleaners -> Jsonb,
    }
}

table! {
    cleaning.assignments (tenant_id, id) {
        tenant_id -> Int8,
        id -> Int8,
        request_id -> Int8,
        client_id -> Int8,
        cleaner_id -> Int8,
        is_lead -> Bool,
        start_time -> Int2,
        from_date -> Date,
        until_date -> Nullable<Date>,
        status -> Int2,
        source -> Text,
        held_until -> Nullable<Timestamptz>,
        assigned_by -> Nullable<Int8>,
        end_reason -> Nullable<Text>,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
        version -> Int4,
    }
}

table! {
    cleaning.shown_assignments (tenant_id, id) {
        tenant_id -> Int8,
        id -> Int8,
        request_id -> Int8,
        client_id -> Int8,
        cleaner_id -> Int8,
        is_lead -> Bool,
        start_time -> Int2,
        from_date -> Date,
        until_date -> Nullable<Date>,
        status -> Int2,
        source -> Text,
        held_until -> Nullable<Timestamptz>,
        assigned_by -> Nullable<Int8>,
        end_reason -> Nullable<Text>,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
        version -> Int4,
        cleaner_user_id -> Int8,
        cleaner_first_name -> Text,
        cleaner_last_name -> Text,
        cleaner_image_url -> Nullable<Text>,
        cleaner_status -> Int2,
    }
}

table! {
    cleaning.event_cleaners (tenant_id, event_id, cleaner_id) {
        tenant_id -> Int8,
        event_id -> Int8,
        cleaner_id -> Int8,
        assignment_id -> Int8,
        has_conflict -> Bool,
        span -> Tstzrange,
        is_blocking -> Bool,
    }
}

table! {
    cleaning.cleaners (tenant_id, id) {
        tenant_id -> Int8,
        id -> Int8,
        user_id -> Int8,
        status -> Int2,
        first_name -> Text,
        last_name -> Text,
        email -> Text,
        phone -> Nullable<Text>,
        address -> Nullable<Jsonb>,
        birthday -> Nullable<Date>,
        image_url -> Nullable<Text>,
        bio -> Nullable<Text>,
        languages -> Array<Text>,
        works_with_pets -> Bool,
        t_shirt_size -> Nullable<Text>,
        travel_mode -> Nullable<Text>,
        send_new_job_noty -> Bool,
        hourly_rate -> Int8,
        lead_source_id -> Nullable<Int8>,
        churn_reason_id -> Nullable<Int8>,
        hired_at -> Nullable<Timestamptz>,
        stopped_at -> Nullable<Timestamptz>,
        applicant -> Nullable<Jsonb>,
        contract -> Nullable<Jsonb>,
        tax_id -> Nullable<Bytea>,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
        deleted_at -> Nullable<Timestamptz>,
        version -> Int4,
    }
}

table! {
    cleaning.paid_cleaners (tenant_id, id) {
        tenant_id -> Int8,
        id -> Int8,
        user_id -> Int8,
        status -> Int2,
        first_name -> Text,
        last_name -> Text,
        email -> Text,
        phone -> Nullable<Text>,
        address -> Nullable<Jsonb>,
        birthday -> Nullable<Date>,
        image_url -> Nullable<Text>,
        bio -> Nullable<Text>,
        languages -> Array<Text>,
        works_with_pets -> Bool,
        t_shirt_size -> Nullable<Text>,
        travel_mode -> Nullable<Text>,
        send_new_job_noty -> Bool,
        hourly_rate -> Int8,
        lead_source_id -> Nullable<Int8>,
        churn_reason_id -> Nullable<Int8>,
        hired_at -> Nullable<Timestamptz>,
        stopped_at -> Nullable<Timestamptz>,
        applicant -> Nullable<Jsonb>,
        contract -> Nullable<Jsonb>,
        tax_id -> Nullable<Bytea>,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
        deleted_at -> Nullable<Timestamptz>,
        version -> Int4,
        currency -> Text,
    }
}

table! {
    cleaning.cleaner_status_log (tenant_id, id) {
        tenant_id -> Int8,
        id -> Int8,
        cleaner_id -> Int8,
        from_status -> Nullable<Int2>,
        to_status -> Int2,
        churn_reason_id -> Nullable<Int8>,
        changed_at -> Timestamptz,
    }
}

table! {
    cleaning.cleaner_labels (tenant_id, cleaner_id, action_id) {
        tenant_id -> Int8,
        cleaner_id -> Int8,
        action_id -> Int2,
        is_active -> Bool,
        set_at -> Timestamptz,
        set_by -> Nullable<Int8>,
    }
}

table! {
    cleaning.cleaner_areas (tenant_id, cleaner_id, tenant_location_id) {
        tenant_id -> Int8,
        cleaner_id -> Int8,
        tenant_location_id -> Int8,
    }
}

table! {
    cleaning.unavailable_hours (tenant_id, cleaner_id, week_day, from_minute) {
        tenant_id -> Int8,
        cleaner_id -> Int8,
        week_day -> Int2,
        from_minute -> Int2,
        to_minute -> Int2,
    }
}

table! {
    cleaning.exception_availability (tenant_id, id) {
        tenant_id -> Int8,
        id -> Int8,
        cleaner_id -> Int8,
        starts_at -> Timestamp,
        ends_at -> Timestamp,
        is_all_day -> Bool,
        is_available -> Bool,
        reason -> Nullable<Text>,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
        deleted_at -> Nullable<Timestamptz>,
        version -> Int4,
    }
}

table! {
    cleaning.notes (tenant_id, id) {
        tenant_id -> Int8,
        id -> Int8,
        client_id -> Nullable<Int8>,
        cleaner_id -> Nullable<Int8>,
        text -> Text,
        is_pinned -> Bool,
        author_user_id -> Nullable<Int8>,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
        version -> Int4,
    }
}

table! {
    cleaning.timeline_entries (tenant_id, id) {
        tenant_id -> Int8,
        id -> Int8,
        kind -> Text,
        text -> Text,
        client_id -> Nullable<Int8>,
        cleaner_id -> Nullable<Int8>,
        is_system -> Bool,
        author_user_id -> Nullable<Int8>,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
        version -> Int4,
        request_id -> Nullable<Int8>,
        event_id -> Nullable<Int8>,
    }
}

table! {
    cleaning.comments (tenant_id, id) {
        tenant_id -> Int8,
        id -> Int8,
        user_id -> Int8,
        author_user_id -> Nullable<Int8>,
        text -> Text,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
        version -> Int4,
    }
}

table! {
    cleaning.tenant_leads (id) {
        id -> Int8,
        name -> Text,
        email -> Text,
        company -> Nullable<Text>,
        phone -> Nullable<Text>,
        message -> Nullable<Text>,
        digest -> Bytea,
        created_at -> Timestamptz,
        mailed_at -> Nullable<Timestamptz>,
    }
}

allow_tables_to_appear_in_same_query!(counted_tenant_locations, zip_codes);
allow_tables_to_appear_in_same_query!(settings, tenants);
