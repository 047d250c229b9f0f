//! The files that a signature adds or changes: `OFD.xml`, the signature list, `Signature.xml`.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::{Request, SignError, SignatureKind};
use crate::read::{DocBody, number_of};
use crate::write::text::{Xml, lengths};
use crate::{Limits, XmlFault, xml};

/// IDs of a new signature and its stamps, in the manner of those already there.
pub(super) struct Ids {
    prefix: String,
    width: usize,
    next: u64,
    pub(super) signature: String,
}

impl Ids {
    /// Continues after every ID that is in use: `MaxSignId` may be wrong.
    pub(super) fn after(body: &DocBody) -> Self {
        let own = body.signatures.iter().map(|s| &s.id);
        let stamps = body.signatures.iter().flat_map(|s| &s.stamps).map(|s| &s.id);
        let used: Vec<&String> = own.chain(stamps).chain(&body.max_sign_id).collect();
        let last = used.iter().filter_map(|id| number_of(id)).max().unwrap_or(0);
        let model = body.signatures.last().map_or("s000", |s| s.id.as_str());
        let prefix = model.trim_end_matches(|c: char| c.is_ascii_digit()).to_owned();
        let width = model.len() - prefix.len();
        let next = last.saturating_add(1);
        let mut ids = Self {
            prefix,
            width,
            next,
            signature: String::new(),
        };
        ids.signature = ids.at(0);
        ids
    }

    fn at(&self, offset: u64) -> String {
        format!(
            "{}{:0width$}",
            self.prefix,
            self.next.saturating_add(offset),
            width = self.width
        )
    }

    fn stamp(&self, index: usize) -> String {
        self.at(1 + index as u64)
    }
}

/// Adds `Signatures` to the one `DocBody`, leaving every other byte as it is.
pub(super) fn main_with_list(main: &[u8], list: &str, limits: &Limits) -> Result<Vec<u8>, SignError> {
    let (document, marked) = xml::parse_placed(main, limits).map_err(SignError::Main)?;
    let odd = || SignError::Main(XmlFault::Malformed("the end of DocBody cannot be found".to_owned()));
    let root = document.root_element();
    let body = root.children().find(|node| xml::is_placed(*node, "DocBody"));
    let body = body.ok_or_else(odd)?;
    let text = document.input_text();
    let source = text.get(body.range()).ok_or_else(odd)?;
    let end = source.rfind("</").ok_or_else(odd)?;
    let qualified = source
        .get(end + 2..)
        .and_then(|tail| tail.split(['>', ' ', '\t', '\r', '\n']).next());
    let prefix = match qualified.ok_or_else(odd)?.split_once(':') {
        Some((prefix, "DocBody")) => format!("{prefix}:"),
        None => String::new(),
        Some(_) => return Err(odd()),
    };
    let at = body.range().start + end;
    let (head, tail) = text.split_at_checked(at).ok_or_else(odd)?;
    let mark = if marked { "\u{feff}" } else { "" };
    // The list's path comes from the package and may need escaping.
    let list = list.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    Ok(format!("{mark}{head}<{prefix}Signatures>/{list}</{prefix}Signatures>{tail}").into_bytes())
}

/// Writes the list anew with one more entry. Nothing covers it: that was checked.
pub(super) fn list(body: &DocBody, request: &Request<'_>, ids: &Ids, description: &str) -> Result<Vec<u8>, SignError> {
    let mut xml = Xml::new();
    xml.root("Signatures", &[]);
    xml.leaf("MaxSignId", &[], &ids.at(request.stamps.len() as u64));
    for signature in &body.signatures {
        let loc = format!("/{}", signature.path);
        let mut attributes = vec![("ID", signature.id.as_str())];
        attributes.extend(signature.kind.as_deref().map(|kind| ("Type", kind)));
        attributes.extend(signature.relative.as_deref().map(|relative| ("Relative", relative)));
        attributes.push(("BaseLoc", &loc));
        xml.empty("Signature", &attributes);
    }
    let kind = match request.kind {
        SignatureKind::Seal => "Seal",
        SignatureKind::Sign => "Sign",
    };
    xml.empty(
        "Signature",
        &[
            ("ID", &ids.signature),
            ("Type", kind),
            ("BaseLoc", &format!("/{description}")),
        ],
    );
    xml.close("Signatures");
    Ok(xml.finish()?)
}

