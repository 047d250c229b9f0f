//! Every reason and finding that a report can carry, with its weight and its text in Chinese and English.
//!
//! The codes are a promise: programs match on them. This table is the only place where one is made.

use serde::Serialize;
use serde::ser::SerializeMap;

/// What a finding does to the verdict.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Weight {
    /// Told, changes nothing.
    Note,
    /// A deviation: passes only under a policy that tolerates it by name.
    Deviation,
    /// Something is not known: INDETERMINATE.
    Unknown,
    /// A definite violation: FAILED.
    Violation,
}

macro_rules! codes {
    ($($variant:ident $code:literal $weight:ident $zh:literal $en:literal)*) => {
        /// A stable code.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Code {
            $(#[doc = $en] $variant,)*
        }

        impl Code {
            /// Every code, in the order of this table.
            pub const ALL: &'static [Code] = &[$(Code::$variant,)*];

            /// The stable spelling.
            pub fn as_str(self) -> &'static str {
                match self { $(Code::$variant => $code,)* }
            }

            /// What it does to the verdict.
            pub fn weight(self) -> Weight {
                match self { $(Code::$variant => Weight::$weight,)* }
            }

            /// One sentence in Chinese.
            pub fn zh(self) -> &'static str {
                match self { $(Code::$variant => $zh,)* }
            }

            /// One sentence in English.
            pub fn en(self) -> &'static str {
                match self { $(Code::$variant => $en,)* }
            }
        }
    };
}

