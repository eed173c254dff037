# Makes peptides.tsv and expected.tsv: protein abundances from those of their peptides. Base R only, run in this folder.
# Median polish is stats::medpolish. MaxLFQ (Cox 2014, doi 10.1074/mcp.M113.031591) and top-3 are written here from their
# formulas, without the code under test: lm.fit on one equation per pair of samples, rank-deficient by one per component,
# then shifted to the mean of the component's peptides, as the R package iq places it.
set.seed(20260701)
samples <- 7
one <- function(protein, n, missing) {
  y <- outer(rnorm(n, 22, 2), rnorm(samples, 0, 1), "+") + matrix(rnorm(n * samples, 0, 0.3), n)
  y[matrix(runif(n * samples) < missing, n)] <- NA
  data.frame(protein = protein, round(y, 6))
}
parts <- list(one("complete", 6, 0), one("missing", 8, 0.35), one("single", 1, 0.2), one("pair", 2, 0.3))
# Two groups of samples that share no peptide, and a sample without any.
apart <- one("apart", 6, 0)
apart[1:3, 5:8] <- NA
apart[4:6, c(2:4, 8)] <- NA
parts <- c(parts, list(apart))
peptides <- do.call(rbind, parts)
names(peptides) <- c("protein", paste0("s", 1:samples))
write.table(peptides, "peptides.tsv", sep = "\t", quote = FALSE, row.names = FALSE, na = "")

components <- function(x) {
  joined <- crossprod(!is.na(x)) > 0
  for (k in seq_len(ncol(x))) joined <- (joined %*% joined) > 0
  apply(joined, 1, function(row) if (any(row)) which(row)[1] else NA)
}
max_lfq <- function(x) {
  out <- rep(NA_real_, ncol(x))
  group <- components(x)
  for (g in unique(group[!is.na(group)])) {
    at <- which(group %in% g)
    if (length(at) == 1) { out[at] <- median(x[, at], na.rm = TRUE); next }
    rows <- list(); ratios <- c()
    for (i in head(seq_along(at), -1)) for (j in (i + 1):length(at)) {
      r <- median(x[, at[j]] - x[, at[i]], na.rm = TRUE)
      if (!is.na(r)) {
        row <- rep(0, length(at)); row[i] <- -1; row[j] <- 1
        rows[[length(rows) + 1]] <- row; ratios <- c(ratios, r)
      }
    }
    a <- do.call(rbind, rows)
    fit <- lm.fit(a[, -1, drop = FALSE], ratios)$coefficients
    level <- c(0, fit)
    out[at] <- level - mean(level) + mean(x[, at], na.rm = TRUE)
  }
  out
}
polish <- function(x) {
  fit <- medpolish(x, trace.iter = FALSE, na.rm = TRUE)
  ifelse(colSums(!is.na(x)) == 0, NA, fit$overall + fit$col)
}
total <- function(x) ifelse(colSums(!is.na(x)) == 0, NA, log2(colSums(2^x, na.rm = TRUE)))
top3 <- function(x) {
  best <- order(-rowMeans(x, na.rm = TRUE))[seq_len(min(3, nrow(x)))]
  colMeans(x[best, , drop = FALSE], na.rm = TRUE)
}
methods <- list(max_lfq = max_lfq, median_polish = polish, sum = total, top3 = top3)
expected <- list()
for (protein in unique(peptides$protein)) {
  x <- as.matrix(peptides[peptides$protein == protein, -1])
  for (method in names(methods)) {
    v <- unname(methods[[method]](x))
    expected[[length(expected) + 1]] <- data.frame(protein, method, t(ifelse(is.nan(v), NA, v)))
  }
}
expected <- do.call(rbind, expected)
names(expected) <- c("protein", "method", paste0("s", 1:samples))
expected[-(1:2)] <- lapply(expected[-(1:2)], function(v) ifelse(is.na(v), "", sprintf("%.15g", v)))
write.table(expected, "expected.tsv", sep = "\t", quote = FALSE, row.names = FALSE)
writeLines(R.version.string, "versions.txt")
