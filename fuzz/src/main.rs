//! Gathers seeds for the fuzz targets: `fuzz-seeds OUT [FOLDER…]`.
//!
//! Every document, key and licence type of this repository (and of the folders named) goes to the targets that read its
//! kind, and what lies inside it (a CMS, a seal, a certificate, a time stamp) to the targets for that.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use cinnabar_ofd::Package;
use cinnabar_pki::cms;

/// Longer parts of a package, fonts above all, would only slow the fuzzer.
const LONGEST_PART: usize = 16 << 10;

fn main() -> io::Result<()> {
    let mut arguments = std::env::args_os().skip(1).map(PathBuf::from);
    let Some(out) = arguments.next() else {
        return Err(io::Error::other("usage: fuzz-seeds OUT [FOLDER…]"));
    };
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let own = ["fixtures", "keys-dev", "catalogue"].map(|folder| root.join(folder));
    let seeds = Seeds { out };
    for folder in own.into_iter().chain(arguments).filter(|folder| folder.is_dir()) {
        for file in files(&folder)? {
            seeds.take_file(&file)?;
        }
    }
    Ok(())
}

fn files(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            found.extend(files(&path)?);
        } else {
            found.push(path);
        }
    }
    Ok(found)
}

struct Seeds {
    out: PathBuf,
}

impl Seeds {
    fn take_file(&self, file: &Path) -> io::Result<()> {
        let bytes = fs::read(file)?;
        let name = file.file_name().unwrap_or_default().to_string_lossy();
        match file.extension().and_then(|extension| extension.to_str()) {
            Some("ofd") => self.take_ofd(&name, &bytes),
            Some("pdf") => self.take_pdf(&name, &bytes),
            Some("esl" | "dat") => self.take_signed_value(&name, &bytes),
            Some("crl") if !bytes.starts_with(b"-") => self.add("crl", &name, &bytes),
            Some("pem" | "crt" | "crl") => self.take_pem(&name, &bytes),
            Some("json") => self.add("request", &name, &bytes),
            Some("toml") if name == "type.toml" => self.add("licence_type", &name, &bytes),
            Some("toml") if name == "trust.toml" => self.add("trust_set", &name, &bytes),
            _ => Ok(()),
        }
    }

    fn take_ofd(&self, name: &str, bytes: &[u8]) -> io::Result<()> {
        self.add("ofd", name, bytes)?;
        self.add("document", name, bytes)?;
        self.add_archives(name, bytes)?;
        let Ok(package) = Package::open(bytes, &cinnabar_ofd::Limits::default()) else {
            return Ok(());
        };
        let mut parts = Vec::new();
        for entry in package.names() {
            let content = package.entry(entry).unwrap_or_default();
            if entry.ends_with(".dat") || entry.ends_with(".esl") {
                self.take_signed_value(name, content)?;
            }
            if entry.ends_with(".xml") && content.len() <= LONGEST_PART {
                self.add("ofd_xml", name, content)?;
            }
            let kept = content.len() <= LONGEST_PART && !content.windows(2).any(|pair| pair == [0, 0]);
            parts.extend_from_slice(entry.as_bytes());
            parts.push(0);
            parts.extend_from_slice(if kept { content } else { b"-" });
            parts.extend_from_slice(&[0, 0]);
        }
        self.add("ofd_parts", name, &parts)
    }

    fn take_pdf(&self, name: &str, bytes: &[u8]) -> io::Result<()> {
        self.add("pdf", name, bytes)?;
        self.add("document", name, bytes)?;
        let Ok(pdf) = cinnabar_pdf::read(bytes, &cinnabar_pdf::Limits::default()) else {
            return Ok(());
        };
        for signature in pdf.signatures {
            self.take_signed_value(name, &signature.contents)?;
            if let Some(seal) = signature.seal {
                self.add("seal", name, &seal)?;
            }
        }
        Ok(())
    }

    /// A CMS or a seal structure; both targets learn from either.
    fn take_signed_value(&self, name: &str, bytes: &[u8]) -> io::Result<()> {
        self.add("seal", name, bytes)?;
        self.add("tlv", name, bytes)?;
        if let Ok(signature) = cinnabar_seal::parse_signature(bytes, &cinnabar_seal::Limits::default()) {
            self.add("seal", name, &signature.seal.raw)?;
            self.add("certificate", name, &signature.certificate)?;
            self.add("document", name, bytes)?;
        }
        let Ok(message) = cms::parse(bytes, &cinnabar_pki::Limits::default()) else {
            return Ok(());
        };
        self.add("cms", name, bytes)?;
        self.add("time_stamp", name, bytes)?;
        for certificate in &message.certificates {
            self.add("certificate", name, certificate.raw())?;
        }
        for stamp in message.signers.iter().flat_map(|signer| &signer.timestamps) {
            self.add("time_stamp", name, stamp)?;
        }
        Ok(())
    }

    fn take_pem(&self, name: &str, bytes: &[u8]) -> io::Result<()> {
        let text = String::from_utf8_lossy(bytes);
        for block in text.split("-----BEGIN ").skip(1) {
            let Some((label, rest)) = block.split_once("-----") else {
                continue;
            };
            let body: String = rest
                .split("-----")
                .next()
                .unwrap_or_default()
                .split_whitespace()
                .collect();
            let Ok(der) = STANDARD.decode(body) else { continue };
            match label {
                "CERTIFICATE" => self.add("certificate", name, &der)?,
                "X509 CRL" => self.add("crl", name, &der)?,
                _ => {}
            }
        }
        Ok(())
    }

    /// A zip (an OFD is one; without its first part's name it is an archive of documents) and a tar of the same parts.
    fn add_archives(&self, name: &str, bytes: &[u8]) -> io::Result<()> {
        let mut zip = bytes.to_vec();
        let needle = b"OFD.xml";
        for at in 0..zip.len().saturating_sub(needle.len()) {
            if zip[at..].starts_with(needle) {
                zip[at] = b'o';
            }
        }
        self.add("archive", name, &zip)?;
        let mut tar = vec![0; 512];
        tar[..5].copy_from_slice(b"a.ofd");
        tar[124..135].copy_from_slice(b"00000001000");
        tar[148..156].fill(b' ');
        tar[257..265].copy_from_slice(b"ustar\x0000");
        let sum: u32 = tar.iter().map(|byte| u32::from(*byte)).sum();
        tar[148..155].copy_from_slice(format!("{sum:06o}\0").as_bytes());
        tar.extend(bytes.iter().take(512));
        self.add("archive", name, &tar)
    }

    /// Files are named by their bytes, so that gathering twice adds nothing.
    fn add(&self, target: &str, name: &str, bytes: &[u8]) -> io::Result<()> {
        let folder = self.out.join(target);
        fs::create_dir_all(&folder)?;
        let mark = bytes.iter().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3)
        });
        fs::write(folder.join(format!("{mark:016x}-{name}")), bytes)
    }
}
