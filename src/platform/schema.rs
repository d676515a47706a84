//! The tables of the platform, as the migrations make them.

diesel::table! {
    /// Businesses whose data nobody else sees.
    platform.tenants (id) {
        id -> Int8,
        name -> Text,
        created_at -> Timestamptz,
        family -> Text,
        suspended_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    /// The people of a tenant.
    platform.users (tenant_id, id) {
        tenant_id -> Int8,
        id -> Int8,
        username -> Text,
        username_folded -> Text,
        email -> Nullable<Text>,
        name -> Text,
        role -> Text,
        password_hash -> Nullable<Text>,
        locale -> Nullable<Text>,
        picture_url -> Nullable<Text>,
        is_active -> Bool,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
        last_login_at -> Nullable<Timestamptz>,
        email_folded -> Nullable<Text>,
        profile_id -> Nullable<Int8>,
    }
}

diesel::table! {
    /// What users sign in to.
    platform.sessions (tenant_id, id) {
        tenant_id -> Int8,
        id -> Int8,
        user_id -> Int8,
        created_at -> Timestamptz,
        expires_at -> Timestamptz,
        ended_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    /// API clients of a tenant.
    platform.clients (tenant_id, client_id) {
        tenant_id -> Int8,
        client_id -> Text,
        name -> Text,
        secret_hash -> Bytea,
        previous_secret_hash -> Nullable<Bytea>,
        created_at -> Timestamptz,
        disabled_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    /// Keys that sign tokens.
    platform.signing_keys (kid) {
        kid -> Text,
        private_key -> Bytea,
        active_from -> Timestamptz,
        retired_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    /// Number of the latest event of each tenant.
    platform.event_heads (tenant_id) {
        tenant_id -> Int8,
        sequence -> Int8,
    }
}

diesel::table! {
    /// What happened to the resources of a tenant.
    platform.events (tenant_id, sequence) {
        tenant_id -> Int8,
        sequence -> Int8,
        event_type -> Text,
        resource_type -> Text,
        resource_id -> Text,
        occurred_at -> Timestamptz,
        client_id -> Text,
        rpc -> Text,
        request_id -> Text,
        resource -> Jsonb,
        changes -> Nullable<Jsonb>,
        address -> Nullable<Text>,
    }
}

diesel::table! {
    /// Where events are sent.
    platform.webhook_endpoints (tenant_id, id) {
        tenant_id -> Int8,
        id -> Int8,
        url -> Text,
        types -> Array<Text>,
        patterns -> Array<Text>,
        active -> Bool,
        thin -> Bool,
        secret -> Bytea,
        signing_key -> Bytea,
        previous_secret -> Nullable<Bytea>,
        previous_signing_key -> Nullable<Bytea>,
        previous_until -> Nullable<Timestamptz>,
        failing_since -> Nullable<Timestamptz>,
        disabled_reason -> Nullable<Text>,
        created_at -> Timestamptz,
        contact_email -> Nullable<Text>,
        contact_language -> Text,
        secret_changed_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    /// Messages that were or will be sent to them.
    platform.webhook_deliveries (tenant_id, id) {
        tenant_id -> Int8,
        id -> Int8,
        endpoint_id -> Int8,
        sequence -> Nullable<Int8>,
        event_type -> Text,
        state -> Text,
        attempts -> Int4,
        status -> Nullable<Int4>,
        error -> Nullable<Text>,
        created_at -> Timestamptz,
        attempted_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    /// Jobs that wait, run or were given up.
    platform.jobs (tenant_id, id) {
        tenant_id -> Int8,
        id -> Int8,
        kind -> Text,
        payload -> Jsonb,
        dedup_key -> Nullable<Text>,
        state -> Text,
        due_at -> Timestamptz,
        attempt -> Int4,
        last_error -> Nullable<Text>,
        created_at -> Timestamptz,
        lane -> Text,
        subject -> Nullable<Text>,
        waits -> Bool,
    }
}

diesel::table! {
    /// Mail, sent or to be sent.
    platform.mails (tenant_id, id) {
        tenant_id -> Int8,
        id -> Int8,
        template -> Text,
        language -> Text,
        recipient -> Text,
        subject -> Text,
        body -> Nullable<Text>,
        optional -> Bool,
        reply_to -> Nullable<Text>,
        created_at -> Timestamptz,
        sent_at -> Nullable<Timestamptz>,
        given_up_at -> Nullable<Timestamptz>,
        file_id -> Nullable<Int8>,
    }
}

diesel::table! {
    /// Addresses that refuse mail they can do without.
    platform.mail_refusals (tenant_id, recipient) {
        tenant_id -> Int8,
        recipient -> Text,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    /// Keys that sign links.
    platform.link_keys (name) {
        name -> Text,
        key -> Bytea,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    /// Files that were announced, uploaded or used.
    platform.files (tenant_id, id) {
        tenant_id -> Int8,
        id -> Int8,
        filename -> Text,
        content_type -> Text,
        byte_size -> Int8,
        uses -> Int4,
        created_at -> Timestamptz,
        width -> Nullable<Int4>,
        height -> Nullable<Int4>,
        pages -> Nullable<Int4>,
    }
}

diesel::table! {
    /// Exports of a tenant.
    platform.exports (tenant_id, id) {
        tenant_id -> Int8,
        id -> Int8,
        resource -> Text,
        format -> Text,
        filter -> Text,
        state -> Text,
        row_count -> Int8,
        byte_size -> Int8,
        created_at -> Timestamptz,
        finished_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    /// Imports of a tenant.
    platform.imports (tenant_id, id) {
        tenant_id -> Int8,
        id -> Int8,
        resource -> Text,
        dry_run -> Bool,
        mode -> Text,
        all_or_nothing -> Bool,
        format -> Text,
        file_id -> Nullable<Int8>,
        client_id -> Text,
        scopes -> Array<Text>,
        state -> Text,
        failure -> Text,
        row_count -> Int8,
        processed -> Int8,
        updated -> Int8,
        address -> Nullable<Text>,
        failed -> Int8,
        ignored_columns -> Array<Text>,
        created_at -> Timestamptz,
        finished_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    /// What was wrong with the rows of imports.
    platform.import_errors (tenant_id, import_id, row_number, position) {
        tenant_id -> Int8,
        import_id -> Int8,
        row_number -> Int8,
        position -> Int4,
        column_name -> Text,
        message -> Text,
        code -> Text,
        pointer -> Text,
    }
}

diesel::table! {
    /// What sessions are refreshed with, once each.
    platform.refresh_tokens (tenant_id, token_hash) {
        tenant_id -> Int8,
        token_hash -> Bytea,
        session_id -> Int8,
        created_at -> Timestamptz,
        expires_at -> Timestamptz,
        used_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    /// How users choose a password without the present one.
    platform.password_resets (tenant_id, user_id) {
        tenant_id -> Int8,
        user_id -> Int8,
        code_mac -> Nullable<Text>,
        secret_hash -> Bytea,
        tries -> Int4,
        created_at -> Timestamptz,
        expires_at -> Timestamptz,
    }
}

diesel::table! {
    /// Which users other issuers sign in.
    platform.identities (tenant_id, issuer, subject) {
        tenant_id -> Int8,
        issuer -> Text,
        subject -> Text,
        user_id -> Int8,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    /// Attempts to sign in that failed or are under way.
    platform.sign_in_attempts (id) {
        id -> Int8,
        username_hash -> Bytea,
        attempted_at -> Timestamptz,
    }
}

diesel::joinable!(clients -> tenants (tenant_id));
diesel::allow_tables_to_appear_in_same_query!(clients, tenants);
diesel::joinable!(mails -> tenants (tenant_id));
diesel::allow_tables_to_appear_in_same_query!(mails, tenants);
diesel::joinable!(users -> tenants (tenant_id));
diesel::allow_tables_to_appear_in_same_query!(users, tenants);
diesel::allow_tables_to_appear_in_same_query!(refresh_tokens, sessions);
