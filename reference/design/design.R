# Designs by R and rpact: an independent judge of Euexia's closed forms.
# Run: Rscript design.R > design.csv
suppressMessages(library(rpact))
setLogLevel("DISABLED")

cat("# R", paste(R.version$major, R.version$minor, sep = "."), "; rpact", as.character(packageVersion("rpact")), "\n")
cat("case,quantity,index,value\n")
say <- function(case, quantity, values) {
  for (i in seq_along(values)) cat(sprintf("%s,%s,%d,%.12g\n", case, quantity, i, values[i]))
}

group_sequential <- function(case, beta = 0.2, ...) {
  design <- getDesignGroupSequential(beta = beta, ...)
  properties <- getDesignCharacteristics(design)
  say(case, "upper", design$criticalValues)
  if (any(is.finite(design$futilityBounds)) && any(design$futilityBounds > -6)) say(case, "futility", design$futilityBounds)
  say(case, "spent", design$alphaSpent)
  say(case, "inflation", properties$inflationFactor)
  say(case, "drift", sqrt(properties$shift))
  say(case, "cumulative_power", properties$power)
  say(case, "expected_planned", properties$averageSampleNumber1)
  say(case, "expected_half", properties$averageSampleNumber01)
  say(case, "expected_null", properties$averageSampleNumber0)
}

uneven <- c(0.3, 0.7, 1)
group_sequential("of_3", kMax = 3, alpha = 0.025, typeOfDesign = "OF")
group_sequential("of_uneven", informationRates = uneven, alpha = 0.025, typeOfDesign = "OF")
group_sequential("p_4", kMax = 4, alpha = 0.025, beta = 0.1, typeOfDesign = "P")
group_sequential("p_uneven", informationRates = uneven, alpha = 0.05, typeOfDesign = "P")
group_sequential("wt_5", kMax = 5, alpha = 0.025, typeOfDesign = "WT", deltaWT = 0.25)
group_sequential("wt_uneven", informationRates = uneven, alpha = 0.025, typeOfDesign = "WT", deltaWT = 0.1)
group_sequential("hsd_5", kMax = 5, alpha = 0.025, beta = 0.1, typeOfDesign = "asHSD", gammaA = -4)
group_sequential("hsd_uneven", informationRates = uneven, alpha = 0.025, typeOfDesign = "asHSD", gammaA = 1)
group_sequential("kd_4", kMax = 4, alpha = 0.025, typeOfDesign = "asKD", gammaA = 2)
group_sequential("as_of_uneven", informationRates = uneven, alpha = 0.025, typeOfDesign = "asOF")
group_sequential("as_p_10", kMax = 10, alpha = 0.025, typeOfDesign = "asP")
group_sequential("two_sided_of", kMax = 4, alpha = 0.05, sided = 2, typeOfDesign = "OF")
group_sequential("two_sided_as_of", informationRates = uneven, alpha = 0.05, sided = 2, typeOfDesign = "asOF")
group_sequential("two_sided_p", kMax = 3, alpha = 0.05, beta = 0.1, sided = 2, typeOfDesign = "P")
group_sequential("futility_as_of", informationRates = uneven, alpha = 0.025, typeOfDesign = "asOF",
                 typeBetaSpending = "bsOF", bindingFutility = FALSE)
group_sequential("futility_as_of_binding", informationRates = uneven, alpha = 0.025, typeOfDesign = "asOF",
                 typeBetaSpending = "bsP", bindingFutility = TRUE)
group_sequential("futility_hsd", kMax = 4, alpha = 0.025, beta = 0.1, typeOfDesign = "asHSD", gammaA = -4,
                 typeBetaSpending = "bsHSD", gammaB = -2, bindingFutility = FALSE)
group_sequential("futility_values", informationRates = uneven, alpha = 0.025, typeOfDesign = "OF",
                 futilityBounds = c(0, 0.5), bindingFutility = TRUE)
group_sequential("futility_values_free", informationRates = uneven, alpha = 0.025, typeOfDesign = "asP",
                 futilityBounds = c(-0.5, 0.5), bindingFutility = FALSE)

# Means, rates, survival without interim analyses
means <- function(case, ...) say(case, "needed", getSampleSizeMeans(...)$nFixed)
means("mean_even", alternative = 0.5, stDev = 1, alpha = 0.025, beta = 0.2)
means("mean_two_to_one", alternative = 2, stDev = 4, alpha = 0.025, beta = 0.1, allocationRatioPlanned = 2)
means("mean_known", alternative = 0.3, stDev = 1, alpha = 0.05, beta = 0.1, normalApproximation = TRUE)
say("t_power", "power", power.t.test(n = c(5, 12, 40, 150), delta = 0.6, sd = 1.1)$power)
say("t_size", "n", c(power.t.test(delta = 0.5, power = 0.8)$n, power.t.test(delta = 5, power = 0.8)$n,
                     power.t.test(delta = 0.05, power = 0.9)$n))
say("prop_size", "n", c(power.prop.test(p1 = 0.3, p2 = 0.5, power = 0.8)$n,
                        power.prop.test(p1 = 0.05, p2 = 0.15, power = 0.9, sig.level = 0.1)$n))
