# Expected values of special functions and tail probabilities from R's own nmath and limma.
# Usage: Rscript distributions.R OUTDIR      Made with R 4.2.2, limma 3.54.1, statmod 1.5.0.
out <- commandArgs(TRUE)[1]
full <- function(x) trimws(formatC(as.double(x), digits = 17, format = "g"))
rows <- list()
put <- function(name, value, a, b = NA, c = NA)
  rows[[length(rows) + 1]] <<- data.frame(fn = name, a = full(a), b = full(b), c = full(c), value = full(value))

x <- c(1e-8, 1e-3, 0.1, 0.37, 0.5, 1, 1.4616, 2, 3.7, 9.9, 10, 11.99, 12, 40.5, 170, 1e4, 1e9)
for (v in x) {
  put("ln_gamma", lgamma(v), v)
  put("digamma", digamma(v), v)
  put("trigamma", trigamma(v), v)
  put("tetragamma", psigamma(v, 2), v)
  put("ln_minus_digamma", statmod::logmdigamma(v), v)
}
for (v in c(1e-7, 1e-4, 0.02, 0.3, 1, 4, 80, 1e5, 1e8)) put("trigamma_inverse", limma::trigammaInverse(v), v)
for (a in c(0.5, 2, 15, 3000)) for (b in c(0.5, 7, 400)) put("ln_beta", lbeta(a, b), a, b)
put("ln_choose", lchoose(20000, 137), 20000, 137)
put("ln_choose", lchoose(12, 5), 12, 5)

for (df in c(0.3, 1, 2.55, 4, 10, 33.7, 200, 9.9e4, 1.3e5, 4e6, Inf)) for (t in c(1e-9, 0.01, 0.7, 1.96, 5, 12, 38, 200)) {
  put("ln_student_t_two_sided", log(2) + pt(-t, df, log.p = TRUE), t, df)
  put("ln_student_t_upper", pt(-t, df, lower.tail = FALSE, log.p = TRUE), -t, df)
}
for (d1 in c(1, 2, 5.5, 40)) for (d2 in c(1.5, 8, 120, 5000, Inf)) for (f in c(1e-4, 0.2, 1, 3, 25, 900)) {
  put("ln_f_upper", pf(f, d1, d2, lower.tail = FALSE, log.p = TRUE), f, d1, d2)
  put("ln_f_lower", pf(f, d1, d2, log.p = TRUE), f, d1, d2)
}
for (df in c(0.5, 1, 3, 17, 300)) for (v in c(1e-5, 0.5, 3, 40, 290, 2000))
  put("ln_chi_squared_upper", pchisq(v, df, lower.tail = FALSE, log.p = TRUE), v, df)
for (z in c(-40, -8, -3, -1, 0, 0.5, 2.99, 3, 5, 37, 100)) put("ln_normal_upper", pnorm(z, lower.tail = FALSE, log.p = TRUE), z)

p <- c(1e-30, 1e-6, 0.01, 0.3, 0.5, 0.8, 0.975, 0.999999)
for (v in p) {
  put("normal_quantile", qnorm(v), v)
  for (df in c(1, 3, 8.4, 150, 1e6)) put("student_t_quantile", qt(v, df), v, df)
  for (df in c(0.7, 2, 30, 1000)) put("chi_squared_quantile", qchisq(v, df), v, df)
  for (d1 in c(1, 4, 30)) for (d2 in c(2.2, 9, 250, Inf)) put("f_quantile", qf(v, d1, d2), v, d1, d2)
  for (a in c(0.5, 3, 60)) for (b in c(1, 21)) put("beta_quantile", qbeta(v, a, b), v, a, b)
}
write.table(do.call(rbind, rows), file.path(out, "distributions.tsv"), sep = "\t", quote = FALSE, row.names = FALSE)
