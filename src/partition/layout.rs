//! What CloudTrail's own layout of keys says: account, region and day.

use chrono::{DateTime, Months, NaiveDate, Utc};

use crate::key::{DeliveryKey, is_account, is_region};

/// A part of an object's key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Part {
    /// The twelve digits of the account.
    Account,
    /// The region, such as `us-east-1`.
    Region,
    /// The day as `2023/07/10`.
    Date,
    /// The year as `2023`.
    Year,
    /// The month as `07`.
    Month,
    /// The day of the month as `10`.
    Day,
}

/// The parts that an object's name, or a folder's (which ends in `/`), tells.
#[derive(Debug, Default)]
struct Layout<'a> {
    account: Option<&'a str>,
    region: Option<&'a str>,
    year: Option<&'a str>,
    month: Option<&'a str>,
    day: Option<&'a str>,
}

impl<'a> Layout<'a> {
    /// Reads the folders alone. An object's file name is no folder.
    ///
    /// What counts is the first account that stands where an account does, so that whatever lies
    /// below a folder has the parts that the folder has.
    fn of_folders(name: &'a str) -> Self {
        let folders = folders_of(name);
        let Some(place) = account_place(&folders) else { return Self::default() };
        let at = |offset: usize| folders.get(place + offset).copied().unwrap_or_default();
        // Above a year stands a region, even one that somebody took out.
        let year = Some(at(3)).filter(|year| digits::<4>(year).is_some());
        let region = Some(at(2)).filter(|region| !region.is_empty() && (is_region(region) || year.is_some()));
        let year = year.filter(|_| region.is_some());
        let month = year.map(|_| at(4)).filter(|month| is_month(month));
        let day = year.zip(month).and_then(|(year, month)| {
            let day = at(5);
            calendar_day(year, month, day).map(|_| day)
        });
        Self { account: Some(at(0)), region, year, month, day }
    }

    fn date(&self) -> Option<String> {
        Some(format!("{}/{}/{}", self.year?, self.month?, self.day?))
    }
}

/// The folders in the name of an object, or of a folder that ends in `/`.
pub fn folders_of(name: &str) -> Vec<&str> {
    let mut folders: Vec<&str> = name.split('/').collect();
    folders.pop();
    folders
}

/// Which of `folders` is the account of CloudTrail's layout: the first below `AWSLogs`, or below
/// its organization, or above one that is called `CloudTrail` or the like.
pub fn account_place(folders: &[&str]) -> Option<usize> {
    let at = |at: Option<usize>| at.and_then(|at| folders.get(at)).copied().unwrap_or_default();
    (0..folders.len()).find(|&place| {
        let above = at(place.checked_sub(1));
        let in_organization = above.starts_with("o-") && at(place.checked_sub(2)) == "AWSLogs";
        let in_layout =
            above == "AWSLogs" || in_organization || at(Some(place + 1)).starts_with("CloudTrail");
        is_account(at(Some(place))) && in_layout
    })
}

impl Part {
    /// The part of the object called `name`; its file name says what its folders do not.
    pub fn of(self, name: &str) -> Option<String> {
        let folders = Layout::of_folders(name);
        let file = || DeliveryKey::parse_name(name.rsplit('/').next().unwrap_or(name));
        let written = |format: &str| {
            // Folders that say a year say all there is of the day.
            let delivered: DateTime<Utc> = file().filter(|_| folders.year.is_none())?.delivered?.0;
            Some(delivered.format(format).to_string())
        };
        let folder = |found: Option<&str>| found.map(ToOwned::to_owned);
        match self {
            Self::Account => folder(folders.account).or_else(|| folder(file()?.account)),
            Self::Region => folder(folders.region).or_else(|| folder(file()?.region)),
            Self::Date => folders.date().or_else(|| written("%Y/%m/%d")),
            Self::Year => folder(folders.year).or_else(|| written("%Y")),
            Self::Month => folder(folders.month).or_else(|| written("%m")),
            Self::Day => folder(folders.day).or_else(|| written("%d")),
        }
    }

    /// Every value that the part can have in objects below `folder`; `None` if it can be anything.
    pub fn below(self, folder: &str) -> Option<Vec<Option<String>>> {
        let folders = Layout::of_folders(folder);
        let told = |found: Option<&str>| found.map(|value| vec![Some(value.to_owned())]);
        let (year, rest) = (folders.year, [folders.month, folders.day]);
        match self {
            Self::Account => told(folders.account),
            Self::Region => told(folders.region),
            Self::Year => told(year),
            Self::Month => told(folders.month).or_else(|| year.map(|_| up_to(12))),
            Self::Day => told(folders.day).or_else(|| year.map(|_| up_to(31))),
            Self::Date => {
                let begun: Vec<&str> = year.into_iter().chain(rest.into_iter().flatten()).collect();
                let days = days_below(&begun.join("/"))?;
                Some(days.into_iter().map(Some).chain([None]).collect())
            }
        }
    }
}

/// `01` to `last`, and none at all.
fn up_to(last: u32) -> Vec<Option<String>> {
    (1..=last).map(|number| Some(format!("{number:02}"))).chain([None]).collect()
}

/// The number that exactly `LENGTH` digits write.
fn digits<const LENGTH: usize>(text: &str) -> Option<u32> {
    let digits = text.len() == LENGTH && text.bytes().all(|byte| byte.is_ascii_digit());
    digits.then(|| text.parse().ok()).flatten()
}

