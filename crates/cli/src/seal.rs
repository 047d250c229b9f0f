//! `cinnabar seal`.

use std::io::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;

use cinnabar_issue::{IssueError, SealOrder, listed, seal_is_intact};
use cinnabar_pki::certificate::Certificate;
use cinnabar_seal::{CertificateList, Limits, Seal, parse_seal, parse_signature};
use serde_json::{Value, json};

use crate::issue::material::{self, PasswordArgs, Trouble};
use crate::issue::publish::{self, Output, publish};

/// Ten years, the validity of a seal that states none, in seconds.
const TEN_YEARS: i64 = 3652 * 86_400;

/// Make electronic seals and show what they hold
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    /// 制章: draw a seal, sign it with the seal maker's key, write it
    Make(Box<Make>),
    /// 看章: print what a seal holds; nothing is trusted or judged
    Show(Show),
}

#[derive(Debug, clap::Args)]
#[command(after_help = MAKE_EXAMPLES)]
struct Make {
    /// The organisation's name, as it stands on the ring
    #[arg(long, value_name = "NAME")]
    name: String,
    /// Text under the star, such as 婚姻登记专用章
    #[arg(long, value_name = "TEXT")]
    bottom_text: Option<String>,
    /// Certificates of the keys that may use the seal
    #[arg(long, value_name = "FILE", required = true)]
    organisation_cert: Vec<PathBuf>,
    /// The seal maker's private key: PKCS#8 PEM
    #[arg(long, value_name = "FILE")]
    maker_key: PathBuf,
    /// The seal maker's certificate
    #[arg(long, value_name = "FILE")]
    maker_cert: PathBuf,
    #[command(flatten)]
    password: PasswordArgs,
    /// Outer diameter in mm
    #[arg(long, value_name = "MM", default_value_t = 42, value_parser = clap::value_parser!(u32).range(20..=100))]
    diameter: u32,
    /// The seal's number (default: 14 random digits)
    #[arg(long, value_name = "ID")]
    id: Option<String>,
    /// When it was made, RFC 3339 (default: now)
    #[arg(long, value_name = "TIME", value_parser = material::parse_time)]
    time: Option<i64>,
    /// First moment of its validity (default: when it was made)
    #[arg(long, value_name = "TIME", value_parser = material::parse_time)]
    valid_from: Option<i64>,
    /// Last moment of its validity (default: ten years later)
    #[arg(long, value_name = "TIME", value_parser = material::parse_time)]
    valid_to: Option<i64>,
    /// The font it is drawn with (default: Noto Serif CJK Bold)
    #[arg(long, value_name = "FILE")]
    seal_font: Option<PathBuf>,
    /// The file to write; such files are named .esl
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// Replace the file if it exists
    #[arg(long)]
    force: bool,
}

const MAKE_EXAMPLES: &str = "\
Example:
  CINNABAR_PASSWORD=cinnabar-development cinnabar seal make --name 朱砂市民政局 --bottom-text 婚姻登记专用章 \\
      --organisation-cert keys-dev/sm2/civil.crt --maker-key keys-dev/sm2/seal-maker.key \\
      --maker-cert keys-dev/sm2/seal-maker.crt --password-env CINNABAR_PASSWORD --out civil.esl";

#[derive(Debug, clap::Args)]
#[command(after_help = SHOW_EXAMPLES)]
struct Show {
    /// A seal (.esl), or a seal signature (SignedValue.dat) that holds one
    #[arg(value_name = "FILE|-")]
    file: PathBuf,
    /// Write the seal's picture to this file
    #[arg(long, value_name = "FILE")]
    png: Option<PathBuf>,
    /// Print JSON
    #[arg(long)]
    json: bool,
    /// Replace the picture's file if it exists
    #[arg(long)]
    force: bool,
}

const SHOW_EXAMPLES: &str = "\
Examples:
  cinnabar seal show civil.esl --png civil.png
  cinnabar seal show civil.esl --json";

/// Runs the command.
pub fn run(args: Args) -> ExitCode {
    let done = match &args.command {
        Command::Make(args) => make(args),
        Command::Show(args) => show(args),
    };
    match done {
        Ok(text) => match writeln!(std::io::stdout().lock(), "{text}") {
            Ok(()) => ExitCode::SUCCESS,
            Err(_) => ExitCode::from(2),
        },
        Err(trouble) => {
            eprintln!("cinnabar: {trouble}");
            ExitCode::from(2)
        }
    }
}

