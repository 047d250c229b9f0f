use typst::diag::SourceDiagnostic;
use typst::foundations::Datetime;
use typst::syntax::DiagSpanKind;
use typst::{World, WorldExt};
use typst_layout::PagedDocument;

use crate::data::{Data, within};
use crate::frames::{Walk, Walked};
use crate::world::FaceWorld;
use crate::{Diagnostic, Fonts, LayoutError, Limits, Pages, Template};

/// Results that no composition used in this many rounds are dropped from Typst's process-wide cache.
const CACHE_AGE: usize = 10;

const FIT_MARK: &str = "cinnabar:does-not-fit:";

/// Composes the face of one licence within the default [`Limits`].
///
/// `data_json` is what the template reads as `data`; `date` (Unix seconds, UTC) is the only clock it sees, as the day in
/// China (UTC+8).
///
/// # Errors
/// See [`LayoutError`]; in particular a character that no font has is [`LayoutError::MissingGlyph`] with the JSON path of
/// its value.
pub fn compose(template: &Template, fonts: &Fonts, data_json: &[u8], date: i64) -> Result<Pages, LayoutError> {
    compose_with(template, fonts, data_json, date, &Limits::default())
}

/// Composes the face of one licence; see [`compose`].
///
/// # Errors
/// See [`LayoutError`].
pub fn compose_with(
    template: &Template,
    fonts: &Fonts,
    data_json: &[u8],
    date: i64,
    limits: &Limits,
) -> Result<Pages, LayoutError> {
    let data = Data::check(data_json, fonts, limits)?;
    let today = day_in_china(date)?;
    let world = FaceWorld {
        template,
        fonts,
        data: &data,
        today,
    };
    let compiled = typst::compile::<PagedDocument>(&world);
    let result = finish(&world, compiled.output, limits).map(|mut pages| {
        pages.warnings = diagnostics(&world, &compiled.warnings);
        pages
    });
    comemo::evict(CACHE_AGE);
    result
}

fn finish(
    world: &FaceWorld<'_>,
    output: Result<PagedDocument, impl AsRef<[SourceDiagnostic]>>,
    limits: &Limits,
) -> Result<Pages, LayoutError> {
    let document = output.map_err(|errors| template_error(world, errors.as_ref()))?;
    within(
        "max_pages",
        None,
        document.pages().len() as u64,
        limits.max_pages as u64,
    )?;
    let mut walk = Walk::default();
    for page in document.pages() {
        walk.page(page)?;
    }
    let Walked {
        pages,
        fonts,
        seal_anchors,
    } = walk.finish()?;
    Ok(Pages {
        pages,
        fonts,
        seal_anchors,
        warnings: Vec::new(),
        document,
        max_png_pixels: limits.max_png_pixels,
    })
}

fn template_error(world: &FaceWorld<'_>, errors: &[SourceDiagnostic]) -> LayoutError {
    let misfit = errors.iter().find_map(|error| {
        let (_, rest) = error.message.split_once(FIT_MARK)?;
        Some(rest.trim_end_matches(['"', '\'']).to_owned())
    });
    match misfit {
        Some(field) => LayoutError::DoesNotFit { field },
        None => LayoutError::Template(diagnostics(world, errors)),
    }
}

fn diagnostics(world: &FaceWorld<'_>, found: &[SourceDiagnostic]) -> Vec<Diagnostic> {
    found.iter().map(|diagnostic| locate(world, diagnostic)).collect()
}

fn locate(world: &FaceWorld<'_>, diagnostic: &SourceDiagnostic) -> Diagnostic {
    let id = match diagnostic.span.get() {
        DiagSpanKind::Detached => None,
        DiagSpanKind::Number { id, .. } | DiagSpanKind::Range { id, .. } => Some(id),
    };
    let position = id.and_then(|id| {
        let range = world.range(diagnostic.span)?;
        world.source(id).ok()?.lines().byte_to_line_column(range.start)
    });
    Diagnostic {
        file: id.map(|id| id.vpath().get_without_slash().to_owned()),
        line: position.map(|(line, _)| line + 1),
        column: position.map(|(_, column)| column + 1),
        message: diagnostic.message.to_string(),
        hints: diagnostic.hints.iter().map(|hint| hint.v.to_string()).collect(),
    }
}

fn day_in_china(seconds: i64) -> Result<Datetime, LayoutError> {
    let days = seconds.saturating_add(8 * 3600).div_euclid(86_400);
    civil(days)
        .and_then(|(year, month, day)| Datetime::from_ymd(year, month, day))
        .ok_or(LayoutError::Date { seconds })
}

/// Converts Unix seconds to Typst's calendar date and time, in UTC.
pub(crate) fn datetime(seconds: i64) -> Result<Datetime, LayoutError> {
    let out_of_range = || LayoutError::Date { seconds };
    let (year, month, day) = civil(seconds.div_euclid(86_400)).ok_or_else(out_of_range)?;
    let time = seconds.rem_euclid(86_400);
    let part = |value: i64| u8::try_from(value).map_err(|_| out_of_range());
    Datetime::from_ymd_hms(
        year,
        month,
        day,
        part(time / 3600)?,
        part(time / 60 % 60)?,
        part(time % 60)?,
    )
    .ok_or_else(out_of_range)
}

/// Gregorian date of a day counted from 1970-01-01, for the years 0 to 9999.
fn civil(days: i64) -> Option<(i32, u8, u8)> {
    if !(-719_528..=2_932_896).contains(&days) {
        return None;
    }
    // Counted from 0000-03-01, so that a leap day ends its year; 400 years are 146 097 days.
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let day_of_era = days.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 {
        month_from_march + 3
    } else {
        month_from_march - 9
    };
    let year = era * 400 + year_of_era + i64::from(month <= 2);
    Some((
        i32::try_from(year).ok()?,
        u8::try_from(month).ok()?,
        u8::try_from(day).ok()?,
    ))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn days_become_gregorian_dates() {
        assert_eq!(civil(0), Some((1970, 1, 1)));
        assert_eq!(civil(11_016), Some((2000, 2, 29)));
        assert_eq!(civil(20_148), Some((2025, 3, 1)));
        assert_eq!(civil(-1), Some((1969, 12, 31)));
        assert_eq!(civil(2_932_896), Some((9999, 12, 31)));
        assert_eq!(civil(-719_528), Some((0, 1, 1)));
        assert_eq!(civil(2_932_897), None);
        assert!(datetime(i64::MAX).is_err());
    }
}