codes! {
    // Violations, most telling first: the reason of a FAILED verdict is the first of them in this order.
    FormatFailure "FORMAT_FAILURE" Violation "文件不是完整、合格的 OFD、PDF 或印章文件。" "The file is not a complete, well-formed OFD, PDF or seal."
    HashFailure "HASH_FAILURE" Violation "受保护的内容在签章之后被改动过。" "Protected content was changed after signing."
    SigCryptoFailure "SIG_CRYPTO_FAILURE" Violation "签名值与签名人的密钥或被签数据不符。" "The signature value does not fit the signer's key or the signed bytes."
    ListedFileDiffers "LISTED_FILE_DIFFERS" Violation "文件与清单所列的摘要或类型不符。" "The file is not the one that the list describes: its digest or type differs."
    Unsigned "UNSIGNED" Violation "文档没有任何电子签章或数字签名。" "The document carries no seal or signature."
    UnsignedBody "UNSIGNED_BODY" Violation "包内有一份文档没有签章。" "One of the documents in the package is not signed."
    ByteRangeInvalid "BYTE_RANGE_INVALID" Violation "PDF 签名的 ByteRange 与其签名值的位置不符。" "The PDF signature's ByteRange does not fit the place of its own value."
    DocumentChanged "DOCUMENT_CHANGED_AFTER_SIGNING" Violation "签名之后追加的内容改变了文档。" "Content added after the signature changed the document."
    SignatureDictionaryChanged "SIGNATURE_DICTIONARY_CHANGED" Violation "签名之后签名字典被改写。" "The signature dictionary was rewritten after signing."
    SignatureRemoved "SIGNATURE_REMOVED" Violation "文档中原有的签名被移除。" "A signature that the document once held was removed."
    TrailingData "TRAILING_DATA" Violation "文件末尾之后还有未受保护的数据。" "Unprotected data follows the end of the last revision."
    StructureAmbiguous "STRUCTURE_AMBIGUOUS" Violation "文件结构有歧义，不同软件可能看到不同内容。" "The structure is ambiguous: two programs may show two documents."
    ReferenceMissing "REFERENCE_MISSING" Violation "签名列出的文件在包内不存在或无法解析。" "A file that the signature lists is missing or cannot be resolved."
    ReferencesEmpty "REFERENCES_EMPTY" Violation "签名没有列出任何受保护的文件。" "The signature protects no file at all."
    ValueMissing "SIGNATURE_VALUE_MISSING" Violation "签名条目没有可读的签名值。" "The signature entry has no readable value."
    ValueUnreadable "SIGNATURE_VALUE_UNREADABLE" Violation "签名值的结构不正确。" "The signature value is malformed."
    ValueOverXml "VALUE_COVERS_XML_NOT_SEAL" Violation "签名值只覆盖 Signature.xml，印章、时间和摘要均未受保护。" "The value covers Signature.xml only; seal, time and digest are not authenticated."
    MultipleSigners "MULTIPLE_SIGNERS" Violation "一个签名值中有多个签名人。" "One signature value holds several signers."
    ContentUnbound "CONTENT_UNBOUND" Violation "签名没有与文档内容绑定。" "The signature is not bound to the document's content."
    AttributesInvalid "ATTRIBUTES_INVALID" Violation "签名属性缺失、重复或互相矛盾。" "Signed attributes are missing, doubled or contradictory."
    AlgorithmMismatch "ALGORITHM_MISMATCH" Violation "签名算法与证书的密钥类型不符。" "The signature algorithm does not fit the certificate's key."
    SigningCertificateMismatch "SIGNING_CERTIFICATE_MISMATCH" Violation "签名属性指明的证书不是所用的证书。" "The signed attribute names another certificate than the one used."
    SealSignatureInvalid "SEAL_SIGNATURE_INVALID" Violation "制章人对印章的签名无效。" "The seal maker's signature over the seal is wrong."
    SealMismatch "SEAL_MISMATCH" Violation "包内印章文件与签名中的印章不一致。" "The seal file differs from the seal inside the signature."
    SealNotBound "SEAL_NOT_BOUND" Violation "签名属性中的印章摘要与所附印章不符。" "The seal hash in the signed attributes does not fit the attached seal."
    SignerNotInSeal "SIGNER_NOT_IN_SEAL" Violation "签章人证书不在印章的证书列表中。" "The signer's certificate is not in the seal's list."
    SealOutOfValidity "SEAL_OUT_OF_VALIDITY" Violation "签章时间不在印章有效期内。" "The time of signing lies outside the seal's validity."
    CertificateOutOfValidity "CERTIFICATE_OUT_OF_VALIDITY" Violation "签章时间不在签章人证书有效期内。" "The time of signing lies outside the signer certificate's validity."
    Revoked "REVOKED" Violation "签章时证书已被吊销。" "The certificate had been revoked when the document was signed."
    KeyUsage "KEY_USAGE" Violation "证书用途不允许签名。" "The certificate's key usage does not allow signing."
    LicenceExpired "LICENCE_EXPIRED" Violation "证照已过有效期。" "The licence is past its last day."
    LicenceInvalidated "LICENCE_INVALIDATED" Violation "证照已被注销、撤销、吊销或暂扣。" "The licence has been cancelled, revoked, withdrawn or suspended."
    // What is not known.
    Encrypted "ENCRYPTED" Unknown "文件已加密，无法查看其内容。" "The file is encrypted and cannot be looked into."
    IoError "IO_ERROR" Unknown "文件无法读取。" "The file cannot be read."
    StructureAnomaly "STRUCTURE_ANOMALY" Unknown "文件结构有缺陷，不同软件可能有不同的解读。" "The structure is damaged in a way that programs mend differently."
    LimitExceeded "LIMIT_EXCEEDED" Unknown "文件超出处理限制。" "The file exceeds a processing limit."
    DeadlineExceeded "DEADLINE_EXCEEDED" Unknown "文件未能在规定时限内读取或验证完毕。" "The file was not read and judged within the time allowed."
    NestedArchive "NESTED_ARCHIVE" Unknown "压缩包内的压缩包不予打开。" "An archive inside an archive is not opened."
    ListEntryInvalid "LIST_ENTRY_INVALID" Unknown "清单中的这一行无法解读。" "An entry of the list of files cannot be understood."
    InternalError "INTERNAL_ERROR" Unknown "验证程序自身出错，本文件未得出结论。" "The verifier itself failed, so nothing can be said about this file."
    NoSigningCertificate "NO_SIGNING_CERTIFICATE_FOUND" Unknown "签名中没有签名人证书。" "The signature carries no signer certificate."
    UnsupportedAlgorithm "UNSUPPORTED_ALGORITHM" Unknown "使用了本软件不支持的算法。" "An algorithm is used that this software does not know."
    SignedDataNotFound "SIGNED_DATA_NOT_FOUND" Unknown "只有签名值，没有被签的文档。" "There is a signature value but not the document that it signs."
    ContentNotCovered "CONTENT_NOT_COVERED" Unknown "显示或携带的内容不在签名保护范围内。" "Content that is shown or carried is not covered by the signature."
    VisibleLaterSignature "LATER_VISIBLE_SIGNATURE" Unknown "之后的签名在页面上显示，可能遮盖原有内容，须由人查看。" "A later signature shows on a page and may cover what was signed: a person has to look."
    SmuggledEntry "SMUGGLED_ENTRY" Unknown "文件夹带了既未被引用、也未受签名保护的内容。" "Something is carried along that the document does not refer to and no signature covers."
    IssuerMismatch "ISSUER_MISMATCH" Unknown "签章人不是证照所载的颁发机构。" "The signer is not the authority that the licence names as its issuer."
    UnvouchedRevision "UNVOUCHED_REVISION" Unknown "最后一个签章之后还有没有签章人负责的内容。" "Something follows the last signer's signature, and no signer answers for it."
    DelimitersSigned "DELIMITERS_SIGNED" Unknown "签名值的定界符被计入签名范围，与标准不符。" "The value's delimiters lie inside the signed bytes, against the standard."
    ZPrefixedDigest "DIGEST_Z_PREFIXED" Unknown "摘要以签名人 Z 值为前缀计算，与标准不符。" "The digest was computed with the signer's Z in front, against the standard."
    WeakAlgorithm "CRYPTO_CONSTRAINTS_FAILURE" Unknown "使用了不再安全的算法或密钥长度。" "An algorithm or key length is used that is no longer safe."
    NoTrustSet "NO_TRUST_SET" Unknown "没有指定信任集，无法判断由谁签章。" "No trust set was named, so who signed cannot be vouched for."
    NoCertificateChain "NO_CERTIFICATE_CHAIN_FOUND" Unknown "签章人证书没有连到受信任的机构。" "No certificate chain leads from the signer to a trusted authority."
    SealMakerUntrusted "SEAL_MAKER_UNTRUSTED" Unknown "制章人证书没有连到受信任的制章机构。" "No certificate chain leads from the seal maker to a trusted authority."
    MakerOutOfValidity "SEAL_MAKER_OUT_OF_VALIDITY" Unknown "制章时间不在制章人证书有效期内。" "The seal was made outside its maker certificate's validity."
    OutOfBoundsNoPoe "OUT_OF_BOUNDS_NO_POE" Unknown "验证时间不在证书或印章有效期内，且签名没有声明时间。" "The time of verification lies outside the validity of the certificate or seal, and no time of signing is stated."
    ChainConstraints "CHAIN_CONSTRAINTS_FAILURE" Unknown "证书链不满足约束条件。" "The certificate chain breaks a constraint."
    RevokedNoPoe "REVOKED_NO_POE" Unknown "证书已被吊销，且没有可信时间证明签章在吊销之前。" "The certificate is revoked and no trusted time proves that the signature is older."
    RevocationUnknown "REVOCATION_DATA_MISSING" Unknown "没有证书吊销信息，而策略要求有。" "Revocation evidence is missing and the policy demands it."
    RevocationStale "REVOCATION_DATA_STALE" Unknown "证书吊销信息已过期。" "The revocation evidence is out of date."
    TimeNotProven "NO_PROVEN_TIME" Unknown "没有可信时间戳，而策略要求有。" "There is no trusted time stamp and the policy demands one."
    TimeUnreadable "TIME_UNREADABLE" Unknown "签章时间无法解读。" "The stated time of signing cannot be read."
    TimeInFuture "TIME_IN_FUTURE" Unknown "签章时间晚于验证时间。" "The stated time of signing lies after the time of verification."
    StampInvalid "TIME_STAMP_INVALID" Unknown "时间戳无效。" "A time stamp is wrong."
    StatusUnknown "STATUS_UNKNOWN" Unknown "证照状态未知，而策略要求已知。" "The licence's status is not known and the policy demands it."
    PartUnreadable "PART_UNREADABLE" Unknown "文档引用的部分内容缺失或无法读取。" "A part that the document refers to is missing or cannot be read."
    SealCritical "SEAL_CRITICAL_EXTENSION" Deviation "印章含有无法识别的关键扩展。" "The seal carries an unknown critical extension."
    SealListInvalid "SEAL_LIST_INVALID" Unknown "印章的证书列表不合规范。" "The seal's certificate list is malformed."
    // Deviations that occur in real files.
    RawSm2Value "RAW_SM2_VALUE" Deviation "SM2 签名值为 64 字节裸格式，而非 DER。" "The SM2 value is 64 raw bytes instead of DER."
    AttributesUnsorted "ATTRIBUTES_UNSORTED" Deviation "签名属性未按 DER 排序。" "The signed attributes are not in DER order."
    ContentTypeDiffers "CONTENT_TYPE_DIFFERS" Deviation "签名属性中的内容类型与封装的类型写法不同。" "The content-type attribute and the inner content type are spelt differently."
    BerEncoding "BER_ENCODING" Deviation "签名值采用 BER 而非 DER 编码。" "The value is BER, not DER."
    PathCase "PATH_DEVIATION" Deviation "包内路径的写法与实际条目不完全一致。" "A path inside the package is spelt differently from the entry."
    FormDeviation "FORM_DEVIATION" Deviation "结构与标准略有不同，不影响内容。" "The structure departs from the standard without changing the content."
    PropertyInfoDiffers "PROPERTY_INFO_DIFFERS" Deviation "签名中的原文属性与 Signature.xml 的路径不同。" "The signed property information is not the path of Signature.xml."
    CertificateEncoding "CERTIFICATE_ENCODING" Deviation "证书编码不完全符合 DER。" "A certificate is not strict DER."
    UnreferencedEntry "UNREFERENCED_ENTRY" Deviation "包内有受保护但任何文档都未引用的文件。" "The package carries a covered file that no document refers to."
    // Notes.
    SignatureListUnprotected "SIGNATURE_LIST_UNPROTECTED" Note "签名列表本身未受保护，可继续加签，也可能被删除签名。" "The list of signatures is not protected: one can be added, or removed unnoticed."
    DevelopmentTrust "DEVELOPMENT_TRUST" Note "使用了开发用信任集：仅供演示，无任何效力。" "DEVELOPMENT TRUST: judged under development keys, for demonstration only."
    TimeClaimed "TIME_CLAIMED" Note "签章时间由签章人自行声明，没有可信时间戳。" "The time of signing is the signer's own word, without a trusted time stamp."
    TimeProven "TIME_PROVEN" Note "签章时间由可信时间戳证明。" "A trusted time stamp proves the time of signing."
    StampUntrusted "TIME_STAMP_UNTRUSTED" Note "时间戳由不受信任的机构签发，不作为时间证明。" "The time stamp is from an authority that is not trusted, so it proves nothing."
    NoTimeClaim "NO_TIME_CLAIM" Note "签名没有声明时间，以验证时间判断。" "The signature states no time; it is judged at the time of verification."
    RevocationNotChecked "REVOCATION_NOT_CHECKED" Note "没有证书吊销信息，未检查吊销。" "No revocation evidence was at hand; revocation was not checked."
    NoSealStructure "NO_SEAL_STRUCTURE" Note "PDF 签名不含电子印章结构。" "The PDF signature carries no electronic seal."
    SelfMadeSeal "SELF_MADE_SEAL" Note "印章由签章人自己制作。" "The seal was made by its own signer."
    AddedAfterSigning "PERMITTED_UPDATE_AFTER_SIGNING" Note "签名之后有规则允许的追加（其他签名、验证数据或时间戳）。" "Something that a rule allows was added after signing (a signature, evidence or a time stamp)."
    IdentifierCheck "IDENTIFIER_CHECK_CHARACTER" Note "证照标识的校验位不符合 GB/T 36904。" "The licence identifier's check character does not follow GB/T 36904."
    LicencePastValidity "LICENCE_PAST_VALIDITY" Note "证照已过其有效期（不影响文件真伪）。" "The licence is past its last day, which does not touch the document's authenticity."
    StatusNotChecked "STATUS_NOT_CHECKED" Note "没有证照状态信息，未检查状态。" "No status evidence was at hand; the licence's status was not checked."
}

