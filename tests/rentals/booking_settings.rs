//! Settings of bookings.
//!
//! Covers: GetBookingSettings, UpdateBookingSettings.

use serde_json::{Value, json};
use steward_contracts::steward::rentals::v1 as pb;
use steward_contracts::steward::rentals::v1::booking_settings_service_client::BookingSettingsServiceClient;

use super::document::{attributes, document, patch, refused, with_business};
use crate::support::{Tenant, database};

const SETTINGS: &str = "/api/me/bookings_settings";

async fn shown(t: &Tenant) -> Value {
    attributes(&t.get(SETTINGS).await.is(200))
}

/// Sends a part and answers what is shown after it, by the answer and by a read.
async fn changed(t: &Tenant, part: Value) -> Value {
    let answered = attributes(&patch(t, SETTINGS, &part).await.is(200));
    assert_eq!(answered, shown(t).await, "{part}");
    answered
}

#[test]
fn whoever_has_said_nothing_has_the_defaults() {
    with_business(async |t| {
        let data = t.get(SETTINGS).await.is(200).json()["data"].clone();
        let expected = json!({
            "id": t.id.to_string(),
            "type": "booking_settings",
            "attributes": {
                "default_start_time": "00:00", "default_end_time": "24:00",
                "default_start_offset_days": null, "default_duration_days": 1,
                "buffer_before_minutes": 0, "buffer_after_minutes": 0,
                "overdue_hold_hours": 24, "leeway_minutes": 0, "late_fee_mode": "manual",
                "require_shortage_confirmation": false,
                "deposit_kind": "none", "deposit_value": 0,
                "quote_valid_days": 15, "link_valid_days": null,
                "link_shares": {
                    "items": true, "prices": true, "documents": true, "payments": true,
                    "contact": true, "insurance": false, "activities": false,
                },
                "emails": {
                    "quote": true, "reserved": true, "picked_up": true, "completed": true,
                    "cancelled": true, "signature": true, "return_reminder": true, "inquiry": true,
                },
                "return_reminder_hours": 24,
                "terms": {"en": null, "pt": null, "es": null},
                "document_notes": {"en": null, "pt": null, "es": null},
                "signature_code_required": false, "reserve_on_quote_signed": false,
                "insurance_enabled": false, "insure_automatically": true,
                "created_at": null, "updated_at": null,
            },
        });
        assert_eq!(data, expected);
    });
}

#[test]
fn what_is_sent_changes_and_nothing_else() {
    with_business(async |t| {
        let usual = shown(&t).await;
        let given = json!({
            "default_start_time": "09:30", "default_end_time": "18:00",
            "default_start_offset_days": 0, "default_duration_days": 3,
            "buffer_before_minutes": 30, "buffer_after_minutes": 43200,
            "overdue_hold_hours": null, "leeway_minutes": 60, "late_fee_mode": "automatic",
            "require_shortage_confirmation": true,
            "deposit_kind": "percentage", "deposit_value": 12.5,
            "quote_valid_days": 365, "link_valid_days": 730, "return_reminder_hours": null,
            "signature_code_required": true, "reserve_on_quote_signed": true,
            "insurance_enabled": true, "insure_automatically": false,
        });
        let mut after = changed(&t, given.clone()).await;
        let mut expected = usual.clone();
        for (name, value) in given.as_object().expect("an object") {
            expected[name] = value.clone();
        }
        for name in ["created_at", "updated_at"] {
            assert!(after[name].is_string(), "{name}");
            after[name] = Value::Null;
        }
        assert_eq!(after, expected);

        // What is cleared has its default; for these two being absent means something.
        let cleared = json!({
            "default_start_time": null, "default_end_time": null, "default_duration_days": null,
            "default_start_offset_days": null, "buffer_before_minutes": null,
            "buffer_after_minutes": null, "leeway_minutes": null, "late_fee_mode": null,
            "require_shortage_confirmation": null, "deposit_kind": null, "deposit_value": null,
            "quote_valid_days": null, "link_valid_days": null, "signature_code_required": null,
            "reserve_on_quote_signed": null, "insurance_enabled": null,
            "insure_automatically": null,
        });
        let after = changed(&t, cleared).await;
        for (name, value) in usual.as_object().expect("an object") {
            let absent = ["overdue_hold_hours", "return_reminder_hours"].contains(&&**name);
            let expected = if absent { &Value::Null } else { value };
            if !name.ends_with("_at") {
                assert_eq!(&after[name], expected, "{name}");
            }
        }
    });
}

