# Exact tests and intervals of proportions, by base R.  Run: Rscript proportions.R > proportions.txt
cat("#", R.version.string, "\n")
line <- function(...) cat(paste(c(...), collapse = ","), "\n", sep = "")
num <- function(x) format(x, digits = 15, scientific = TRUE, trim = TRUE)
line("what", "x1", "n1", "x0", "n0", "p_two_sided", "p_greater", "p_less", "low", "high")
for (case in list(c(5, 40), c(0, 16), c(3, 20), c(20, 20), c(10, 80), c(1, 6))) {
  x <- case[1]; n <- case[2]
  interval <- binom.test(x, n, 0.05, conf.level = 0.90)$conf.int
  line("binomial", x, n, "", "", "", num(binom.test(x, n, 0.05, alternative = "greater")$p.value),
       num(binom.test(x, n, 0.05, alternative = "less")$p.value), num(interval[1]), num(interval[2]))
}
tables <- list(c(10, 40, 1, 20), c(5, 40, 3, 20), c(0, 40, 0, 20), c(40, 40, 0, 20), c(2, 80, 2, 40), c(7, 9, 1, 8))
for (case in tables) {
  m <- matrix(c(case[1], case[2] - case[1], case[3], case[4] - case[3]), nrow = 2)
  p <- sapply(c("two.sided", "greater", "less"), function(a) fisher.test(m, alternative = a)$p.value)
  line("fisher", case, num(p), "", "")
}
# Newcombe's method 10: Wilson intervals of each proportion by prop.test without correction, joined as in the paper.
wilson <- function(x, n) suppressWarnings(prop.test(x, n, correct = FALSE)$conf.int)
for (case in c(tables, list(c(56, 70, 48, 80), c(9, 10, 3, 10)))) {
  w1 <- wilson(case[1], case[2]); w0 <- wilson(case[3], case[4])
  p1 <- case[1] / case[2]; p0 <- case[3] / case[4]
  low <- p1 - p0 - sqrt((p1 - w1[1])^2 + (w0[2] - p0)^2)
  high <- p1 - p0 + sqrt((w1[2] - p1)^2 + (p0 - w0[1])^2)
  line("newcombe", case, "", "", "", num(low), num(high))
}
# Miettinen-Nurminen by a route of its own: likelihood under p1 - p0 = d maximised numerically, limits by uniroot.
score <- function(d, case) {
  x1 <- case[1]; n1 <- case[2]; x0 <- case[3]; n0 <- case[4]
  # maximum of the likelihood under p1 - p0 = d: the root of its derivative, or the end of the range
  derivative <- function(p0) x1 / (p0 + d) - (n1 - x1) / (1 - p0 - d) + x0 / p0 - (n0 - x0) / (1 - p0)
  ends <- c(max(0, -d), min(1, 1 - d)); inside <- ends + c(1e-13, -1e-13)
  p0 <- if (derivative(inside[1]) <= 0) ends[1] else if (derivative(inside[2]) >= 0) ends[2] else
    uniroot(derivative, inside, tol = 1e-16, maxiter = 10000)$root
  p1 <- p0 + d; n <- n1 + n0
  (x1 / n1 - x0 / n0 - d) / sqrt((p1 * (1 - p1) / n1 + p0 * (1 - p0) / n0) * n / (n - 1))
}
for (case in list(c(10, 40, 1, 20), c(5, 40, 3, 20), c(2, 80, 2, 40), c(7, 9, 1, 8), c(56, 70, 48, 80), c(9, 10, 3, 10))) {
  z <- qnorm(0.975); d <- case[1] / case[2] - case[3] / case[4]
  low <- uniroot(function(x) score(x, case) - z, c(-1 + 1e-9, d), tol = 1e-13)$root
  high <- uniroot(function(x) score(x, case) + z, c(d, 1 - 1e-9), tol = 1e-13)$root
  line("miettinen_nurminen", case, "", "", "", num(low), num(high))
}
for (case in list(c(12, 460, 5, 240), c(3, 100, 9, 55), c(0, 100, 4, 80))) {
  t <- poisson.test(case[c(1, 3)], case[c(2, 4)])
  line("rate_ratio", case, num(t$p.value), "", "", num(t$conf.int[1]), num(t$conf.int[2]))
}
