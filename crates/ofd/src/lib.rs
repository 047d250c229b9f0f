//! OFD packages: read, write, embed a signature
