# Rank tests and shifts by wilcox.test and coin.  Run here: Rscript ranks.R > ranks.csv
suppressMessages(library(coin))
simulate <- function(seed, n1, n0, digits = NULL, shift = 0.5, strata = 3) {
  set.seed(seed)
  n <- n1 + n0; treated <- rep(1:0, c(n1, n0))
  x <- rnorm(n); y <- shift * treated + 0.6 * x + rt(n, 4)
  if (!is.null(digits)) { y <- round(y, digits); x <- round(x, digits) }
  data.frame(treated, stratum = sample(strata, n, TRUE) - 1, x, y)
}
cases <- list(small = simulate(1, 7, 9), tiny = simulate(2, 3, 4), unequal = simulate(3, 5, 40),
              medium = simulate(4, 30, 25), large = simulate(5, 80, 60), tied = simulate(6, 12, 15, 0),
              heavily_tied = simulate(7, 20, 11, -0), tied_large = simulate(8, 70, 75, 0))
cases$heavily_tied$y <- pmin(1, pmax(-1, cases$heavily_tied$y))
input <- do.call(rbind, lapply(names(cases), function(name) cbind(case = name, cases[[name]])))
write.csv(format(input, digits = 17, trim = TRUE), "input.csv", row.names = FALSE, quote = FALSE)
input <- read.csv("input.csv")

cat("case,quantity,place,value\n")
put <- function(case, quantity, values)
  cat(sprintf("%s,%s,%d,%.17g\n", case, quantity, seq_along(values) - 1L, values), sep = "")
sides <- c("two.sided", "greater", "less")
for (case in names(cases)) {
  d <- input[input$case == case, ]
  one <- d$y[d$treated == 1]; zero <- d$y[d$treated == 0]
  tied <- any(duplicated(d$y))
  put(case, "u", wilcox.test(one, zero, exact = FALSE)$statistic)
  for (correct in c(TRUE, FALSE))
    put(case, if (correct) "asymptotic_corrected" else "asymptotic", sapply(sides, function(side)
      wilcox.test(one, zero, exact = FALSE, correct = correct, alternative = side)$p.value))
  if (!tied && length(one) < 50 && length(zero) < 50) {
    put(case, "exact", sapply(sides, function(side) wilcox.test(one, zero, exact = TRUE, alternative = side)$p.value))
    shift <- suppressWarnings(wilcox.test(one, zero, exact = TRUE, conf.int = TRUE, conf.level = 0.9))
    put(case, "hodges_lehmann", c(shift$estimate, shift$conf.int)); put(case, "level", attr(shift$conf.int, "conf.level"))
  } else {
    shift <- wilcox.test(one, zero, exact = FALSE, conf.int = TRUE, conf.level = 0.9, digits.rank = Inf, tol.root = 1e-9)
    put(case, "asymptotic_shift", c(shift$estimate, shift$conf.int))
    put(case, "median_of_differences", median(outer(one, zero, "-")))
  }
  d$g <- factor(d$treated, levels = c(1, 0)); d$s <- factor(d$stratum)
  if (nrow(d) < 60)
    put(case, "coin_exact", sapply(sides, function(side)
      pvalue(wilcox_test(y ~ g, d, distribution = "exact", alternative = side))))
  if (min(table(d$s)) > 1) {
  scaled <- function(values, block) ave(values, block, FUN = function(v) rank(v) / (length(v) + 1))
  d$ry <- scaled(d$y, d$s); d$rx <- scaled(d$x, d$s)
  e <- independence_test(ry ~ g | s, d, teststat = "quadratic")
  put(case, "van_elteren", c(statistic(e), pvalue(e)))
  m <- (seq_len(nrow(d)) - 1) %% 3                      # three arms
  k3 <- independence_test(ry ~ factor(m) | s, cbind(d, m), teststat = "quadratic")
  put(case, "three_arms", c(statistic(k3), pvalue(k3)))
  }
  if (min(table(d$s)) > 2) {
    d$res <- NA
    for (level in levels(d$s)) d$res[d$s == level] <- residuals(lm(ry ~ rx, d[d$s == level, ]))
    k <- independence_test(res ~ g | s, d, teststat = "quadratic")
    put(case, "stratified_rank_ancova", c(statistic(k), pvalue(k)))
  }
  q <- anova(lm(residuals(lm(rank(y) ~ rank(x), d)) ~ g, d))
  put(case, "quade", c(q[1, "F value"], q[1, "Pr(>F)"]))
  f <- drop1(lm(rank(y) ~ g + rank(x), d), test = "F")
  put(case, "conover_iman", c(f["g", "F value"], f["g", "Pr(>F)"]))
}
