//! XML text and numbers as OFD writes them.

use super::WriteError;

pub(crate) const NAMESPACE: &str = "http://www.ofdspec.org/2016";

/// An XML document being written; elements are OFD's unless their name has a prefix.
pub(crate) struct Xml {
    out: String,
    refused: Option<char>,
}

impl Xml {
    pub(crate) fn new() -> Self {
        Self {
            out: "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n".to_owned(),
            refused: None,
        }
    }

    /// Opens the root element with the OFD namespace.
    pub(crate) fn root(&mut self, name: &str, attributes: &[(&str, &str)]) {
        let mut all = vec![("xmlns:ofd", NAMESPACE)];
        all.extend_from_slice(attributes);
        self.open(name, &all);
    }

    pub(crate) fn open(&mut self, name: &str, attributes: &[(&str, &str)]) {
        self.tag(name, attributes);
        self.out.push('>');
    }

    pub(crate) fn close(&mut self, name: &str) {
        self.out.push_str("</");
        self.name(name);
        self.out.push('>');
    }

    pub(crate) fn empty(&mut self, name: &str, attributes: &[(&str, &str)]) {
        self.tag(name, attributes);
        self.out.push_str("/>");
    }

    pub(crate) fn leaf(&mut self, name: &str, attributes: &[(&str, &str)], text: &str) {
        self.open(name, attributes);
        self.escape(text, false);
        self.close(name);
    }

    pub(crate) fn finish(mut self) -> Result<Vec<u8>, WriteError> {
        self.out.push('\n');
        match self.refused {
            Some(c) => Err(WriteError::Character(u32::from(c))),
            None => Ok(self.out.into_bytes()),
        }
    }

    fn tag(&mut self, name: &str, attributes: &[(&str, &str)]) {
        self.out.push('<');
        self.name(name);
        for (key, value) in attributes {
            self.out.push(' ');
            self.out.push_str(key);
            self.out.push_str("=\"");
            self.escape(value, true);
            self.out.push('"');
        }
    }

    fn name(&mut self, name: &str) {
        if !name.contains(':') {
            self.out.push_str("ofd:");
        }
        self.out.push_str(name);
    }

    fn escape(&mut self, text: &str, attribute: bool) {
        for c in text.chars() {
            match c {
                '&' => self.out.push_str("&amp;"),
                '<' => self.out.push_str("&lt;"),
                '>' => self.out.push_str("&gt;"),
                '"' if attribute => self.out.push_str("&quot;"),
                '\r' => self.out.push_str("&#xD;"),
                '\n' if attribute => self.out.push_str("&#xA;"),
                '\t' if attribute => self.out.push_str("&#x9;"),
                '\n' | '\t' => self.out.push(c),
                c if c < ' ' || matches!(c, '\u{fffe}' | '\u{ffff}') => self.refused = Some(c),
                c => self.out.push(c),
            }
        }
    }
}

/// Writes a number with at most `digits` decimals, without exponent, trailing zeros or negative zero.
pub(crate) fn number(value: f64, digits: usize) -> String {
    let text = format!("{value:.digits$}");
    let text = if text.contains('.') {
        text.trim_end_matches('0').trim_end_matches('.')
    } else {
        &text
    };
    if text == "-0" { "0".to_owned() } else { text.to_owned() }
}

/// Writes lengths in mm to a tenth of a micrometre.
pub(crate) fn lengths(values: &[f64]) -> String {
    values.iter().map(|v| number(*v, 4)).collect::<Vec<_>>().join(" ")
}

/// Tells whether a text can name an XML element without a namespace prefix.
pub(crate) fn is_element_name(name: &str) -> bool {
    let start = |c: char| c.is_alphabetic() || c == '_';
    let mut chars = name.chars();
    // The letters beyond the first plane and a few compatibility letters are no name characters in XML 1.0.
    chars.next().is_some_and(|c| start(c) && xml_letter(c))
        && chars.all(|c| (start(c) && xml_letter(c)) || c.is_ascii_digit() || matches!(c, '-' | '.'))
        && !name.get(..3).is_some_and(|head| head.eq_ignore_ascii_case("xml"))
}

fn xml_letter(c: char) -> bool {
    c.is_ascii() || matches!(c, '\u{4e00}'..='\u{9fff}' | '\u{3400}'..='\u{4dbf}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_short_and_plain() {
        for (value, text) in [
            (0.0, "0"),
            (-0.00001, "0"),
            (1.5, "1.5"),
            (210.0, "210"),
            (1e-3, "0.001"),
            (1.0 / 3.0, "0.3333"),
        ] {
            assert_eq!(number(value, 4), text);
        }
    }

    #[test]
    fn only_xml_names_become_elements() {
        for (name, allowed) in [
            ("证号", true),
            ("uscc", true),
            ("a b", false),
            ("1a", false),
            ("", false),
            ("a:b", false),
            ("xmlA", false),
        ] {
            assert_eq!(is_element_name(name), allowed, "{name}");
        }
    }
}
