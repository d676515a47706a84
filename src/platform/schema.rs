//! The tables of the platform, as the migrations make them.

diesel::table! {
    /// Businesses whose data nobody else sees.
    platform.tenants (id) {
        id -> Int8,
        name -> Text,
        created_at -> Timestamptz,
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
