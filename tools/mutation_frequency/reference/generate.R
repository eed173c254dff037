# Expected values of mutation_frequency with fisher.test. usage: Rscript generate.R   (written with R 4.2.2)
args <- commandArgs(FALSE)
here <- dirname(sub("--file=", "", args[grep("--file=", args)]))
set.seed(3)
n <- 40; rows <- 30
samples <- sprintf("s%02d", seq_len(n)); genes <- sprintf("G%02d", seq_len(rows)); arm <- rep(c("c", "t"), c(25, 15))
share <- outer(runif(rows, 0.05, 0.6), as.numeric(arm == "t") * runif(n, 0, 0.4), "+")
m <- matrix(rbinom(rows * n, 1, pmin(share, 1)), rows)
text <- matrix(as.character(m), rows); text[runif(rows * n) < 0.05] <- ""
write.table(setNames(data.frame(genes, genes, text), c("feature", "gene", samples)), file.path(here, "mutations.tsv"), sep = "\t", quote = FALSE, row.names = FALSE)
write.table(data.frame(sample = samples, arm = arm), file.path(here, "samples.tsv"), sep = "\t", quote = FALSE, row.names = FALSE)
m[text == ""] <- NA
one <- function(row) {
  counts <- table(factor(row, c(1, 0)), factor(arm, c("t", "c")))
  c(counts[1, 1] / sum(counts[, 1]) - counts[1, 2] / sum(counts[, 2]), fisher.test(counts)$p.value, counts[1, 2], sum(counts[, 2]), counts[1, 1], sum(counts[, 1]), sum(counts[1, ]))
}
v <- t(apply(m, 1, one)); v <- cbind(v, rowSums(m == 0, na.rm = TRUE)); kept <- v[, 7] >= 2 & v[, 8] >= 2
out <- data.frame(feature = genes, effect = v[, 1], P.Value = v[, 2], mutated_reference = v[, 3], n_reference = v[, 4], mutated_target = v[, 5], n_target = v[, 6])
out[-1] <- lapply(out[-1], function(x) trimws(formatC(x, digits = 17, format = "g")))
write.csv(out[kept, ], file.path(here, "expected.csv"), row.names = FALSE, quote = FALSE)
