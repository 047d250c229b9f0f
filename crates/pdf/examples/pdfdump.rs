//! Prints what the reader finds in files, for debugging: `cargo run --example pdfdump -- FILE…`

#![allow(clippy::print_stdout, reason = "a debugging aid")]

fn main() -> std::io::Result<()> {
    for path in std::env::args().skip(1) {
        let bytes = std::fs::read(&path)?;
        println!("{path}");
        match cinnabar_pdf::read(&bytes, &cinnabar_pdf::Limits::default()) {
            Err(error) => println!("  {error:?}"),
            Ok(pdf) => {
                println!(
                    "  {} pages, title {:?}, metadata {:?}",
                    pdf.pages, pdf.title, pdf.metadata
                );
                println!("  encrypted {}, trailing {:?}", pdf.encrypted, pdf.trailing);
                for revision in &pdf.revisions {
                    println!("  {revision:?}");
                }
                for anomaly in &pdf.anomalies {
                    println!("  {} {}", anomaly.code(), anomaly.detail);
                }
                for signature in &pdf.signatures {
                    println!(
                        "  {:?} {:?} {} {} {:?} {:?} {:?}",
                        signature.field_name,
                        signature.kind,
                        signature.filter,
                        signature.sub_filter,
                        signature.byte_range,
                        signature.covers,
                        signature.claimed_time,
                    );
                    println!(
                        "    {} bytes, mdp {:?}, visible {:?}, seal {:?}",
                        signature.contents.len(),
                        signature.doc_mdp,
                        signature.visible,
                        signature.seal.as_ref().map(Vec::len)
                    );
                    for anomaly in &signature.anomalies {
                        println!("    {} fatal={} {}", anomaly.code(), anomaly.fatal(), anomaly.detail);
                    }
                    for change in &signature.changes {
                        println!(
                            "    rev {} {:?} {:?}: {} {}",
                            change.revision,
                            change.kind,
                            change.object,
                            change.detail,
                            if change.allowed_by_default() { "" } else { "DISALLOWED" }
                        );
                    }
                }
            }
        }
    }
    Ok(())
}
