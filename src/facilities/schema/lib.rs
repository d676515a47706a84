//! Tables and views of the schema `facilities`, as the migrations leave them.
//!
//! A member of its own, because a changed column re-checks every crate that sees it.
#![allow(missing_docs, reason = "the migration comments on tables and columns")]

use diesel::{allow_tables_to_appear_in_same_query, table};

table! {
    facilities.users (tenant_id, id) {
        tenant_id -> Int8,
        id -> Int8,
        role -> Int2,
        status -> Int2,
        email -> Text,
        name -> Text,
        company_name -> Nullable<Text>,
        country_code -> Nullable<Text>,
        phone_number -> Nullable<Text>,
        external_reference_id -> Nullable<Text>,
        additional_note -> Nullable<Text>,
        address -> Nullable<Jsonb>,
        authorized_amount -> Nullable<Numeric>,
        invoice_address -> Nullable<Jsonb>,
        invoice_company -> Nullable<Text>,
        invoice_email -> Nullable<Text>,
        attention_to -> Nullable<Text>,
        rating_sum -> Int8,
        rating_count -> Int4,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
        search -> Text,
    }
}

table! {
    facilities.owner_companies (tenant_id, id) {
        tenant_id -> Int8,
        id -> Int8,
        owner_id -> Int8,
        name -> Text,
        invoice_email -> Nullable<Text>,
        max_mandate_amount -> Nullable<Numeric>,
        attention_to -> Nullable<Text>,
        country_code -> Nullable<Text>,
        phone_number -> Nullable<Text>,
        external_reference_id -> Nullable<Text>,
        invoice_address -> Nullable<Jsonb>,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
        search -> Text,
    }
}

table! {
    facilities.property_types (tenant_id, id) {
        tenant_id -> Int8,
        id -> Int8,
        name -> Text,
        is_active -> Bool,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
    }
}

table! {
    facilities.property_unit_types (tenant_id, id) {
        tenant_id -> Int8,
        id -> Int8,
        name -> Text,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
    }
}

table! {
    facilities.properties (tenant_id, id) {
        tenant_id -> Int8,
        id -> Int8,
        name -> Nullable<Text>,
        custom_property_id -> Nullable<Text>,
        property_type_id -> Nullable<Int8>,
        address -> Jsonb,
        is_active -> Bool,
        next_unit_number -> Int4,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
        search -> Text,
    }
}

table! {
    facilities.property_units (tenant_id, id) {
        tenant_id -> Int8,
        id -> Int8,
        property_id -> Int8,
        property_unit_type_id -> Nullable<Int8>,
        custom_unit_id -> Text,
        owner_id -> Int8,
        owner_company_id -> Nullable<Int8>,
        manager_id -> Nullable<Int8>,
        issue_manager_id -> Nullable<Int8>,
        floor -> Nullable<Int4>,
        contract_start -> Nullable<Timestamptz>,
        contract_end -> Nullable<Timestamptz>,
        additional_note -> Nullable<Text>,
        is_common_space -> Bool,
        is_active -> Bool,
        address -> Nullable<Jsonb>,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
    }
}

table! {
    facilities.property_unit_users (tenant_id, property_unit_id, user_id) {
        tenant_id -> Int8,
        property_unit_id -> Int8,
        user_id -> Int8,
        is_main_contact -> Bool,
    }
}

table! {
    facilities.property_unit_owner_changes (tenant_id, id) {
        tenant_id -> Int8,
        id -> Int8,
        property_unit_id -> Int8,
        old_owner_id -> Int8,
        new_owner_id -> Int8,
        changed_at -> Timestamptz,
        changed_by -> Text,
    }
}

table! {
    facilities.tags (tenant_id, id) {
        tenant_id -> Int8,
        id -> Int8,
        name -> Text,
        search -> Text,
    }
}

table! {
    facilities.service_provider_tags (tenant_id, user_id, tag_id) {
        tenant_id -> Int8,
        user_id -> Int8,
        tag_id -> Int8,
    }
}

table! {
    facilities.issues (tenant_id, id) {
        tenant_id -> Int8,
        id -> Int8,
        property_unit_id -> Int8,
        reporter_id -> Int8,
        issue_manager_id -> Nullable<Int8>,
        service_provider_id -> Nullable<Int8>,
        name -> Text,
        description -> Nullable<Text>,
        category -> Nullable<Text>,
        urgent -> Bool,
        property_users_involved -> Bool,
        status -> Int2,
        user_reference_id -> Nullable<Text>,
        rejection_comment -> Nullable<Text>,
        rating -> Nullable<Int2>,
        rating_comment -> Nullable<Text>,
        rating_type -> Nullable<Int2>,
        rated_by -> Nullable<Int8>,
        rated_at -> Nullable<Timestamptz>,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
        held_from -> Nullable<Int2>,
        status_changed_at -> Timestamptz,
        rated_manager_id -> Nullable<Int8>,
        rated_provider_id -> Nullable<Int8>,
    }
}

