# Baseline-adjusted difference in mean change, by base R's lm.  Run: Rscript ancova.R > ancova.txt
cat("#", R.version.string, "\n")
d <- read.csv("ancova.csv")
cat("trial,difference,error,df,low,high,p,slope\n")
for (t in unique(d$trial)) {
  fit <- lm(change ~ treated + baseline, d[d$trial == t, ])
  s <- summary(fit)$coefficients; ci <- confint(fit)["treated", ]
  cat(paste(c(t, format(c(s["treated", 1:2], fit$df.residual, ci, s["treated", 4], s["baseline", 1]), digits = 15,
      scientific = TRUE, trim = TRUE)), collapse = ","), "\n", sep = "")
}
