//! What the caller gets: one verdict, its reason, and everything it rests on.

use serde::Serialize;

use crate::codes::Finding;
use crate::judge::Proof;

/// The verdict, after ETSI EN 319 102-1.
///
/// `Passed` holds a [`Proof`], which only judge can make, and only from the proof of every mandatory check.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    /// Every mandatory check was made and held.
    Passed(Proof),
    /// Something needed is not known.
    Indeterminate,
    /// Something is definitely wrong.
    Failed,
}

impl Verdict {
    /// The stable spelling.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Passed(_) => "PASSED",
            Self::Indeterminate => "INDETERMINATE",
            Self::Failed => "FAILED",
        }
    }

    /// Whether it is PASSED.
    pub fn is_passed(self) -> bool {
        matches!(self, Self::Passed(_))
    }
}

impl Serialize for Verdict {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

/// Whether the protected bytes are as they were signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Integrity {
    /// Every digest and value holds, and nothing shown was added since.
    Intact,
    /// A digest or value is wrong, or the document was changed.
    Broken,
    /// It cannot be said.
    Unknown,
}

/// Whether signers and seal makers lead to an anchor of the trust set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Trust {
    /// All of them do.
    Trusted,
    /// One does not.
    Untrusted,
    /// No trust set was named, or there is no certificate to judge.
    Unknown,
}

/// The status of the licence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Status {
    /// The document is not a licence that names a status.
    NotApplicable,
    /// It names one, and no evidence of it is at hand.
    Unknown,
    /// The licence's own last day has passed.
    Expired,
}

/// The judgement of one document.
#[derive(Debug, Clone, Serialize)]
pub struct Report {
    /// The name that the caller gave the document.
    pub file: String,
    /// `OFD`, `PDF`, `SEAL`, `SIGNATURE_VALUE`, or absent when it could not be told.
    pub kind: Option<&'static str>,
    /// The verdict.
    pub verdict: Verdict,
    /// Why: `OK`, or the code that decided.
    pub reason: &'static str,
    /// Whether the protected bytes are as signed.
    pub integrity: Integrity,
    /// Whether the signers are trusted.
    pub trust: Trust,
    /// The licence's status.
    pub status: Status,
    /// Who the document is about, as it says.
    pub subject: Option<String>,
    /// Each signature's own judgement.
    pub signatures: Vec<SignatureReport>,
    /// The licence, as the document says.
    pub licence: Option<LicenceSummary>,
    /// Everything found, worst first.
    pub findings: Vec<Finding>,
    /// How many digests, values, links and lists were computed.
    pub checks: Checks,
    /// The policy's name and version.
    pub policy: Named,
    /// The trust set.
    pub trust_set: Option<TrustSetSummary>,
    /// Evidence that was used.
    pub evidence: Vec<EvidenceSummary>,
    /// Evidence that would settle what is not known.
    pub needs: Vec<String>,
    /// The time of verification, RFC 3339.
    pub at: String,
}

/// The judgement of one signature.
#[derive(Debug, Clone, Serialize)]
pub struct SignatureReport {
    /// Its name or number inside the document.
    pub id: String,
    /// `SES_V4`, `CMS`, …
    pub form: &'static str,
    /// The verdict on this signature alone.
    pub verdict: Verdict,
    /// Why.
    pub reason: &'static str,
    /// Whether its bytes are as signed.
    pub integrity: Integrity,
    /// Whether its signer (and seal maker) is trusted.
    pub trust: Trust,
    /// The signer's name.
    pub signer: Option<String>,
    /// Who issued the signer's certificate.
    pub issuer: Option<String>,
    /// SM3 of the signer's certificate, hex.
    pub certificate: Option<String>,
    /// The signature algorithm.
    pub algorithm: Option<String>,
    /// The seal.
    pub seal: Option<SealReport>,
    /// The time the signer claims, RFC 3339, or as written when it cannot be read.
    pub claimed_time: Option<String>,
    /// The time that a trusted stamp proves, RFC 3339.
    pub proven_time: Option<String>,
    /// How much it covers.
    pub covers: String,
    /// What is shown or carried and not covered.
    pub uncovered: Vec<String>,
    /// What was found.
    pub findings: Vec<Finding>,
}

/// A seal, as judged.
#[derive(Debug, Clone, Serialize)]
pub struct SealReport {
    /// The seal's name.
    pub name: String,
    /// The seal's number.
    pub id: String,
    /// 1, 4 or 5.
    pub version: u8,
    /// The seal maker's name.
    pub maker: Option<String>,
    /// Whether the seal maker is trusted.
    pub maker_trust: Trust,
    /// Start of validity, RFC 3339.
    pub valid_from: Option<String>,
    /// End of validity, RFC 3339.
    pub valid_to: Option<String>,
}

/// A licence, as the document describes itself inside its signed bytes.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct LicenceSummary {
    /// GB/T 36904 identifier.
    pub identifier: Option<String>,
    /// The licence's name.
    pub name: Option<String>,
    /// The type code.
    pub type_code: Option<String>,
    /// The licence's number.
    pub number: Option<String>,
    /// The holder's name.
    pub holder: Option<String>,
    /// The issuer's name.
    pub issuer: Option<String>,
    /// The issuer's code, as written.
    pub issuer_code: Option<String>,
    /// The day of issue, as written.
    pub issued_on: Option<String>,
    /// First day, as written.
    pub valid_from: Option<String>,
    /// Last day, as written.
    pub valid_to: Option<String>,
    /// Where its status is published.
    pub status_uri: Option<String>,
    /// Its index in the status list.
    pub status_index: Option<u64>,
}

/// How much was computed.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Checks {
    /// Digests compared.
    pub digests: usize,
    /// Signature values verified.
    pub values: usize,
    /// Certificate links verified.
    pub links: usize,
    /// Revocation lists verified.
    pub crls: usize,
}

/// A name with a version.
#[derive(Debug, Clone, Serialize)]
pub struct Named {
    /// The name.
    pub name: String,
    /// The version.
    pub version: String,
}

/// The trust set a report rests on.
#[derive(Debug, Clone, Serialize)]
pub struct TrustSetSummary {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
    /// SM3 of the set, hex.
    pub digest: String,
    /// Whether it holds development keys.
    pub development: bool,
}

/// A piece of evidence that was used.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct EvidenceSummary {
    /// `CRL`.
    pub kind: &'static str,
    /// Who issued it.
    pub issuer: String,
    /// From when, RFC 3339.
    pub this_update: String,
    /// Until when, RFC 3339.
    pub next_update: Option<String>,
}

impl From<&cinnabar_licence::LicenceMetadata> for LicenceSummary {
    fn from(found: &cinnabar_licence::LicenceMetadata) -> Self {
        Self {
            identifier: found.identifier.clone(),
            name: found.name.clone().or_else(|| found.type_name.clone()),
            type_code: found.type_code.clone(),
            number: found.number.clone(),
            holder: found.holder_name.clone(),
            issuer: found.issuer_name.clone(),
            issuer_code: found.issuer_code.clone(),
            issued_on: found.issued_on.clone(),
            valid_from: found.valid_from.clone(),
            valid_to: found.valid_to.clone(),
            status_uri: found.status.as_ref().map(|s| s.uri.clone()),
            status_index: found.status.as_ref().map(|s| s.idx),
        }
    }
}
