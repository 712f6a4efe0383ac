# Rscript survival.R          reads survival.csv, writes survival.json
# Rscript survival.R FOLDER   reads lung.csv and pbcseq.csv of R's survival from FOLDER, writes classics.json
library(survival)

kinds <- c(log_log = "log-log", log = "log", plain = "plain", logit = "logit", arcsine = "arcsin")

curve <- function(d) {
  one <- function(kind) {
    fit <- survfit(Surv(time, event) ~ 1, d, conf.type = kind)
    at <- quantile(fit, c(.25, .5, .75))
    list(time = fit$time, at_risk = fit$n.risk, events = fit$n.event, survival = fit$surv,
         error = summary(fit, censored = TRUE)$std.err, low = fit$lower, high = fit$upper,
         quantile = at$quantile, quantile_low = at$lower, quantile_high = at$upper,
         hazard = fit$cumhaz)
  }
  lapply(kinds, one)
}

rank_test <- function(formula, d, rho = 0) {
  fit <- survdiff(formula, d, rho = rho)
  sums <- function(x) if (is.matrix(x)) rowSums(x) else x
  list(observed = unname(sums(fit$obs)), expected = unname(sums(fit$exp)), covariance = unname(fit$var),
       statistic = unname(fit$chisq))
}

regression <- function(formula, d, ties, robust = FALSE) {
  fit <- coxph(formula, d, ties = ties, robust = robust)
  list(coefficient = unname(coef(fit)), covariance = unname(vcov(fit)), log_likelihood = fit$loglik,
       score = unname(fit$score), wald = unname(fit$wald.test))
}

# Grambsch and Therneau's statistic and correlation, from R's Schoenfeld residuals.
proportionality <- function(formula, d, scale) {
  fit <- coxph(formula, d)
  residual <- as.matrix(residuals(fit, "schoenfeld"))
  g <- scale(as.numeric(rownames(residual)))
  count <- nrow(residual)
  scaled <- residual %*% vcov(fit) * count
  statistic <- colSums((g - mean(g)) * scaled)^2 / (count * diag(vcov(fit)) * sum((g - mean(g))^2))
  list(correlation = unname(as.vector(cor(g, scaled))), statistic = unname(statistic))
}

means <- function(d, horizon) {
  fit <- survfit(Surv(time, event) ~ group, d)
  table <- summary(fit, rmean = horizon)$table
  list(horizon = horizon, mean = unname(table[, "rmean"]), error = unname(table[, "se(rmean)"]))
}

incidence <- function(d) {
  fit <- survfit(Surv(time, factor(cause, 0:2)) ~ 1, d)
  list(time = fit$time, share = unname(fit$pstate), error = unname(fit$std.err))
}

# Fine and Gray's model: weighted rows after competing events, errors over subjects.
subdistribution <- function(formula, d, ties) {
  d$id <- seq_len(nrow(d))
  rows <- finegray(formula, d, etype = "1")
  fit <- coxph(Surv(fgstart, fgstop, fgstatus) ~ age + score, rows, weights = fgwt, ties = ties, cluster = id)
  list(coefficient = unname(coef(fit)), covariance = unname(vcov(fit)))
}

# The robust score test of the same model with the groups alone: equal incidence of cause 1.
same_incidence <- function(d) {
  d$id <- seq_len(nrow(d))
  rows <- finegray(Surv(time, factor(cause, 0:2)) ~ group + id, d, etype = "1")
  fit <- coxph(Surv(fgstart, fgstop, fgstatus) ~ factor(group), rows, weights = fgwt, ties = "breslow", cluster = id,
               iter.max = 30)
  as.vector(fit$rscore)
}

everything <- function(d, horizon) {
  x <- Surv(time, event) ~ age + score
  list(
    curve = curve(d),
    log_rank = rank_test(Surv(time, event) ~ group, d),
    stratified = rank_test(Surv(time, event) ~ group + strata(stratum), d),
    peto = rank_test(Surv(time, event) ~ group, d, rho = 1),
    peto_stratified = rank_test(Surv(time, event) ~ group + strata(stratum), d, rho = 1),
    half = rank_test(Surv(time, event) ~ group, d, rho = 0.5),
    efron = regression(x, d, "efron"),
    breslow = regression(x, d, "breslow"),
    strata_efron = regression(Surv(time, event) ~ age + score + strata(stratum), d, "efron"),
    strata_breslow = regression(Surv(time, event) ~ age + score + strata(stratum), d, "breslow"),
    robust_efron = regression(x, d, "efron", TRUE),
    robust_breslow = regression(x, d, "breslow", TRUE),
    robust_strata = regression(Surv(time, event) ~ age + score + strata(stratum), d, "efron", TRUE),
    identity = proportionality(x, d, identity),
    rank = proportionality(x, d, rank),
    log = proportionality(x, d, log),
    restricted_mean = means(d, horizon),
    incidence = incidence(d),
    fine_gray_breslow = subdistribution(Surv(time, factor(cause, 0:2)) ~ age + score + id, d, "breslow"),
    fine_gray_efron = subdistribution(Surv(time, factor(cause, 0:2)) ~ age + score + id, d, "efron"),
    same_incidence = same_incidence(d)
  )
}

# Of data that belong to others only what they are summed up in.
summed_up <- function(d, horizon) {
  result <- everything(d, horizon)
  result$curve <- lapply(result$curve, function(part) part[grep("quantile", names(part))])
  result$incidence <- lapply(result$incidence, function(part) I(utils::tail(part, 1)))
  result
}

save <- function(result, file) {
  result$versions <- list(R = R.version.string, survival = as.character(packageVersion("survival")))
  lines <- vapply(result, jsonlite::toJSON, "", digits = NA, auto_unbox = TRUE, na = "null")
  writeLines(c("{", paste0('"', names(lines), '": ', lines, c(rep(",", length(lines) - 1), "")), "}"), file)
}

folder <- commandArgs(TRUE)
if (length(folder) == 0) {
  data <- read.csv("survival.csv")
  horizons <- c(weeks = 20, heavy_censoring = 8, tiny = 4, three_arms = 10, coarse_ties = 9, unbalanced = 12,
                all_dead_arm = 8)
  save(lapply(split(data, data$set), function(d) everything(d, horizons[[d$set[1]]])), "survival.json")
} else {
  lung <- read.csv(file.path(folder, "lung.csv"))
  lung <- with(lung, data.frame(time, event = status - 1, group = sex - 1, stratum = ph.ecog, age, score = sex,
                                cause = status - 1))
  lung <- lung[!is.na(lung$stratum), ]
  # The first visit of every patient; transplantation (1) or death (2).
  first <- read.csv(file.path(folder, "pbcseq.csv"))
  first <- first[!duplicated(first$id), ]
  pbc <- with(first, data.frame(time = futime, event = as.numeric(status == 2), group = trt, stratum = stage, age,
                               score = log(bili), cause = status))
  save(list(lung = summed_up(lung, 365), pbcseq = summed_up(pbc, 3650)), "classics.json")
}
