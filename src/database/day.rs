//! Days in `date` columns, and times by a clock on the wall in `timestamp` columns.

use diesel::deserialize::{self, FromSql, FromSqlRow};
use diesel::expression::AsExpression;
use diesel::pg::{Pg, PgValue};
use diesel::serialize::{self, IsNull, Output, ToSql};
use diesel::sql_types::{Date as SqlDate, Timestamp as SqlTimestamp};
use jiff::{Span, Unit};
use steward_kernel::local::{Date, LocalTime};

/// A `date` column.
#[derive(Debug, Clone, Copy, PartialEq, Eq, AsExpression, FromSqlRow)]
#[diesel(sql_type = SqlDate)]
pub struct Day(pub Date);

/// The day from which PostgreSQL counts.
const EPOCH: Date = Date::constant(2000, 1, 1);

impl FromSql<SqlDate, Pg> for Day {
    fn from_sql(value: PgValue<'_>) -> deserialize::Result<Self> {
        let days = i32::from_be_bytes(value.as_bytes().try_into()?);
        let span: Span = Span::new().try_days(days)?;
        Ok(Self(EPOCH.checked_add(span)?))
    }
}

impl ToSql<SqlDate, Pg> for Day {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> serialize::Result {
        use std::io::Write;
        let days = EPOCH.until((Unit::Day, self.0))?.get_days();
        out.write_all(&days.to_be_bytes())?;
        Ok(IsNull::No)
    }
}

impl From<Day> for Date {
    fn from(day: Day) -> Self {
        day.0
    }
}

/// A `timestamp` column: a time by a clock on the wall, without a zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, AsExpression, FromSqlRow)]
#[diesel(sql_type = SqlTimestamp)]
pub struct WallTime(pub LocalTime);

/// The time from which PostgreSQL counts.
const MIDNIGHT: LocalTime = EPOCH.at(0, 0, 0, 0);

impl FromSql<SqlTimestamp, Pg> for WallTime {
    fn from_sql(value: PgValue<'_>) -> deserialize::Result<Self> {
        let micros = i64::from_be_bytes(value.as_bytes().try_into()?);
        let span: Span = Span::new().try_microseconds(micros)?;
        Ok(Self(MIDNIGHT.checked_add(span)?))
    }
}

impl ToSql<SqlTimestamp, Pg> for WallTime {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> serialize::Result {
        use std::io::Write;
        let micros = MIDNIGHT.until((Unit::Microsecond, self.0))?.get_microseconds();
        out.write_all(&micros.to_be_bytes())?;
        Ok(IsNull::No)
    }
}