rates <- function(case, ...) say(case, "needed", getSampleSizeRates(...)$nFixed)
rates("rate_even", pi1 = 0.5, pi2 = 0.3, alpha = 0.025, beta = 0.2)
rates("rate_two_to_one", pi1 = 0.6, pi2 = 0.45, alpha = 0.025, beta = 0.1, allocationRatioPlanned = 2)
rates("rate_margin", pi1 = 0.5, pi2 = 0.5, thetaH0 = -0.15, alpha = 0.025, beta = 0.2)
survival <- function(case, ...) {
  found <- getSampleSizeSurvival(...)
  say(case, "events", found$eventsFixed)
  say(case, "needed", found$nFixed)
}
survival("survival_dropout", hazardRatio = 0.7, median2 = 12, accrualTime = c(0, 12), followUpTime = 6,
         dropoutRate1 = 0.05, dropoutRate2 = 0.05, dropoutTime = 12, alpha = 0.025, beta = 0.2)
survival("survival_two_to_one", hazardRatio = 0.6, median2 = 8, accrualTime = c(0, 18), followUpTime = 3,
         alpha = 0.025, beta = 0.1, allocationRatioPlanned = 2)
survival("survival_freedman", hazardRatio = 0.75, median2 = 10, accrualTime = c(0, 6), followUpTime = 12,
         typeOfComputation = "Freedman", alpha = 0.05, beta = 0.2)

# Power of a group-sequential comparison of means with known variance, over a range of effects
design <- getDesignGroupSequential(informationRates = uneven, alpha = 0.025, typeOfDesign = "asOF",
                                   futilityBounds = c(0, 0.5), bindingFutility = FALSE)
power <- getPowerMeans(design, alternative = c(0, 0.2, 0.35, 0.5), stDev = 1, maxNumberOfSubjects = 200,
                       normalApproximation = TRUE)
say("power_means", "power", power$overallReject)
say("power_means", "early_futility", power$futilityStop)
say("power_means", "expected", power$expectedNumberOfSubjects)
events <- getPowerSurvival(design, lambda2 = 0.05, hazardRatio = c(0.6, 0.8), maxNumberOfEvents = 150,
                           maxNumberOfSubjects = 400, accrualTime = c(0, 12), directionUpper = FALSE)
say("power_survival", "power", events$overallReject)

# Conditional power, repeated intervals, final analysis, of means with known variance
stages <- getDesignGroupSequential(kMax = 3, alpha = 0.025, typeOfDesign = "OF")
data <- getDataset(n1 = c(30, 30), n2 = c(30, 30), means1 = c(0.45, 0.30), means2 = c(0, 0), stDevs1 = c(1, 1),
                   stDevs2 = c(1, 1))
look <- getStageResults(stages, dataInput = data, stage = 2, normalApproximation = TRUE)
say("monitoring", "statistic", look$overallTestStatistics[1:2])
say("monitoring", "conditional_power_half", getConditionalPower(look, nPlanned = 60, thetaH1 = 0.5, assumedStDev = 1)$conditionalPower[3])
say("monitoring", "conditional_power_none", getConditionalPower(look, nPlanned = 60, thetaH1 = 0, assumedStDev = 1)$conditionalPower[3])
early <- getStageResults(stages, dataInput = data, stage = 1, normalApproximation = TRUE)
say("monitoring", "conditional_power_early", getConditionalPower(early, nPlanned = c(60, 60), thetaH1 = 0.4, assumedStDev = 1)$conditionalPower[2:3])
repeated <- getRepeatedConfidenceIntervals(stages, dataInput = data, stage = 2, normalApproximation = TRUE)
say("monitoring", "repeated", as.vector(repeated[, 1:2]))
ended <- getDataset(n1 = c(30, 30), n2 = c(30, 30), means1 = c(0.6, 0.8), means2 = c(0, 0), stDevs1 = c(1, 1),
                    stDevs2 = c(1, 1))
stopped <- getStageResults(stages, dataInput = ended, stage = 2, normalApproximation = TRUE)
say("final", "statistic", stopped$overallTestStatistics[1:2])
say("final", "p_value", getFinalPValue(stopped)$pFinal)
interval <- getFinalConfidenceInterval(stages, dataInput = ended, stage = 2, normalApproximation = TRUE)
say("final", "interval", interval$finalConfidenceIntervalGeneral)
say("final", "median_unbiased", interval$medianUnbiasedGeneral)

# Exact tests of two rates, by plain loops over all tables
fisher <- function(n1, n0, p1, p0, alpha) {
  total <- 0
  for (a in 0:n1) for (b in 0:n0) {
    p <- fisher.test(matrix(c(a, n1 - a, b, n0 - b), 2), alternative = "greater")$p.value
    if (p <= alpha) total <- total + dbinom(a, n1, p1) * dbinom(b, n0, p0)
  }
  total
}
say("fisher", "power", c(fisher(20, 20, 0.6, 0.2, 0.025), fisher(24, 12, 0.7, 0.3, 0.05)))

# Bivariate normal and the power of two co-primary means, by mvtnorm
suppressMessages(library(mvtnorm))
coprimary <- function(d1, d2, rho, n) pmvnorm(upper = c(d1, d2) * sqrt(n / 2) - qnorm(0.975),
                                              corr = matrix(c(1, rho, rho, 1), 2))[1]
say("coprimary", "power", c(coprimary(0.5, 0.5, 0, 83), coprimary(0.47, 0.48, 0.8, 82), coprimary(0.5, 0.35, -0.3, 133)))
