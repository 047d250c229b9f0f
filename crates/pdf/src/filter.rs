//! Stream filters the reader needs for structure and metadata: none and FlateDecode with PNG predictors.

use std::io::Read;

use crate::object::{Dictionary, Object};

/// Why stream data cannot be decoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FilterFault {
    /// The data or its parameters are damaged.
    Damaged,
    /// Another filter than FlateDecode.
    Unsupported,
    /// More than the bound allows.
    TooLarge,
}

/// Decodes the data of a stream to at most `bound` bytes.
pub(crate) fn decode(dictionary: &Dictionary, data: &[u8], bound: usize) -> Result<Vec<u8>, FilterFault> {
    let filter = single(dictionary.find("Filter"))?;
    let Some(filter) = filter else {
        return if data.len() > bound {
            Err(FilterFault::TooLarge)
        } else {
            Ok(data.to_vec())
        };
    };
    if !filter.is_name("FlateDecode") && !filter.is_name("Fl") {
        return Err(FilterFault::Unsupported);
    }
    let inflated = inflate(data, bound)?;
    let parameters = dictionary.find("DecodeParms").or(dictionary.find("DP"));
    match single(parameters)?.and_then(Object::as_dictionary) {
        Some(parameters) => predict(parameters, inflated),
        None => Ok(inflated),
    }
}

fn single(value: Option<&Object>) -> Result<Option<&Object>, FilterFault> {
    match value {
        Some(Object::Array(items)) => match &**items {
            [] | [Object::Null] => Ok(None),
            [one] => Ok(Some(one)),
            _ => Err(FilterFault::Unsupported),
        },
        other => Ok(other),
    }
}

fn inflate(data: &[u8], bound: usize) -> Result<Vec<u8>, FilterFault> {
    let mut out = Vec::new();
    let mut reader = flate2::read::ZlibDecoder::new(data).take(u64::try_from(bound).unwrap_or(u64::MAX));
    reader.read_to_end(&mut out).map_err(|_| FilterFault::Damaged)?;
    if out.len() == bound && reader.into_inner().read(&mut [0]).map_or(true, |n| n > 0) {
        return Err(FilterFault::TooLarge);
    }
    Ok(out)
}

fn predict(parameters: &Dictionary, data: Vec<u8>) -> Result<Vec<u8>, FilterFault> {
    let value = |key, default| match parameters.find(key) {
        None => Ok(default),
        Some(value) => value
            .as_integer()
            .and_then(|value| usize::try_from(value).ok())
            .filter(|value| *value <= 1 << 20)
            .ok_or(FilterFault::Damaged),
    };
    let predictor = value("Predictor", 1)?;
    if predictor == 1 {
        return Ok(data);
    }
    if !(10..=15).contains(&predictor) {
        return Err(FilterFault::Unsupported);
    }
    let bits = value("Colors", 1)?
        .checked_mul(value("BitsPerComponent", 8)?)
        .ok_or(FilterFault::Damaged)?;
    let pixel = bits.div_ceil(8).max(1);
    let width = bits
        .checked_mul(value("Columns", 1)?)
        .ok_or(FilterFault::Damaged)?
        .div_ceil(8);
    if width == 0 {
        return Err(FilterFault::Damaged);
    }
    let mut out = Vec::with_capacity(data.len());
    let mut above = vec![0_u8; width];
    for line in data.chunks(width + 1) {
        let Some((kind, line)) = line.split_first() else {
            break;
        };
        let mut row = vec![0_u8; width];
        for (i, byte) in line.iter().enumerate() {
            let left = i.checked_sub(pixel).map_or(0, |j| row[j]);
            let corner = i.checked_sub(pixel).map_or(0, |j| above[j]);
            let up = above[i];
            let guess = match kind {
                0 => 0,
                1 => left,
                2 => up,
                3 => u8::midpoint(left, up),
                4 => paeth(left, up, corner),
                _ => return Err(FilterFault::Damaged),
            };
            row[i] = byte.wrapping_add(guess);
        }
        out.extend_from_slice(row.get(..line.len()).unwrap_or_default());
        above = row;
    }
    Ok(out)
}

fn paeth(left: u8, up: u8, corner: u8) -> u8 {
    let estimate = i16::from(left) + i16::from(up) - i16::from(corner);
    let distance = |value: u8| (estimate - i16::from(value)).abs();
    if distance(left) <= distance(up) && distance(left) <= distance(corner) {
        left
    } else if distance(up) <= distance(corner) {
        up
    } else {
        corner
    }
}
