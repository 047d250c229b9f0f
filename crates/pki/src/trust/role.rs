//! What an anchor is trusted for.

use std::fmt;
use std::str::FromStr;

/// What a trust anchor is trusted for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Role {
    /// Certificates that sign seals (制章人).
    SealMaker,
    /// Certificates that sign documents (签章人).
    Signer,
    /// Time-stamp authorities.
    TimeStamp,
}

/// A role name that does not exist.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("there is no role `{0}`; roles are {names}", names = Role::NAMES.join(", "))]
pub struct UnknownRole(pub String);

impl Role {
    /// All role names, as written in trust sets.
    pub const NAMES: [&'static str; 3] = ["seal-maker", "signer", "time-stamp"];

    /// The name as written in trust sets.
    pub fn name(self) -> &'static str {
        match self {
            Role::SealMaker => "seal-maker",
            Role::Signer => "signer",
            Role::TimeStamp => "time-stamp",
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Role {
    type Err = UnknownRole;

    fn from_str(name: &str) -> Result<Self, UnknownRole> {
        [Role::SealMaker, Role::Signer, Role::TimeStamp]
            .into_iter()
            .find(|role| role.name() == name)
            .ok_or_else(|| UnknownRole(name.to_owned()))
    }
}
