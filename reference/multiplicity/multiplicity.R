# Several hypotheses by p.adjust, several arms against a control by multcomp.  Run here: Rscript multiplicity.R > multiplicity.csv
suppressMessages(library(multcomp))
cat("case,quantity,place,value\n")
put <- function(case, quantity, values)
  cat(sprintf("%s,%s,%d,%.17g\n", case, quantity, seq_along(values) - 1L, values), sep = "")
set.seed(1)
families <- list(
  spread = c(0.001, 0.01, 0.02, 0.04, 0.3), equal = rep(0.02, 4), ties = c(0.01, 0.01, 0.04, 0.03, 0.03, 0.9),
  ones = c(1, 1, 0.2), one = 0.03, two = c(0.026, 0.024), random = runif(9)^3, small = c(1e-12, 1e-3, 0.049, 0.05))
for (case in names(families)) {
  put(case, "p", families[[case]])
  for (method in c("bonferroni", "holm", "hochberg", "hommel"))
    put(case, method, p.adjust(families[[case]], method))
}
exact <- GenzBretz(maxpts = 2e5, abseps = 1e-5, releps = 0)
arms <- list(balanced = c(15, 15, 15, 15), unbalanced = c(30, 8, 12, 20), tiny = c(3, 3, 3), two = c(10, 14, 9),
             five = c(20, 10, 10, 10, 10, 10))
for (case in names(arms)) {
  n <- arms[[case]]
  d <- data.frame(arm = factor(rep(seq_along(n) - 1, n)))
  d$y <- rnorm(nrow(d)) + c(0, 0.9, 0.5, 1.1, -0.7, 0.2)[as.integer(d$arm)]
  fit <- lm(y ~ arm, d)
  for (side in c("two.sided", "greater", "less")) {
    g <- glht(fit, mcp(arm = "Dunnett"), alternative = side)
    s <- summary(g, adjusted("single-step", maxpts = 2e5, abseps = 1e-5, releps = 0))$test
    if (side == "two.sided") { put(case, "sizes", n); put(case, "t", s$tstat); put(case, "df", fit$df.residual) }
    put(case, paste0("single_step_", side), s$pvalues)
    if (length(n) < 5) put(case, paste0("step_down_", side),   # slow in multcomp for many arms
        summary(g, adjusted("free", maxpts = 2e5, abseps = 1e-5, releps = 0))$test$pvalues)
  }
  r <- cov2cor(vcov(glht(fit, mcp(arm = "Dunnett"))))
  put(case, "critical", qmvt(0.95, tail = "both", df = fit$df.residual, corr = r, algorithm = exact, ptol = 1e-5)$quantile)
}
