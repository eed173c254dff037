# Normalised log2 matrices, and the location and spread statistics they rest on.
medians <- apply(abundance, 2, median, na.rm = TRUE)
centred <- sweep(abundance, 2, medians) + median(medians)
write_matrix(centred, "median_centred")
mads <- apply(abundance, 2, mad, na.rm = TRUE)
scaled <- sweep(sweep(abundance, 2, medians), 2, mads / median(mads), "/") + median(medians)
write_matrix(scaled, "mad_scaled")
write_matrix(normalizeMedianAbsValues(abundance), "median_absolute_scaled")
write_matrix(normalizeQuantiles(abundance, ties = TRUE), "quantile_missing")
full <- normalizeQuantiles(complete, ties = TRUE)
other <- preprocessCore::normalize.quantiles(complete)
stopifnot(max(abs(full - other)) < 1e-10)
write_matrix(full, "quantile_complete")

set.seed(3)
samples_of <- list(odd = c(rnorm(31, 5, 2), NA), even = c(rexp(24), NA, NA), tied = c(1, 2, 2, 3, 3, 3, 9, NA), one = c(4, NA))
probabilities <- c(0, 0.1, 0.25, 0.333, 0.5, 0.9, 1)
write_table(do.call(rbind, lapply(names(samples_of), function(name) {
  x <- samples_of[[name]]
  data.frame(case = name, x = x, rank = rank(x, na.last = "keep"))
})), "descriptive_values")
write_table(do.call(rbind, lapply(names(samples_of), function(name) {
  x <- samples_of[[name]]
  quantiles <- quantile(x, probabilities, na.rm = TRUE, names = FALSE)
  data.frame(case = name, statistic = c("mean", "sd", "median", "mad", paste0("q", probabilities)),
    value = c(mean(x, na.rm = TRUE), sd(x, na.rm = TRUE), median(x, na.rm = TRUE), mad(x, na.rm = TRUE), quantiles))
})), "descriptive")
