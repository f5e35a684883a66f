//! The parameters that every list has.

use userhub_domain::{
    clock::{Timestamp, microseconds},
    page::{Cursor, PageLimit, PageRequest, PageStart},
    violation::{Broken, ViolationCode, Violations},
};

/// A page as it was asked for.
#[derive(Debug, Default)]
pub(crate) struct PageMembers<'a> {
    pub(crate) limit: Option<i64>,
    pub(crate) offset: Option<i64>,
    /// The older name of `offset`.
    pub(crate) skip: Option<i64>,
    pub(crate) cursor: Option<&'a str>,
    pub(crate) count: Option<bool>,
}

impl PageMembers<'_> {
    /// The page, with every violation noted.
    pub(crate) fn parse(
        self,
        violations: &mut Violations,
        parse_cursor: impl FnOnce(&str) -> Result<Cursor, Broken>,
    ) -> PageRequest {
        let limit = violations.take_optional("limit", self.limit, PageLimit::parse);
        let offset = violations.take_optional("offset", self.offset, whole);
        let skip = violations.take_optional("skip", self.skip, whole);
        let cursor = violations.take_optional("cursor", self.cursor, parse_cursor);
        let starts = [
            ("offset", self.offset.is_some()),
            ("skip", self.skip.is_some()),
            ("cursor", self.cursor.is_some()),
        ];
        for (name, _) in starts.iter().filter(|(_, given)| *given).skip(1) {
            let broken = Broken::new(
                ViolationCode::NotAllowed,
                "give only one of offset, skip and cursor",
            );
            violations.push(broken.at(*name));
        }
        PageRequest {
            limit: limit.unwrap_or_default(),
            start: match cursor {
                Some(cursor) => PageStart::After(cursor),
                None => PageStart::Offset(offset.or(skip).unwrap_or_default()),
            },
            count: self.count.unwrap_or_default(),
        }
    }
}

fn whole(number: i64) -> Result<u32, Broken> {
    u32::try_from(number).map_err(|_| {
        Broken::new(
            ViolationCode::InvalidFormat,
            format!("must be from 0 to {}", u32::MAX),
        )
    })
}

/// A moment as RFC 3339 has it, with any offset, in the years 1 to 9999.
pub(crate) fn moment(text: &str) -> Result<Timestamp, Broken> {
    chrono::DateTime::parse_from_rfc3339(text)
        .ok()
        .map(|at| microseconds(at.to_utc()))
        .filter(|at| (1..=9999).contains(&chrono::Datelike::year(at)))
        .ok_or_else(|| {
            Broken::new(
                ViolationCode::InvalidFormat,
                "must be a moment such as 2025-01-15T09:30:00Z",
            )
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(members: PageMembers<'_>) -> (PageRequest, Violations) {
        let mut violations = Violations::new();
        let no_cursor = |_: &str| Err(Broken::new(ViolationCode::InvalidFormat, "no"));
        let page = members.parse(&mut violations, no_cursor);
        (page, violations)
    }

    #[test]
    fn skip_is_another_name_of_offset() {
        for members in [
            PageMembers {
                offset: Some(7),
                ..PageMembers::default()
            },
            PageMembers {
                skip: Some(7),
                ..PageMembers::default()
            },
        ] {
            let (page, violations) = parse(members);
            assert!(violations.is_empty());
            assert_eq!(page.start, PageStart::Offset(7));
        }
    }

    #[test]
    fn every_violation_is_noted() {
        let (_, violations) = parse(PageMembers {
            limit: Some(0),
            offset: Some(-1),
            cursor: Some("x"),
            ..PageMembers::default()
        });
        let fields: Vec<_> = violations.iter().map(|one| one.field.as_ref()).collect();
        assert_eq!(fields, ["limit", "offset", "cursor"]);
        let (_, violations) = parse(PageMembers {
            offset: Some(1),
            skip: Some(1),
            ..PageMembers::default()
        });
        assert!(violations.names("skip"));
    }

    #[test]
    fn moments_are_read_with_any_offset_and_nothing_else() {
        let utc = moment("2025-01-15T09:30:00.123456789Z").expect("valid");
        assert_eq!(utc.timestamp_subsec_nanos(), 123_456_000);
        assert_eq!(moment("2025-01-15T10:30:00.123456+01:00"), Ok(utc));
        for bad in [
            "",
            "2025-01-15",
            "now",
            "2025-13-01T00:00:00Z",
            "0000-01-01T00:00:00Z",
        ] {
            assert!(moment(bad).is_err(), "{bad}");
        }
    }
}
