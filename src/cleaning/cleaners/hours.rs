//! The hours of a week in which cleaners never work: the only file that names their table.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use steward_cleaning_schema::unavailable_hours;
use steward_database::{Connection, ResultExt};
use steward_kernel::local::TimeOfDay;
use steward_kernel::validate::Violations;
use steward_kernel::{Error, Result, TenantId};

use crate::pb;
use crate::scheduling::WallRange;
use crate::settings::Scheduling;

/// Minutes of the grid that times are on.
const GRID: u16 = 15;

/// A weekday, and when the cleaner never works on it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Day {
    /// 0 Sunday to 6 Saturday.
    pub week_day: i16,
    /// Ranges in order, which neither overlap nor touch.
    pub ranges: Vec<WallRange>,
}

/// When somebody never works who works when the company does.
pub fn outside(scheduling: &Scheduling) -> Vec<Day> {
    let time = |text: &str, other| TimeOfDay::parse(text).unwrap_or(other);
    let start = time(&scheduling.workday_start, TimeOfDay::MIDNIGHT);
    let end = time(&scheduling.workday_end, TimeOfDay::DAY_END);
    let all = WallRange { from: TimeOfDay::MIDNIGHT, to: TimeOfDay::DAY_END };
    let around = [WallRange { to: start, ..all }, WallRange { from: end, ..all }];
    let ranges = |week_day: i16| {
        let is_work_day = scheduling.work_days.contains(&i32::from(week_day));
        let ranges = if is_work_day { &around[..] } else { std::slice::from_ref(&all) };
        ranges.iter().copied().filter(|range| range.from < range.to).collect()
    };
    (0..7).map(|week_day| Day { week_day, ranges: ranges(week_day) }).collect()
}

/// Reads weekdays, each once; their refusals lie below `field`.
pub fn read(violations: &mut Violations, field: &str, days: Vec<pb::UnavailableDay>) -> Vec<Day> {
    let mut read: Vec<Day> = Vec::with_capacity(days.len().min(7));
    for (index, day) in days.into_iter().enumerate() {
        let at = format!("{field}[{index}]");
        let pb::UnavailableDay { week_day, hours, ranges } = day;
        let number = week_day.and_then(|number| i16::try_from(number).ok());
        let week_day = match number.filter(|number| (0..7).contains(number)) {
            Some(number) => number,
            None if week_day.is_none() => {
                violations.required(&format!("{at}.week_day"));
                continue;
            }
            None => {
                violations.rule(&format!("{at}.week_day"), "A weekday is 0 to 6.");
                continue;
            }
        };
        if read.iter().any(|day| day.week_day == week_day) {
            violations.rule(&format!("{at}.week_day"), "The weekday is given twice.");
        }
        let mut taken = Vec::new();
        for (place, hour) in hours.into_iter().enumerate() {
            match u16::try_from(hour).ok().filter(|hour| *hour < 24) {
                Some(hour) => taken.extend(range(hour * 60, hour * 60 + 60)),
                None => violations.rule(&format!("{at}.hours[{place}]"), "An hour is 0 to 23."),
            }
        }
        let mut stated = Vec::new();
        for (place, one) in ranges.into_iter().enumerate() {
            let at = format!("{at}.ranges[{place}]");
            let pb::TimeRange { from, to } = one;
            let from = time(violations, &format!("{at}.from"), from);
            let to = time(violations, &format!("{at}.to"), to);
            if let (Some(from), Some(to)) = (from, to) {
                if from >= to {
                    violations.rule(&format!("{at}.to"), "To is not after from.");
                }
                stated.push(WallRange { from, to });
            }
        }
        stated.sort_unstable();
        if stated.windows(2).any(|pair| pair[1].from < pair[0].to) {
            violations.rule(&format!("{at}.ranges"), "Ranges overlap.");
        }
        taken.extend(stated);
        read.push(Day { week_day, ranges: merged(taken) });
    }
    read
}

fn range(from: u16, to: u16) -> Option<WallRange> {
    Some(WallRange { from: TimeOfDay::from_minutes(from)?, to: TimeOfDay::from_minutes(to)? })
}

fn time(violations: &mut Violations, field: &str, text: Option<String>) -> Option<TimeOfDay> {
    let text = violations.required_tidy(field, text, 5);
    if text.is_empty() {
        return None;
    }
    let time = TimeOfDay::parse(&text);
    match time {
        None => violations.format(field, "This is not a time such as 09:00."),
        Some(time) if !time.minutes().is_multiple_of(GRID) => {
            violations.rule(field, "This is not on a quarter of an hour.");
        }
        Some(_) => {}
    }
    time
}

/// Ranges in order, with those that touch made one.
fn merged(mut ranges: Vec<WallRange>) -> Vec<WallRange> {
    ranges.sort_unstable();
    let mut merged: Vec<WallRange> = Vec::with_capacity(ranges.len());
    for range in ranges {
        match merged.last_mut() {
            Some(last) if range.from <= last.to => last.to = last.to.max(range.to),
            _ => merged.push(range),
        }
    }
    merged
}

