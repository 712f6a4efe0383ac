# Exact tests of one rate by binom.test, and Blaker's and mid-p by their definitions.  Rscript one_sample.R > one_sample.csv
cat("case,quantity,place,value\n")
put <- function(case, quantity, values)
  cat(sprintf("%s,%s,%d,%.17g\n", case, quantity, seq_along(values) - 1L, values), sep = "")
rows <- rbind(c(3, 20, 0.05), c(0, 15, 0.1), c(15, 15, 0.6), c(7, 24, 0.25), c(12, 43, 0.4), c(60, 100, 0.5), c(1, 1, 0.3))
for (i in seq_len(nrow(rows))) {
  x <- rows[i, 1]; n <- rows[i, 2]; p0 <- rows[i, 3]; case <- paste(x, n, sep = "/")
  put(case, "given", rows[i, ])
  put(case, "likelihood", binom.test(x, n, p0)$p.value)
  tail <- function(k, p) pmin(1 - pbinom(k - 1, n, p), pbinom(k, n, p))
  k <- 0:n
  put(case, "blaker", min(1, sum(dbinom(k, n, p0)[tail(k, p0) <= tail(x, p0) * (1 + 1e-7)])))
  mid <- function(p) 1 - pbinom(x, n, p) + dbinom(x, n, p) / 2
  put(case, "mid_p", mid(p0))
  root <- function(target) uniroot(function(p) mid(p) - target, c(0, 1), tol = 1e-13)$root
  put(case, "mid_p_interval", c(if (x == 0) 0 else root(0.025), if (x == n) 1 else root(0.975)))
}
