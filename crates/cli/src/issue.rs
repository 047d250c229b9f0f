//! `cinnabar issue`.

pub mod material;
pub mod publish;

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use cinnabar_issue::sealing::{self, Placement};
use cinnabar_issue::{Credentials, Draft, Impression, IssueError, admit, compose_face, preview};
use cinnabar_keys::{Algorithm, Signer, soft::SoftKey};
use cinnabar_layout::{Fonts, Pages};
use cinnabar_licence::Licence;
use cinnabar_licence::types::{Catalogue, LicenceType};
use clap::ValueEnum;
use serde_json::{Value, json};

use material::{PasswordArgs, Trouble};
use publish::{Output, publish};

/// Issue a licence from JSON: checked, composed, sealed, verified before it is written
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    #[command(flatten)]
    order: Box<Order>,
}

#[derive(Debug, clap::Args)]
struct Order {
    /// The licence type: its short name, code or Chinese name (a wrong one lists all)
    #[arg(long = "type", value_name = "TYPE")]
    kind: String,
    /// The request, JSON; - for standard input. The catalogue's example.json of each type shows its form
    #[arg(long, value_name = "FILE|-")]
    data: PathBuf,
    /// What to write; repeat for several. `all` leaves out OFD when the key is RSA
    #[arg(long, value_enum, default_value = "all")]
    format: Vec<Format>,
    /// A folder, where files are named by identifier, or one file
    #[arg(long, value_name = "DIR|FILE")]
    out: PathBuf,
    /// The private key: PKCS#8 PEM, SM2 or RSA, encrypted or not
    #[arg(long, value_name = "FILE")]
    key: Option<PathBuf>,
    #[command(flatten)]
    password: PasswordArgs,
    /// The signer's certificate, PEM or DER; authorities may follow in further files
    #[arg(long, value_name = "FILE")]
    cert: Vec<PathBuf>,
    /// The organisation's seal, made by `cinnabar seal make`
    #[arg(long, value_name = "FILE")]
    seal: Option<PathBuf>,
    /// A further folder of licence types; a type that is there twice is an error
    #[arg(long, value_name = "DIR")]
    catalogue: Vec<PathBuf>,
    /// Fonts of the face, in order of preference (default: Noto CJK)
    #[arg(long, value_name = "FILE|DIR")]
    font: Vec<PathBuf>,
    /// The font the seal was drawn with, so that it is shown with outlines (default: Noto Serif CJK Bold)
    #[arg(long, value_name = "FILE")]
    seal_font: Option<PathBuf>,
    /// A PNG or JPEG for a picture field, such as fields.photo=photo.png
    #[arg(long, value_name = "FIELD=FILE", value_parser = parse_image)]
    image: Vec<(String, PathBuf)>,
    /// Address of the status list for requests that name none
    #[arg(
        long,
        value_name = "URI",
        default_value = "https://status.example.invalid/cinnabar/1"
    )]
    status_uri: String,
    /// The claimed signing time, RFC 3339 (default: now)
    #[arg(long, value_name = "TIME", value_parser = material::parse_time)]
    time: Option<i64>,
    /// Resolution of PNG previews
    #[arg(long, value_name = "DPI", default_value_t = 150, value_parser = clap::value_parser!(u32).range(36..=600))]
    dpi: u32,
    /// Replace files that exist
    #[arg(long)]
    force: bool,
}

/// The forms of a licence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// OFD package, sealed with SM2
    Ofd,
    /// PDF/A-2b, sealed with SM2 or RSA
    Pdf,
    /// Pictures to look at, not signed
    Png,
    /// All that the key allows
    All,
}

const EXAMPLES: &str = "\
Examples:
  export CINNABAR_PASSWORD=cinnabar-development
  cinnabar issue --type business-licence --data catalogue/business-licence/example.json \\
      --key keys-dev/sm2/market.key --password-env CINNABAR_PASSWORD \\
      --cert keys-dev/sm2/market.crt --cert keys-dev/sm2/org-ca.crt --seal market.esl --out issued/
  cinnabar issue --type 结婚证 --data request.json --image fields.photo=photo.jpg --format pdf \\
      --key rsa.key --password-file secret --cert rsa.crt --seal rsa.esl --out certificate.pdf
  cinnabar issue --type household-register --data request.json --format png --out preview.png

Without a key only PNG previews are written. One JSON line about what was issued goes to standard output.
Exit codes: 0 issued, 2 refused, every fault of the request listed.";

fn parse_image(text: &str) -> Result<(String, PathBuf), String> {
    let (field, file) = text.split_once('=').ok_or("should be FIELD=FILE")?;
    Ok((field.to_owned(), PathBuf::from(file)))
}