table! {
    facilities.issue_comments (tenant_id, id) {
        tenant_id -> Int8,
        id -> Int8,
        issue_id -> Int8,
        author_id -> Int8,
        text -> Text,
        created_at -> Timestamptz,
    }
}

table! {
    facilities.issue_settings (tenant_id) {
        tenant_id -> Int8,
        urgent_response_minutes -> Nullable<Int4>,
        response_minutes -> Nullable<Int4>,
        updated_at -> Timestamptz,
    }
}

table! {
    facilities.attachments (tenant_id, id) {
        tenant_id -> Int8,
        id -> Int8,
        property_unit_id -> Nullable<Int8>,
        property_id -> Nullable<Int8>,
        service_provider_id -> Nullable<Int8>,
        issue_id -> Nullable<Int8>,
        file_id -> Int8,
        title -> Nullable<Text>,
        description -> Nullable<Text>,
        created_at -> Timestamptz,
        created_by -> Text,
    }
}

table! {
    facilities.attachment_details (tenant_id, id) {
        tenant_id -> Int8,
        id -> Int8,
        property_unit_id -> Nullable<Int8>,
        property_id -> Nullable<Int8>,
        service_provider_id -> Nullable<Int8>,
        issue_id -> Nullable<Int8>,
        title -> Nullable<Text>,
        description -> Nullable<Text>,
        created_at -> Timestamptz,
        created_by -> Text,
        file_id -> Int8,
        filename -> Text,
        content_type -> Text,
        byte_size -> Int8,
        width -> Nullable<Int4>,
        height -> Nullable<Int4>,
        pages -> Nullable<Int4>,
    }
}

table! {
    facilities.property_type_details (tenant_id, id) {
        tenant_id -> Int8,
        id -> Int8,
        name -> Text,
        is_active -> Bool,
        is_used -> Bool,
    }
}

table! {
    facilities.property_unit_type_details (tenant_id, id) {
        tenant_id -> Int8,
        id -> Int8,
        name -> Text,
        is_used -> Bool,
    }
}

table! {
    facilities.property_details (tenant_id, id) {
        tenant_id -> Int8,
        id -> Int8,
        name -> Nullable<Text>,
        custom_property_id -> Nullable<Text>,
        address -> Jsonb,
        is_active -> Bool,
        property_type -> Nullable<Jsonb>,
    }
}

table! {
    facilities.owner_summaries (tenant_id, id) {
        tenant_id -> Int8,
        id -> Int8,
        status -> Int2,
        email -> Text,
        name -> Text,
        company_name -> Nullable<Text>,
        country_code -> Nullable<Text>,
        phone_number -> Nullable<Text>,
        external_reference_id -> Nullable<Text>,
        additional_note -> Nullable<Text>,
        address -> Nullable<Jsonb>,
        authorized_amount -> Nullable<Numeric>,
        property_units -> Int8,
    }
}

table! {
    facilities.manager_summaries (tenant_id, id) {
        tenant_id -> Int8,
        id -> Int8,
        status -> Int2,
        email -> Text,
        name -> Text,
        company_name -> Nullable<Text>,
        country_code -> Nullable<Text>,
        phone_number -> Nullable<Text>,
        external_reference_id -> Nullable<Text>,
        additional_note -> Nullable<Text>,
        rating_sum -> Int8,
        rating_count -> Int4,
        property_units -> Int8,
    }
}

table! {
    facilities.service_provider_details (tenant_id, id) {
        tenant_id -> Int8,
        id -> Int8,
        status -> Int2,
        email -> Text,
        name -> Text,
        company_name -> Nullable<Text>,
        country_code -> Nullable<Text>,
        phone_number -> Nullable<Text>,
        external_reference_id -> Nullable<Text>,
        additional_note -> Nullable<Text>,
        address -> Nullable<Jsonb>,
        rating_sum -> Int8,
        rating_count -> Int4,
        tags -> Jsonb,
        active_issues -> Int8,
        attachments -> Nullable<Jsonb>,
    }
}

table! {
    facilities.property_user_details (tenant_id, id) {
        tenant_id -> Int8,
        id -> Int8,
        status -> Int2,
        email -> Text,
        name -> Text,
        company_name -> Nullable<Text>,
        country_code -> Nullable<Text>,
        phone_number -> Nullable<Text>,
        external_reference_id -> Nullable<Text>,
        additional_note -> Nullable<Text>,
        address -> Nullable<Jsonb>,
        property_units -> Jsonb,
    }
}

