# Generalised least squares of repeated measurements with nlme::gls, six covariance structures, REML and ML.
# Run: Rscript gls.R > gls.csv
suppressMessages(library(nlme))
cat(sprintf("# %s; nlme %s\n", R.version.string, packageVersion("nlme")))
cat("set,structure,method,quantity,name,value\n")
data <- read.csv("data.csv")
control <- glsControl(tolerance = 1e-10, msTol = 1e-12, maxIter = 500, msMaxIter = 2000, returnObject = FALSE)
structures <- list(
  unstructured = list(corSymm(form = ~ visit | patient), varIdent(form = ~ 1 | visit)),
  heterogeneous_compound_symmetry = list(corCompSymm(form = ~ visit | patient), varIdent(form = ~ 1 | visit)),
  compound_symmetry = list(corCompSymm(form = ~ visit | patient), NULL),
  heterogeneous_autoregressive = list(corAR1(form = ~ visit | patient), varIdent(form = ~ 1 | visit)),
  autoregressive = list(corAR1(form = ~ visit | patient), NULL),
  spatial_exponential = list(corExp(form = ~ time | patient), NULL)
)
say <- function(set, structure, method, quantity, name, value)
  cat(sprintf("%s,%s,%s,%s,%s,%.12g\n", set, structure, method, quantity, name, value), sep = "")
for (set in unique(data$set)) {
  part <- data[data$set == set, ]
  part$factor <- factor(part$visit)
  for (structure in names(structures)) for (method in c("REML", "ML")) {
    choice <- structures[[structure]]
    model <- tryCatch(
      gls(value ~ factor * arm + baseline, data = part, correlation = choice[[1]], weights = choice[[2]],
          method = method, control = control),
      error = function(e) NULL)
    if (is.null(model)) { say(set, structure, method, "failed", "", NaN); next }
    say(set, structure, method, "objective", "", -2 * as.numeric(logLik(model)))
    say(set, structure, method, "coefficient", names(coef(model)), coef(model))
    say(set, structure, method, "error", names(coef(model)), sqrt(diag(vcov(model))))
    longest <- names(which.max(table(part$patient)))
    sigma <- getVarCov(model, individual = longest)
    visits <- part$visit[part$patient == longest]
    for (i in seq_along(visits)) for (j in seq_len(i))
      say(set, structure, method, "sigma", paste(visits[i], visits[j], sep = ":"), sigma[i, j])
  }
}
