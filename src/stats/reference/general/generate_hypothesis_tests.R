# Classical tests, feature by feature, on the observed log2 abundances.
attempt <- function(test, ...) {
  result <- try(suppressWarnings(test(...)), silent = TRUE)
  if (inherits(result, "try-error")) NULL else result
}
part <- function(result, name) if (is.null(result)) NA_real_ else as.numeric(result[[name]])[1]
treated <- which(group == "trtA")
control <- which(group == "ctrl")
batch <- factor(samples$batch)
two_groups <- do.call(rbind, lapply(seq_len(nrow(abundance)), function(i) {
  x <- na.omit(abundance[i, treated])
  y <- na.omit(abundance[i, control])
  welch <- attempt(t.test, x, y)
  student <- attempt(t.test, x, y, var.equal = TRUE)
  wilcoxon <- attempt(wilcox.test, x, y)
  wilcoxon_normal <- attempt(wilcox.test, x, y, exact = FALSE)
  row <- data.frame(value = abundance[i, ], batch = batch)
  anova <- attempt(oneway.test, value ~ batch, row, var.equal = TRUE)
  welch_anova <- attempt(oneway.test, value ~ batch, row)
  kruskal <- attempt(kruskal.test, value ~ batch, row)
  groups_known <- length(unique(batch[!is.na(row$value)])) > 1 && sum(!is.na(row$value)) > length(unique(batch[!is.na(row$value)]))
  fitted <- if (groups_known) attempt(function() summary(lm(value ~ batch, row)))
  data.frame(
    feature = rownames(abundance)[i],
    welch_t = part(welch, "statistic"), welch_df = part(welch, "parameter"), welch_p = part(welch, "p.value"),
    welch_low = part(welch, "conf.int"), student_t = part(student, "statistic"), student_p = part(student, "p.value"),
    wilcoxon_w = part(wilcoxon, "statistic"), wilcoxon_p = part(wilcoxon, "p.value"),
    wilcoxon_normal_p = part(wilcoxon_normal, "p.value"),
    anova_f = part(anova, "statistic"), anova_p = part(anova, "p.value"),
    welch_anova_f = part(welch_anova, "statistic"), welch_anova_df2 = if (is.null(welch_anova)) NA else welch_anova$parameter[[2]],
    welch_anova_p = part(welch_anova, "p.value"),
    explained = part(fitted, "adj.r.squared"),
    kruskal_h = part(kruskal, "statistic"), kruskal_p = part(kruskal, "p.value")
  )
}))
# R gives W but no p when all values are equal; no test is made then.
two_groups$wilcoxon_w[is.na(two_groups$wilcoxon_p)] <- NA
two_groups$kruskal_h[is.na(two_groups$kruskal_p)] <- NA
# Without spread lm explains rounding errors.
two_groups$explained[apply(abundance, 1, sd, na.rm = TRUE) %in% 0] <- NA
write_table(two_groups, "two_groups")

donors <- intersect(samples$donor[treated], samples$donor[control])
first <- treated[match(donors, samples$donor[treated])]
second <- control[match(donors, samples$donor[control])]
paired <- do.call(rbind, lapply(seq_len(nrow(abundance)), function(i) {
  difference <- na.omit(abundance[i, first] - abundance[i, second])
  t <- attempt(t.test, difference)
  exact <- attempt(wilcox.test, difference)
  normal <- attempt(wilcox.test, difference, exact = FALSE)
  data.frame(feature = rownames(abundance)[i], pairs = length(difference), t = part(t, "statistic"), t_p = part(t, "p.value"),
    v = part(exact, "statistic"), v_p = part(exact, "p.value"), v_normal_p = part(normal, "p.value"))
}))
paired$v[is.na(paired$v_p)] <- NA
write_table(paired, "paired")

# Larger and tied samples for the rank tests: exact up to 49 per group, normal beyond and with ties.
set.seed(21)
rank_cases <- list(
  exact_small = list(x = rnorm(7, 1), y = rnorm(9)), exact_large = list(x = rnorm(45, 0.8), y = rnorm(49)),
  normal_large = list(x = rnorm(60, 0.7), y = rnorm(55)), tied = list(x = rpois(12, 3), y = rpois(10, 4)),
  far = list(x = rnorm(40, 8), y = rnorm(40))
)
write_table(do.call(rbind, lapply(names(rank_cases), function(name) with(rank_cases[[name]], {
  data.frame(case = name, sample = rep(c("x", "y"), c(length(x), length(y))), value = c(x, y))
}))), "rank_values")
write_table(do.call(rbind, lapply(names(rank_cases), function(name) with(rank_cases[[name]], {
  n <- min(length(x), length(y))
  sum <- suppressWarnings(wilcox.test(x, y))
  signed <- suppressWarnings(wilcox.test(x[1:n] - y[1:n]))
  kruskal <- kruskal.test(list(x, y))
  data.frame(case = name, w = sum$statistic, w_p = sum$p.value, v = signed$statistic, v_p = signed$p.value,
    h = kruskal$statistic, h_p = kruskal$p.value)
}))), "rank_tests")