#[test]
fn objects_are_merged_by_key() {
    with_business(async |t| {
        changed(&t, json!({"link_shares": {"prices": false}, "emails": {"quote": false}})).await;
        let parts = json!({
            "link_shares": {"activities": true},
            "terms": {"en": " Be careful. ", "pt": "Cuidado."},
        });
        let after = changed(&t, parts).await;
        let shares = &after["link_shares"];
        assert_eq!((&shares["prices"], &shares["activities"]), (&json!(false), &json!(true)));
        assert_eq!((&shares["items"], &shares["insurance"]), (&json!(true), &json!(false)));
        assert_eq!(after["emails"]["quote"], false);
        assert_eq!(after["terms"], json!({"en": "Be careful.", "pt": "Cuidado.", "es": null}));

        let after = changed(&t, json!({"terms": {"es": "Cuidado", "en": ""}})).await;
        assert_eq!(after["terms"], json!({"en": null, "pt": "Cuidado.", "es": "Cuidado"}));
        let after = changed(&t, json!({"terms": {}, "emails": {}})).await;
        assert_eq!(after["terms"]["pt"], "Cuidado.");
        let after = changed(&t, json!({"terms": {"pt": null}})).await;
        assert_eq!(after["terms"], json!({"en": null, "pt": null, "es": "Cuidado"}));
        assert_eq!(after["emails"]["quote"], false);

        let after = changed(&t, json!({"terms": null, "link_shares": null})).await;
        assert_eq!(after["terms"], json!({"en": null, "pt": null, "es": null}));
        assert_eq!(after["link_shares"]["prices"], true);
        assert_eq!(after["emails"]["quote"], false);
    });
}

#[test]
fn without_a_mask_the_whole_is_replaced() {
    with_business(async |t| {
        changed(&t, json!({"leeway_minutes": 30, "link_shares": {"prices": false}})).await;
        let mut client = BookingSettingsServiceClient::new(t.grpc().await);
        let settings = pb::BookingSettings {
            link_shares: Some(pb::LinkShares { items: Some(false), ..Default::default() }),
            ..Default::default()
        };
        let mut request = pb::UpdateBookingSettingsRequest {
            booking_settings: Some(settings),
            ..Default::default()
        };
        let answer = client.update_booking_settings(request.clone()).await.expect("an answer");
        let answer = answer.into_inner();
        let shares = answer.link_shares.expect("shares");
        assert_eq!((shares.items, shares.prices), (Some(false), Some(true)));
        assert_eq!((answer.leeway_minutes, answer.overdue_hold_hours), (Some(0), None));

        // With a mask the object is merged over gRPC too.
        request.update_mask =
            Some(prost_types::FieldMask { paths: vec!["link_shares".to_owned()] });
        let part = pb::LinkShares { prices: Some(false), ..Default::default() };
        request.booking_settings.as_mut().expect("settings").link_shares = Some(part);
        let answer = client.update_booking_settings(request).await.expect("an answer");
        let shares = answer.into_inner().link_shares.expect("shares");
        assert_eq!((shares.items, shares.prices), (Some(false), Some(false)));
    });
}

#[test]
fn what_is_no_setting_is_refused_all_at_once() {
    with_business(async |t| {
        let wrong = json!({
            "default_start_time": "9:30", "default_end_time": "24:01",
            "default_start_offset_days": 366, "default_duration_days": 0,
            "buffer_before_minutes": -1, "buffer_after_minutes": 43201,
            "overdue_hold_hours": 721, "leeway_minutes": 721,
            "deposit_kind": "percentage", "deposit_value": 100.01,
            "quote_valid_days": 366, "link_valid_days": 731, "return_reminder_hours": 169,
            "terms": {"pt": "x".repeat(20_001)},
        });
        let expected = [
            "invalid_format default_end_time",
            "invalid_format default_start_time",
            "out_of_range buffer_after_minutes",
            "out_of_range buffer_before_minutes",
            "out_of_range default_duration_days",
            "out_of_range default_start_offset_days",
            "out_of_range deposit_value",
            "out_of_range leeway_minutes",
            "out_of_range link_valid_days",
            "out_of_range overdue_hold_hours",
            "out_of_range quote_valid_days",
            "out_of_range return_reminder_hours",
            "too_long terms/pt",
        ];
        assert_eq!(refused(&t.put(SETTINGS, &document(&wrong)).await, 422), expected);
        for (value, code) in [
            (json!(1.005), "invalid_format"),
            (json!(-1), "out_of_range"),
            (json!(1_000_000_000), "out_of_range"),
        ] {
            let body = json!({"deposit_kind": "fixed", "deposit_value": value});
            let answer = t.put(SETTINGS, &document(&body)).await;
            assert_eq!(refused(&answer, 422), [format!("{code} deposit_value")], "{value}");
        }
        // A percentage is judged with what is there.
        changed(&t, json!({"deposit_kind": "fixed", "deposit_value": 250})).await;
        let answer = patch(&t, SETTINGS, &json!({"deposit_kind": "percentage"})).await;
        assert_eq!(refused(&answer, 422), ["out_of_range deposit_value"]);
    });
}

#[test]
fn who_joined_the_insurance_is_kept() {
    with_business(async |t| {
        let joined = async || {
            let sql = "SELECT insurance_joined_by, insurance_joined_at::text
                       FROM rentals.booking_settings WHERE tenant_id = $1";
            let row = database::owner().await.query_one(sql, &[&t.id]).await.expect("a row");
            (row.get::<_, Option<String>>(0), row.get::<_, Option<String>>(1))
        };
        changed(&t, json!({"insurance_enabled": true})).await;
        let first = joined().await;
        assert_eq!(first.0.as_deref(), Some(&*t.client_id));
        changed(&t, json!({"insure_automatically": false})).await;
        assert_eq!(joined().await, first);
        changed(&t, json!({"insurance_enabled": false})).await;
        assert_eq!(joined().await, (None, None));
    });
}
