# Reference values of the linear-model part: fits, moderated statistics, blocking, treat, squeezed variances, smoothers.
# Usage: Rscript limma.R        (from this folder; reads ../sim1_small, writes *.tsv.gz here)
# Made with R 4.2.2, limma 3.54.1, statmod 1.5.0. With limma >= 3.61 on the library path it writes the unequal-df
# tables instead; those committed here come from limma 3.63.2.
suppressPackageStartupMessages({ library(limma); library(statmod) })
new_limma <- packageVersion("limma") >= "3.61"
text <- function(v) if (is.double(v)) ifelse(is.na(v), "", trimws(formatC(v, digits = 17, format = "g"))) else v
save_table <- function(d, name) {
  con <- gzfile(paste0(name, ".tsv.gz"), "w")
  write.table(as.data.frame(lapply(d, text), check.names = FALSE), con, sep = "\t", quote = FALSE, row.names = FALSE, na = "")
  close(con)
}
read_log2 <- function(path) {
  d <- read.delim(path, check.names = FALSE, row.names = 1, na.strings = "")
  log2(as.matrix(d))
}
y <- read_log2("../sim1_small/abundance.tsv")
meta <- read.delim("../sim1_small/meta.tsv")
meta <- meta[match(colnames(y), meta$sample), ]
group <- relevel(factor(meta$condition), "ctrl")
means <- model.matrix(~ 0 + group)
colnames(means) <- levels(group)
difference <- makeContrasts(trtA - ctrl, levels = means)
statistics <- function(f, j = 1) {
  fill <- function(v) rep_len(v, nrow(f))
  list(feature = rownames(f), logFC = f$coefficients[, j], ave = f$Amean, su = f$stdev.unscaled[, j], sigma = f$sigma, df = f$df.residual,
    s2_prior = fill(f$s2.prior), df_prior = fill(f$df.prior), s2_post = f$s2.post, df_total = f$df.total,
    t = f$t[, j], log10_p = (log(2) + pt(-abs(f$t[, j]), f$df.total, log.p = TRUE)) / log(10), B = f$lods[, j])
}
base <- contrasts.fit(lmFit(y, means), difference)
seen <- !is.na(base$Amean)

if (new_limma) {
  for (trend in c(FALSE, TRUE)) for (robust in c(FALSE, TRUE))
    save_table(statistics(eBayes(base[seen, ], trend = trend, robust = robust)), paste0("unequal_df", if (trend) "_trend", if (robust) "_robust"))
  quit()
}

for (trend in c(FALSE, TRUE)) for (robust in c(FALSE, TRUE))
  save_table(statistics(eBayes(if (trend) base[seen, ] else base, trend = trend, robust = robust)), paste0("legacy", if (trend) "_trend", if (robust) "_robust"))

adjusted <- model.matrix(~ group + age + sex, meta)
save_table(statistics(eBayes(lmFit(y, adjusted)), 2), "covariates")
contrast_age <- contrasts.fit(lmFit(y, adjusted), cbind(c(0, 1, 0.1, -1)))
save_table(list(feature = rownames(y), logFC = contrast_age$coefficients[, 1], su = contrast_age$stdev.unscaled[, 1]), "contrast_correlated")
paired <- model.matrix(~ donor + group, meta)
save_table(statistics(eBayes(lmFit(y, paired)), ncol(paired)), "paired")

together <- duplicateCorrelation(y, means, block = meta$donor)
save_table(list(feature = rownames(y), atanh_rho = together$atanh.correlations), "duplicate_correlation")
save_table(list(consensus = together$consensus.correlation), "consensus")
save_table(statistics(eBayes(contrasts.fit(lmFit(y, means, block = meta$donor, correlation = together$consensus.correlation), difference))), "block")

weights <- arrayWeights(y, means)
save_table(list(sample = colnames(y), weight = weights), "weights")
save_table(statistics(eBayes(contrasts.fit(lmFit(y, means, weights = weights), difference))), "weighted")

# Three columns tested together: F over group, age and sex, with its correlated coefficients
several <- eBayes(lmFit(y, adjusted))
f <- classifyTestsF(several[, 2:4], fstat.only = TRUE)
f1 <- attr(f, "df1"); f2 <- rep_len(attr(f, "df2"), nrow(y))
save_table(list(feature = rownames(y), F = as.numeric(f), df1 = rep_len(as.double(f1), nrow(y)), df2 = f2,
  log10_p = pf(as.numeric(f), f1, f2, lower.tail = FALSE, log.p = TRUE) / log(10)), "moderated_f")

estimable <- is.finite(base$coefficients[, 1])
tr <- treat(base[estimable, ], lfc = 0.5)
save_table(list(feature = rownames(y)[estimable], t = tr$t[, 1], log10_p = log10(tr$p.value[, 1])), "treat")
interval <- topTable(eBayes(base), number = Inf, sort.by = "none", confint = 0.95)
save_table(list(feature = rownames(interval), low = interval$CI.L, high = interval$CI.R), "interval")

v <- base$sigma^2
for (kind in c("plain", "robust", "trend", "trend_robust")) {
  k <- if (grepl("trend", kind)) seen else rep(TRUE, length(v))
  s <- squeezeVar(v[k], base$df.residual[k], covariate = if (grepl("trend", kind)) base$Amean[k], robust = grepl("robust", kind))
  fill <- function(x) rep_len(x, sum(k))
  save_table(list(feature = rownames(y)[k], variance = v[k], df = base$df.residual[k], ave = base$Amean[k],
    prior = fill(s$var.prior), prior_df = fill(s$df.prior), posterior = s$var.post), paste0("squeezed_", kind))
}

# Smoothers on a covariate with ties, and a spread of weights
set.seed(20240718)
x <- round(c(rnorm(350, 22, 3), rep(21, 12), 40), 2)
z <- sin(x / 3) + 0.3 * rnorm(length(x))
w <- rgamma(length(x), 2)
w[c(3, 90)] <- 1e-9
save_table(list(x = x, z = z, w = w,
  lowess = loessFit(z, x, span = 0.4)$fitted,
  weighted = loessFit(z, x, weights = w, min.weight = 1e-8, max.weight = 100, span = 0.3, iterations = 1)$fitted,
  weighted_wide = loessFit(z, x, weights = w, min.weight = 1e-8, max.weight = 100, span = 0.8, iterations = 1)$fitted), "smoothers")

# Variances that differ by chance only, and the same with two outliers
set.seed(7)
chance <- c(rchisq(240, 5) / 5 * 0.3)
v <- list(squeezed_pure_chance = chance, squeezed_pure_chance_robust = replace(chance, c(17, 180), c(9, 31)))
for (name in names(v)) {
  s <- squeezeVar(v[[name]], rep(5, 240), robust = grepl("robust", name))
  fill <- function(x) rep_len(as.double(x), 240)
  save_table(list(variance = v[[name]], df = fill(5), ave = fill(0), prior = fill(s$var.prior), prior_df = fill(s$df.prior), posterior = fill(s$var.post)), name)
}