/// Runs the command.
pub fn run(args: Args) -> ExitCode {
    match issue(&args.order) {
        Ok(summary) => {
            let mut out = std::io::stdout().lock();
            match writeln!(out, "{summary}") {
                Ok(()) => ExitCode::SUCCESS,
                Err(_) => ExitCode::from(2),
            }
        }
        Err(trouble) => {
            eprintln!("cinnabar: {trouble}");
            ExitCode::from(2)
        }
    }
}

fn issue(args: &Order) -> Result<Value, Trouble> {
    let catalogue = material::catalogue(&args.catalogue)?;
    let kind = find(&catalogue, &args.kind)?;
    let sealer = Sealer::open(args, kind)?;
    let formats = formats(args, sealer.as_ref())?;
    let request = request(args)?;
    let licence = admit(kind, &request, &args.status_uri).map_err(|fault| explain(&args.data, &fault))?;
    if let Some(sealer) = &sealer {
        sealer
            .credentials
            .check_issuer(&licence.issuer.name)
            .map_err(|fault| Trouble::new(fault.to_string()))?;
    }
    let time = args.time.unwrap_or_else(material::now);
    let fonts = Fonts::load(&args.font).map_err(|fault| Trouble::new(fault.to_string()))?;
    let pages = compose_face(&licence, kind, &fonts, time).map_err(|fault| explain(&args.data, &fault))?;
    let names = Names::new(args, &licence, &formats, pages.pages.len())?;
    publish::check(&names.all(), args.force).map_err(|fault| Trouble::new(fault.to_string()))?;
    let mut outputs = Vec::new();
    for format in &formats {
        let files = write(*format, args, &licence, &pages, sealer.as_ref(), time);
        let files = files.map_err(|fault| explain(&args.data, &fault))?;
        let paths = names.of(*format);
        outputs.extend(paths.into_iter().zip(files).map(|(path, bytes)| Output { path, bytes }));
    }
    publish(&outputs, args.force).map_err(|fault| Trouble::new(fault.to_string()))?;
    let files: Vec<String> = outputs.iter().map(|output| output.path.display().to_string()).collect();
    Ok(json!({
        "identifier": licence.identifier,
        "type": licence.type_id,
        "status": licence.status,
        "files": files,
    }))
}

fn find<'a>(catalogue: &'a Catalogue, name: &str) -> Result<&'a LicenceType, Trouble> {
    catalogue.find(name).ok_or_else(|| {
        let known: Vec<String> = catalogue
            .types()
            .iter()
            .map(|kind| format!("  {}  {}", kind.id, kind.name))
            .collect();
        let known = known.join("\n");
        Trouble::new(format!(
            "没有证照类型 {name}，现有 / no licence type {name}; there are:\n{known}"
        ))
    })
}

/// The key and everything that seals with it.
struct Sealer {
    key: SoftKey,
    credentials: Credentials,
    impression: Impression,
}

impl Sealer {
    fn open(args: &Order, kind: &LicenceType) -> Result<Option<Self>, Trouble> {
        let (Some(key), Some(seal)) = (&args.key, &args.seal) else {
            return match (&args.key, &args.seal, args.cert.is_empty()) {
                (None, None, true) => Ok(None),
                _ => Err(Trouble::new(
                    "签章需要 --key、--cert 和 --seal / sealing takes --key, --cert and --seal together",
                )),
            };
        };
        let seal_bytes = material::bytes(seal)?;
        let key = args.password.open(key)?;
        let certificates = material::certificates(&args.cert)?;
        let credentials = Credentials::new(key.info(), &certificates, &seal_bytes)
            .map_err(|fault| Trouble::new(fault.to_string()))?;
        // Without its font the seal is shown from its picture.
        let fonts: Vec<Vec<u8>> = match &args.seal_font {
            Some(path) => vec![material::seal_font(Some(path))?],
            None => material::seal_font(None).into_iter().collect(),
        };
        let bottoms: Vec<&str> = kind.seal.bottom_text.as_deref().into_iter().collect();
        let impression =
            Impression::of(credentials.seal(), &fonts, &bottoms).map_err(|fault| Trouble::about(seal, fault))?;
        Ok(Some(Self {
            key,
            credentials,
            impression,
        }))
    }
}

fn formats(args: &Order, sealer: Option<&Sealer>) -> Result<Vec<Format>, Trouble> {
    let mut wanted = Vec::new();
    for format in &args.format {
        let more = match (format, sealer.map(|sealer| sealer.credentials.algorithm())) {
            (Format::All, None) => vec![Format::Png],
            (Format::All, Some(Algorithm::RsaSha256)) => vec![Format::Pdf, Format::Png],
            (Format::All, Some(_)) => vec![Format::Ofd, Format::Pdf, Format::Png],
            (Format::Ofd | Format::Pdf, None) => {
                return Err(Trouble::new(
                    "OFD 和 PDF 须签章：请给出 --key、--cert 和 --seal / OFD and PDF are sealed: give --key, --cert and --seal",
                ));
            }
            (one, _) => vec![*one],
        };
        wanted.extend(more);
    }
    let mut formats: Vec<Format> = Vec::new();
    for format in wanted {
        if !formats.contains(&format) {
            formats.push(format);
        }
    }
    Ok(formats)
}

