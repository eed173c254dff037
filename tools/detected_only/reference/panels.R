# Expected values of the panels: switches of each direction together, by listing every subset of samples.
# Run in this folder after generate.R: Rscript panels.R (made with R 4.2.2)
input <- read.delim("input.tsv", check.names = FALSE)
samples <- read.delim("samples.tsv")
detected <- !is.na(as.matrix(input[, samples$sample]))
target <- samples$condition == "trtA"
n <- length(target)
m <- rowSums(detected)

# Odds of detection in each sample, from the features detected in some samples and not in others.
varied <- m > 0 & m < n
odds <- (colSums(detected[varied, ]) + 0.5) / (sum(varied) - colSums(detected[varied, ]) + 0.5)

switched <- function(found, inside) {
  a <- colSums(found & inside) / sum(inside)
  b <- colSums(found & !inside) / sum(!inside)
  list(a >= 0.6 & b <= 0.1, b >= 0.6 & a <= 0.1)
}
# Chance of each set of r samples: in proportion to the product of their odds.
patterns <- lapply(0:n, function(r) {
  sets <- combn(n, r)
  found <- apply(sets, 2, function(s) seq_len(n) %in% s)
  weight <- apply(sets, 2, function(s) prod(odds[s]))
  list(found = matrix(found, nrow = n), chance = weight / sum(weight))
})
count <- function(inside) {
  observed <- sapply(switched(t(detected), inside), sum)
  expected <- c(0, 0)
  for (r in 0:n) {
    p <- patterns[[r + 1]]
    s <- switched(p$found, inside)
    expected <- expected + sum(m == r) * c(sum(p$chance[s[[1]]]), sum(p$chance[s[[2]]]))
  }
  rbind(observed, expected, statistic = (observed - expected) / sqrt(expected + 1))
}
given <- count(target)
splits <- combn(n, sum(target))
all <- apply(splits, 2, function(s) count(seq_len(n) %in% s)["statistic", ])
p <- rowMeans(all >= given["statistic", ] - 1e-9)

text <- function(x) formatC(x, digits = 17, format = "g", width = 1)
sign <- c(1, -1)
write.table(data.frame(
  panel = c("target_only", "reference_only"), observed = given["observed", ], expected = text(given["expected", ]),
  effect = text(sign * (given["observed", ] - given["expected", ])), statistic = text(sign * given["statistic", ]),
  P.Value = text(p), adj.P.Val = text(p.adjust(p, "BH")), splits = ncol(splits)
), "expected_panels.csv", sep = ",", quote = FALSE, row.names = FALSE)