/// Writes `Signature.xml`. These bytes are what is signed: they are never written again.
pub(super) fn description(
    request: &Request<'_>,
    body: &DocBody,
    ids: &Ids,
    directory: &str,
    covered: &[(String, [u8; 32])],
) -> Result<Vec<u8>, SignError> {
    let mut xml = Xml::new();
    xml.root("Signature", &[]);
    xml.open("SignedInfo", &[]);
    let provider = &request.provider;
    let attributes = [
        ("ProviderName", &*provider.name),
        ("Version", &*provider.version),
        ("Company", &*provider.company),
    ];
    xml.empty("Provider", &attributes);
    xml.leaf("SignatureMethod", &[], request.method);
    xml.leaf("SignatureDateTime", &[], &moment(request.time)?);
    xml.open("References", &[("CheckMethod", request.digest.oid())]);
    for (path, digest) in covered {
        xml.open("Reference", &[("FileRef", &format!("/{path}"))]);
        xml.leaf("CheckValue", &[], &STANDARD.encode(digest));
        xml.close("Reference");
    }
    xml.close("References");
    for (index, stamp) in request.stamps.iter().enumerate() {
        let (id, boundary) = (ids.stamp(index), lengths(&stamp.boundary));
        let page = body.pages.get(stamp.page).map_or("", |page| page.id.as_str());
        let clip = stamp.clip.map(|clip| lengths(&clip));
        let mut attributes = vec![("ID", id.as_str()), ("PageRef", page), ("Boundary", &boundary)];
        attributes.extend(clip.as_deref().map(|clip| ("Clip", clip)));
        xml.empty("StampAnnot", &attributes);
    }
    if request.seal.is_some() {
        xml.open("Seal", &[]);
        xml.leaf("BaseLoc", &[], &format!("/{directory}/Seal.esl"));
        xml.close("Seal");
    }
    xml.close("SignedInfo");
    xml.leaf("SignedValue", &[], &format!("/{directory}/SignedValue.dat"));
    xml.close("Signature");
    Ok(xml.finish()?)
}

/// Writes `YYYYMMDDhhmmssZ`, in UTC as the Z says.
fn moment(seconds: i64) -> Result<String, SignError> {
    let format = time::macros::format_description!("[year][month][day][hour][minute][second]Z");
    let moment = time::OffsetDateTime::from_unix_timestamp(seconds).map_err(|_| SignError::Time(seconds))?;
    if !(1..=9999).contains(&moment.year()) {
        return Err(SignError::Time(seconds));
    }
    moment.format(format).map_err(|_| SignError::Time(seconds))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn the_list_is_added_in_the_prefix_of_the_file_and_nothing_else_changes() {
        let limits = Limits::default();
        for (main, expected) in [
            (
                "<ofd:OFD xmlns:ofd=\"http://www.ofdspec.org\">\n<ofd:DocBody><ofd:DocRoot>D</ofd:DocRoot>\n</ofd:DocBody ></ofd:OFD>",
                "<ofd:OFD xmlns:ofd=\"http://www.ofdspec.org\">\n<ofd:DocBody><ofd:DocRoot>D</ofd:DocRoot>\n<ofd:Signatures>/a&amp;b</ofd:Signatures></ofd:DocBody ></ofd:OFD>",
            ),
            (
                "<OFD xmlns=\"http://www.ofdspec.org/2016\"><DocBody><DocRoot/></DocBody></OFD>",
                "<OFD xmlns=\"http://www.ofdspec.org/2016\"><DocBody><DocRoot/><Signatures>/a&amp;b</Signatures></DocBody></OFD>",
            ),
        ] {
            let found = main_with_list(main.as_bytes(), "a&b", &limits).unwrap();
            assert_eq!(String::from_utf8(found).unwrap(), expected);
        }
    }

    #[test]
    fn times_are_written_in_utc() {
        assert_eq!(moment(0).unwrap(), "19700101000000Z");
        assert_eq!(moment(1_767_312_000).unwrap(), "20260102000000Z");
        assert!(moment(i64::MAX).is_err());
    }
}