fn request(args: &Order) -> Result<Value, Trouble> {
    let bytes = material::bytes(&args.data)?;
    let mut request: Value = serde_json::from_slice(&bytes)
        .map_err(|fault| Trouble::about(&args.data, format!("不是有效的 JSON / is no valid JSON: {fault}")))?;
    for (field, path) in &args.image {
        let uri = cinnabar_licence::admit::image_uri(&material::bytes(path)?)
            .ok_or_else(|| Trouble::about(path, "不是 PNG 或 JPEG / is neither PNG nor JPEG"))?;
        let (parent, key) = field.rsplit_once('.').unwrap_or(("", field));
        let pointer = parent
            .split('.')
            .filter(|part| !part.is_empty())
            .map(|part| format!("/{part}"))
            .collect::<String>();
        let place = request.pointer_mut(&pointer).and_then(Value::as_object_mut);
        let place =
            place.ok_or_else(|| Trouble::new(format!("--image: 请求中没有 {parent} / the request has no {parent}")))?;
        place.insert(key.to_owned(), Value::String(uri));
    }
    Ok(request)
}

/// All faults of a request, one a line, by field name.
fn explain(data: &Path, fault: &IssueError) -> Trouble {
    let IssueError::Request(faults) = fault else {
        return Trouble::new(fault.to_string());
    };
    let mut text = format!(
        "{} 有 {} 处错误 / the request has {} faults:",
        data.display(),
        faults.len(),
        faults.len()
    );
    for fault in faults {
        text.push_str(&format!("\n  {}\n      {}\n      {}", fault.path, fault.zh, fault.en));
        if let Some(expected) = &fault.expected {
            text.push_str(&format!("\n      应为 / expected: {expected}"));
        }
    }
    Trouble::new(text)
}

/// Where the files of each form go.
struct Names {
    folder: PathBuf,
    stem: String,
    single: Option<PathBuf>,
    pages: usize,
    formats: Vec<Format>,
}

impl Names {
    fn new(args: &Order, licence: &Licence, formats: &[Format], pages: usize) -> Result<Self, Trouble> {
        let out = &args.out;
        let folder_meant =
            out.is_dir() || out.extension().is_none() || out.as_os_str().to_string_lossy().ends_with('/');
        let single = (!folder_meant).then(|| out.clone());
        if single.is_some() && formats.len() != 1 {
            return Err(Trouble::about(
                out,
                "多种格式需要文件夹 / several forms take a folder; end it with /",
            ));
        }
        let stem = licence.identifier.to_string();
        Ok(Self {
            folder: out.clone(),
            stem,
            single,
            pages,
            formats: formats.to_vec(),
        })
    }

    fn all(&self) -> Vec<PathBuf> {
        self.formats.iter().flat_map(|format| self.of(*format)).collect()
    }

    fn of(&self, format: Format) -> Vec<PathBuf> {
        let extension = match format {
            Format::Ofd => "ofd",
            Format::Pdf => "pdf",
            Format::Png | Format::All => "png",
        };
        let first = self
            .single
            .clone()
            .unwrap_or_else(|| self.folder.join(format!("{}.{extension}", self.stem)));
        if format != Format::Png || self.pages < 2 {
            return vec![first];
        }
        let stem = first.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        (1..=self.pages)
            .map(|page| first.with_file_name(format!("{stem}-{page}.{extension}")))
            .collect()
    }
}

fn write(
    format: Format,
    args: &Order,
    licence: &Licence,
    pages: &Pages,
    sealer: Option<&Sealer>,
    time: i64,
) -> Result<Vec<Vec<u8>>, IssueError> {
    // compose_face refuses a face without an anchor.
    let Some(anchor) = pages.seal_anchor() else {
        return Ok(Vec::new());
    };
    let draft = match (format, sealer) {
        (Format::Ofd, Some(_)) => Draft::ofd(licence, pages)?,
        (Format::Pdf, Some(_)) => Draft::pdf(licence, pages, time)?,
        _ => return preview(pages, anchor, sealer.map(|sealer| &sealer.impression), args.dpi),
    };
    let Some(sealer) = sealer else { return Ok(Vec::new()) };
    let placement = Placement {
        anchor,
        impression: &sealer.impression,
        time,
    };
    Ok(vec![sealing::seal(
        &draft,
        &sealer.credentials,
        &placement,
        &sealer.key,
    )?])
}
