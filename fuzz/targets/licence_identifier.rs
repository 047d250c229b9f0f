//! Any text as an identifier, a credit code, a citizen number; what is accepted reads back the same.
#![no_main]

use cinnabar_licence::check;
use cinnabar_licence::identifier::Identifier;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let _ = (
        check::uscc(text),
        check::organisation_code(text),
        check::citizen_id(text),
    );
    let _ = Identifier::parse_foreign(text);
    if let Ok(identifier) = Identifier::parse(text) {
        assert_eq!(Identifier::parse(&identifier.to_string()).as_ref(), Ok(&identifier));
    }
});
