//! PDF files: revisions, signatures, incremental update