table! {
    facilities.property_unit_details (tenant_id, id) {
        tenant_id -> Int8,
        id -> Int8,
        property_id -> Int8,
        custom_unit_id -> Text,
        floor -> Nullable<Int4>,
        contract_start -> Nullable<Timestamptz>,
        contract_end -> Nullable<Timestamptz>,
        additional_note -> Nullable<Text>,
        is_common_space -> Bool,
        is_active -> Bool,
        has_property_address -> Bool,
        address -> Jsonb,
        manager_id -> Nullable<Int8>,
        owner_id -> Int8,
        owner -> Jsonb,
        manager -> Nullable<Jsonb>,
        issue_manager -> Nullable<Jsonb>,
        owner_company -> Nullable<Jsonb>,
        property_users -> Jsonb,
        property_unit_type -> Nullable<Jsonb>,
        property -> Jsonb,
        attachments -> Nullable<Jsonb>,
    }
}

table! {
    facilities.property_unit_summaries (tenant_id, id) {
        tenant_id -> Int8,
        id -> Int8,
        property_id -> Int8,
        custom_unit_id -> Text,
        floor -> Nullable<Int4>,
        contract_end -> Nullable<Timestamptz>,
        additional_note -> Nullable<Text>,
        is_common_space -> Bool,
        is_active -> Bool,
        address -> Jsonb,
        property_unit_type -> Nullable<Jsonb>,
        main_contact -> Nullable<Jsonb>,
        manager_id -> Nullable<Int8>,
        manager_name -> Nullable<Text>,
        issue_manager_name -> Nullable<Text>,
        owner_name -> Text,
        owner_company_name -> Nullable<Text>,
        search -> Text,
        owner_id -> Int8,
    }
}

table! {
    facilities.issue_summaries (tenant_id, id) {
        tenant_id -> Int8,
        id -> Int8,
        name -> Text,
        description -> Nullable<Text>,
        category -> Nullable<Text>,
        reporter_id -> Int8,
        reporter_name -> Text,
        issue_manager_name -> Nullable<Text>,
        urgent -> Bool,
        property_users_involved -> Bool,
        status -> Int2,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
        user_reference_id -> Nullable<Text>,
        rejection_comment -> Nullable<Text>,
        rating -> Nullable<Int2>,
        rating_comment -> Nullable<Text>,
        rating_type -> Nullable<Int2>,
        rated_by_name -> Nullable<Text>,
        rated_at -> Nullable<Timestamptz>,
        property_unit_id -> Int8,
        floor -> Nullable<Int4>,
        address -> Jsonb,
        property_unit_type -> Nullable<Jsonb>,
        property -> Jsonb,
        response_minutes -> Nullable<Int4>,
        issue_manager_id -> Nullable<Int8>,
        service_provider_id -> Nullable<Int8>,
        service_provider_name -> Nullable<Text>,
        comments -> Int8,
        attachments -> Nullable<Jsonb>,
    }
}

table! {
    facilities.invitations (tenant_id, id) {
        tenant_id -> Int8,
        id -> Int8,
        user_id -> Int8,
        language -> Text,
        email -> Text,
        secret_hash -> Bytea,
        invited_by -> Text,
        times_sent -> Int4,
        created_at -> Timestamptz,
        sent_at -> Timestamptz,
        expires_at -> Timestamptz,
        accepted_at -> Nullable<Timestamptz>,
        revoked_at -> Nullable<Timestamptz>,
    }
}

table! {
    facilities.invitation_details (tenant_id, id) {
        tenant_id -> Int8,
        id -> Int8,
        user_id -> Int8,
        user_role -> Int2,
        user_name -> Text,
        user_status -> Int2,
        language -> Text,
        email -> Text,
        invited_by -> Text,
        times_sent -> Int4,
        created_at -> Timestamptz,
        sent_at -> Timestamptz,
        expires_at -> Timestamptz,
        accepted_at -> Nullable<Timestamptz>,
        revoked_at -> Nullable<Timestamptz>,
    }
}

// By pairs that are really joined: one list over all tables costs quadratic compile time.
allow_tables_to_appear_in_same_query!(users, owner_summaries);
allow_tables_to_appear_in_same_query!(users, manager_summaries);
allow_tables_to_appear_in_same_query!(users, service_provider_details);
allow_tables_to_appear_in_same_query!(users, property_user_details);
allow_tables_to_appear_in_same_query!(users, service_provider_tags);
allow_tables_to_appear_in_same_query!(users, tags);
allow_tables_to_appear_in_same_query!(tags, service_provider_tags);
allow_tables_to_appear_in_same_query!(properties, property_details);
allow_tables_to_appear_in_same_query!(properties, property_unit_summaries);
allow_tables_to_appear_in_same_query!(property_units, property_unit_summaries);
allow_tables_to_appear_in_same_query!(owner_companies, users);
allow_tables_to_appear_in_same_query!(issues, issue_summaries);
allow_tables_to_appear_in_same_query!(users, issue_comments);
allow_tables_to_appear_in_same_query!(invitations, invitation_details);
allow_tables_to_appear_in_same_query!(properties, property_types);
