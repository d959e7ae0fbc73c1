//! Names of backups, and which of them stay.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use fujiao_store::BACKUP_ENDS;
use jiff::Timestamp;
use jiff::civil::Date;

use super::Keep;

/// `fujiao-619901-20251015T023000Z.tar.zst.age`.
pub(crate) fn name(county: u32, at: Timestamp) -> String {
    let when = jiff::tz::TimeZone::UTC.to_datetime(at).strftime("%Y%m%dT%H%M%SZ").to_string();
    format!("fujiao-{county:06}-{when}{BACKUP_ENDS}")
}

/// When a backup was taken, by its name; `None` for a file that is none of ours.
pub(crate) fn taken_at(name: &str) -> Option<Timestamp> {
    let rest = name.strip_prefix("fujiao-")?.strip_suffix(BACKUP_ENDS)?;
    let (_, when) = rest.split_once('-')?;
    let naive = jiff::civil::DateTime::strptime("%Y%m%dT%H%M%SZ", when).ok()?;
    jiff::tz::TimeZone::UTC.to_timestamp(naive).ok()
}

/// Backups in a folder, newest first.
pub(crate) fn backups(folder: &Path) -> Vec<(Timestamp, PathBuf)> {
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    let mut found: Vec<(Timestamp, PathBuf)> = entries
        .flatten()
        .filter_map(|entry| Some((taken_at(&entry.file_name().to_string_lossy())?, entry.path())))
        .collect();
    found.sort();
    found.reverse();
    found
}

/// Those of `taken` that may go: all but the last of each of the last days, weeks and months that have one. The newest stays,
/// and so does whatever was taken within a day before it: somebody may have made it for a reason.
pub(crate) fn surplus(taken: &[Timestamp], keep: Keep) -> Vec<Timestamp> {
    let mut newest_first = taken.to_vec();
    newest_first.sort();
    newest_first.reverse();
    let zone = jiff::tz::TimeZone::fixed(jiff::tz::offset(8));
    let day = |at: Timestamp| zone.to_datetime(at).date();
    let monday = |date: Date| {
        let since = i64::from(date.weekday().to_monday_zero_offset());
        date.checked_sub(jiff::Span::new().days(since)).unwrap_or(date)
    };
    let Some(newest) = newest_first.first().copied() else { return Vec::new() };
    let recent = newest - jiff::SignedDuration::from_hours(24);
    let mut stay: BTreeSet<Timestamp> =
        newest_first.iter().copied().filter(|at| *at > recent).collect();
    let spans: [(u32, &dyn Fn(Timestamp) -> Date); 3] = [
        (keep.daily, &day),
        (keep.weekly, &|at| monday(day(at))),
        (keep.monthly, &|at| day(at).first_of_month()),
    ];
    for (count, span) in spans {
        let mut seen = BTreeSet::new();
        for at in &newest_first {
            if seen.len() as u64 >= u64::from(count) {
                break;
            }
            if seen.insert(span(*at)) {
                stay.insert(*at);
            }
        }
    }
    newest_first.retain(|at| !stay.contains(at));
    newest_first
}

/// Removes what is older than what is kept; what was removed. A backup dated ahead of `now` by a wrong clock stays.
pub(crate) fn remove_surplus(folder: &Path, keep: Keep, now: Timestamp) -> Vec<PathBuf> {
    let mut known = backups(folder);
    known.retain(|(at, _)| *at <= now);
    let taken: Vec<Timestamp> = known.iter().map(|(at, _)| *at).collect();
    let gone: BTreeSet<Timestamp> = surplus(&taken, keep).into_iter().collect();
    let old = known.into_iter().filter(|(at, _)| gone.contains(at)).map(|(_, path)| path);
    old.filter(|path| std::fs::remove_file(path).is_ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const KEEP: Keep = Keep { daily: 3, weekly: 2, monthly: 2 };

    #[test]
    fn the_last_of_each_day_week_and_month_stays() {
        // Each day at noon in China for a hundred days from 2025-07-08, and twice on the last.
        let first: Timestamp = "2025-07-08T04:00:00Z".parse().unwrap();
        let mut taken: Vec<Timestamp> =
            (0..100).map(|n| first + jiff::SignedDuration::from_hours(24 * n)).collect();
        taken.push("2025-10-15T09:00:00Z".parse().unwrap());
        let gone = surplus(&taken, KEEP);
        taken.retain(|at| !gone.contains(at));
        let days: Vec<String> = taken.iter().map(|at| name(619_901, *at)).collect();
        let days: Vec<&str> = days.iter().map(|n| &n[14..25]).collect();
        // September's last; the Sunday before; three days, and both of the last.
        assert_eq!(
            days,
            [
                "20250930T04",
                "20251012T04",
                "20251013T04",
                "20251014T04",
                "20251015T04",
                "20251015T09"
            ]
        );
    }

    proptest! {
        #[test]
        fn the_newest_always_stays_and_letting_go_twice_is_letting_go_once(
            seconds in prop::collection::btree_set(1_700_000_000_i64..1_760_000_000, 1..60),
            daily in 0..5_u32, weekly in 0..4_u32, monthly in 0..4_u32,
        ) {
            let keep = Keep { daily, weekly, monthly };
            let all: Vec<Timestamp> =
                seconds.iter().map(|s| Timestamp::from_second(*s).unwrap()).collect();
            let gone = surplus(&all, keep);
            let stay: Vec<Timestamp> = all.iter().copied().filter(|at| !gone.contains(at)).collect();
            prop_assert!(stay.contains(all.last().unwrap()));
            let day_before = *all.last().unwrap() - jiff::SignedDuration::from_hours(24);
            let older = stay.iter().filter(|at| **at <= day_before).count() as u64;
            prop_assert!(older <= u64::from(daily + weekly + monthly));
            prop_assert_eq!(surplus(&stay, keep), vec![]);
            for at in &all {
                prop_assert_eq!(taken_at(&name(1, *at)), Some(*at));
            }
        }
    }
}
