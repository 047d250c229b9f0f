//! A package: named bytes, and the one rule by which paths find them.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use crate::archive::{Archive, Inflater};
use crate::deviation::{self, Deviation};
use crate::location::{self, Location};
use crate::{Limits, PackageError, name};

/// Tells from its first bytes whether something may be an OFD package.
#[must_use]
pub fn sniff(bytes: &[u8]) -> bool {
    bytes.starts_with(b"PK\x03\x04")
}

/// The inflated entries of a package whose structure allows one reading only.
///
/// Directories are left out; names use `/`.
#[derive(Debug, Clone)]
pub struct Package {
    entries: BTreeMap<String, Arc<[u8]>>,
    /// Folded name to the names that fold so.
    folded: HashMap<String, Vec<String>>,
    deviations: Vec<Deviation>,
}

/// What a path comes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resolution {
    /// Canonical name of the entry, or the normalised path if there is none.
    pub path: String,
    /// Whether there is such an entry.
    pub found: bool,
    /// Whether the normalised path is the entry's name without folding case.
    pub exact: bool,
    /// How the path departs from the standard; `entry` is empty, the caller knows who refers.
    pub deviations: Vec<Deviation>,
}

impl Resolution {
    /// Gives the canonical name if the entry exists and the path may be followed.
    #[must_use]
    pub fn entry(&self) -> Option<&str> {
        (self.found && !self.deviations.iter().any(|d| d.fatal)).then_some(self.path.as_str())
    }
}

impl Package {
    /// Opens a package and inflates every entry once.
    ///
    /// Checked: the whole raw structure (no byte outside of a structure, local headers equal to the directory, no
    /// overlap, no second directory), names (none that leave the package, none that collide), sizes and ratios before
    /// inflating, length and CRC after. Not checked: that it is an OFD package.
    ///
    /// # Errors
    /// A [`PackageError`] that says where the archive is wrong; [`PackageError::is_encrypted`] if it is only closed.
    pub fn open(bytes: &[u8], limits: &Limits) -> Result<Self, PackageError> {
        let archive = Archive::open(bytes, limits)?;
        let mut entries = BTreeMap::new();
        let mut folded: HashMap<String, Vec<String>> = HashMap::new();
        let mut deviations = Vec::new();
        let mut inflater = Inflater::new();
        for entry in &archive.entries {
            let content = archive.inflate(entry, &mut inflater)?;
            for (seen, kind) in [
                (entry.backslashes, deviation::NAME_BACKSLASH),
                (entry.unmarked, deviation::NAME_UNMARKED),
            ] {
                if seen && deviations.len() < limits.max_deviations {
                    deviations.push(Deviation::new(kind, &entry.name, ""));
                }
            }
            if !entry.directory {
                folded
                    .entry(name::fold(&entry.name))
                    .or_default()
                    .push(entry.name.clone());
                entries.insert(entry.name.clone(), content);
            }
        }
        Ok(Self {
            entries,
            folded,
            deviations,
        })
    }

    /// Gives the bytes of an entry by its canonical name.
    #[must_use]
    pub fn entry(&self, canonical: &str) -> Option<&[u8]> {
        self.entries.get(canonical).map(AsRef::as_ref)
    }

    /// Gives the bytes of an entry to keep: they are not copied.
    #[must_use]
    pub fn shared(&self, canonical: &str) -> Option<Arc<[u8]>> {
        self.entries.get(canonical).cloned()
    }

    /// Lists the names of all files, sorted.
    #[must_use]
    pub fn names(&self) -> Vec<&str> {
        self.entries.keys().map(String::as_str).collect()
    }

    /// Gives what is odd about the archive itself.
    #[must_use]
    pub fn deviations(&self) -> &[Deviation] {
        &self.deviations
    }

    /// Follows a path (`ST_Loc`) found in a file of directory `base_dir` (`""` for the root).
    ///
    /// A leading `/` starts at the root. `//`, `\`, `.` and `..` inside the package are normalised; case is folded
    /// only if the exact name is absent and exactly one entry fits. A path out of the package is never followed.
    #[must_use]
    pub fn resolve(&self, base_dir: &str, loc: &str) -> Resolution {
        let Location { path, kinds } = location::normalise(base_dir, loc);
        let mut deviations: Vec<_> = kinds.into_iter().map(|kind| Deviation::new(kind, "", loc)).collect();
        if deviations.iter().any(|d| d.fatal) {
            return Resolution {
                path,
                found: false,
                exact: false,
                deviations,
            };
        }
        if self.entries.contains_key(&path) {
            return Resolution {
                path,
                found: true,
                exact: true,
                deviations,
            };
        }
        match self.folded.get(&name::fold(&path)).map(Vec::as_slice) {
            Some([only]) => {
                deviations.push(Deviation::new(deviation::PATH_CASE, "", format!("{loc} is {only}")));
                Resolution {
                    path: only.clone(),
                    found: true,
                    exact: false,
                    deviations,
                }
            }
            _ => Resolution {
                path,
                found: false,
                exact: false,
                deviations,
            },
        }
    }
}
