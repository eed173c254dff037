# Expected values of the normalise cases, from limma and base R.
# Run in this folder: Rscript generate.R (made with R 4.2.2, limma 3.54.1)
library(limma)
raw <- read.delim("../../../src/stats/reference/sim1_small/abundance.tsv", row.names = 1, check.names = FALSE)
y <- round(log2(as.matrix(raw[1:150, ])), 6)
y <- y[rowSums(!is.na(y)) > 0, ]
samples <- read.delim("../../../src/stats/reference/sim1_small/meta.tsv")

write_matrix <- function(m, file, sep) {
  values <- apply(m, 2, function(x) ifelse(is.na(x), "", formatC(x, digits = 17, format = "g", width = 1)))
  write.table(data.frame(feature = rownames(m), values, check.names = FALSE), file, sep = sep, quote = FALSE, row.names = FALSE)
}
write.table(data.frame(feature = rownames(y), y, check.names = FALSE), "input.tsv",
  sep = "\t", quote = FALSE, row.names = FALSE, na = "")
write.table(samples[c("sample", "condition")], "samples.tsv", sep = "\t", quote = FALSE, row.names = FALSE)
medians <- apply(y, 2, median, na.rm = TRUE)
write_matrix(sweep(y, 2, medians) + median(medians), "expected.csv", ",")
write_matrix(normalizeQuantiles(y, ties = TRUE), "expected_quantile.csv", ",")
