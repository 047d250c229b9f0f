//! Admit a request, write its pages, seal the document
