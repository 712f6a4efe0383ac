# Multiple imputation at random by chained Bayesian regressions, R package mice; run in this folder: Rscript mice.R
# Each visit is imputed from baseline, arm and the earlier visits, which for monotone dropout draws from the joint
# distribution.  Writes mice.csv (pooled difference of arms at the last visit, 2,000 imputations) and
# mice_draws.csv (estimate and variance of the first 50, whose pooling is deterministic).
suppressPackageStartupMessages(library(mice))
options(digits = 12)
simulated <- read.csv("simulated.csv")
long <- simulated[simulated$dataset == "monotone", ]
wide <- reshape(long[, c("subject", "arm", "baseline", "visit", "value")], direction = "wide",
                idvar = c("subject", "arm", "baseline"), timevar = "visit", sep = "")
data <- wide[, c("arm", "baseline", paste0("value", 1:4))]
imputed <- mice(data, m = 2000, method = "norm", visitSequence = "monotone", maxit = 1, seed = 2022, printFlag = FALSE)
fits <- with(imputed, lm(value4 ~ arm + baseline))
show <- function(fits) {
  row <- subset(summary(pool(fits), conf.int = TRUE), term == "arm")
  data.frame(estimate = row$estimate, standard_error = row$std.error, freedom = row$df, p_value = row$p.value,
             low = row[["2.5 %"]], high = row[["97.5 %"]])
}
few <- fits; few$analyses <- fits$analyses[1:50]
write.csv(rbind(cbind(imputations = 2000, show(fits)), cbind(imputations = 50, show(few$analyses))), "mice.csv",
          row.names = FALSE, quote = FALSE)
write.csv(data.frame(estimate = sapply(few$analyses, function(fit) coef(fit)[["arm"]]),
                     variance = sapply(few$analyses, function(fit) vcov(fit)["arm", "arm"])), "mice_draws.csv",
          row.names = FALSE, quote = FALSE)
