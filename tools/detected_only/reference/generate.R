# Expected values of the detected_only case, from stats::fisher.test; panels.R makes those of the panels.
# Run in this folder: Rscript generate.R (made with R 4.2.2)
raw <- read.delim("../../../src/stats/reference/sim1_small/abundance.tsv", row.names = 1, check.names = FALSE)
raw <- raw[c(1:120, grep("^EDGE", rownames(raw))), ]
samples <- read.delim("../../../src/stats/reference/sim1_small/meta.tsv")
y <- round(log2(as.matrix(raw)), 4)
target <- samples$condition == "trtA"
detected <- !is.na(y)

p <- apply(detected, 1, function(row) {
  counts <- cbind(c(sum(row[target]), sum(!row[target])), c(sum(row[!target]), sum(!row[!target])))
  fisher.test(counts)$p.value
})
share <- cbind(rowMeans(detected[, target]), rowMeans(detected[, !target]))
switched <- pmax(share[, 1], share[, 2]) >= 0.6 & pmin(share[, 1], share[, 2]) <= 0.1
reported <- ifelse(switched, p, 1)

text <- function(x) formatC(x, digits = 17, format = "g", width = 1)
write.table(data.frame(feature = rownames(y), y, check.names = FALSE), "input.tsv",
  sep = "\t", quote = FALSE, row.names = FALSE, na = "")
write.table(samples[c("sample", "condition")], "samples.tsv", sep = "\t", quote = FALSE, row.names = FALSE)
write.table(data.frame(
  feature = rownames(y), detected_reference = rowSums(detected[, !target]), detected_target = rowSums(detected[, target]),
  effect = text(share[, 1] - share[, 2]), P.Fisher = text(p), P.Value = text(reported),
  adj.P.Val = text(p.adjust(reported, "BH"))
), "expected.csv", sep = ",", quote = FALSE, row.names = FALSE)
