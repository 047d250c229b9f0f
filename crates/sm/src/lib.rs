//! SM3 digests and SM2 signatures