/// One thing that a report tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The stable code.
    pub code: Code,
    /// What it is about: an entry, a certificate, an algorithm. Never personal data.
    pub subject: Option<String>,
    /// More, in English, for whoever looks into it.
    pub detail: Option<String>,
}

impl Finding {
    /// A finding about nothing in particular.
    pub fn new(code: Code) -> Self {
        Self {
            code,
            subject: None,
            detail: None,
        }
    }

    /// A finding about `subject`.
    pub fn about(code: Code, subject: impl Into<String>) -> Self {
        Self {
            code,
            subject: Some(subject.into()),
            detail: None,
        }
    }

    /// Adds a detail.
    #[must_use]
    pub fn with(mut self, detail: impl Into<String>) -> Self {
        self.detail = Some(detail.into());
        self
    }
}

impl Serialize for Finding {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("code", self.code.as_str())?;
        let severity = match self.code.weight() {
            Weight::Note => "note",
            Weight::Deviation => "deviation",
            Weight::Unknown => "unknown",
            Weight::Violation => "violation",
        };
        map.serialize_entry("severity", severity)?;
        if let Some(subject) = &self.subject {
            map.serialize_entry("subject", subject)?;
        }
        if let Some(detail) = &self.detail {
            map.serialize_entry("detail", detail)?;
        }
        map.serialize_entry("zh", self.code.zh())?;
        map.serialize_entry("en", self.code.en())?;
        map.end()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn every_code_is_spelt_once_and_told_in_both_languages() {
        let spelt: HashSet<_> = Code::ALL.iter().map(|c| c.as_str()).collect();
        assert_eq!(spelt.len(), Code::ALL.len());
        for code in Code::ALL {
            assert!(
                code.zh().ends_with('。') && code.en().ends_with('.'),
                "{}",
                code.as_str()
            );
        }
    }
}
