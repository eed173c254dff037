# Expected values for the general statistics of proteus-stats.
#
# Run inside this folder:  Rscript generate.R
# Reads ../sim1_small (raw intensities, empty = missing) and writes one TSV per topic beside this script.
# The package versions of the committed files are in versions.txt; every simulated input has its seed in its own script.
# Not rewritten without fgsea (absent from Debian): fgsea.tsv. The committed one summarises fgseaSimple runs with the
# settings in generate_enrichment.R and the leading edges of fgseaMultilevel; their fgsea version was not recorded.
suppressPackageStartupMessages({
  library(limma)
})
RNGversion("4.2.0")
options(warn = 1)

number <- function(x) ifelse(is.na(x), "", sprintf("%.17g", x))
write_table <- function(table, name) {
  for (column in names(table)) if (is.numeric(table[[column]])) table[[column]] <- number(table[[column]])
  write.table(table, paste0(name, ".tsv"), sep = "\t", quote = FALSE, row.names = FALSE, na = "")
}
write_matrix <- function(values, name, key = "feature") {
  write_table(data.frame(setNames(list(rownames(values)), key), values, check.names = FALSE), name)
}
read_intensities <- function(file) {
  table <- read.delim(file, check.names = FALSE)
  values <- as.matrix(table[-1])
  rownames(values) <- table[[1]]
  log2(values)
}

abundance <- read_intensities("../sim1_small/abundance.tsv")
complete <- read_intensities("../sim1_small/complete.tsv")
samples <- read.delim("../sim1_small/meta.tsv")
stopifnot(identical(samples$sample, colnames(abundance)))
group <- relevel(factor(samples$condition), "ctrl")

for (topic in c("multiplicity", "normalisation", "hypothesis_tests", "enrichment", "unsupervised")) {
  source(paste0("generate_", topic, ".R"), local = FALSE)
}

versions <- c(R.version.string, vapply(c("limma", "statmod", "qvalue", "preprocessCore", "cluster"), function(package) {
  paste(package, as.character(packageVersion(package)))
}, ""))
writeLines(versions, "versions.txt")
