# Imputation by conditional means with a jackknife, written out in R on nlme::gls; run in this folder:
#   Rscript conditional_means.R
# Writes mixed_models.csv (difference of arms at the last visit and its standard error, covariance) and
# conditional_means.csv (estimate and jackknife standard error by strategy).
suppressPackageStartupMessages(library(nlme))
options(digits = 10)

fit_model <- function(long, formula, start = NULL) {
  visits <- length(levels(long$visit_factor))
  fit <- gls(formula, data = long[!is.na(long$value), ],
             correlation = corSymm(form = ~ visit | subject), weights = varIdent(form = ~ 1 | visit_factor),
             method = "REML",
             control = glsControl(tolerance = 1e-9, msTol = 1e-10, maxIter = 500, msMaxIter = 1000, opt = "nlminb"))
  ratios <- coef(fit$modelStruct$varStruct, unconstrained = FALSE, allCoef = TRUE)[levels(long$visit_factor)]
  correlation <- diag(visits)
  correlation[lower.tri(correlation)] <- coef(fit$modelStruct$corStruct, unconstrained = FALSE)
  correlation[upper.tri(correlation)] <- t(correlation)[upper.tri(correlation)]
  sd <- fit$sigma * ratios
  list(fit = fit, covariance = diag(sd, visits) %*% correlation %*% diag(sd, visits))
}

means_of <- function(model, long, subject, arm, right) {
  rows <- long[long$subject == subject, ]
  rows$arm_factor <- factor(arm, levels = levels(long$arm_factor))
  as.vector(model.matrix(right, rows) %*% coef(model$fit))
}

complete <- function(model, long, strategy, right) {
  visits <- length(levels(long$visit_factor))
  last <- numeric(0)
  for (subject in unique(long$subject)) {
    rows <- long[long$subject == subject, ]
    value <- rows$value; event <- rows$event[1]
    own <- means_of(model, long, subject, rows$arm[1], right)
    other <- means_of(model, long, subject, 0, right)
    mean <- own
    after <- seq_len(visits) >= event
    if (strategy == "copy_reference") mean <- other
    if (strategy == "jump_to_reference") mean[after] <- other[after]
    if (strategy == "copy_increments") mean[after] <- other[after] + if (event > 1) own[event - 1] - other[event - 1] else 0
    if (strategy == "last_mean_carried_forward") mean[after] <- own[event - 1]
    seen <- !is.na(value)
    if (any(seen) && !all(seen)) {
      slope <- model$covariance[!seen, seen, drop = FALSE] %*% solve(model$covariance[seen, seen, drop = FALSE])
      value[!seen] <- mean[!seen] + slope %*% (value[seen] - mean[seen])
    }
    if (!any(seen)) value <- mean
    last <- c(last, value[visits])
  }
  last
}

estimate <- function(long, strategies, formula, right, analysis) {
  model <- fit_model(long, formula)
  sapply(strategies, function(strategy) {
    wide <- long[long$visit == max(long$visit), ]
    wide$completed <- complete(model, long, strategy, right)
    coef(lm(analysis, data = wide))[["arm"]]
  })
}

prepare <- function(long) {
  long$visit_factor <- factor(long$visit); long$arm_factor <- factor(long$arm)
  long[order(long$subject, long$visit), ]
}

strategies <- c("missing_at_random", "jump_to_reference", "copy_reference", "copy_increments", "last_mean_carried_forward")
models <- data.frame(); means <- data.frame()

study <- function(name, long, formula, right, analysis, jackknife) {
  long <- prepare(long)
  model <- fit_model(long, formula)
  visits <- max(long$visit)
  contrast <- model.matrix(right, transform(long[1, ], visit_factor = factor(visits, levels = levels(long$visit_factor)),
                                            arm_factor = factor(1, levels = levels(long$arm_factor)))) -
    model.matrix(right, transform(long[1, ], visit_factor = factor(visits, levels = levels(long$visit_factor)),
                                  arm_factor = factor(0, levels = levels(long$arm_factor))))
  entries <- model$covariance[lower.tri(model$covariance, diag = TRUE)]
  models <<- rbind(models, data.frame(dataset = name, quantity = c("difference", "standard_error", paste0("covariance", seq_along(entries))),
                                      value = c(contrast %*% coef(model$fit), sqrt(contrast %*% vcov(model$fit) %*% t(contrast)), entries)))
  full <- estimate(long, strategies, formula, right, analysis)
  error <- rep(NA, length(strategies))
  if (jackknife) {
    subjects <- unique(long$subject)
    without <- sapply(subjects, function(subject) estimate(long[long$subject != subject, ], strategies, formula, right, analysis))
    n <- length(subjects)
    error <- apply(without, 1, function(x) sqrt((n - 1) / n * sum((x - mean(x))^2)))
  }
  means <<- rbind(means, data.frame(dataset = name, strategy = strategies, estimate = full, jackknife = error))
}

simulated <- read.csv("simulated.csv")
for (name in unique(simulated$dataset))
  study(name, simulated[simulated$dataset == name, ], value ~ 0 + visit_factor:arm_factor + visit_factor:baseline,
        ~ 0 + visit_factor:arm_factor + visit_factor:baseline, completed ~ arm + baseline, jackknife = TRUE)

real <- read.csv("antidepressant.csv")
grid <- expand.grid(subject = unique(real$PATIENT), visit = 4:7)
first <- real[!duplicated(real$PATIENT), ]
long <- merge(merge(grid, data.frame(subject = first$PATIENT, arm = as.numeric(first$THERAPY == "DRUG"),
                                     baseline = first$BASVAL, female = as.numeric(first$GENDER == "F"))),
              data.frame(subject = real$PATIENT, visit = real$VISIT, value = real$CHANGE), all.x = TRUE)
long$visit <- long$visit - 3
last <- tapply(ifelse(is.na(long$value), 0, long$visit), long$subject, max)
long$event <- as.vector(last[as.character(long$subject)]) + 1
study("antidepressant", long, value ~ 0 + visit_factor:arm_factor + visit_factor:baseline + female,
      ~ 0 + visit_factor:arm_factor + visit_factor:baseline + female, completed ~ arm + baseline + female, jackknife = FALSE)

write.csv(models, "mixed_models.csv", row.names = FALSE, quote = FALSE)
write.csv(means, "conditional_means.csv", row.names = FALSE, quote = FALSE)
