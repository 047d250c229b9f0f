//! GB/T 38540 electronic seals, seal signatures and seal artwork
