//! Statistics for quantitative proteomics.
