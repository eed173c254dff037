# Makes samples.tsv, scores.tsv, clusters.tsv (random, seed 11) and expected.csv (R 4.2.2: fisher.test, chisq.test, kruskal.test, cor.test).
# Run in this folder: Rscript generate.R
set.seed(11)
n <- 48
cluster <- rep(1:3, c(20, 16, 12))
pc <- rnorm(n)
stage <- sample(c("I", "II", "III"), n, TRUE)
receptor <- ifelse(runif(n) < 0.3 + 0.4 * (cluster == 2), "positive", "negative")
age <- round(60 + 4 * (cluster == 3) + 6 * pc + rnorm(n, sd = 8), 1)
age[c(5, 30)] <- NA
receptor[7] <- NA
id <- sprintf("T%02d", seq_len(n))
put <- function(x, file) write.table(x, file, sep = "\t", quote = FALSE, row.names = FALSE, na = "")
put(data.frame(sample = id, stage, receptor, age), "samples.tsv")
put(data.frame(sample = id, cluster), "clusters.tsv")
put(data.frame(sample = id, PC1 = round(pc, 6)), "scores.tsv")
pc <- round(pc, 6)
against <- function(variable, value) {
  h <- kruskal.test(pc, factor(value))
  groups <- h$parameter + 1
  seen <- sum(!is.na(value))
  data.frame(variable, statistic = h$statistic, effect = max(0, (h$statistic - groups + 1) / (seen - groups)), P.Value = h$p.value, n = seen)
}
rank <- suppressWarnings(cor.test(pc, age, method = "spearman", exact = FALSE))
out <- rbind(against("stage", stage), against("receptor", receptor),
  data.frame(variable = "age", statistic = rank$estimate, effect = rank$estimate, P.Value = NA, n = sum(!is.na(age))))
# Spearman's p from the t distribution, as scipy and Hmisc compute it
r <- rank$estimate
df <- sum(!is.na(age)) - 2
out$P.Value[3] <- 2 * pt(-abs(r * sqrt(df / (1 - r^2))), df)
out$adj.P.Val <- p.adjust(out$P.Value, "BH")
write.csv(format(out, digits = 15, trim = TRUE), "expected.csv", row.names = FALSE, quote = FALSE)
of_clusters <- function(variable, value) {
  test <- suppressWarnings(chisq.test(table(cluster, value), correct = FALSE))
  seen <- sum(!is.na(value))
  least <- min(dim(table(cluster, value))) - 1
  data.frame(variable, least_expected = min(test$expected), statistic = test$statistic, effect = sqrt(test$statistic / seen / least), P.Value = test$p.value, n = seen)
}
h <- kruskal.test(age, factor(cluster))
clusters <- rbind(of_clusters("stage", stage)[-2], of_clusters("receptor", receptor)[-2],
  data.frame(variable = "age", statistic = h$statistic, effect = max(0, (h$statistic - 2) / (sum(!is.na(age)) - 3)), P.Value = h$p.value, n = sum(!is.na(age))))
print(of_clusters("stage", stage)); print(of_clusters("receptor", receptor))
clusters$adj.P.Val <- p.adjust(clusters$P.Value, "BH")
write.csv(format(clusters, digits = 15, trim = TRUE), "expected_clusters.csv", row.names = FALSE, quote = FALSE)
