# Makes expected.csv from input.tsv (log2, no gaps) with hclust and cluster::silhouette (R 4.2.2, cluster 2.1.4): mean silhouette
# width for 2 to 5 clusters of the samples over the 60 most variable features. Run in this folder: Rscript generate.R
y <- as.matrix(read.delim("input.tsv", row.names = 1, check.names = FALSE))
top <- y[order(-apply(y, 1, var))[1:60], ]
d <- dist(t(top))
tree <- hclust(d, "ward.D2")
k <- 2:5
cuts <- lapply(k, function(k) cutree(tree, k))
out <- data.frame(k = k, silhouette = vapply(cuts, function(cut) mean(cluster::silhouette(cut, d)[, 3]), 0))
out$smallest <- vapply(cuts, function(cut) min(table(cut)), 0L)
write.csv(format(out, digits = 15, trim = TRUE), "expected.csv", row.names = FALSE, quote = FALSE)
