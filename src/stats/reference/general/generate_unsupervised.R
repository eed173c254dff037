# Principal components, clustering, silhouettes on the complete log2 matrix, samples as observations.
for (scaled in c(FALSE, TRUE)) {
  components <- prcomp(t(complete), center = TRUE, scale. = scaled)
  name <- if (scaled) "pca_scaled" else "pca_centred"
  kept <- seq_len(min(10, ncol(complete) - 1))
  write_matrix(components$x[, kept], paste0(name, "_scores"), "sample")
  write_matrix(components$rotation[, 1:3], paste0(name, "_loadings"))
  write_table(data.frame(component = seq_along(components$sdev), variance = components$sdev^2, share = components$sdev^2 / sum(components$sdev^2)), paste0(name, "_variance"))
}
distances <- list(euclidean = dist(t(complete)), correlation = as.dist(1 - cor(complete)))
for (distance in names(distances)) {
  trees <- lapply(setNames(nm = c("complete", "average", "single", "ward.D", "ward.D2")), function(linkage) hclust(distances[[distance]], linkage))
  write_table(do.call(rbind, lapply(names(trees), function(linkage) {
    tree <- trees[[linkage]]
    data.frame(linkage = linkage, step = seq_len(nrow(tree$merge)), first = tree$merge[, 1], second = tree$merge[, 2], height = tree$height)
  })), paste0("tree_", distance))
  write_table(do.call(rbind, lapply(names(trees), function(linkage) {
    tree <- trees[[linkage]]
    data.frame(linkage = linkage, sample = tree$labels, order = match(seq_along(tree$labels), tree$order), k3 = cutree(tree, 3), k6 = cutree(tree, 6))
  })), paste0("tree_", distance, "_cut"))
}
groups <- kmeans(t(complete), centers = t(complete)[1:3, ], algorithm = "Lloyd", iter.max = 200)
widths <- cluster::silhouette(groups$cluster, distances$euclidean)
write_table(data.frame(sample = colnames(complete), cluster = groups$cluster, within = groups$withinss[groups$cluster],
  neighbour = widths[, "neighbor"], width = widths[, "sil_width"]), "k_means")