fn is_month(text: &str) -> bool {
    digits::<2>(text).is_some_and(|month| (1..=12).contains(&month))
}

fn calendar_day(year: &str, month: &str, day: &str) -> Option<NaiveDate> {
    NaiveDate::from_ymd_opt(digits::<4>(year)?.try_into().ok()?, digits::<2>(month)?, digits::<2>(day)?)
}

/// Every day, as `yyyy/MM/dd`, that begins with `begun`: `yyyy`, `yyyy/MM` or `yyyy/MM/dd`.
/// `None` if it is none of these.
pub fn days_below(begun: &str) -> Option<Vec<String>> {
    let parts: Vec<&str> = begun.split('/').collect();
    let (first, months) = match parts[..] {
        [year] => (calendar_day(year, "01", "01")?, 12),
        [year, month] => (calendar_day(year, month, "01")?, 1),
        [year, month, day] => return calendar_day(year, month, day).map(|_| vec![begun.to_owned()]),
        _ => return None,
    };
    let end = first.checked_add_months(Months::new(months))?;
    let days = first.iter_days().take_while(|day| *day < end);
    Some(days.map(|day| day.format("%Y/%m/%d").to_string()).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const FILE: &str = "111122223333_CloudTrail_us-east-1_20230710T1200Z_x.json.gz";

    fn parts(name: &str) -> [Option<String>; 6] {
        [Part::Account, Part::Region, Part::Date, Part::Year, Part::Month, Part::Day]
            .map(|part| part.of(name))
    }

    #[test]
    fn parts_are_what_folders_say_and_else_what_the_file_name_says() {
        let some = |texts: [&str; 6]| texts.map(|text| Some(text.to_owned()).filter(|text| !text.is_empty()));
        let usual = some(["111122223333", "us-east-1", "2023/07/10", "2023", "07", "10"]);
        for name in [
            "s3://b/p/AWSLogs/111122223333/CloudTrail/us-east-1/2023/07/10/x.json",
            "AWSLogs/o-abc/111122223333/CloudTrail/us-east-1/2023/07/10/x/y.json",
            "logs/111122223333/CloudTrail-Insight/us-east-1/2023/07/10/x.json",
            "AWSLogs/old/AWSLogs/111122223333/CloudTrail/us-east-1/2023/07/10/x.json",
            "AWSLogs/111122223333/CloudTrail/us-east-1/2023/07/10/AWSLogs/999999999999/CloudTrail/x",
            FILE,
            &format!("copied/{FILE}"),
            &format!("AWSLogs/111122223333/CloudTrail/{FILE}"),
        ] {
            assert_eq!(parts(name), usual, "{name}");
        }
        // Folders come first, whatever the file is called.
        let moved = format!("AWSLogs/999999999999/CloudTrail/eu-west-1/2020/13/{FILE}");
        assert_eq!(parts(&moved), some(["999999999999", "eu-west-1", "", "2020", "", ""]));
        assert_eq!(parts("AWSLogs/111122223333/x.json"), some(["111122223333", "", "", "", "", ""]));
        assert_eq!(parts("notes/2023/07/10/x.json"), some([""; 6]));
    }

    #[test]
    fn folders_bound_what_lies_below() {
        let root = "b/AWSLogs/111122223333/CloudTrail/us-east-1/";
        assert_eq!(Part::Region.below("b/AWSLogs/111122223333/CloudTrail/"), None);
        assert_eq!(Part::Region.below(root), Some(vec![Some("us-east-1".into())]));
        assert_eq!(Part::Date.below(root), None);
        assert_eq!(Part::Region.below("b/AWSLogs/111122223333/CloudTrail/redacted/"), None);
        let taken_out = "b/AWSLogs/111122223333/CloudTrail/redacted/2023/";
        assert_eq!(Part::Region.below(taken_out), Some(vec![Some("redacted".into())]));
        assert_eq!(Part::Date.of(&format!("{taken_out}07/10/x.json")).as_deref(), Some("2023/07/10"));
        assert_eq!(Part::Date.below(&format!("{root}2024/")).unwrap().len(), 366 + 1);
        assert_eq!(Part::Date.below(&format!("{root}2024/02/")).unwrap().len(), 29 + 1);
        assert_eq!(
            Part::Date.below(&format!("{root}2024/02/03/")).unwrap(),
            [Some("2024/02/03".into()), None]
        );
    }

    proptest! {
        /// Whatever an object below a folder is called, its parts are among those of the folder.
        #[test]
        fn no_part_escapes_its_folder(
            name in "(b/)?((AWSLogs|o-1|111122223333|CloudTrail|eu-1|us-east-1|2023|02|0[1-9]|[123][0-9]|x)/){0,9}(x|111122223333_CloudTrail_us-east-1_20230710T1200Z_x.json)"
        ) {
            for part in [Part::Account, Part::Region, Part::Date, Part::Year, Part::Month, Part::Day] {
                for (end, _) in name.match_indices('/') {
                    if let Some(values) = part.below(&name[..=end]) {
                        prop_assert!(values.contains(&part.of(&name)), "{part:?} {end} {:?}", part.of(&name));
                    }
                }
            }
        }
    }
}
