# Makes expected.csv from input.tsv (log2, no gaps) with prcomp (R 4.2.2). Each component's sign is fixed so that its largest
# absolute loading is positive. Run in this folder: Rscript generate.R
y <- as.matrix(read.delim("input.tsv", row.names = 1, check.names = FALSE))
fit <- prcomp(t(y), center = TRUE, scale. = FALSE)
k <- 1:5
signs <- apply(fit$rotation[, k], 2, function(v) sign(v[which.max(abs(v))]))
scores <- sweep(fit$x[, k], 2, signs, "*")
out <- data.frame(sample = rownames(scores), scores)
write.csv(format(out, digits = 15, trim = TRUE), "expected.csv", row.names = FALSE, quote = FALSE)
