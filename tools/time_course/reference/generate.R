# Expected values of time_course with limma on a natural spline, and on a line.
# usage: Rscript generate.R   (R with limma and splines; written with R 4.2.2, limma 3.54.1, whose prior is the legacy one)
suppressMessages({library(limma); library(splines)})
args <- commandArgs(FALSE)
here <- dirname(sub("--file=", "", args[grep("--file=", args)]))
set.seed(5)
labels <- c("0s", "30s", "1m", "5m", "10m", "1h"); seconds <- c(0, 30, 60, 300, 600, 3600)
time <- rep(labels, each = 4); x <- log2(1 + rep(seconds, each = 4) / 30)
n <- length(time); rows <- 50
samples <- sprintf("s%02d", seq_len(n)); genes <- sprintf("G%02d", seq_len(rows)); batch <- rep(c("x", "y"), n / 2)
y <- matrix(rnorm(rows * n, 22, 0.4), rows)
y[1:5, ] <- y[1:5, ] + rep(1, 5) %o% (0.3 * x)
y[6:10, ] <- y[6:10, ] + rep(1, 5) %o% (1.5 * exp(-(x - 3)^2))
write.table(setNames(data.frame(genes, genes, trimws(formatC(y, digits = 17, format = "g"))), c("feature", "gene", samples)),
            file.path(here, "input.tsv"), sep = "\t", quote = FALSE, row.names = FALSE)
write.table(data.frame(sample = samples, time = time, batch = batch), file.path(here, "samples.tsv"), sep = "\t", quote = FALSE, row.names = FALSE)
emit <- function(frame, file) {
  frame[-1] <- lapply(frame[-1], function(v) trimws(formatC(v, digits = 17, format = "g")))
  write.csv(frame, file.path(here, file), row.names = FALSE, quote = FALSE)
}
points <- sort(unique(x)); knots <- quantile(points, (0:3) / 3, names = FALSE)
spline <- ns(x, knots = knots[2:3], Boundary.knots = knots[c(1, 4)])
fit <- eBayes(lmFit(y, model.matrix(~ batch + spline)))
top <- topTable(fit, coef = 3:5, number = Inf, sort.by = "none")
at <- sapply(labels, function(l) which(time == l)[1])
course <- fit$coefficients[, 3:5] %*% t(spline[at, ]); course <- course - course[, 1]
far <- apply(abs(course), 1, which.max)
# limma's moderated t has at most as many degrees of freedom as all rows together, its F has not; ours has, so p is taken there.
p <- pf(top$F, 3, fit$df.total[1], lower.tail = FALSE)
emit(data.frame(feature = genes, change = course[cbind(seq_len(rows), far)], change_at_end = course[, length(at)], F = top$F,
                P.Value = p, adj.P.Val = p.adjust(p, "BH"), df = fit$df.residual), "expected.csv")
fit <- eBayes(lmFit(y, model.matrix(~ batch + x)))
top <- topTable(fit, coef = "x", number = Inf, sort.by = "none", confint = TRUE)
emit(data.frame(feature = genes, slope = top$logFC, CI.L = top$CI.L, CI.R = top$CI.R, t = top$t, P.Value = top$P.Value,
                adj.P.Val = top$adj.P.Val, df = fit$df.residual), "expected_line.csv")
