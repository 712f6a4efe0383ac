# Logistic regression by glm, Firth's penalty by optim, marginal risks by numerical derivatives.
# Run here: Rscript logistic.R > logistic.csv
suppressMessages(library(MASS))
simulate <- function(seed, n, arms = 2, base = -0.4, missing = 0) {
  set.seed(seed)
  arm <- sample(arms, n, TRUE) - 1; x <- rnorm(n, 60, 12); site <- sample(3, n, TRUE) - 1
  y <- rbinom(n, 1, plogis(base + 0.8 * arm + 0.05 * (x - 60) - 0.3 * site))
  if (missing > 0) { y[runif(n) < missing] <- NA; x[runif(n) < missing / 2] <- NA }
  data.frame(arm, x, site, y)
}
cases <- list(plain = simulate(1, 120), small = simulate(2, 34), rare = simulate(3, 150, base = -2.5),
              missing = simulate(4, 200, missing = 0.3), three_arms = simulate(5, 150, arms = 3))
separated <- simulate(6, 40); separated$y[separated$arm == 0] <- 0; cases$quasi_separated <- separated
complete <- simulate(7, 30); complete$y <- as.integer(complete$x > 60); cases$separated <- complete
input <- do.call(rbind, lapply(names(cases), function(name) cbind(case = name, cases[[name]])))
write.csv(format(input, digits = 17, trim = TRUE), "input.csv", row.names = FALSE, quote = FALSE)
input <- read.csv("input.csv", na.strings = "NA")
cat("case,quantity,place,value\n")
put <- function(case, quantity, values)
  cat(sprintf("%s,%s,%d,%.17g\n", case, quantity, seq_along(values) - 1L, values), sep = "")
tight <- glm.control(epsilon = 1e-14, maxit = 100)

firth <- function(X, y, fixed = NULL) {                # penalised likelihood by a general optimiser
  penalised <- function(b) { p <- plogis(X %*% b)
    -sum(y * plogis(X %*% b, log.p = TRUE) + (1 - y) * plogis(-X %*% b, log.p = TRUE)) -
      0.5 * determinant(crossprod(X * as.vector(p * (1 - p)), X))$modulus }
  free <- setdiff(seq_len(ncol(X)), names(fixed)); full <- function(v) { b <- numeric(ncol(X)); b[free] <- v
    if (!is.null(fixed)) b[as.integer(names(fixed))] <- fixed; b }
  best <- list(par = rep(0, length(free)))
  for (i in 1:6) best <- optim(best$par, function(v) penalised(full(v)), method = "BFGS",
    control = list(reltol = 1e-15, maxit = 1000, ndeps = rep(1e-5, length(free))))
  list(b = full(best$par), value = -best$value)
}
for (case in names(cases)) {
  d <- na.omit(input[input$case == case, ]); d$site <- factor(d$site); d$arm <- factor(d$arm)
  d$xc <- (d$x - mean(d$x)) / 10
  if (!grepl("separated", case)) {
    fit <- glm(y ~ arm + x + site, binomial, d, control = tight)
    b <- coef(fit)["arm1"]; se <- sqrt(vcov(fit)["arm1", "arm1"])
    put(case, "log_odds_ratio", c(b, se)); put(case, "log_likelihood", as.numeric(logLik(fit)))
    if (nlevels(d$arm) == 2) {
      prof <- function(v) as.numeric(2 * (logLik(fit) - logLik(glm(y ~ x + site, binomial, d,
        offset = v * (d$arm == "1"), control = tight)))) - qchisq(0.95, 1)
      put(case, "profile", c(uniroot(prof, c(b - 8 * se, b), tol = 1e-11)$root, uniroot(prof, c(b, b + 8 * se), tol = 1e-11)$root))
      put(case, "confint", suppressMessages(confint(fit, "arm1")))
    }
    arms <- levels(d$arm); n <- nrow(d)
    frames <- lapply(arms, function(a) { e <- d; e$arm <- factor(a, arms); model.matrix(formula(fit)[-2], e) })
    chance <- sapply(frames, function(X) plogis(X %*% coef(fit)))
    put(case, "risks", colMeans(chance))
    gradient <- t(sapply(frames, function(X) sapply(seq_along(coef(fit)), function(j) { h <- 1e-5 * max(1, abs(coef(fit)[j]))
      u <- coef(fit); u[j] <- u[j] + h; l <- coef(fit); l[j] <- l[j] - h
      (mean(plogis(X %*% u)) - mean(plogis(X %*% l))) / (2 * h) })))
    given <- gradient %*% vcov(fit) %*% t(gradient)
    put(case, "fixed_covariates", given); put(case, "delta", given + cov(chance) / n)
    V <- matrix(0, length(arms), length(arms)); pi <- table(d$arm) / n
    for (a in seq_along(arms)) for (b2 in seq_along(arms)) {
      ia <- d$arm == arms[a]; ib <- d$arm == arms[b2]
      V[a, b2] <- if (a == b2) var(d$y[ia] - chance[ia, a]) / pi[a] + 2 * cov(d$y[ia], chance[ia, a]) - var(chance[, a])
        else cov(d$y[ia], chance[ia, b2]) + cov(d$y[ib], chance[ib, a]) - cov(chance[, a], chance[, b2])
    }
    put(case, "robust", V / n)
  }
  if (nlevels(d$arm) == 2) {
    X <- model.matrix(~ arm + xc + site, d); f <- firth(X, d$y); p <- plogis(X %*% f$b)
    se <- sqrt(solve(crossprod(X * as.vector(p * (1 - p)), X))[2, 2])
    put(case, "firth", c(f$b[2], se)); put(case, "firth_likelihood", f$value)
    fall <- function(v) 2 * (f$value - firth(X, d$y, c("2" = v))$value) - qchisq(0.95, 1)
    far <- if (grepl("quasi", case)) 12 else 6
    put(case, "firth_profile", c(uniroot(fall, c(f$b[2] - far * se, f$b[2]), tol = 1e-8)$root,
                                 uniroot(fall, c(f$b[2], f$b[2] + far * se), tol = 1e-8)$root))
  }
}
