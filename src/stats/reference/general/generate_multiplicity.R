# Adjusted p-values. Three p-value vectors: a real-looking one with missing values, a strong mixture whose pi0 is
# well below 1, and one on which Storey's smoother and bootstrap disagree.
fit <- eBayes(lmFit(abundance, model.matrix(~group)))
set.seed(11)
cases <- list(
  moderated = c(unname(fit$p.value[1:150, 2]), NA),
  mixture = c(rbeta(150, 0.3, 6), runif(250), NA, NA),
  discrete = sample(c(0.01, 0.05, 0.2, 0.5, 1), 80, TRUE, c(3, 2, 2, 2, 4))
)
adjusted <- do.call(rbind, lapply(names(cases), function(case) {
  p <- cases[[case]]
  table <- data.frame(case = case, p = p)
  for (method in c("BH", "BY", "holm", "hochberg", "bonferroni")) table[[method]] <- p.adjust(p, method)
  for (method in c("smoother", "bootstrap")) {
    storey <- qvalue::qvalue(p[!is.na(p)], pi0.method = method, lfdr.out = FALSE)
    table[[paste0("pi0_", method)]] <- storey$pi0
    table[[paste0("q_", method)]][!is.na(p)] <- storey$qvalues
  }
  table
}))
write_table(adjusted, "multiplicity")

# The smoother of qvalue is smooth.spline(lambda, pi0(lambda), df = 3) read at the last lambda. Its penalty depends on
# lambda and df alone, so the answer is a fixed weighted sum of the pi0(lambda): these are the weights.
lambda <- seq(0.05, 0.95, 0.05)
weights <- vapply(seq_along(lambda), function(i) {
  unit <- as.numeric(seq_along(lambda) == i)
  predict(smooth.spline(lambda, unit, df = 3), lambda)$y[length(lambda)]
}, 0)
write_table(data.frame(lambda = lambda, weight = weights), "storey_smoother_weights")
