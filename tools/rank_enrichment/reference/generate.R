# Makes expected.csv from input.tsv, samples.tsv and sets.tsv (R 4.2.2, limma 3.54.1 for the fits, camera's correlation and
# squeezeVar). input.tsv: log2 abundances of a simulated study without gaps; sets.tsv: simulated modules.
# Run in this folder: Rscript generate.R
suppressPackageStartupMessages(library(limma))
y <- as.matrix(read.delim("input.tsv", row.names = 1, check.names = FALSE))
samples <- read.delim("samples.tsv")
members <- read.delim("sets.tsv")
arm <- factor(samples$condition[match(colnames(y), samples$sample)], levels = c("ctrl", "trtA"))
design <- model.matrix(~arm)
sets <- lapply(split(members$gene, members$set), function(g) intersect(unique(g), rownames(y)))
sets <- sets[lengths(sets) >= 5 & lengths(sets) <= 100]
fit <- eBayes(lmFit(y, design))
change <- fit$coefficients[, 2]
z <- zscoreT(fit$t[, 2], fit$df.total, approx = TRUE, method = "hill")
d <- ncol(y) - 2
all <- length(z)
m <- lengths(sets)
correlation <- camera(y, sets, design, contrast = 2, inter.gene.cor = NA, sort = FALSE)$Correlation
inflation <- 1 + (m - 1) * correlation
prior <- squeezeVar(inflation, d, covariate = log(m))
d0 <- min(prior$df.prior[1], d)
moderated <- pmax(1, (d * inflation + d0 * prior$var.prior) / (d + d0))
difference <- vapply(sets, function(g) mean(z[g]) - mean(z[setdiff(names(z), g)]), 0)
rest <- all - m
pooled <- ((all - 1) * var(z) - difference^2 * m * rest / all) / (all - 2)
spread <- pmax(0, pooled - 1)
total <- moderated / m + 1 / rest + spread * (1 / m + 1 / rest)
t <- difference / sqrt(total)
df <- (total / (moderated / m))^2 * (d + d0)
out <- data.frame(set = names(sets), size = m)
out$effect <- vapply(sets, function(g) mean(change[g]), 0) - mean(change)
agree <- sign(out$effect) == sign(t)
half <- abs(out$effect / t) * qt(0.975, df)
out$CI.L <- ifelse(agree, out$effect - half, NA)
out$CI.R <- ifelse(agree, out$effect + half, NA)
out$correlation <- correlation
out$P.Value <- ifelse(agree, 2 * pt(-abs(t), df), 1)
out$adj.P.Val <- p.adjust(out$P.Value, "BH")
out$members_up <- vapply(sets, function(g) sum(change[g] > 0), 0L)
text <- format(out, digits = 15, trim = TRUE)
text[is.na(out)] <- ""
write.csv(text, "expected.csv", row.names = FALSE, quote = FALSE)
