//! Who there is: the same shape twice, once with SM2 and once with RSA-3072.
//!
//! ```text
//! root ─┬─ seal-maker-ca ─── seal-maker                     signs seals
//!       ├─ org-ca ─┬─ market · police · civil               sign licences
//!       │          └─ revoked                               revoked on 2025-06-01
//!       └─ tsa                                              time stamps
//! ```
//!
//! 朱砂市 and its area code 990100 do not exist; of the codes only the check characters are right.

use cinnabar_pki::write::{Name, NamePart, SignatureAlgorithm, WriteError};
use time::macros::datetime;

/// One of the two hierarchies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Chain {
    /// SM2 with SM3.
    Sm2,
    /// RSA-3072 with SHA-256.
    Rsa,
}

impl Chain {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Sm2, Self::Rsa];

    /// Gives the name of its folder.
    #[must_use]
    pub fn folder(self) -> &'static str {
        match self {
            Self::Sm2 => "sm2",
            Self::Rsa => "rsa",
        }
    }

    /// Gives what its authorities sign with.
    #[must_use]
    pub fn algorithm(self) -> SignatureAlgorithm {
        match self {
            Self::Sm2 => SignatureAlgorithm::Sm2Sm3,
            Self::Rsa => SignatureAlgorithm::RsaSha256,
        }
    }

    fn label(self) -> &'static str {
        match self {
            Self::Sm2 => "SM2",
            Self::Rsa => "RSA",
        }
    }
}

/// What a member's key is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Certifies others; how many authorities may follow below it.
    Authority {
        /// RFC 5280 path length.
        path_length: u32,
    },
    /// Signs seals or documents.
    Signer,
    /// Signs time stamps and nothing else.
    TimeStamp,
}

/// One member of a hierarchy.
#[derive(Debug, Clone, Copy)]
pub struct Member {
    /// File name without ending.
    pub file: &'static str,
    /// The file name of its issuer; its own for the root.
    pub issuer: &'static str,
    /// What its key is for.
    pub kind: Kind,
    /// Organisation; for signers also the common name.
    pub organization: &'static str,
    /// 统一社会信用代码 of a fictitious organisation; authorities have none.
    pub code: Option<&'static str>,
    /// Last octet of its serial number.
    pub serial: u8,
}

const DEVELOPMENT: &str = "Cinnabar development, not an authority";

/// The members of each hierarchy, issuers first.
pub const MEMBERS: [Member; 9] = [
    authority("root", "root", 1, 1),
    authority("seal-maker-ca", "root", 0, 2),
    authority("org-ca", "root", 0, 3),
    leaf(
        "seal-maker",
        "seal-maker-ca",
        Kind::Signer,
        "朱砂市印章制作中心",
        "12990100009900443J",
        0x11,
    ),
    leaf(
        "market",
        "org-ca",
        Kind::Signer,
        "朱砂市市场监督管理局",
        "11990100MB0C0001XH",
        0x21,
    ),
    leaf(
        "police",
        "org-ca",
        Kind::Signer,
        "朱砂市公安局",
        "1199010000990011X2",
        0x22,
    ),
    leaf(
        "civil",
        "org-ca",
        Kind::Signer,
        "朱砂市民政局",
        "11990100009900224B",
        0x23,
    ),
    leaf(
        "revoked",
        "org-ca",
        Kind::Signer,
        "已撤销测试机构",
        "11990100009900339H",
        0x24,
    ),
    leaf(
        "tsa",
        "root",
        Kind::TimeStamp,
        "朱砂市可信时间服务中心",
        "12990100009900558Q",
        0x31,
    ),
];

/// Since when `revoked` is revoked, Unix seconds.
pub const REVOKED_AT: i64 = datetime!(2025-06-01 00:00 UTC).unix_timestamp();
/// When the revocation lists were made, Unix seconds.
pub const CRL_FROM: i64 = datetime!(2025-07-01 00:00 UTC).unix_timestamp();
/// When the next revocation lists would come, Unix seconds.
pub const CRL_TO: i64 = datetime!(2045-01-01 00:00 UTC).unix_timestamp();

impl Member {
    /// Finds a member by its file name.
    #[must_use]
    pub fn find(file: &str) -> Option<&'static Self> {
        MEMBERS.iter().find(|member| member.file == file)
    }

    /// Tells whether it certifies others.
    #[must_use]
    pub fn is_authority(&self) -> bool {
        matches!(self.kind, Kind::Authority { .. })
    }

    /// Gives the path of its certificate or key in the output folder.
    #[must_use]
    pub fn path(&self, chain: Chain, ending: &str) -> String {
        format!("{}/{}.{ending}", chain.folder(), self.file)
    }

    /// Gives its serial number: `CNB`, the chain, and its own octet.
    #[must_use]
    pub fn serial(&self, chain: Chain) -> Vec<u8> {
        let chain = match chain {
            Chain::Sm2 => 1,
            Chain::Rsa => 2,
        };
        vec![0x43, 0x4e, 0x42, chain, 0, 0, 0, self.serial]
    }

    /// Gives the first and the last moment of its validity, Unix seconds.
    #[must_use]
    pub fn validity(&self) -> (i64, i64) {
        let (from, to) = match (self.file, self.kind) {
            ("root", _) => (datetime!(2024-01-01 00:00 UTC), datetime!(2056-01-01 00:00 UTC)),
            (_, Kind::Authority { .. }) => (datetime!(2024-01-01 00:00 UTC), datetime!(2055-01-01 00:00 UTC)),
            _ => (datetime!(2025-01-01 00:00 UTC), datetime!(2045-01-01 00:00 UTC)),
        };
        (from.unix_timestamp(), to.unix_timestamp())
    }

    /// Gives its name.
    ///
    /// # Errors
    /// None for the members there are.
    pub fn name(&self, chain: Chain) -> Result<Name, WriteError> {
        let common = match self.file {
            "root" => format!("朱砂开发测试根 {}", chain.label()),
            "seal-maker-ca" => format!("朱砂开发测试制章人 CA {}", chain.label()),
            "org-ca" => format!("朱砂开发测试机构 CA {}", chain.label()),
            _ => self.organization.to_owned(),
        };
        let mut parts = vec![(NamePart::Country, "CN")];
        if let Some(code) = self.code {
            parts.extend([(NamePart::Province, "丹霞省"), (NamePart::Locality, "朱砂市")]);
            parts.push((NamePart::Organization, self.organization));
            parts.push((NamePart::OrganizationIdentifier, code));
        } else {
            parts.push((NamePart::Organization, self.organization));
        }
        parts.push((NamePart::CommonName, &common));
        Name::new(&parts)
    }
}

const fn authority(file: &'static str, issuer: &'static str, path_length: u32, serial: u8) -> Member {
    Member {
        file,
        issuer,
        kind: Kind::Authority { path_length },
        organization: DEVELOPMENT,
        code: None,
        serial,
    }
}

const fn leaf(
    file: &'static str,
    issuer: &'static str,
    kind: Kind,
    organization: &'static str,
    code: &'static str,
    serial: u8,
) -> Member {
    Member {
        file,
        issuer,
        kind,
        organization,
        code: Some(code),
        serial,
    }
}
