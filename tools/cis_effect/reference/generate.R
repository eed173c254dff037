# Expected values of cis_effect: a linear model per row with the row's own partner, residual variances squeezed with limma.
# usage: Rscript generate.R   (R with limma; written with R 4.2.2, limma 3.54.1, whose prior is the legacy one)
suppressMessages(library(limma))
args <- commandArgs(FALSE)
here <- dirname(sub("--file=", "", args[grep("--file=", args)]))
set.seed(7)
n <- 30; rows <- 40
samples <- sprintf("s%02d", seq_len(n)); genes <- sprintf("G%02d", seq_len(rows))
batch <- rep(c("x", "y", "z"), length.out = n)
mutation <- matrix(rbinom(rows * n, 1, 0.3), rows)
copies <- matrix(rnorm(rows * n, 0, 0.4), rows)
y <- matrix(rnorm(rows * n, 22, 0.5), rows) + outer(rnorm(rows), as.numeric(batch == "y"))
y[1:5, ] <- y[1:5, ] - 0.9 * mutation[1:5, ]
y[6:12, ] <- y[6:12, ] + 0.8 * copies[6:12, ]
y[runif(rows * n) < 0.12] <- NA
mutation[, 29:30] <- NA
write <- function(m, file) {
  text <- ifelse(is.na(m), "", trimws(formatC(m, digits = 17, format = "g")))
  frame <- data.frame(genes, genes, text); names(frame) <- c("feature", "gene", samples)
  write.table(frame, file.path(here, file), sep = "\t", quote = FALSE, row.names = FALSE)
}
write(y, "proteins.tsv"); write(mutation, "mutations.tsv"); write(copies, "copies.tsv")
write.table(data.frame(sample = samples, batch = batch), file.path(here, "samples.tsv"), sep = "\t", quote = FALSE, row.names = FALSE)
expected <- function(partner, burden, file) {
  one <- function(i) {
    data <- data.frame(y = y[i, ], batch = batch, own = partner[i, ])
    form <- y ~ batch + own
    if (!is.null(burden)) { data$burden <- burden; form <- y ~ batch + burden + own }
    fit <- summary(lm(form, data, na.action = na.omit))
    c(fit$coefficients["own", 1:2], fit$sigma, fit$df[2], sum(!is.na(data$y) & !is.na(data$own)))
  }
  m <- t(sapply(seq_len(rows), one))
  squeezed <- squeezeVar(m[, 3]^2, m[, 4])
  df <- pmin(m[, 4] + squeezed$df.prior, sum(m[, 4]))
  t <- m[, 1] / (m[, 2] / m[, 3] * sqrt(squeezed$var.post))
  half <- qt(0.975, df) * abs(m[, 1] / t)
  out <- data.frame(effect = m[, 1], CI.L = m[, 1] - half, CI.R = m[, 1] + half, t = t, P.Value = 2 * pt(-abs(t), df), df = m[, 4], n = m[, 5])
  out <- cbind(feature = genes, as.data.frame(lapply(out, function(v) trimws(formatC(v, digits = 17, format = "g")))))
  write.csv(out, file.path(here, file), row.names = FALSE, quote = FALSE)
}
expected(mutation, log2(1 + colSums(mutation)), "expected.csv")
expected(copies, NULL, "expected_copies.csv")
