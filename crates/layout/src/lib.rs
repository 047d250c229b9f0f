//! Typst templates to Pages, PDF/A, PNG and font subsets
