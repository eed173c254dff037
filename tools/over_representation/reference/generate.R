# Makes expected.csv from statistics.tsv and sets.tsv with R's hypergeometric tail (R 4.2.2, no packages).
# statistics.tsv: a limma table of a simulated study; sets.tsv: simulated modules. Run in this folder: Rscript generate.R
tests <- read.delim("statistics.tsv")
members <- read.delim("sets.tsv")
tests <- tests[is.finite(tests$P.Value), ]
tests <- tests[order(tests$P.Value), ]
tests <- tests[!duplicated(tests$gene), ]
background <- tests$gene
hits <- tests$gene[tests$adj.P.Val <= 0.3]
sets <- lapply(split(members$gene, members$set), function(g) intersect(unique(g), background))
sets <- sets[lengths(sets) >= 5 & lengths(sets) <= 500]
size <- lengths(sets)
overlap <- vapply(sets, function(g) length(intersect(g, hits)), 0L)
n <- length(hits)
p <- phyper(overlap - 1, size, length(background) - size, n, lower.tail = FALSE)
out <- data.frame(set = names(sets), size = size, selected = n, overlap = overlap, expected = size * n / length(background))
out$fold <- out$overlap / out$expected
out$P.Value <- p
out$adj.P.Val <- p.adjust(p, "BH")
write.csv(format(out[out$overlap > 0, ], digits = 15, trim = TRUE), "expected.csv", row.names = FALSE, quote = FALSE)