/// Writes a week.
pub fn week(days: Vec<Day>) -> pb::UnavailableHours {
    let days = days.into_iter().map(|Day { week_day, ranges }| {
        let is_taken = |hour: &u16| {
            let whole = |range: &WallRange| {
                range.from.minutes() <= hour * 60 && hour * 60 + 60 <= range.to.minutes()
            };
            ranges.iter().any(whole)
        };
        let range = |range: &WallRange| pb::TimeRange {
            from: Some(range.from.to_string()),
            to: Some(range.to.to_string()),
        };
        pb::UnavailableDay {
            week_day: Some(week_day.into()),
            hours: (0..24).filter(is_taken).map(i32::from).collect(),
            ranges: ranges.iter().map(range).collect(),
        }
    });
    pb::UnavailableHours { days: days.collect() }
}

/// The week of a cleaner.
pub async fn of_cleaner(
    mut connection: &Connection,
    tenant: TenantId,
    cleaner_id: i64,
) -> Result<Vec<Day>> {
    let rows: Vec<(i16, i16, i16)> = unavailable_hours::table
        .filter(unavailable_hours::tenant_id.eq(tenant.0))
        .filter(unavailable_hours::cleaner_id.eq(cleaner_id))
        .order((unavailable_hours::week_day, unavailable_hours::from_minute))
        .select((
            unavailable_hours::week_day,
            unavailable_hours::from_minute,
            unavailable_hours::to_minute,
        ))
        .load(&mut connection)
        .await
        .or_internal()?;
    let mut days: Vec<Day> = (0..7).map(|week_day| Day { week_day, ranges: Vec::new() }).collect();
    for (week_day, from, to) in rows {
        let stored = |minutes: i16| {
            let time = u16::try_from(minutes).ok().and_then(TimeOfDay::from_minutes);
            time.ok_or_else(|| Error::internal("a time of no day"))
        };
        let range = WallRange { from: stored(from)?, to: stored(to)? };
        days[usize::try_from(week_day).map_err(Error::internal)?].ranges.push(range);
    }
    Ok(days)
}

/// Replaces the weekdays that are given of a cleaner who is locked, or new.
pub async fn put(
    mut connection: &Connection,
    tenant: TenantId,
    cleaner_id: i64,
    days: &[Day],
) -> Result<()> {
    let given: Vec<i16> = days.iter().map(|day| day.week_day).collect();
    diesel::delete(unavailable_hours::table)
        .filter(unavailable_hours::tenant_id.eq(tenant.0))
        .filter(unavailable_hours::cleaner_id.eq(cleaner_id))
        .filter(unavailable_hours::week_day.eq_any(given))
        .execute(&mut connection)
        .await
        .or_internal()?;
    let mut rows = Vec::new();
    for Day { week_day, ranges } in days {
        for WallRange { from, to } in ranges {
            rows.push((
                unavailable_hours::tenant_id.eq(tenant.0),
                unavailable_hours::cleaner_id.eq(cleaner_id),
                unavailable_hours::week_day.eq(*week_day),
                unavailable_hours::from_minute.eq(minutes(*from)?),
                unavailable_hours::to_minute.eq(minutes(*to)?),
            ));
        }
    }
    diesel::insert_into(unavailable_hours::table)
        .values(rows)
        .execute(&mut connection)
        .await
        .or_internal()
        .map(drop)
}

fn minutes(time: TimeOfDay) -> Result<i16> {
    i16::try_from(time.minutes()).map_err(Error::internal)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(days: &[Day], week_day: usize) -> String {
        let ranges = days[week_day].ranges.iter();
        ranges.map(|one| format!("{}-{}", one.from, one.to)).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn whoever_is_new_works_when_the_company_does() {
        let week = outside(&Scheduling::default());
        assert_eq!(text(&week, 0), "00:00-24:00");
        assert_eq!(text(&week, 1), "00:00-08:00 18:00-24:00");
        let always = Scheduling {
            workday_start: "00:00".to_owned(),
            workday_end: "24:00".to_owned(),
            ..Scheduling::default()
        };
        assert_eq!(text(&outside(&always), 1), "");
    }

    #[test]
    fn hours_and_ranges_are_one() {
        let range = |from: &str, to: &str| pb::TimeRange {
            from: Some(from.to_owned()),
            to: Some(to.to_owned()),
        };
        let day = |hours: &[i32], ranges: Vec<pb::TimeRange>| {
            let hours = hours.to_vec();
            let mut violations = Violations::below("");
            let day = pb::UnavailableDay { week_day: Some(0), hours, ranges };
            let days = read(&mut violations, "days", vec![day]);
            violations.finish(days).map(|days| text(&days, 0)).ok()
        };
        let fine = day(&[9, 8, 23], vec![range("10:00", "10:15"), range("18:30", "24:00")]);
        assert_eq!(fine.as_deref(), Some("08:00-10:15 18:30-24:00"));
        assert_eq!(day(&[], vec![]).as_deref(), Some(""));
        for refused in [
            day(&[24], vec![]),
            day(&[], vec![range("10:00", "10:00")]),
            day(&[], vec![range("10:00", "10:10")]),
            day(&[], vec![range("10:00", "12:00"), range("11:45", "13:00")]),
        ] {
            assert_eq!(refused, None);
        }
    }
}
