# Rscript win_statistics.R   reads win_statistics.csv, writes win_statistics.json
# Every pair of patients in a matrix, treated in rows and controls in columns; base R only.

later <- function(a, b) {  # a's time of death is seen to be later than b's
  outer(seq_len(nrow(a)), seq_len(nrow(b)), function(i, j)
    b$died[j] == 1 & (a$time[i] > b$time[j] | (a$time[i] == b$time[j] & a$died[i] == 0)))
}
survival <- function(a, b) later(a, b) - t(later(b, a))

higher <- function(column, margin) function(a, b) {
  d <- outer(a[[column]], b[[column]], "-")
  score <- if (margin > 0) (d >= margin - 1e-9) - (d <= -margin + 1e-9) else sign(d)
  score[is.na(score)] <- 0
  score
}

hierarchies <- list(
  survival = list(survival),
  lean_mass = list(higher("lean_mass", 0)),
  survival_lean_mass = list(survival, higher("lean_mass", 0)),
  survival_lean_mass_margin = list(survival, higher("lean_mass", 1.5)),
  three = list(survival, higher("lean_mass", 1.5), higher("grip", 1)),
  four = list(survival, higher("responder", 0), higher("lean_mass", 2), higher("grip", 0))
)

decide <- function(a, b, hierarchy) {
  score <- matrix(0, nrow(a), nrow(b)); by <- matrix(0, 2, length(hierarchy))
  for (k in seq_along(hierarchy)) {
    new <- hierarchy[[k]](a, b) * (score == 0)
    by[, k] <- c(sum(new > 0), sum(new < 0))
    score <- score + new
  }
  list(score = score, by = by)
}

one_stratum <- function(d, hierarchy) {
  a <- d[d$treated == 1, ]; b <- d[d$treated == 0, ]
  found <- decide(a, b, hierarchy)
  win <- found$score > 0; loss <- found$score < 0
  rows <- cbind(rowMeans(win), rowMeans(loss)); columns <- cbind(colMeans(win), colMeans(loss))
  everyone <- decide(d, d, hierarchy)$score
  total <- rowSums(everyone); n <- nrow(a); m <- nrow(b)
  list(p = c(mean(win), mean(loss)), v = cov(rows) / n + cov(columns) / m, weight = n * m / (n + m),
       counts = c(sum(win), sum(loss), sum(!win & !loss)), by = found$by,
       fs = c(sum(total[d$treated == 1]), n * m / ((n + m) * (n + m - 1)) * sum(total^2)))
}

analyse <- function(d, hierarchy) {
  parts <- lapply(split(d, d$stratum), one_stratum, hierarchy = hierarchy)
  weight <- sapply(parts, `[[`, "weight"); weight <- weight / sum(weight)
  p <- Reduce(`+`, Map(function(part, w) w * part$p, parts, weight))
  v <- Reduce(`+`, Map(function(part, w) w^2 * part$v, parts, weight))
  gradient <- c(1, -1) / p
  benefit <- p[1] - p[2]
  error <- sqrt(sum(c(1, -1) * (v %*% c(1, -1))))
  fs <- Reduce(`+`, lapply(parts, `[[`, "fs"))
  list(counts = Reduce(`+`, lapply(parts, `[[`, "counts")), by = Reduce(`+`, lapply(parts, `[[`, "by")), p = p,
       net_benefit = c(benefit, error),
       win_ratio = c(p[1] / p[2], sqrt(sum(gradient * (v %*% gradient)))),
       win_odds = c((1 + benefit) / (1 - benefit), 2 * error / (1 - benefit^2)),
       finkelstein_schoenfeld = c(fs[1], fs[1] / sqrt(fs[2])))
}

composite <- function(d) {  # survivors by grip, below them the dead by time
  d <- d[d$died == 1 | !is.na(d$grip), ]
  value <- ifelse(d$died == 1, d$time - 1e6, d$grip)
  test <- function(correct) wilcox.test(value[d$treated == 1], value[d$treated == 0], exact = FALSE, correct = correct)
  theta <- mean(sign(outer(value[d$treated == 1], value[d$treated == 0], "-")))
  list(statistic = unname(test(FALSE)$statistic), p = test(FALSE)$p.value, p_corrected = test(TRUE)$p.value,
       theta = theta)
}

data <- read.csv("win_statistics.csv")
result <- lapply(split(data, data$set), function(d) {
  plain <- transform(d, stratum = 0)
  list(plain = lapply(hierarchies, function(h) analyse(plain, h)),
       stratified = if (d$set[1] == "tiny") NULL else lapply(hierarchies, function(h) analyse(d, h)),
       composite = composite(d))
})
result$versions <- list(R = R.version.string)
lines <- vapply(result, jsonlite::toJSON, "", digits = NA, auto_unbox = TRUE, na = "null")
writeLines(c("{", paste0('"', names(lines), '": ', lines, c(rep(",", length(lines) - 1), "")), "}"),
           "win_statistics.json")