fn make(args: &Make) -> Result<String, Trouble> {
    let place = std::slice::from_ref(&args.out);
    publish::check(place, args.force).map_err(|fault| Trouble::new(fault.to_string()))?;
    let time = args.time.unwrap_or_else(material::now);
    let valid_from = args.valid_from.unwrap_or(time);
    let order = SealOrder {
        organisation: args.name.clone(),
        bottom_text: args.bottom_text.clone(),
        diameter_mm: args.diameter,
        es_id: args.id.clone(),
        certificates: material::certificates(&args.organisation_cert)?,
        created: time,
        valid_from,
        valid_to: args.valid_to.unwrap_or_else(|| valid_from.saturating_add(TEN_YEARS)),
    };
    let key = args.password.open(&args.maker_key)?;
    let maker = material::certificates(std::slice::from_ref(&args.maker_cert))?;
    let maker = maker.first().map(Vec::as_slice).unwrap_or_default();
    let font = material::seal_font(args.seal_font.as_deref())?;
    let seal = order
        .make(&font, &key, maker)
        .map_err(|fault: IssueError| Trouble::new(fault.to_string()))?;
    let parsed = parse_seal(&seal, &Limits::default()).map_err(|fault| Trouble::new(fault.to_string()))?;
    let output = Output {
        path: args.out.clone(),
        bytes: seal,
    };
    publish(&[output], args.force).map_err(|fault| Trouble::new(fault.to_string()))?;
    let file = args.out.display().to_string();
    Ok(json!({ "file": file, "name": parsed.name, "id": parsed.es_id }).to_string())
}

fn show(args: &Show) -> Result<String, Trouble> {
    let bytes = material::bytes(&args.file)?;
    let limits = Limits::default();
    let seal = match parse_signature(&bytes, &limits) {
        Ok(signature) => signature.seal,
        Err(_) => parse_seal(&bytes, &limits).map_err(|fault| Trouble::about(&args.file, fault))?,
    };
    if let Some(path) = &args.png {
        let output = Output {
            path: path.clone(),
            bytes: seal.picture.data.clone(),
        };
        publish(&[output], args.force).map_err(|fault| Trouble::new(fault.to_string()))?;
        if !seal.picture.kind.eq_ignore_ascii_case("png") {
            eprintln!(
                "cinnabar: 印章图片格式为 {0} / the picture is {0}, not PNG",
                seal.picture.kind
            );
        }
    }
    let description = describe(&seal);
    if args.json {
        return serde_json::to_string_pretty(&description).map_err(|fault| Trouble::new(fault.to_string()));
    }
    Ok(lines(&description))
}

fn describe(seal: &Seal) -> Value {
    let time = |time: Option<i64>| time.map(material::show_time);
    let subject = |der: &[u8]| {
        Certificate::parse(der)
            .map(|certificate| certificate.subject_text())
            .ok()
    };
    let users: Vec<Option<String>> = match &seal.certificates {
        CertificateList::Certificates(list) => list.iter().map(|der| subject(der)).collect(),
        CertificateList::Digests(_) => Vec::new(),
    };
    let deviations: Vec<&str> = seal.deviations.iter().map(cinnabar_seal::Deviation::code).collect();
    json!({
        "name": seal.name,
        "id": seal.es_id,
        "version": format!("{:?}", seal.version),
        "vendor": seal.vid,
        "kind": seal.kind,
        "created": time(seal.created),
        "valid_from": time(seal.valid_from),
        "valid_to": time(seal.valid_to),
        "picture": {
            "kind": seal.picture.kind,
            "width_mm": seal.picture.width_mm,
            "height_mm": seal.picture.height_mm,
            "bytes": seal.picture.data.len(),
        },
        "listed_certificates": listed(seal),
        "users": users,
        "maker": subject(&seal.maker_certificate),
        "algorithm": seal.algorithm,
        "maker_signature_right": seal_is_intact(seal),
        "deviations": deviations,
    })
}

fn lines(description: &Value) -> String {
    let labels = [
        ("name", "印章名称 name"),
        ("id", "印章标识 id"),
        ("version", "版本 version"),
        ("vendor", "厂商 vendor"),
        ("kind", "类型 kind"),
        ("created", "制作时间 created"),
        ("valid_from", "有效期起 valid from"),
        ("valid_to", "有效期止 valid to"),
        ("picture", "图片 picture"),
        ("listed_certificates", "签章人证书数 listed certificates"),
        ("users", "签章人 users"),
        ("maker", "制章人 maker"),
        ("algorithm", "算法 algorithm"),
        ("maker_signature_right", "制章人签名正确 maker's signature right"),
        ("deviations", "偏离 deviations"),
    ];
    let line = |(key, label): (&str, &str)| {
        let value = description.get(key)?;
        let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        Some(format!("{label}: {text}"))
    };
    labels.into_iter().filter_map(line).collect::<Vec<_>>().join("\n")
}
