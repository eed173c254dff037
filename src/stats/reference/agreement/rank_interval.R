# Expected intervals of Spearman coefficients (correlation.rs): ci.spear of the package statpsych, by an author of the method.
# The committed values were written with R 4.2.2 and that function as it stands in the package's repository.
#
#     Rscript rank_interval.R
#
# `rank_values.tsv` holds the pairs (case, x, y), `rank_interval.tsv` what ci.spear says of them. The pairs of `manual` are the
# example of its manual page, whose printed result is held to below; the others are the first two raters of `ratings.tsv`.
library(statpsych)

y <- c(21, 4, 9, 12, 35, 18, 10, 22, 24, 1, 6, 8, 13, 16, 19)
x <- c(67, 28, 30, 28, 52, 40, 25, 37, 44, 10, 14, 20, 28, 40, 51)
printed <- c(0.8699639, 0.5840951, 0.9638297)
stopifnot(all(round(ci.spear(.05, y, x)[, c("Estimate", "LL", "UL")], 7) == printed))

ratings <- read.delim("ratings.tsv")
cases <- list(manual = data.frame(x = x, y = y))
for (case in c("close", "loose", "unrelated")) {
  both <- na.omit(ratings[ratings$case == case, c("r0", "r1")])
  cases[[case]] <- data.frame(x = both$r0, y = both$r1)
}
values <- intervals <- NULL
for (case in names(cases)) {
  pairs <- cases[[case]]
  found <- ci.spear(.05, pairs$y, pairs$x)
  values <- rbind(values, data.frame(case, pairs))
  intervals <- rbind(intervals, data.frame(
    case, rho = found[, "Estimate"], n = nrow(pairs), low = found[, "LL"], high = found[, "UL"]
  ))
}
write <- function(table, name) {
  numbers <- sapply(table, is.double)
  table[numbers] <- lapply(table[numbers], function(v) sprintf("%.17g", v))
  write.table(table, name, sep = "\t", quote = FALSE, row.names = FALSE)
}
write(values, "rank_values.tsv")
write(intervals, "rank_interval.tsv")
