//! Why something was not written.

/// Tells what about the input cannot be written as the standards demand.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum WriteError {
    /// The text is not an object identifier in dotted form.
    #[error("{text:?} is not an object identifier such as 1.2.156.10197.1.501")]
    Oid {
        /// What was given.
        text: String,
    },
    /// The time lies outside the years 1950 to 9999.
    #[error("the time {seconds} (Unix seconds) lies outside the years 1950 to 9999")]
    Time {
        /// What was given.
        seconds: i64,
    },
    /// The time of the end does not lie after that of the beginning.
    #[error("the period ends at {end}, which is not after its beginning {begin} (Unix seconds)")]
    Period {
        /// The beginning.
        begin: i64,
        /// The end.
        end: i64,
    },
    /// A serial number is 1 to 20 octets, positive and without leading zeros (RFC 5280, 4.1.2.2).
    #[error("a serial number has 1 to 20 octets, is positive and does not begin with a zero octet")]
    Serial,
    /// A name part is empty, too long, or uses characters its type has no room for.
    #[error("{part} in a name cannot be {text:?}: {rule}")]
    Name {
        /// The kind of part, such as `countryName`.
        part: &'static str,
        /// What was given.
        text: String,
        /// What is allowed.
        rule: &'static str,
    },
    /// A certificate that should be embedded or pointed at cannot be read.
    #[error("the certificate of the {whose} cannot be read")]
    Certificate {
        /// Signer or chain.
        whose: &'static str,
    },
    /// The certificate's key is of another kind than the algorithm that shall sign.
    #[error("the signer's certificate holds a key of another kind than {algorithm} needs")]
    KeyMismatch {
        /// The object identifier of the algorithm.
        algorithm: &'static str,
    },
    /// The digest has another length than its algorithm gives.
    #[error("a message digest has 32 bytes, this one has {found}")]
    Digest {
        /// The length given.
        found: usize,
    },
    /// An attribute was given twice, or is one the builder writes itself.
    #[error("the attribute {oid} is given twice or is written by the builder itself")]
    DuplicateAttribute {
        /// The attribute type.
        oid: String,
    },
    /// An embedded digest is signed without attributes, the signing time included.
    #[error("an embedded digest is signed without attributes; leave signing time and attributes out, or sign detached")]
    NoRoomForAttributes,
    /// Bytes handed in as one DER value are not one.
    #[error("the value of {of} is not exactly one DER element")]
    NotDer {
        /// The attribute or extension it belongs to.
        of: String,
    },
    /// An empty signature value can only be a mistake.
    #[error("the signature value is empty")]
    EmptySignature,
}
