# Expected values of assay_discordance and of the differences before it.
# usage: Rscript generate.R   (R with limma; written with R 4.2.2, limma 3.54.1; writes beside itself and to assay_difference)
suppressMessages(library(limma))
args <- commandArgs(FALSE)
here <- dirname(sub("--file=", "", args[grep("--file=", args)]))
there <- file.path(here, "..", "..", "assay_difference", "reference")
set.seed(11)
n <- 12; rows <- 60
samples <- sprintf("s%02d", seq_len(n))
arm <- rep(c("ctrl", "trt"), each = 6); batch <- rep(c("x", "y", "z"), 4)
protein <- matrix(rnorm(rows * n, 22, 0.6), rows) + outer(rnorm(rows), as.numeric(arm == "trt"))
site <- 0.9 * protein + matrix(rnorm(rows * n, 0, 0.4), rows)
site[1:6, arm == "trt"] <- site[1:6, arm == "trt"] + 1.2
site[runif(rows * n) < 0.15] <- NA
protein[runif(rows * n) < 0.1] <- NA
genes <- sprintf("G%02d", seq_len(rows))
clean <- function(m) { m <- ifelse(is.na(m), "", trimws(formatC(m, digits = 17, format = "g"))); m }
write <- function(m, file) {
  frame <- data.frame(genes, genes, clean(m)); names(frame) <- c("feature", "gene", samples)
  write.table(frame, file, sep = "\t", quote = FALSE, row.names = FALSE)
}
write(site, file.path(there, "sites.tsv")); write(protein, file.path(there, "proteins.tsv"))
difference <- site - protein
kept <- rowSums(!is.na(difference)) >= 4
frame <- data.frame(genes, clean(difference)); names(frame) <- c("feature", samples)
write.csv(frame[kept, ], file.path(there, "expected.csv"), row.names = FALSE, quote = FALSE)
write.table(data.frame(sample = samples, condition = arm, batch = batch), file.path(here, "samples.tsv"),
            sep = "\t", quote = FALSE, row.names = FALSE)
file.copy(file.path(here, "samples.tsv"), file.path(there, "samples.tsv"), overwrite = TRUE)
write(difference, file.path(here, "differences.tsv"))
fit <- eBayes(lmFit(difference, model.matrix(~ batch + arm)))
k <- "armtrt"
t <- fit$t[, k]; se <- fit$coefficients[, k] / t
half <- qt(0.975, fit$df.total) * se
expected <- data.frame(feature = genes, difference = fit$coefficients[, k], CI.L = fit$coefficients[, k] - half,
                       CI.R = fit$coefficients[, k] + half, t = t, P.Value = fit$p.value[, k], se = se, df = fit$df.residual)
expected[-1] <- lapply(expected[-1], function(v) trimws(formatC(v, digits = 17, format = "g")))
write.csv(expected, file.path(here, "expected.csv"), row.names = FALSE, quote = FALSE)
