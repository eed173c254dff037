# Gene sets: over-representation, exact enrichment scores, camera.
sets <- strsplit(readLines("../sim1_small/sets.gmt"), "\t")
names(sets) <- vapply(sets, `[`, "", 1)
sets <- lapply(sets, function(fields) unique(fields[-(1:2)]))
fit <- eBayes(lmFit(abundance, model.matrix(~group)))
t <- setNames(fit$t[, 2], rownames(abundance))
t <- t[is.finite(t)]
fdr <- setNames(p.adjust(fit$p.value[, 2], "BH"), rownames(abundance))
hits <- names(which(fdr[names(t)] < 0.25))
write_table(data.frame(feature = names(t), t = t, hit = as.numeric(names(t) %in% hits)), "moderated_t")
write_table(do.call(rbind, lapply(names(sets), function(name) {
  members <- intersect(sets[[name]], names(t))
  overlap <- length(intersect(members, hits))
  data.frame(set = name, size = length(members), overlap = overlap,
    p = phyper(overlap - 1, length(members), length(t) - length(members), length(hits), lower.tail = FALSE))
})), "over_representation")
far <- expand.grid(overlap = c(1, 20, 60, 180), size = 200, hits = c(200, 900), universe = 11000)
far$log10_p <- phyper(far$overlap - 1, far$size, far$universe - far$size, far$hits, lower.tail = FALSE, log.p = TRUE) / log(10)
write_table(far, "over_representation_far")

# Enrichment score after Subramanian et al. 2005: the largest deviation of a sum that rises by |t|^weight at a member and
# falls by 1/(N - n) elsewhere, over the list in decreasing order of t; 0 when the extremes cancel.
score <- function(ranked, members, weight) {
  inside <- names(ranked) %in% members
  rise <- ifelse(inside, abs(ranked)^weight, 0)
  path <- cumsum(rise / sum(rise) - (!inside) / sum(!inside))
  extremes <- c(max(path, 0), min(path, 0))
  if (extremes[1] == -extremes[2]) 0 else extremes[which.max(abs(extremes))]
}
ranked <- sort(t, decreasing = TRUE)
write_table(do.call(rbind, lapply(names(sets), function(name) {
  members <- intersect(sets[[name]], names(ranked))
  if (length(members) < 5) return(NULL)
  data.frame(set = name, size = length(members), weighted = score(ranked, members, 1), unweighted = score(ranked, members, 0))
})), "enrichment_score")

# camera: both correlation modes on the full matrix, and on precomputed statistics.
design <- model.matrix(~group)
index <- ids2indices(sets, rownames(complete))
preset <- camera(complete, index, design, sort = FALSE)
estimated <- camera(complete, index, design, inter.gene.cor = NA, sort = FALSE)
write_table(data.frame(set = rownames(preset), size = preset$NGenes, direction = preset$Direction, preset_p = preset$PValue,
  correlation = estimated$Correlation, estimated_direction = estimated$Direction, estimated_p = estimated$PValue), "camera")
full_fit <- eBayes(lmFit(complete, design))
residuals <- t(qr.qty(qr(design), t(complete))[-(1:2), ])
write_matrix(structure(residuals, dimnames = list(rownames(complete), paste0("r", seq_len(ncol(residuals))))), "camera_residuals")
z <- zscoreT(full_fit$t[, 2], df = full_fit$df.total, approx = TRUE, method = "hill")
write_table(data.frame(feature = rownames(complete), t = full_fit$t[, 2], df_total = full_fit$df.total, z = z), "camera_statistics")
preranked <- cameraPR(t, ids2indices(sets, names(t)), sort = FALSE)
write_table(data.frame(set = rownames(preranked), size = preranked$NGenes, direction = preranked$Direction, p = preranked$PValue), "camera_preranked")

# Preranked enrichment: mean NES and geometric mean p of five seeds, with the leading edge. fgsea is in Bioconductor but
# not in Debian, so the committed table stays where it is not installed.
if (requireNamespace("fgsea", quietly = TRUE)) {
  tested <- lapply(sets, intersect, names(ranked))
  tested <- tested[lengths(tested) >= 10 & lengths(tested) <= 500]
  runs <- lapply(1:5, function(seed) {
    set.seed(seed)
    run <- suppressWarnings(fgsea::fgseaSimple(tested, ranked, nperm = 10000, BPPARAM = BiocParallel::SerialParam()))
    run[order(run$pathway), ]
  })
  write_table(data.frame(set = runs[[1]]$pathway, nes = rowMeans(sapply(runs, `[[`, "NES")),
    p = 10^rowMeans(log10(sapply(runs, `[[`, "pval"))), leading_edge = vapply(runs[[1]]$leadingEdge, paste, "", collapse = ";")), "fgsea")
}
