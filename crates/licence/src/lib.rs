//! Licence types, fields, identifiers and check digits
