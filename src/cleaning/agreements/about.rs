//! What an agreement is about: an assignment, or a booking.

use steward_database::{Connection, find};
use steward_kernel::local::Date;
use steward_kernel::{Context, Error, Result, TenantId};
use steward_platform::App;

use super::signing::{follow, require_active};
use crate::assignments::actions::reaches;
use crate::assignments::model::Assignment;
use crate::bookings::model::{Agreed, Booking};
use crate::caller::Caller;
use crate::cleaners::model::Cleaner;
use crate::clients::model::Client;
use crate::hours::Hours;
use crate::locations::model::Location;
use crate::reason::out_of_reach;
use crate::scheduling::Recurrence;
use crate::users::repository as users;

/// The visits of a booking from a date on, as an agreement tells of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Visits {
    /// The date of the first one.
    pub first_date: Date,
    /// How often they are.
    pub recurrence: Recurrence,
    /// How long each is, without what extras add.
    pub hours: Hours,
}

impl Visits {
    /// Those of the series from a date on. Of a series that has ended by then, as it was last.
    ///
    /// # Errors
    /// INTERNAL for a booking without a segment, which there is not.
    pub fn of(agreed: &Agreed, from: Date) -> Result<Self> {
        let schedule = agreed.schedule();
        let first = schedule.occurrences().find(|one| one.date >= from);
        let segment = match &first {
            Some(first) => agreed.segments.get(first.segment),
            None => agreed.segments.last(),
        };
        let segment = segment.ok_or_else(|| Error::internal("no segment"))?;
        Ok(Self {
            first_date: first.map_or(from, |first| first.date),
            recurrence: segment.schedule.recurrence,
            hours: segment.hours,
        })
    }
}

/// An assignment, and whose it is.
#[derive(Debug)]
pub struct About {
    /// The assignment.
    pub assignment: Assignment,
    /// Its booking.
    pub booking: Booking,
    /// Whose booking it is.
    pub client: Client,
}

impl About {
    /// The assignment with an id.
    ///
    /// # Errors
    /// NOT_FOUND when there is none, also because its booking was removed.
    pub async fn of(connection: &Connection, tenant: TenantId, id: i64) -> Result<Self> {
        let assignment: Assignment = find(connection, tenant, id).await?;
        let booking = find(connection, tenant, assignment.request_id).await?;
        let client = find(connection, tenant, assignment.client_id).await?;
        Ok(Self { assignment, booking, client })
    }

    /// What a user is to it.
    ///
    /// # Errors
    /// PERMISSION_DENIED for whoever is neither its client nor its cleaner.
    pub fn party(&self, user: i64) -> Result<Caller> {
        if user == self.assignment.cleaner.user_id {
            Ok(Caller::Cleaner(self.assignment.cleaner_id))
        } else if user == self.client.user_id {
            Ok(Caller::Client(self.client.id))
        } else {
            Err(out_of_reach())
        }
    }

    /// Its visits from its first date on.
    ///
    /// # Errors
    /// As [`Visits::of`].
    pub fn visits(&self) -> Result<Visits> {
        Visits::of(&self.booking.agreed, self.assignment.from)
    }
}

/// What an agreement about an assignment says of it, as one of its readers sees it.
#[derive(Debug)]
pub struct Told {
    /// The assignment, and whose it is.
    pub about: About,
    /// Its visits.
    pub visits: Visits,
    /// The cleaner.
    pub cleaner: Cleaner,
    /// The home.
    pub location: Location,
    /// Who reads it.
    pub reader: Caller,
}

/// What an agreement about an assignment says of it. Cleaners see their own while it is theirs,
/// clients those of their bookings; so does whoever has a link to sign.
///
/// # Errors
/// NOT_FOUND, PERMISSION_DENIED; those of the link, where one is given.
pub async fn told(app: &App, context: &Context, id: i64, key: &str) -> Result<Told> {
    let tenant = context.tenant()?;
    let linked = match key {
        "" => None,
        key => Some(follow(app, key).await?.user),
    };
    let tx = app.read(context).await?;
    let about = About::of(&tx, tenant, id).await?;
    let reader = match linked {
        None => Caller::of(&tx, context).await?,
        Some(user) => {
            require_active(&users::get(&tx, tenant, user).await?)?;
            about.party(user)?
        }
    };
    reaches(reader, &about.assignment)?;
    if matches!(reader, Caller::Cleaner(_)) && !about.assignment.is_live() {
        return Err(out_of_reach());
    }
    let visits = about.visits()?;
    let cleaner = find(&tx, tenant, about.assignment.cleaner_id).await?;
    let location = find(&tx, tenant, about.booking.location_id).await?;
    Ok(Told { about, visits, cleaner, location, reader })
}