# 2 x 2 tables: Fisher's exact test with the conditional odds ratio.
tables <- rbind(c(3, 1, 1, 3), c(10, 2, 3, 15), c(0, 5, 7, 4), c(120, 30, 4000, 6850), c(8, 0, 0, 9), c(0, 0, 3, 4), c(2, 7, 8, 2), c(300, 5, 10, 400))
write_table(do.call(rbind, lapply(seq_len(nrow(tables)), function(i) {
  square <- matrix(tables[i, ], 2, byrow = TRUE)
  two <- fisher.test(square)
  data.frame(a = tables[i, 1], b = tables[i, 2], c = tables[i, 3], d = tables[i, 4], p = two$p.value,
    greater = fisher.test(square, alternative = "greater")$p.value, less = fisher.test(square, alternative = "less")$p.value,
    odds = unname(two$estimate), low = two$conf.int[1], high = two$conf.int[2])
})), "fisher")
counts <- list(three_by_two = rbind(c(12, 5), c(7, 9), c(3, 14)), three_by_four = rbind(c(4, 6, 2, 9), c(8, 1, 5, 3), c(2, 7, 6, 4)),
  two_by_two = rbind(c(20, 9), c(11, 25)))
write_table(do.call(rbind, lapply(names(counts), function(name) {
  table <- counts[[name]]
  test <- suppressWarnings(chisq.test(table, correct = FALSE))
  set.seed(5)
  simulated <- chisq.test(table, simulate.p.value = TRUE, B = 200000)
  data.frame(case = name, cells = paste(t(table), collapse = ","), columns = ncol(table), chi2 = unname(test$statistic), df = unname(test$parameter), p = test$p.value,
    simulated_p = simulated$p.value, fisher_p = fisher.test(table)$p.value)
})), "contingency")

# Binomial intervals.
trials <- rbind(c(0, 10), c(10, 10), c(3, 20), c(41, 48), c(1, 1000))
write_table(do.call(rbind, lapply(seq_len(nrow(trials)), function(i) {
  test <- binom.test(trials[i, 1], trials[i, 2])
  wide <- binom.test(trials[i, 1], trials[i, 2], conf.level = 0.99)
  data.frame(successes = trials[i, 1], trials = trials[i, 2], low = test$conf.int[1], high = test$conf.int[2], low99 = wide$conf.int[1], high99 = wide$conf.int[2])
})), "clopper_pearson")

# Correlations of the first features against the 36th, on pairs observed together.
correlations <- do.call(rbind, lapply(c(1:60, 400:410), function(i) {
  x <- abundance[36, ]
  y <- abundance[i, ]
  pearson <- attempt(cor.test, x, y)
  pairs <- sum(!is.na(x + y))
  spearman <- if (pairs >= 3) attempt(cor.test, x, y, method = "spearman", exact = pairs <= 9)
  data.frame(feature = rownames(abundance)[i], pearson = part(pearson, "estimate"), pearson_p = part(pearson, "p.value"),
    low = if (is.null(pearson$conf.int)) NA else pearson$conf.int[1], high = if (is.null(pearson$conf.int)) NA else pearson$conf.int[2],
    spearman = part(spearman, "estimate"), spearman_p = part(spearman, "p.value"))
}))
write_table(correlations, "correlations")
set.seed(8)
long <- data.frame(case = rep(c("ten", "nine", "fifty", "tied"), c(10, 9, 50, 8)), x = NA, y = NA)
long$x <- rnorm(nrow(long))
long$y <- 0.6 * long$x + rnorm(nrow(long))
long[long$case == "tied", c("x", "y")] <- round(long[long$case == "tied", c("x", "y")])
write_table(long, "correlation_values")
write_table(do.call(rbind, lapply(c("ten", "nine", "fifty", "tied"), function(name) {
  rows <- long[long$case == name, ]
  pearson <- cor.test(rows$x, rows$y)
  spearman <- suppressWarnings(cor.test(rows$x, rows$y, method = "spearman", exact = name == "nine"))
  data.frame(case = name, pearson = pearson$estimate, pearson_p = pearson$p.value, low = pearson$conf.int[1], high = pearson$conf.int[2],
    spearman = spearman$estimate, spearman_p = spearman$p.value)
})), "correlation_tests")
