# Analysis of covariance by lm, emmeans, car and sandwich.  Run here: Rscript ancova.R > ancova.csv
suppressMessages({library(emmeans); library(car); library(sandwich)})
emm_options(msg.interaction = FALSE)
options(contrasts = c("contr.sum", "contr.poly"))

simulate <- function(seed, sizes, levels, spread = 1, digits = NULL, missing = 0, offset = 0) {
  set.seed(seed)
  arm <- rep(seq_along(sizes) - 1, sizes); n <- length(arm)
  x <- rnorm(n, 50, 10) + offset; z <- rgamma(n, 2)
  site <- sample(levels, n, TRUE, prob = seq_len(levels)); sex <- sample(2, n, TRUE)
  y <- 3 + arm * 0.7 + 0.1 * (x - offset) - 0.4 * z + 0.3 * site + rnorm(n, 0, spread * (1 + arm))
  if (!is.null(digits)) { y <- round(y, digits); x <- round(x, digits) }
  if (missing > 0) { y[runif(n) < missing] <- NA; x[runif(n) < missing / 2] <- NA }
  data.frame(arm, x, z, site = site - 1, sex = sex - 1, y)
}
cases <- list(
  balanced = simulate(1, c(30, 30, 30), 3),
  unbalanced = simulate(2, c(6, 22, 48), 4),
  missing = simulate(3, c(40, 35, 30), 3, missing = 0.4),
  tied = simulate(4, c(18, 25, 20), 2, digits = -1),
  tiny = simulate(5, c(4, 4, 4), 2),
  offset = simulate(6, c(20, 25, 30), 3, offset = 1e6)
)
input <- do.call(rbind, lapply(names(cases), function(name) cbind(case = name, cases[[name]])))
write.csv(format(input, digits = 17, trim = TRUE), "input.csv", row.names = FALSE, quote = FALSE)
input <- read.csv("input.csv", na.strings = "NA")

pilot <- read.csv("cdisc_pilot_adas_week24.csv")
pilot <- data.frame(case = "cdisc_pilot", arm = match(pilot$TRTPN, c(0, 54, 81)) - 1, x = pilot$BASE,
                    z = NA, site = pilot$SITEGR1, sex = NA, y = pilot$CHG)

cat("case,quantity,place,value\n")
put <- function(case, quantity, values)
  cat(sprintf("%s,%s,%d,%.17g\n", case, quantity, seq_along(values) - 1L, values), sep = "")

analyse <- function(case, d, formula, dose) {
  d$arm <- factor(d$arm); d$site <- factor(d$site); d$sex <- factor(d$sex)
  fit <- lm(formula, d)
  for (weights in c("proportional", "equal")) {
    means <- emmeans(fit, "arm", weights = weights)
    s <- as.data.frame(means)
    put(case, paste0(weights, "_mean"), s$emmean); put(case, paste0(weights, "_mean_error"), s$SE)
  }
  p <- as.data.frame(summary(contrast(means, "revpairwise"), infer = c(TRUE, TRUE), adjust = "none"))
  order <- c(1, 2, 3)  # 1 - 0, 2 - 0, 2 - 1
  put(case, "difference", p$estimate[order]); put(case, "error", p$SE[order]); put(case, "df", p$df[order])
  put(case, "low", p$lower.CL[order]); put(case, "high", p$upper.CL[order]); put(case, "p", p$p.value[order])
  a <- Anova(fit, type = 3)
  terms <- setdiff(rownames(a), c("(Intercept)", "Residuals"))
  terms <- c("arm", intersect(c("x", "z"), terms), intersect(c("site", "sex"), terms))
  put(case, "f", a[terms, "F value"]); put(case, "f_df", a[terms, "Df"]); put(case, "f_p", a[terms, "Pr(>F)"])
  robust <- as.data.frame(summary(contrast(emmeans(fit, "arm", vcov. = vcovHC(fit, "HC3")), "revpairwise"),
                                  infer = TRUE, adjust = "none"))
  put(case, "hc3_error", robust$SE[order]); put(case, "hc3_p", robust$p.value[order])
  d$dose <- dose[as.integer(as.character(d$arm)) + 1]
  trend <- summary(lm(update(formula, . ~ . - arm + dose), d))$coefficients["dose", ]
  put(case, "trend", trend[c(1, 2, 4)])
}
for (case in names(cases)) analyse(case, input[input$case == case, ], y ~ arm + x + z + site + sex, c(0, 1, 3))
analyse("cdisc_pilot", pilot, y ~ arm + x + site, c(0, 54, 81))
