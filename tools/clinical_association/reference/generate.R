# Makes expected.csv from input.tsv (log2, with gaps) and samples.tsv with limma (R 4.2.2, limma 3.54.1, which has only the
# legacy estimate of the prior). Run in this folder: Rscript generate.R
suppressPackageStartupMessages(library(limma))
y <- as.matrix(read.delim("input.tsv", row.names = 1, check.names = FALSE))
samples <- read.delim("samples.tsv")
samples <- samples[match(colnames(y), samples$sample), ]
age <- (samples$age - mean(samples$age)) / sd(samples$age)
condition <- factor(samples$condition)
fit <- eBayes(lmFit(y, model.matrix(~ condition + age)))
top <- topTable(fit, coef = "age", number = Inf, sort.by = "none", confint = TRUE)
out <- data.frame(feature = rownames(y), slope = top$logFC, CI.L = top$CI.L, CI.R = top$CI.R, statistic = top$t,
  P.Value = top$P.Value, adj.P.Val = top$adj.P.Val, df = ifelse(is.na(top$t), NA, fit$df.residual), n = rowSums(!is.na(y)))
out$rho <- vapply(seq_len(nrow(y)), function(i) {
  seen <- !is.na(y[i, ])
  cor(y[i, seen], samples$age[seen], method = "spearman")
}, 0)
text <- format(out, digits = 15, trim = TRUE)
text[is.na(out)] <- ""
write.csv(text, "expected.csv", row.names = FALSE, quote = FALSE)
