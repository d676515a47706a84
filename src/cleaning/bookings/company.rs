//! What of a company decides how its bookings are planned.

use jiff::civil::Date;
use steward_database::{Connection, find};
use steward_kernel::local::{TimeOfDay, Zone};
use steward_kernel::time::{self, Timestamp};
use steward_kernel::{Result, TenantId};

use crate::settings::{self, TenantSettings};
use crate::tenants::model::Tenant;

/// What of a company decides how its bookings are planned.
pub(crate) struct Company {
    /// The zone of its clock.
    pub zone: Zone,
    /// How it works.
    pub settings: TenantSettings,
    /// The present instant.
    pub now: Timestamp,
}

impl Company {
    /// The company of a tenant, as it is now.
    pub(crate) async fn of(connection: &Connection, tenant: TenantId) -> Result<Self> {
        let company: Tenant = find(connection, tenant, tenant.0).await?;
        let zone = Zone::stored(&company.time_zone)?;
        let settings = settings::find(connection, tenant).await?;
        Ok(Self { zone, settings, now: time::now() })
    }

    /// The date by its clock.
    pub(crate) fn today(&self) -> Date {
        self.zone.local(self.now).date()
    }

    /// The last date for which it wants visits to be there.
    pub(crate) fn horizon(&self) -> Date {
        let days = self.settings.groups.scheduling.horizon_days;
        self.today().saturating_add(jiff::Span::new().days(days))
    }

    /// When visits start that are preferred at a time of the day: from when, and up to when.
    pub(crate) fn preferred(&self, time_preference: i16) -> Option<(TimeOfDay, TimeOfDay)> {
        let preferences = &self.settings.groups.scheduling.time_preferences;
        let preference = preferences.iter().find(|one| one.id == i32::from(time_preference))?;
        TimeOfDay::parse(&preference.start_time).zip(TimeOfDay::parse(&preference.end_time))
    }

    /// When visits start that are preferred at a time of the day.
    pub(crate) fn preferred_start(&self, time_preference: i16) -> Option<TimeOfDay> {
        self.preferred(time_preference).map(|(start, _)| start)
    }
}
