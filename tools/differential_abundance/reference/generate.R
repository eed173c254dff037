# Expected values of the differential_abundance cases, from limma.
# Run in this folder: Rscript generate.R
# Made with R 4.2.2, limma 3.54.1, statmod 1.5.0; expected_unequal_df.csv with limma 3.63.2, the first series whose default prior
# allows for unequal residual degrees of freedom, so an older limma leaves that file alone.
library(limma)

raw <- read.delim("../../../src/stats/reference/sim1_small/abundance.tsv", row.names = 1, check.names = FALSE)
y <- log2(as.matrix(raw))
samples <- read.delim("../../../src/stats/reference/sim1_small/meta.tsv")
stopifnot(samples$sample == colnames(y))

digits <- function(x) ifelse(is.na(x), "", formatC(x, digits = 17, format = "g", width = 1))
write_values <- function(columns, file, sep = ",") {
  columns[] <- lapply(columns, function(x) if (is.double(x)) digits(x) else x)
  write.table(columns, file, sep = sep, quote = FALSE, row.names = FALSE)
}
write_values(data.frame(feature = rownames(y), y, check.names = FALSE), "input.tsv", "\t")
write.table(samples, "samples.tsv", sep = "\t", quote = FALSE, row.names = FALSE)

condition <- relevel(factor(samples$condition), "ctrl")
donor <- factor(samples$donor)
batch <- factor(samples$batch)
sex <- factor(samples$sex)
# Every case fits all features; but for the first, 60 ordinary features and the hand-made ones are compared.
shown <- c(rownames(y)[1:60], grep("^EDGE", rownames(y), value = TRUE))
seen <- function(of) rowSums(!is.na(y[, of, drop = FALSE]))

contrast_values <- function(fit, coefficient, reference, target, file) {
  top <- topTable(fit, coef = coefficient, number = Inf, sort.by = "none", confint = TRUE)
  # The residual degrees of freedom and standard errors are not columns of topTable.
  one <- function(m) m[, coefficient]
  values <- data.frame(
    feature = rownames(fit), logFC = top$logFC, CI.L = top$CI.L, CI.R = top$CI.R, AveExpr = top$AveExpr, t = top$t,
    P.Value = top$P.Value, adj.P.Val = top$adj.P.Val, B = top$B,
    se = one(fit$stdev.unscaled) * sqrt(fit$s2.post), df = as.double(fit$df.residual),
    n_reference = as.double(seen(reference)[rownames(fit)]), n_target = as.double(seen(target)[rownames(fit)])
  )
  write_values(if (file == "expected.csv") values else values[values$feature %in% shown, ], file)
}
ctrl <- condition == "ctrl"
plain <- lmFit(y, model.matrix(~condition))
if (packageVersion("limma") < "3.61") {
  contrast_values(eBayes(plain), 2, ctrl, !ctrl, "expected.csv")
  observed <- plain[!is.na(plain$Amean), ]
  contrast_values(eBayes(observed, trend = TRUE), 2, ctrl, !ctrl, "expected_trend.csv")
  contrast_values(eBayes(plain, robust = TRUE), 2, ctrl, !ctrl, "expected_robust.csv")
  adjusted <- lmFit(y, model.matrix(~ samples$age + sex + condition))
  contrast_values(eBayes(adjusted), 4, ctrl, !ctrl, "expected_covariates.csv")
  paired <- lmFit(y, model.matrix(~ donor + condition))
  contrast_values(eBayes(paired), "conditiontrtA", ctrl, !ctrl, "expected_paired.csv")

  # Sex is constant within a donor, whose two samples are correlated. A constant feature has no correlation of its own;
  # limma would count what rounding leaves of it.
  design <- model.matrix(~sex)
  varies <- rownames(y) != "EDGE_constant"
  correlation <- duplicateCorrelation(y[varies, ], design, block = donor)$consensus.correlation
  blocked <- eBayes(lmFit(y, design, block = donor, correlation = correlation))
  contrast_values(blocked, 2, sex == "F", sex == "M", "expected_blocks.csv")

  over_levels <- eBayes(lmFit(y, model.matrix(~batch)))
  f <- classifyTestsF(over_levels[, 2:3], fstat.only = TRUE)
  p <- pf(as.double(f), attr(f, "df1"), attr(f, "df2"), lower.tail = FALSE)
  effects <- cbind(0, over_levels$coefficients[, 2:3])
  values <- data.frame(
    feature = rownames(y), F = as.double(f), P.Value = p, adj.P.Val = p.adjust(p, "BH"),
    largest_difference = apply(effects, 1, max) - apply(effects, 1, min)
  )
  write_values(values[values$feature %in% shown, ], "expected_levels.csv")
} else {
  contrast_values(eBayes(plain[!is.na(plain$Amean), ]), 2, ctrl, !ctrl, "expected_unequal_df.csv")
}
