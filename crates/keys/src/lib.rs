//! The Signer trait and the keys behind it
