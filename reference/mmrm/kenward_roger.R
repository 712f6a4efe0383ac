# Kenward-Roger with pbkrtest where a random intercept (compound symmetry, correlation not below zero) can say it.
# Run: Rscript kenward_roger.R > kenward_roger.csv
suppressMessages({library(lme4); library(pbkrtest)})
cat(sprintf("# %s; lme4 %s; pbkrtest %s\n", R.version.string, packageVersion("lme4"), packageVersion("pbkrtest")))
cat("set,quantity,name,value\n")
data <- read.csv("data.csv")
say <- function(set, quantity, name, value) cat(sprintf("%s,%s,%s,%.12g\n", set, quantity, name, value), sep = "")
control <- lmerControl(optimizer = "bobyqa", optCtrl = list(rhoend = 1e-12, maxfun = 1e5))
for (set in unique(data$set)) {
  part <- data[data$set == set, ]
  part$factor <- factor(part$visit)
  model <- suppressMessages(lmer(value ~ factor * arm + baseline + (1 | patient), data = part, control = control))
  if (isSingular(model)) { say(set, "singular", "", NaN); next }
  say(set, "objective", "", as.numeric(REMLcrit(model)))
  adjusted <- vcovAdj(model)
  names <- names(fixef(model))
  say(set, "coefficient", names, fixef(model))
  say(set, "error", names, sqrt(diag(as.matrix(adjusted))))
  count <- length(names)
  for (place in seq_len(count)) {
    row <- matrix(0, 1, count); row[place] <- 1
    found <- KRmodcomp(model, row)$stats
    say(set, "freedom", names[place], found$ddf)
  }
  rows <- diag(count)[grepl(":", names), , drop = FALSE]
  found <- KRmodcomp(model, rows)$stats
  say(set, "joint_statistic", "factor:arm", found$Fstat)
  say(set, "joint_numerator", "factor:arm", found$ndf)
  say(set, "joint_denominator", "factor:arm", found$ddf)
  say(set, "joint_p", "factor:arm", found$p.value)
}
