# Proportions within strata by mantelhaen.test, and by plain numerical routes where base R has no function.
# Run here: Rscript proportions.R > proportions.csv
cat("case,quantity,place,value\n")
put <- function(case, quantity, values)
  cat(sprintf("%s,%s,%d,%.17g\n", case, quantity, seq_along(values) - 1L, values), sep = "")
# Per stratum: responders and patients of the treated arm, responders and patients of the control.
cases <- list(
  admissions = t(apply(UCBAdmissions, 3, function(s) c(s[1, 1], sum(s[, 1]), s[1, 2], sum(s[, 2])))),
  sparse = rbind(c(2, 3, 0, 2), c(1, 4, 1, 3), c(0, 2, 0, 3), c(3, 3, 1, 4), c(1, 2, 0, 1)),
  unbalanced = rbind(c(9, 60, 2, 12), c(30, 41, 1, 5), c(3, 9, 40, 90)),
  one = rbind(c(7, 34, 1, 34)),
  opposite = rbind(c(12, 20, 5, 20), c(4, 18, 11, 21), c(8, 15, 8, 15)),
  extreme = rbind(c(0, 20, 0, 25), c(1, 22, 0, 21), c(0, 10, 3, 12)),
  certain = rbind(c(10, 10, 3, 9), c(8, 8, 2, 12))
)
z <- qnorm(0.975)
restricted <- function(delta, x1, n1, x0, n0) {        # maximum of the likelihood given p1 - p0 = delta
  score <- function(p0) { p1 <- p0 + delta; x1 / p1 - (n1 - x1) / (1 - p1) + x0 / p0 - (n0 - x0) / (1 - p0) }
  low <- max(0, -delta); high <- min(1, 1 - delta); e <- 1e-13
  minus <- function(p0) { p1 <- pmin(1, pmax(0, p0 + delta)); l <- function(x, p) ifelse(x == 0, 0, x * log(p))
    -(l(x1, p1) + l(n1 - x1, 1 - p1) + l(x0, p0) + l(n0 - x0, 1 - p0)) }
  a <- score(low + e); b <- score(high - e)
  p0 <- if (is.finite(a) && is.finite(b) && a > 0 && b < 0) uniroot(score, c(low + e, high - e), tol = 1e-15)$root
        else if (minus(low + e) < minus(high - e)) low else high
  c(min(1, max(0, p0 + delta)), p0)
}
for (case in names(cases)) {
  m <- cases[[case]]; x1 <- m[, 1]; n1 <- m[, 2]; x0 <- m[, 3]; n0 <- m[, 4]; n <- n1 + n0; w <- n1 * n0 / n
  put(case, "x1", x1); put(case, "n1", n1); put(case, "x0", x0); put(case, "n0", n0)
  tab <- array(rbind(x1, n1 - x1, x0, n0 - x0), c(2, 2, nrow(m)))     # response by arm by stratum
  if (nrow(m) > 1) for (correct in c(FALSE, TRUE)) {
    t <- mantelhaen.test(tab, correct = correct)
    put(case, if (correct) "cmh_corrected" else "cmh", c(t$statistic, t$p.value))
    if (!correct && is.finite(t$estimate) && t$estimate > 0) put(case, "odds_ratio", c(t$estimate, t$conf.int))
  }
  d <- sum(w * (x1 / n1 - x0 / n0)) / sum(w)           # Mantel-Haenszel difference; Sato's variance as printed
  P <- (n1^2 * x0 - n0^2 * x1 + n1 * n0 * (n0 - n1) / 2) / n^2
  Q <- (x1 * (n0 - x0) / n + x0 * (n1 - x1) / n) / 2
  put(case, "sato", c(d, sqrt((d * sum(P) + sum(Q)) / sum(w)^2)))
  excess <- function(delta) {
    v <- sapply(seq_along(x1), function(h) { p <- restricted(delta, x1[h], n1[h], x0[h], n0[h])
      (p[1] * (1 - p[1]) / n1[h] + p[2] * (1 - p[2]) / n0[h]) * n[h] / (n[h] - 1) })
    (sum(w * (x1 / n1 - x0 / n0 - delta)))^2 - qchisq(0.95, 1) * sum(w^2 * v)
  }
  root <- function(a, b) uniroot(excess, c(a, b), tol = 1e-12)$root
  end <- 1 - 1e-9
  put(case, "score_interval", c(if (excess(-end) > 0) root(-end, d) else -1, if (excess(end) > 0) root(d, end) else 1))
  wilson <- function(x, n, q) { p <- x / n; c1 <- (p + q^2 / (2 * n)) / (1 + q^2 / n)
    h <- q / (1 + q^2 / n) * sqrt(p * (1 - p) / n + q^2 / (4 * n^2)); cbind(c1 - h, c1 + h) }
  share <- w / sum(w)
  arm <- function(x, n) { s2 <- x / n * (1 - x / n) / n; if (all(s2 == 0)) s2 <- 1 / n
    q <- z * sqrt(sum(share^2 * s2)) / sum(share * sqrt(s2)); colSums(share * wilson(x, n, q)) }
  one <- arm(x1, n1); zero <- arm(x0, n0); l1 <- sum(share^2 / n1); l0 <- sum(share^2 / n0)
  put(case, "newcombe", c(d - z * sqrt(l1 * one[1] * (1 - one[1]) + l0 * zero[2] * (1 - zero[2])),
                          d + z * sqrt(l1 * one[2] * (1 - one[2]) + l0 * zero[1] * (1 - zero[1]))))
  psi <- sum(x1 * (n0 - x0) / n) / sum(x0 * (n1 - x1) / n); k <- x1 + x0; told <- k > 0 & k < n
  if (is.finite(psi) && psi > 0 && sum(told) > 1) {
    a <- sapply(which(told), function(h) uniroot(function(a) a * (n0[h] - k[h] + a) - psi * (n1[h] - a) * (k[h] - a),
      c(max(0, k[h] - n0[h]), min(k[h], n1[h])), tol = 1e-14)$root)
    v <- 1 / (1 / a + 1 / (n1[told] - a) + 1 / (k[told] - a) + 1 / (n0[told] - k[told] + a))
    bd <- sum((x1[told] - a)^2 / v); put(case, "breslow_day", c(bd, bd - sum(x1[told] - a)^2 / sum(v)))
  }
}
set.seed(1)
larger <- list(three_by_three = array(rpois(27, 6), c(3, 3, 3)), four_by_two = array(rpois(40, 4), c(4, 2, 5)),
               empty_cells = array(rpois(24, 0.8), c(2, 3, 4)) + rep(c(1, 0, 0, 0, 0, 1), 4),
               two_by_four = array(rpois(16, 9), c(2, 4, 2)))
for (case in names(larger)) {
  put(case, "dim", dim(larger[[case]])); put(case, "counts", as.vector(larger[[case]]))
  t <- mantelhaen.test(larger[[case]])
  put(case, "association", c(t$statistic, t$parameter, t$p.value))
}
